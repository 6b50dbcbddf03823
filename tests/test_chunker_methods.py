"""The laws that every method of cutting keeps, and what each is for."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import Any

import pytest
from chunking_support import EN, ROW, RU, Draft, documents, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from memctl.ingest import tokens
from memctl.ingest.chunking import METHODS, ChunkRules, cut
from memctl.ingest.document import Block, Document
from memctl.ingest.errors import SettingsError
from memctl.ingest.language import detect

many = settings(deadline=None, max_examples=60)
RULES = st.builds(
    ChunkRules,
    st.sampled_from([40, 64, 256]),
    method=st.sampled_from(METHODS),
    sentence_tokens=st.sampled_from([1, 8, 32]),
    window=st.sampled_from([0, 1, 3]),
    child_tokens=st.sampled_from([16, 40]),
)


@many
@given(document=documents(), rules=RULES)
def test_chunks_tile_the_text_and_fit_the_limit(document: Document, rules: ChunkRules) -> None:
    chunks = cut(document, rules)
    whole = document.text if document.text.strip() else ""
    assert "".join(chunk.text for chunk in chunks) == whole
    most = rules.child_tokens if rules.method == "parents" else rules.max_tokens
    for chunk in chunks:
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert chunk.tokens == tokens.count(chunk.text) <= most


def test_a_run_of_lines_that_two_parents_share_is_cut_where_they_meet() -> None:
    text = "\n" * 500 + "| насос К-8 | 42 кг | cast iron |\n\n"
    document = Document(
        "d", "d.md", text=text, sha256="", blocks=(Block("table", 501, end=len(text) - 2),)
    )
    chunks = cut(document, ChunkRules(40, method="parents", child_tokens=16))
    assert "".join(chunk.text for chunk in chunks) == text
    assert all(chunk.context[0] <= chunk.start < chunk.end <= chunk.context[1] for chunk in chunks)


@many
@given(document=documents(), rules=RULES)
def test_a_context_holds_its_chunk_and_fits_the_limit(
    document: Document, rules: ChunkRules
) -> None:
    chunks = cut(document, rules)
    edges = {0, *(chunk.end for chunk in chunks)}
    for chunk in chunks:
        start, end = chunk.context
        assert start <= chunk.start < chunk.end <= end
        assert {start, end} <= edges
        assert tokens.count(document.text[start:end]) <= rules.max_tokens
        if rules.method not in {"sentences", "parents"}:
            assert chunk.context == (chunk.start, chunk.end)


@many
@given(document=documents(), rules=RULES)
def test_no_character_is_parted_from_its_marks(document: Document, rules: ChunkRules) -> None:
    longest = max((len(run) for run in re.findall(r"\S+", document.text)), default=0)
    for chunk in cut(document, rules)[1:]:
        before, after = document.text[chunk.start - 1], chunk.text[0]
        if longest < 40:  # of marks alone there may be more than fit
            assert not unicodedata.category(after).startswith("M")
        assert before + after != "\r\n"


@many
@given(document=documents(), limit=st.sampled_from([40, 64]), overlap=st.sampled_from([1, 8, 20]))
def test_windows_overlap_by_what_is_allowed_and_go_on(
    document: Document, limit: int, overlap: int
) -> None:
    chunks = cut(document, ChunkRules(limit, overlap, method="tokens"))
    if document.text.strip():
        assert (chunks[0].start, chunks[-1].end) == (0, len(document.text))
    for before, after in pairwise(chunks):
        assert before.start < after.start <= before.end < after.end
        assert tokens.count(document.text[after.start : before.end]) <= overlap


@many
@given(document=documents(), language=st.sampled_from(["ru", "en", "und"]), limit=st.just(64))
def test_the_language_is_the_detected_one_or_else_the_documents(
    document: Document, language: str, limit: int
) -> None:
    said = Document(
        "d", "d", text=document.text, sha256="", language=language, pages=document.pages
    )
    for chunk in cut(said, ChunkRules(limit)):
        found = detect(chunk.text)
        assert chunk.language == (found if found in {"ru", "en"} else language)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("unit", ["a", " ", "\n", ".", "a. ", "e\u0301\u0301", "\u0301", "|\n"])
def test_a_long_run_of_anything_is_tiled_by_every_method(method: str, unit: str) -> None:
    text = unit * (40_000 // len(unit)) + "x"
    chunks = cut(plain(text), ChunkRules(64, method=method, child_tokens=32))
    assert "".join(chunk.text for chunk in chunks) == text
    assert max(chunk.tokens for chunk in chunks) <= 64


@pytest.mark.parametrize("method", METHODS)
def test_a_document_without_text_has_no_chunks_by_any_method(method: str) -> None:
    assert cut(plain(" \n\n\u00a0"), ChunkRules(method=method)) == []


def test_windows_are_full_and_part_no_word() -> None:
    for text in (RU * 60, EN * 60):
        chunks = cut(plain(text), ChunkRules(64, method="tokens"))
        assert all(60 <= chunk.tokens <= 64 for chunk in chunks[:-1])
        assert all(chunk.text[-1] == " " and chunk.text[0] != " " for chunk in chunks)


def test_windows_pass_over_headings_and_blank_lines() -> None:
    draft = Draft()
    draft.add(EN * 2 + "\n\n")
    draft.add("# Насосы\n\n", "heading")
    draft.add(RU * 2)
    (chunk,) = cut(draft.document(), ChunkRules(256, method="tokens"))
    assert (chunk.headings, chunk.language) == ((), "ru")


def test_each_sentence_is_a_chunk_and_its_neighbours_are_its_context() -> None:
    said = [f"Насос номер {number} стоит в цехе и работает. " for number in range(9)]
    rules = ChunkRules(256, method="sentences", sentence_tokens=8, window=2)
    chunks = cut(plain("".join(said)), rules)
    assert [chunk.text for chunk in chunks] == said
    text = "".join(said)
    assert [text[slice(*chunk.context)] for chunk in chunks] == [
        "".join(said[max(number - 2, 0) : number + 3]) for number in range(9)
    ]


def test_short_sentences_are_joined_but_not_over_a_heading() -> None:
    draft = Draft()
    draft.add("Да. Нет. Yes. No.\n\n")
    draft.add("# Насосы\n\n", "heading")
    draft.add("Да. " + RU)
    chunks = cut(draft.document(), ChunkRules(256, method="sentences", sentence_tokens=12))
    assert [chunk.text for chunk in chunks] == ["Да. Нет. Yes. No.\n\n", "# Насосы\n\nДа. " + RU]


def test_a_window_stops_where_the_limit_is() -> None:
    chunks = cut(plain(EN * 20), ChunkRules(64, method="sentences", sentence_tokens=8, window=9))
    assert {chunk.context[1] - chunk.context[0] for chunk in chunks} == {4 * len(EN)}
    assert 3 * tokens.count(EN) < 64 < 5 * tokens.count(EN)


def test_children_lie_in_the_chunks_that_the_structure_gives() -> None:
    draft = Draft()
    draft.add("# Насосы\n\n", "heading")
    draft.add((RU * 3 + "\n\n") * 3)
    draft.add("# Pumps\n\n", "heading")
    draft.add(ROW * 5 + "\n", "table")
    draft.add((EN * 3 + "\n\n") * 3)
    document = draft.document()
    parents = [(c.start, c.end) for c in cut(document, ChunkRules(256))]
    children = cut(document, ChunkRules(256, method="parents", child_tokens=48))
    assert list(dict.fromkeys(child.context for child in children)) == parents
    assert len(children) >= 3 * len(parents)


def test_a_table_that_fits_a_parent_and_no_child_is_cut_between_rows() -> None:
    draft = Draft()
    draft.add(ROW * 12, "table")
    children = cut(draft.document(), ChunkRules(256, method="parents", child_tokens=64))
    assert len(children) > 1
    assert all(set(child.text.splitlines(keepends=True)) == {ROW} for child in children)


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"method": "parent"}, "chunking.method is 'parent'"),
        ({"method": "parents", "child_tokens": 300}, "chunking.child_tokens is 300"),
        ({"method": "parents", "child_tokens": 8}, "chunking.child_tokens is 8"),
        ({"method": "sentences", "sentence_tokens": 0}, "chunking.sentence_tokens is 0"),
        ({"method": "sentences", "window": -1}, "chunking.window is -1"),
        ({"method": "semantic", "percentile": 100}, "chunking.percentile is 100"),
        ({"method": "semantic", "overlap_tokens": 9}, "chunking.overlap_tokens is 9"),
        ({"method": "tokens", "overlap_tokens": 129}, "chunking.overlap_tokens is 129"),
    ],
)
def test_a_number_that_has_no_meaning_is_refused(given: dict[str, Any], fault: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ChunkRules(**given)
    assert caught.value.message == fault
    assert caught.value.hint


def test_a_method_that_is_nearly_right_gets_a_hint() -> None:
    with pytest.raises(SettingsError) as caught:
        ChunkRules(method="sentence")
    assert caught.value.hint == "Did you mean 'sentences'?"


def test_a_recipe_holds_what_the_chunks_depend_on_and_nothing_else() -> None:
    assert ChunkRules(128, 16).recipe == "structure:128:16"
    assert ChunkRules(window=7).recipe == ChunkRules(child_tokens=50).recipe == "structure:256:0"
    assert ChunkRules(method="sentences", window=7).recipe == "sentences:256:32:7"
    assert ChunkRules(method="parents", child_tokens=50).recipe == "parents:256:50"
    assert ChunkRules(method="semantic", percentile=90).recipe == "semantic:256:32:90"
