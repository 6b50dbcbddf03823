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


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ru/маяк.mb", "'ru/маяк.md'"),
        ("маяк.md", "'ru/маяк.md'"),
        ("en/towr.md#2", "'en/tower.md'"),
        ("zzz", "memctl list"),
    ],
)
def test_a_document_that_there_is_not_is_an_error(filled: Run, name: str, hint: str) -> None:
    for words in (("why", "x", "--doc", name), ("show", name)):
        result = filled(*words)
        assert (result.code, result.out) == (2, "")
        assert f"no document {name.removesuffix('#2')!r}" in result.err
        assert hint in result.err


def test_a_document_is_named_by_its_path_on_disk(
    filled: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ru/маяк.md", "en/tower.md", "rows.jsonl#a1"):
        path = str(folder.resolve() / name)
        assert filled("show", path, "--json").json["document"] == name
        assert filled("why", "x", "--doc", path, "--json").json["document"] == name
    monkeypatch.chdir(folder / "ru")
    for name in ("маяк.md", "../en/tower.md", "./../rows.jsonl#a1"):
        known = name.removeprefix("./").removeprefix("../")
        document = known if known != name else f"ru/{name}"
        assert filled("show", name, "--json").json["document"] == document
    outside = filled("show", str(folder.resolve().parent / "ru/маяк.md"))
    assert outside.code == 2


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


KILN = "The kiln of the pottery is fired with birch in the garden, long after dusk and rain.\n"
BEES = "Пасека стоит за огородом у липовой аллеи, и мёд качают там в конце июля.\n"


@pytest.fixture
def many(run: Run, tmp_path: Path) -> Run:
    """Run commands on a store in which two notes stand behind sixty that repeat themselves."""
    notes = tmp_path / "notes"
    notes.mkdir()
    for number in range(60):
        text = f"Garden garden number {number}. Огород, огород и огород, грядка {number}.\n"
        (notes / f"{number:02}.txt").write_text(text, encoding="utf-8")
    (notes / "kiln.txt").write_text(KILN * 3, encoding="utf-8")
    (notes / "bees.txt").write_text(BEES * 3, encoding="utf-8")
    assert run("ingest", notes, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    return run


@pytest.mark.parametrize(("question", "document"), [("сад", "kiln.txt"), ("water", "bees.txt")])
def test_no_words_are_advised_for_a_document_about_something_else(
    many: Run, question: str, document: str
) -> None:
    words = ("why", f"where is {question}", "--doc", document, "-k", "3", "--mode", "lexical")
    found = many(*words, "--json").json
    assert found["remedies"] == []
    assert "shares no telling word" in found["hint"]


@pytest.mark.parametrize(
    ("question", "document", "holds"),
    [("garden", "kiln.txt", KILN), ("огород", "bees.txt", BEES)],
)
def test_far_behind_it_is_to_be_asked_for_in_its_own_words(
    many: Run, question: str, document: str, holds: str
) -> None:
    words = ("why", question, "--doc", document, "-k", "3", "--mode", "lexical")
    found = many(*words, "--json").json
    assert "at rank 6" in found["lost"]
    (remedy,) = found["remedies"]
    assert not remedy["words"].startswith("-k")
    named = remedy["words"].removesuffix(" in the question").replace(",", "")
    assert len(named.split()) == 4
    assert all(word in holds.casefold() for word in named.casefold().split())
    again = many("query", f"{question} {named}", "-k", "3", "--mode", "lexical", "--json").json
    assert [hit["document"] for hit in again["hits"]][remedy["rank"] - 1] == document
    assert "comes in    with" in many(*words).out


@pytest.fixture
def copies(run: Run, tmp_path: Path) -> Run:
    """Run commands on a store of fourteen equal notes and one that says less of the same."""
    notes = tmp_path / "copies"
    notes.mkdir()
    for number in range(14):
        text = "The lighthouse keeper. Смотритель маяка.\n"
        (notes / f"copy{number}.md").write_text(text, encoding="utf-8")
    text = "A keeper of bees, and смотритель of nothing else, far from here.\n"
    (notes / "zz.md").write_text(text, encoding="utf-8")
    assert run("ingest", notes, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    return run


@pytest.mark.parametrize("question", ["lighthouse keeper", "смотритель маяка"])
def test_a_rank_counts_equal_texts_as_the_search_shows_them(copies: Run, question: str) -> None:
    hits = copies("query", question, "-k", "20", "--json").json["hits"]
    names = [hit["document"] for hit in hits]
    assert len(names) == 15
    lost = copies("why", question, "--doc", "zz.md", "--json").json
    assert "at rank 15, after the first 10" in lost["lost"]
    assert {"words": "-k 15", "rank": 15} in lost["remedies"]
    for name in names[:10]:
        assert copies("why", question, "--doc", name, "--json").json["found"]
    eleventh = copies("why", question, "--doc", names[10], "--json").json
    assert "at rank 11" in eleventh["lost"]


def test_a_filter_and_one_of_the_question_hold_together(copies: Run) -> None:
    asked, given = "lighthouse keeper file:copy1.md", ("--filter", "file:zz.md")
    assert copies("query", asked, *given, "--json").json["hits"] == []
    for name, by in (("copy1.md", "zz.md"), ("zz.md", "copy1.md"), ("copy2.md", "zz.md")):
        found = copies("why", asked, "--doc", name, *given, "--json").json
        assert (found["found"], found["lost"]) == (False, f"the filter file:{by} leaves it out")


def test_of_equal_texts_those_that_pass_a_filter_are_found(copies: Run) -> None:
    given = ("--filter", "file:copy1.md", "--filter", "file:copy2.md")
    assert copies("why", "keeper", "--doc", "copy2.md", *given, "--json").json["found"]
    lost = copies("why", "keeper", "--doc", "copy3.md", *given, "--json").json["lost"]
    assert lost == "none of the filters file:copy1.md, file:copy2.md lets it in"
