from __future__ import annotations

import pytest

from memctl.ingest import Chunk, Document, Heading, Page


def test_a_page_outside_the_text_is_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        Document("a", "a", text="abc", sha256="", pages=(Page(1, 0, end=4),))


def test_headings_that_overlap_are_refused() -> None:
    headings = (Heading(1, "a", start=0, end=2), Heading(2, "b", start=1, end=3))
    with pytest.raises(ValueError, match="begins before"):
        Document("a", "a", text="abc", sha256="", headings=headings)


def test_a_chunk_whose_text_is_not_as_long_as_its_span_is_refused() -> None:
    with pytest.raises(ValueError, match="holds 3 characters"):
        Chunk("a", 0, end=4, text="abc", tokens=1)


def test_an_empty_chunk_is_refused() -> None:
    with pytest.raises(ValueError, match="spans 2 to 2"):
        Chunk("a", 2, end=2, text="", tokens=0)
