"""The measures of bench/chunking.py agree with figures worked out by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # bench is not installed

from bench.chunking import Asked, Corpus, evidence_within, is_right
from memctl.ingest import Chunk, Document, Page

PAGES = (Page(1, 0, end=50), Page(2, 50, end=100))
DOCUMENT = Document("d", "d", text="x" * 100, sha256="", pages=PAGES)


def chunk(start: int, end: int, *, around: tuple[int, int] = (-1, -1), name: str = "d") -> Chunk:
    return Chunk(name, start, end=end, text="x" * (end - start), tokens=end - start, context=around)


def corpus(*, held: bool) -> Corpus:
    return Corpus("set", {"d": DOCUMENT}, asked=(), held=held)


def test_a_chunk_is_right_when_half_of_it_or_of_the_evidence_lies_in_the_other() -> None:
    asked = Asked("?", "d", spans=((40, 60),))
    spans = [(0, 49), (0, 50), (55, 65), (56, 66), (45, 47)]
    right = [is_right(chunk(*span), asked, by_page=False) for span in spans]
    assert right == [False, True, True, False, True]
    assert is_right(chunk(59, 99), asked, by_page=True)
    assert not is_right(chunk(40, 60, name="e"), asked, by_page=False)


def test_evidence_is_read_once_and_up_to_the_budget() -> None:
    asked = Asked("?", "d", spans=((40, 60),))
    hits = [chunk(30, 45), chunk(35, 50), chunk(50, 80)]
    found = [evidence_within(hits, asked, corpus(held=False), budget=n) for n in (14, 15, 20, 50)]
    assert found == [0, 5 / 20, 10 / 20, 1]


def test_a_context_is_read_in_place_of_its_chunk() -> None:
    asked = Asked("?", "d", spans=((40, 60),))
    hits = [chunk(30, 35, around=(30, 50))]
    assert evidence_within(hits, asked, corpus(held=False), budget=20) == 10 / 20
    assert evidence_within(hits, asked, corpus(held=False), budget=19) == 0


def test_of_pages_the_share_that_is_touched_counts() -> None:
    asked = Asked("?", "d", spans=((0, 50), (50, 100)))
    found = evidence_within([chunk(45, 50)], asked, corpus(held=True), budget=9)
    assert found == pytest.approx(1 / 2)
