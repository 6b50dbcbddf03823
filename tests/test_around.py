from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.ingest import Chunk, UsageError
from memctl.query import Hit
from memctl.query.around import AROUND, Around, merged, widened

TEXT = (
    "Маяк построили в 1911 году. ",
    "Смотритель прожил там тридцать лет. ",
    "The lamp shines far. ",
    "Gulls live on the rocks. ",
    "| год | птиц |\n| 1911 | 40 |\n",
    "| 1912 | 50 |\n| 1913 | 70 |\n",
    "Город: Мурманск; Население: 270 000\n",
    "Конец.",
)
HEADINGS = (("Маяк",), ("Маяк",), ("Lamp",), ("Lamp",), ("Счёт",), ("Счёт",), ("Счёт",), ())


def chunks(texts: tuple[str, ...] = TEXT) -> list[Chunk]:
    starts = [sum(map(len, texts[:at])) for at in range(len(texts))]
    return [
        Chunk(
            "маяк.md",
            start,
            end=start + len(text),
            text=text,
            tokens=9,
            headings=HEADINGS[at % len(HEADINGS)],
            language="ru",
        )
        for at, (start, text) in enumerate(zip(starts, texts, strict=True))
    ]


def hit(ordinal: int, *, rank: int = 1, of: list[Chunk] | None = None) -> Hit:
    chunk = (of or chunks())[ordinal - 1]
    return Hit(
        rank,
        1 / rank,
        chunk=chunk,
        ordinal=ordinal,
        document_id="маяк.md",
        title="Маяк",
        sha256="0" * 64,
    )


@pytest.mark.parametrize(
    ("ordinal", "around", "parts"),
    [
        (2, "none", (1, 2)),
        (2, "neighbours", (0, 3)),
        (1, "neighbours", (0, 2)),
        (8, "neighbours", (6, 8)),
        (1, "section", (0, 2)),
        (4, "section", (2, 4)),
        (5, "section", (4, 7)),
        (5, "table", (4, 6)),
        (6, "table", (4, 6)),
        (3, "table", (2, 3)),
        (7, "table", (6, 7)),
    ],
)
def test_a_hit_is_widened_to_what_stands_around_it(
    ordinal: int, around: str, parts: tuple[int, int]
) -> None:
    wide = widened(hit(ordinal), cast("Around", around), chunks())
    assert wide.passage == "".join(TEXT[slice(*parts)])
    assert wide.passage_start == sum(map(len, TEXT[: parts[0]]))
    assert wide.chunk.text == TEXT[ordinal - 1]


def test_a_passage_has_an_end_and_the_hit_stands_in_its_middle() -> None:
    texts = tuple(f"{'слово ' * 250}{at:02}\n" for at in range(30))
    laid = [replace(chunk, headings=()) for chunk in chunks(texts)]
    wide = widened(hit(15, of=laid), "section", laid)
    assert len(wide.passage) == 7 * len(texts[0])
    assert wide.passage == "".join(texts[11:18])


def test_what_is_no_name_of_a_passage_is_an_error() -> None:
    with pytest.raises(UsageError, match="'page'"):
        widened(hit(1), cast("Around", "page"), chunks())


@given(st.lists(st.integers(1, len(TEXT)), min_size=1, max_size=6, unique=True))
def test_merged_passages_do_not_touch_and_hold_what_the_hits_held(ordinals: list[int]) -> None:
    hits = [hit(ordinal, rank=rank) for rank, ordinal in enumerate(ordinals, start=1)]
    found = merged(hits, {"маяк.md": chunks()})
    assert [each.rank for each in found] == list(range(1, len(found) + 1))
    assert found[0].ordinal == ordinals[0]
    whole = "".join(TEXT)
    spans = sorted((each.passage_start, each.passage_start + len(each.passage)) for each in found)
    for each in found:
        assert whole[each.passage_start :].startswith(each.passage)
    assert all(end < start for (_, end), (start, _) in pairwise(spans))
    assert sum(end - start for start, end in spans) == sum(
        len(TEXT[ordinal - 1]) for ordinal in ordinals
    )


def test_hits_of_two_documents_are_never_one() -> None:
    other = replace(hit(2, rank=2), chunk=replace(chunks()[1], document="иной.md"))
    laid = {"маяк.md": chunks(), "иной.md": [replace(c, document="иной.md") for c in chunks()]}
    assert len(merged([hit(1), other], laid)) == 2


def test_every_name_is_accepted() -> None:
    for around in AROUND:
        assert widened(hit(3), around, chunks()).passage.count("The lamp") == 1
