"""Chunks fit the limit, cover the text, and are cut where the document itself suggests it."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from chunking_support import CODE, EN, ROW, RU, Draft, documents, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from memctl.ingest import tokens
from memctl.ingest.chunk import Chunk, Section
from memctl.ingest.chunking import ChunkRules, cut
from memctl.ingest.chunking.labels import heading_lines
from memctl.ingest.document import Document, Heading
from memctl.ingest.errors import SettingsError

RULES = st.builds(ChunkRules, st.sampled_from([16, 40, 64, 256]), st.sampled_from([0, 1, 8]))
many = settings(deadline=None, max_examples=100)


@many
@given(document=documents(), rules=RULES)
def test_a_chunk_is_its_span_and_fits_the_limit(document: Document, rules: ChunkRules) -> None:
    for chunk in cut(document, rules):
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert chunk.tokens == tokens.count(chunk.text) <= rules.max_tokens


@many
@given(document=documents(), limit=st.sampled_from([16, 40, 64, 256]))
def test_without_overlap_chunks_tile_the_text(document: Document, limit: int) -> None:
    chunks = cut(document, ChunkRules(limit))
    whole = document.text if document.text.strip() else ""
    assert "".join(chunk.text for chunk in chunks) == whole
    assert all(before.end == after.start for before, after in pairwise(chunks))


@many
@given(document=documents(), limit=st.sampled_from([16, 40, 64]), share=st.sampled_from([2, 4]))
def test_with_overlap_chunks_cover_the_text_and_go_on(
    document: Document, limit: int, share: int
) -> None:
    chunks = cut(document, ChunkRules(limit, limit // share))
    if document.text.strip():
        assert (chunks[0].start, chunks[-1].end) == (0, len(document.text))
    for before, after in pairwise(chunks):
        assert before.start < after.start <= before.end < after.end
        shared = document.text[after.start : before.end]
        assert tokens.count(shared) <= limit // share


@many
@given(document=documents(), limit=st.sampled_from([96, 256]), overlap=st.sampled_from([0, 8]))
def test_a_chunk_is_white_only_within_a_run_that_fills_half(
    document: Document, limit: int, overlap: int
) -> None:
    runs = [found.span() for found in re.finditer(r"\s+", document.text)]
    for chunk in cut(document, ChunkRules(limit, overlap)):
        if not chunk.text.strip():
            start, end = next(run for run in runs if run[0] <= chunk.start and chunk.end <= run[1])
            assert tokens.count(document.text[start:end]) > limit / 2


@many
@given(document=documents(), overlap=st.sampled_from([0, 16, 64]))
def test_no_character_is_parted_from_its_marks(document: Document, overlap: int) -> None:
    for chunk in cut(document, ChunkRules(128, overlap))[1:]:
        before, after = document.text[chunk.start - 1], chunk.text[0]
        assert not unicodedata.category(after).startswith("M")
        assert "\u200d" not in (before, after)
        assert before + after != "\r\n"
        if "\U0001f1e6" <= after <= "\U0001f1ff":
            flags = re.findall("[\U0001f1e6-\U0001f1ff]*", document.text[: chunk.start])
            assert len("".join(flags[-2:])) % 2 == 0


def reaches(document: Document, end: int) -> int:
    """Where the first character after ``end`` stands that is not white."""
    return len(document.text) - len(document.text[end:].lstrip())


@many
@given(document=documents(), overlap=st.sampled_from([0, 8]))
def test_a_heading_ends_a_chunk_only_where_nothing_fits_behind_it(
    document: Document, overlap: int
) -> None:
    follows = {heading.start: reaches(document, heading.end) for heading in document.headings}
    for chunk in cut(document, ChunkRules(64, overlap))[:-1]:
        if chunk.end in follows.values():
            end = chunk.end
            while end in follows:
                end = follows[end]
            # 45: the longest character that the documents above hold, with its marks.
            assert tokens.count(document.text[chunk.start : end + 45]) > 64


@many
@given(document=documents(), overlap=st.sampled_from([0, 8]))
def test_a_table_or_code_that_fits_is_in_one_chunk(document: Document, overlap: int) -> None:
    chunks = cut(document, ChunkRules(256, overlap))
    for block in document.blocks:
        lead = block.start
        for heading in reversed(document.headings):
            if heading.start < lead <= reaches(document, heading.end):
                lead = heading.start
        lead = len(document.text[:lead].rstrip())
        if tokens.count(document.text[lead : reaches(document, block.end)]) <= 256:
            assert any(c.start <= block.start and block.end <= c.end for c in chunks), block


@many
@given(document=documents(), rules=RULES)
def test_pages_and_headings_agree_with_a_plain_search(
    document: Document, rules: ChunkRules
) -> None:
    for chunk in cut(document, rules):
        inked = [at for at in range(chunk.start, chunk.end) if not document.text[at].isspace()]
        assert chunk.pages == tuple(
            page.number
            for page in document.pages
            if any(page.start <= at < page.end for at in inked)
        )
        first = (inked or [chunk.end - 1])[0]
        path: list[Heading] = []
        for heading in document.headings:
            if heading.start <= first:
                path = [above for above in path if above.level < heading.level] + [heading]
        titles = [heading.title for heading in path]
        head = [line for line in plain_head(document, first) if line not in titles]
        assert chunk.headings == (*titles, *head)


def plain_head(document: Document, first: int) -> list[str]:
    """Return what heads the page that the first character of a chunk is on."""
    for page in document.pages:
        marked = any(page.start <= heading.start < page.end for heading in document.headings)
        if page.start <= first < page.end and not marked:
            lines = [line.strip() for line in document.text[page.start : page.end].split("\n")]
            return list(dict.fromkeys(heading_lines([line for line in lines if line][:6])))
    return []


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        (
            ["PepsiCo, Inc. and Subsidiaries", "Statement of Income", "(in millions)", "2023 2022"],
            4,
        ),
        (["ПАО «Маяк»", "Отчёт о финансовых результатах", "тыс. руб.", "2022 2021"], 2),
        (
            [
                "3. Память, которая учится",
                "Архитектуру описали Али Бехруз, Чжун и",
                "учёные. В ней",
            ],
            1,
        ),
        (["Кот", "Кот Рыжик не любит рыбу в марте. Он любит сыр", "и сметану."], 1),
        (["A cat is an animal that many people keep in their", "houses. It sleeps. Most of"], 0),
        (["Item 7. Discussion and Analysis of Results", "The following should be read. It has"], 1),
        (["x" * 91, "Title"], 0),
        ([], 0),
    ],
)
def test_running_text_heads_no_page(lines: list[str], count: int) -> None:
    assert list(heading_lines(lines)) == lines[:count]


def test_a_chunk_knows_what_heads_its_page_where_no_heading_is_marked() -> None:
    draft = Draft()
    draft.add("Отчет о движении денежных средств\n(млн руб.) 2023 2022\n\n")
    draft.add(RU * 8 + "\n\n")
    draft.turn()
    second, _ = draft.add(EN * 8 + "\n\n")
    draft.turn()
    third, _ = draft.add("Balance Sheet\n\n", "heading", level=1)
    draft.add(EN * 8)
    draft.turn()
    for chunk in cut(draft.document(), ChunkRules(64)):
        if chunk.start < second:
            assert chunk.headings == ("Отчет о движении денежных средств", "(млн руб.) 2023 2022")
        else:
            assert chunk.headings == (("Balance Sheet",) if chunk.start >= third else ())


def test_a_chunk_knows_which_headings_stand_in_it_and_where() -> None:
    draft = Draft()
    draft.add("Путешествие\n\n", "heading", level=1)
    draft.add(RU + "\n\n")
    _, way = draft.add("Дорога\n\n", "heading", level=2)
    draft.add(EN + "\n\n")
    draft.turn()
    turned, _ = draft.add("Сводка о погоде за неделю\n\n")
    draft.add(RU + "\n\n")
    _, back = draft.add("The way back\n\n", "heading", level=2)
    draft.add(EN + "\n\n")
    draft.turn()
    draft.turn()
    (whole,) = cut(draft.document(), ChunkRules(1000))
    assert whole.headings == ("Путешествие",)
    assert [each.title for each in whole.sections or ()] == ["Дорога", "The way back"]
    assert [each.start for each in whole.sections or ()] == [way, back]
    parts = cut(draft.document(), ChunkRules(32))
    found = [each for part in parts for each in part.sections or ()]
    assert all(
        part.start <= each.start <= part.end for part in parts for each in part.sections or ()
    )
    assert turned not in {each.start for each in found}


def test_what_heads_a_page_heads_what_stands_on_it() -> None:
    draft = Draft()
    draft.add("Отчет о прибыли\n\n" + RU + "\n\n")
    draft.turn()
    second, _ = draft.add("Balance Sheet\n\n" + EN + "\n\n")
    draft.turn()
    third, _ = draft.add(RU)
    draft.turn()
    (whole,) = cut(draft.document(), ChunkRules(1000))
    assert whole.headings == ("Отчет о прибыли",)
    assert whole.sections == (Section(second, "Balance Sheet"), Section(third, ""))


def test_a_document_without_text_has_no_chunks() -> None:
    for text in ("", " \n\n\u00a0"):
        assert cut(plain(text), ChunkRules()) == []


def test_a_short_document_is_one_chunk_with_its_white_space() -> None:
    document = Document("d", "d", text="\n\n Привет, мир!\n", sha256="")
    assert cut(document, ChunkRules()) == [
        Chunk("d", 0, end=16, text="\n\n Привет, мир!\n", tokens=6, language="ru")
    ]


def test_a_heading_goes_with_its_text_when_a_quarter_is_full() -> None:
    draft = Draft()
    draft.add("# Насосы\n\n", "heading", level=1)
    draft.add(RU * 2 + "\n\n")
    second, _ = draft.add("## Ремонт\n\n", "heading", level=2)
    draft.add("### Лампы\n\n", "heading", level=3)
    draft.add(RU * 2 + "\n\n")
    third, _ = draft.add("## Цены\n\n", "heading", level=2)
    draft.add(EN * 3)
    chunks = cut(draft.document(), ChunkRules(64))
    assert [chunk.start for chunk in chunks] == [0, second, third]
    assert [chunk.headings for chunk in chunks] == [
        ("# Насосы",), ("# Насосы", "## Ремонт"), ("# Насосы", "## Цены"),
    ]  # fmt: skip
    assert [chunk.language for chunk in chunks] == ["ru", "ru", "en"]


def test_short_sections_share_a_chunk() -> None:
    draft = Draft()
    for title in ("# А\n", "# Б\n", "# В\n"):
        draft.add(title, "heading")
        draft.add("Да.\n\n")
    assert [chunk.headings for chunk in cut(draft.document(), ChunkRules(256))] == [("# А",)]


def test_a_table_is_kept_whole_and_a_long_one_is_cut_between_rows() -> None:
    draft = Draft()
    draft.add(RU * 8)
    draft.add("\n\n")
    start, end = draft.add(ROW * 12 + "\n", "table")
    draft.add(EN * 4 + "\n\n")
    long, _ = draft.add(ROW * 60, "table")
    chunks = cut(draft.document(), ChunkRules(256))
    assert [c.start for c in chunks if start <= c.start < end] == [start]
    assert [c.start for c in chunks if c.start <= end - 1 < c.end] == [start]
    for chunk in chunks:
        assert chunk.start <= long or chunk.text.startswith("| насос")


def test_a_table_that_fits_is_whole_before_joiners_that_stand_alone() -> None:
    draft = Draft()
    draft.add("\n# Раздел о насосах\n\n", "heading")
    start, end = draft.add(ROW * 19, "table")
    draft.add("\n\u200d\u200d")
    assert any(c.start <= start and end <= c.end for c in cut(draft.document(), ChunkRules(256)))


def test_long_code_is_cut_before_a_line_with_its_indentation() -> None:
    draft = Draft()
    draft.add(CODE * 30, "code")
    for chunk in cut(draft.document(), ChunkRules(64))[1:]:
        line = chunk.text.split("\n")[0]
        assert line in CODE.split("\n")


def test_prose_is_cut_between_sentences_and_fills_the_chunks() -> None:
    text = ("В 1999 г. завод им. Кирова, т. е. Насосы и т. п., давал 5 млн. руб. в год. " + EN) * 40
    chunks = cut(plain(text), ChunkRules(128))
    assert all(chunk.text.startswith(("В 1999", "If the")) for chunk in chunks)
    assert all(chunk.tokens > 128 / 2 for chunk in chunks[:-1])


def test_paragraphs_are_preferred_to_sentences() -> None:
    text = (EN * 5 + "\n\n") * 4
    chunks = cut(plain(text), ChunkRules(100))
    assert [chunk.text for chunk in chunks] == [EN * 5 + "\n\n"] * 4


def test_a_rest_of_less_than_an_eighth_is_balanced() -> None:
    text = EN * 18
    counts = [c.tokens for c in cut(plain(text), ChunkRules(256))]
    assert 256 < sum(counts) < 288
    assert min(counts) > 64


def test_a_chunk_that_spans_two_pages_names_both() -> None:
    draft = Draft()
    draft.add(RU * 3)
    draft.turn()
    draft.add("\n\n")
    draft.turn()
    draft.add(EN * 3)
    draft.turn()
    assert [chunk.pages for chunk in cut(draft.document(), ChunkRules(256))] == [(1, 3)]


def test_a_page_begins_a_chunk_when_half_is_full() -> None:
    draft = Draft()
    draft.add(EN * 5)
    draft.turn()
    second, _ = draft.add(RU * 5)
    draft.turn()
    chunks = cut(draft.document(), ChunkRules(128))
    assert [(chunk.start, chunk.pages) for chunk in chunks] == [(0, (1,)), (second, (2,))]


def test_an_overlap_repeats_whole_sentences_but_not_before_a_heading() -> None:
    draft = Draft()
    draft.add(EN * 12 + "\n\n")
    heading, _ = draft.add("# Насосы\n\n", "heading")
    draft.add(RU * 3)
    chunks = cut(draft.document(), ChunkRules(64, 20))
    assert all(chunk.text.startswith((EN, "# Насосы")) for chunk in chunks)
    assert [c.start for c in chunks if c.start <= heading < c.end] == [heading]
    assert chunks[0].end - chunks[1].start == len(EN)


@pytest.mark.parametrize(
    "unit", ["a", " ", "\n", ".", "a ", "e\u0301\u0301", "\u0301", "👨‍👩‍👧", "🇷🇺", "|\n"]
)
def test_a_long_run_of_anything_is_tiled(unit: str) -> None:
    text = unit * (200_000 // len(unit)) + "x"
    chunks = cut(plain(text), ChunkRules(64, 8))
    assert (chunks[0].start, chunks[-1].end) == (0, len(text))
    assert max(chunk.tokens for chunk in chunks) <= 64


@pytest.mark.parametrize(("limit", "overlap"), [(15, 0), (0, 0), (64, 33), (64, -1)])
def test_rules_that_cannot_hold_are_refused(limit: int, overlap: int) -> None:
    with pytest.raises(SettingsError, match=r"chunking\.(max|overlap)_tokens is"):
        ChunkRules(limit, overlap)


def test_white_space_at_the_end_is_not_left_alone() -> None:
    text = "qzxjvkwq" * 3 + " \t" * 7
    chunks = cut(plain(text), ChunkRules(16))
    assert [chunk.text.strip() for chunk in chunks] == ["qzxjvkwqqzxjvkwqqzxjvkw", "q"]


def test_nothing_is_repeated_where_it_would_leave_no_room() -> None:
    family = "👨‍👩‍👧‍👦"
    text = "one two three four five six seven eight nine ten eleven twelve " + family * 3
    chunks = cut(plain(text), ChunkRules(16, 8))
    assert [chunk.text for chunk in chunks[1:]] == [family] * 3
