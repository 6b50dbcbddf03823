from __future__ import annotations

import json
from pathlib import Path

import pytest
from pdf_support import drawn, shown
from support import FILES, Run

from memctl.ingest import Chunk, pages_between
from memctl.query import Evidence, Hit
from memctl.query.answers.abstention import confidence, threshold
from memctl.query.answers.sentences import sentences
from memctl.query.terms import stems


@pytest.fixture(scope="module")
def e5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the small folder, embedded by the default embedder, with its index."""
    from memctl.index import build
    from memctl.ingest import ingest

    root = tmp_path_factory.mktemp("e5")
    for name, text in FILES.items():
        file = root / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    ingest([root / "docs"], root / "store")
    build(root / "store")
    return root / "store"


@pytest.mark.parametrize(
    ("question", "document", "words"),
    [
        ("Who built the gull tower?", "en/tower.md", "Anna Berg"),
        ("How high is the tower?", "en/tower.md", "47 metres"),
        ("Сколько чаек прилетает каждую весну?", "ru/чайки.txt", "4711"),
        ("В каком году построили маяк?", "ru/маяк.md", "1911"),
    ],
)
def test_an_answer_is_a_sentence_of_the_right_document(
    run: Run, e5: Path, question: str, document: str, words: str
) -> None:
    result = run("ask", question, "--json", at=e5)
    assert result.code == 0
    assert words in result.json["answer"]
    assert result.json["citations"][0]["document"] == document


def test_a_question_finds_its_answer_in_the_other_language(run: Run, e5: Path) -> None:
    words = ("ask", "How many gulls come in spring?", "--filter", "lang:ru", "--json")
    assert "4711" in run(*words, at=e5).json["answer"]
    words = ("ask", "Какой высоты башня?", "--filter", "lang:en", "--json")
    assert "47 metres" in run(*words, at=e5).json["answer"]


@pytest.mark.parametrize(
    "question", ["How long should an egg be boiled?", "Какая столица у Бразилии?"]
)
def test_what_no_document_says_is_not_answered(run: Run, e5: Path, question: str) -> None:
    result = run("ask", question, "--json", at=e5)
    assert result.code == 4
    assert result.json["abstained"] is True
    assert result.json["citations"] == result.json["claims"] == []


def test_the_word_that_there_is_no_answer_is_in_the_language_of_the_question(
    run: Run, e5: Path
) -> None:
    assert "не" in run("ask", "Какая столица у Бразилии?", at=e5).out
    assert "do not answer" in run("ask", "How long should an egg be boiled?", at=e5).out


def test_every_quote_stands_at_its_span_in_its_document(run: Run, e5: Path, tmp_path: Path) -> None:
    questions = ["Who built it?", "Кто прожил там тридцать лет?", "What broke the lamp?"]
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [{"_id": str(n), "text": text} for n, text in enumerate(questions)]
    source.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert run("ask", "--batch", source, "--out", out, at=e5).code == 0
    answers = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [answer["_id"] for answer in answers] == ["0", "1", "2"]
    cited = [citation for answer in answers for citation in answer["citations"]]
    assert cited
    for citation in cited:
        text = FILES[citation["document"]]
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_a_citation_names_the_page_of_its_sentence_and_not_of_its_chunk() -> None:
    pages = ((1, 0), (2, 100), (3, 200))
    assert pages_between(pages, 10, 90) == (1,)
    assert pages_between(pages, 100, 101) == (2,)
    assert pages_between(pages, 90, 201) == (1, 2, 3)
    assert pages_between(pages, 250, 300) == (3,)
    assert pages_between((), 0, 10) == ()


@pytest.mark.parametrize("question", ["What is it?", "Что это?"])
def test_a_question_that_asks_for_nothing_is_not_answered(
    run: Run, e5: Path, question: str
) -> None:
    assert run("ask", question, at=e5).code == 4


def test_each_claim_is_marked_with_the_citation_that_it_rests_on(run: Run, e5: Path) -> None:
    fields = run("ask", "Who built the gull tower?", "--json", at=e5).json
    for claim in fields["claims"]:
        assert claim["status"] == "supported"
        (number,) = claim["citations"]
        assert f"{claim['text']} [{number}]" in fields["answer"]


def test_a_filter_that_keeps_nothing_is_no_answer(run: Run, e5: Path) -> None:
    assert run("ask", "Who built the tower?", "--filter", "file:none", at=e5).code == 4


def _hit(text: str) -> Hit:
    chunk = Chunk("a.md", 100, end=100 + len(text), text=text, tokens=1)
    return Hit(1, 0.9, chunk=chunk, ordinal=1, document_id="a.md", title="", sha256="")


def test_headings_marks_and_scraps_are_no_sentences() -> None:
    text = (
        "# A heading of the text\n\n- The first point is made here.\n\n---\n\nNo.\n\n"
        "2) Вторая мысль — тоже важная.\n"
    )
    assert [each.text for each in sentences(_hit(text))] == [
        "The first point is made here.",
        "Вторая мысль — тоже важная.",
    ]


def test_a_long_table_is_quoted_by_its_lines() -> None:
    rows = "\n".join(f"year {year} | gulls counted | {year * 2}" for year in range(1900, 1930))
    found = [each.text for each in sentences(_hit(rows))]
    assert "year 1911 | gulls counted | 3822" in found


def test_stems_meet_across_the_forms_of_a_word_in_both_languages() -> None:
    assert stems("Сколько ПТИЦ на ёлках?") == stems("птица, ёлка")
    assert stems("How many towers are counted?") == stems("tower counting")


def evidence(words: float, coverage: float, *, nearest: float | None) -> Evidence:
    return Evidence(words, coverage, length=0.4, nearest=nearest, usual=0.82, same=True)


def test_confidence_grows_with_what_speaks_for_an_answer() -> None:
    weak, strong = evidence(0.1, 0.1, nearest=0.80), evidence(0.9, 0.9, nearest=0.92)
    assert 0 <= confidence(weak) < threshold(weak) < 0.8 < confidence(strong) <= 1
    assert confidence(evidence(0.1, 0.1, nearest=None)) < confidence(
        evidence(0.9, 0.9, nearest=None)
    )


def test_by_words_alone_what_is_there_is_found_and_what_is_not_is_left(filled: Run) -> None:
    assert "Anna Berg" in filled("ask", "Who built the gull tower?", "--json").json["answer"]
    assert "4711" in filled("ask", "Сколько чаек прилетает весной?", "--json").json["answer"]
    assert filled("ask", "Какая столица у Бразилии?").code == 4


def test_a_citation_has_the_page_of_a_viewer_and_the_printed_one(run: Run, tmp_path: Path) -> None:
    labels = "/PageLabels << /Nums [0 << /S /r >> 2 << /S /D >>] >>"
    pages = [shown(f"The {name} gull nests here.") for name in ("grey", "red", "black", "white")]
    folder = tmp_path / "pdfs"
    folder.mkdir()
    (folder / "a.pdf").write_bytes(drawn(*pages, catalog=labels))
    run("ingest", folder, "--embedder", "hashing")
    run("index", "build")
    result = run("ask", "Where nests the black gull?", "--json")
    (cited,) = result.json["citations"][:1]
    assert (cited["pages"], cited["pages_printed"]) == ([3], ["1"])
    assert "a.pdf, page 3 (printed 1)" in run("ask", "Where nests the black gull?").out
