"""Where a document fell out of a search, on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from support import Run

from memctl.query import parse_place


def test_a_document_that_is_found_has_its_places(filled: Run) -> None:
    found = filled("why", "Лампа маяка", "--doc", "ru/маяк.md", "--json").json
    assert (found["schema"], found["found"], found["lost"]) == ("memctl.why/1", True, "")
    assert found["lexical"]["rank"] == 1
    assert found["dense"]["rank"] >= 1
    assert set(found["stages"]) == {"dense", "lexical", "fused"}
    assert "маяке" not in found["missing"]
    assert {word.casefold() for word in found["shared"]} >= {"лампа"}


def test_a_document_behind_the_first_comes_in_with_its_rank(filled: Run) -> None:
    found = filled("why", "rope", "--doc", "ru/чайки.txt", "-k", "1", "--json").json
    assert not found["found"]
    assert found["lexical"] is None
    assert found["missing"] == ["rope"]
    (remedy,) = [each for each in found["remedies"] if each["words"].startswith("-k")]
    assert remedy["rank"] > 1
    k = remedy["words"].split()[1]
    again = filled("why", "rope", "--doc", "ru/чайки.txt", "-k", k, "--json").json
    assert again["found"]


@pytest.mark.parametrize(
    ("words", "lost", "hint"),
    [
        (["x", "--doc", "ru/маяк.mb"], "no document of this name", "ru/маяк.md"),
        (["x", "--doc", "маяк.md"], "no document of this name", "ru/маяк.md"),
        (["x", "--doc", "zzz"], "no document of this name", "memctl list"),
        (["x", "--doc", "ru/маяк.md#3"], "no page 3", "counted from 1"),
        (["x", "--doc", "ru/маяк.md", "--filter", "lang:en"], "filter lang:en", ""),
        (["x lang:en", "--doc", "ru/маяк.md"], "filter lang:en", ""),
        (
            ['"no such words"', "--doc", "ru/маяк.md"],
            "no passage of it fits",
            "as they are written",
        ),
        (["x -маяк", "--doc", "ru/маяк.md"], "", ""),
    ],
)
def test_it_says_where_a_document_fell_out(
    filled: Run, words: list[str], lost: str, hint: str
) -> None:
    found = filled("why", *words, "--json").json
    assert lost in found["lost"]
    assert hint in found["hint"]


def test_a_file_that_was_not_read_is_named_with_its_reason(filled: Run, folder: Path) -> None:
    (folder / "bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    filled("ingest", folder)
    found = filled("why", "x", "--doc", "bad.pdf", "--json").json
    assert "was not read (bad_format)" in found["lost"]
    assert "doctor" in found["hint"]


def test_a_row_is_named_by_its_file_and_id_or_by_its_id(filled: Run) -> None:
    for name in ("rows.jsonl#a1", "a1"):
        assert filled("why", "hemp rope", "--doc", name, "--json").json["found"]


def test_people_read_a_line_for_each_fact(filled: Run) -> None:
    result = filled("why", "gull tower", "--doc", "en/tower.md")
    assert result.code == 0
    assert "by words    rank 1 of all passages" in result.out
    assert "It is among the first 10." in result.out


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a.pdf#12", ("a.pdf", 12)),
        ("rows.jsonl#a1", ("rows.jsonl#a1", None)),
        ("a#0", ("a#0", None)),
        ("#3", ("#3", None)),
        ("a.md", ("a.md", None)),
    ],
)
def test_a_place_is_a_document_and_perhaps_a_page(text: str, place: tuple[str, int | None]) -> None:
    assert parse_place(text) == place
