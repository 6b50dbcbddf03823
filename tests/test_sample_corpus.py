"""The sample corpus keeps its promises, checked without memctl's own readers."""

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import TypedDict

import pytest

CORPUS = Path(__file__).resolve().parent.parent / "sample_corpus"
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
KEYS = ["_id", "question", "language", "answerable", "answers", "evidence", "tags"]


class Evidence(TypedDict):
    document: str
    page: int | None
    quote: str


class Question(TypedDict):
    _id: str
    question: str
    language: str
    answerable: bool
    answers: list[str]
    evidence: list[Evidence]
    tags: list[str]


def _questions() -> list[Question]:
    lines = (CORPUS / "questions.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]


def _documents() -> list[str]:
    paths = [path for folder in ("en", "ru") for path in (CORPUS / folder).rglob("*")]
    return sorted(path.relative_to(CORPUS).as_posix() for path in paths if path.is_file())


def _fold(text: str) -> str:
    return " ".join(text.split())


def _pdf_pages(path: Path) -> list[str]:
    import pypdf

    with pypdf.PdfReader(path) as reader:
        return [_fold(page.extract_text()) for page in reader.pages]


def _docx_text(path: Path) -> str:
    import docx

    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return _fold("\n".join([paragraph.text for paragraph in document.paragraphs] + cells))


def _html_text(path: Path) -> str:
    from selectolax.lexbor import LexborHTMLParser

    raw = path.read_bytes()
    declared = re.search(rb"charset=\"?([\w-]+)", raw)
    assert declared is not None, path
    main = LexborHTMLParser(raw.decode(declared.group(1).decode("ascii"))).css_first("main")
    assert main is not None, path
    return _fold(main.text())


@cache
def _pages(document: str) -> list[str]:
    """The text of a document, its white space folded: page by page for a PDF, else one page."""
    path = CORPUS / document
    match path.suffix:
        case ".pdf":
            return _pdf_pages(path)
        case ".docx":
            return [_docx_text(path)]
        case ".html":
            return [_html_text(path)]
        case _:
            return [_fold(path.read_text(encoding="utf-8"))]


def _evidence() -> list[tuple[Question, Evidence]]:
    return [(question, found) for question in _questions() for found in question["evidence"]]


def test_there_are_at_least_fourteen_documents_and_half_are_russian() -> None:
    documents = _documents()
    assert len(documents) >= 14
    russian = [document for document in documents if document.startswith("ru/")]
    assert len(russian) * 2 == len(documents)


def test_every_kind_of_file_stands_in_both_languages() -> None:
    kinds = {(document[:2], Path(document).suffix) for document in _documents()}
    suffixes = (".md", ".txt", ".html", ".docx", ".pdf")
    assert kinds == {(language, suffix) for language in ("en", "ru") for suffix in suffixes}


def test_every_document_has_600_to_1400_words() -> None:
    words = {document: len(" ".join(_pages(document)).split()) for document in _documents()}
    assert {document: n for document, n in words.items() if not 600 <= n <= 1400} == {}


def test_documents_in_ru_are_written_in_russian_and_those_in_en_are_not() -> None:
    for document in _documents():
        text = " ".join(_pages(document))
        cyrillic = len(re.findall("[а-яё]", text, re.IGNORECASE))
        latin = len(re.findall("[a-z]", text, re.IGNORECASE))
        assert (cyrillic > latin) == document.startswith("ru/"), document
        assert ("ё" in text) == document.startswith("ru/"), document


def test_the_english_pdf_has_at_least_five_pages_and_the_russian_one_three() -> None:
    assert len(_pages("en/vector-indexes.pdf")) >= 5
    assert len(_pages("ru/zabyvanie.pdf")) == 3


def test_pages_of_a_pdf_carry_their_own_number() -> None:
    for document, word in (("en/vector-indexes.pdf", "Page"), ("ru/zabyvanie.pdf", "Страница")):
        for number, text in enumerate(_pages(document), start=1):
            assert text.endswith(f"{word} {number}"), (document, number)


def test_the_page_declared_as_windows_1251_is_really_encoded_so() -> None:
    raw = (CORPUS / "ru" / "vneshnyaya-pamyat.html").read_bytes()
    assert b"charset=windows-1251" in raw
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert "Внешняя и гибридная память" in raw.decode("windows-1251")


def test_word_files_have_headings_and_one_table() -> None:
    import docx

    for name in ("en/model-context-protocol.docx", "ru/lichnaya-pamyat.docx"):
        document = docx.Document(str(CORPUS / name))
        styles = [p.style.name for p in document.paragraphs if p.style is not None]
        assert styles.count("Heading 1") >= 5, name
        assert len(document.tables) == 1, name


def test_questions_have_unique_ids_and_the_same_keys_in_the_same_order() -> None:
    questions = _questions()
    assert [list(question) for question in questions] == [KEYS] * len(questions)
    expected = [f"q{number:02d}" for number in range(1, len(questions) + 1)]
    assert [question["_id"] for question in questions] == expected
    assert len({question["question"] for question in questions}) == len(questions)


def test_there_are_enough_questions_of_every_sort() -> None:
    questions = _questions()
    assert len(questions) >= 44
    answerable = [question["language"] for question in questions if question["answerable"]]
    assert len(answerable) >= 36
    assert 0.4 <= answerable.count("ru") / len(answerable) <= 0.6
    unanswerable = [question for question in questions if not question["answerable"]]
    sorts = sorted((question["language"], question["tags"][1]) for question in unanswerable)
    both = ("near-topic", "near-topic", "off-topic", "off-topic")
    assert sorts == [(language, sort) for language in ("en", "ru") for sort in both]


def test_unanswerable_questions_have_neither_answers_nor_evidence() -> None:
    for question in _questions():
        assert bool(question["answers"]) == question["answerable"], question["_id"]
        assert bool(question["evidence"]) == question["answerable"], question["_id"]
        assert ("unanswerable" in question["tags"]) != question["answerable"], question["_id"]


def test_what_unanswerable_questions_ask_about_is_named_nowhere() -> None:
    text = " ".join(page for document in _documents() for page in _pages(document)).casefold()
    absent = ("egg", "football", "lora ", "speculative", "африк", "фасол", "mixtral", "dpo")
    assert [word for word in absent if word in text] == []


def test_the_language_of_a_question_is_that_of_its_letters() -> None:
    for question in _questions():
        is_russian = re.search("[а-я]", question["question"]) is not None
        assert is_russian == (question["language"] == "ru"), question["_id"]


def test_cross_lingual_questions_are_those_whose_document_is_in_the_other_language() -> None:
    crossing = [q for q, found in _evidence() if q["language"] != found["document"][:2]]
    assert crossing == [q for q in _questions() if "cross-lingual" in q["tags"]]
    assert sum(question["language"] == "en" for question in crossing) >= 4
    assert sum(question["language"] == "ru" for question in crossing) >= 4


def test_every_document_is_asked_about_at_least_twice() -> None:
    asked = [found["document"] for _, found in _evidence()]
    assert [document for document in _documents() if asked.count(document) < 2] == []


def test_every_quote_stands_in_its_document() -> None:
    for question, found in _evidence():
        assert found["quote"] == _fold(found["quote"]), question["_id"]
        assert found["quote"] in " ".join(_pages(found["document"])), question["_id"]


def test_every_quote_is_unique_in_the_corpus() -> None:
    texts = [" ".join(_pages(document)) for document in _documents()]
    for question, found in _evidence():
        assert sum(text.count(found["quote"]) for text in texts) == 1, question["_id"]


def test_a_quote_from_a_pdf_stands_on_the_page_it_names() -> None:
    for question, found in _evidence():
        if not found["document"].endswith(".pdf"):
            assert found["page"] is None, question["_id"]
            continue
        assert found["page"] is not None, question["_id"]
        assert found["quote"] in _pages(found["document"])[found["page"] - 1], question["_id"]


def test_a_gold_answer_stands_in_its_evidence_or_in_a_table_row() -> None:
    for question, found in _evidence():
        if "table" in question["tags"]:
            place = " ".join(_pages(found["document"]))
        else:
            place = found["quote"]
        assert any(answer in place for answer in question["answers"]), question["_id"]


def test_the_ignore_file_leaves_exactly_the_documents() -> None:
    import pathspec

    lines = (CORPUS / ".memctlignore").read_text(encoding="utf-8").splitlines()
    ignored = pathspec.GitIgnoreSpec.from_lines(lines)
    files = [path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*") if path.is_file()]
    assert sorted(path for path in files if not ignored.match_file(path)) == _documents()


def test_the_readme_names_every_document() -> None:
    readme = (CORPUS / "README.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `([^`]+)` \|", readme, re.MULTILINE)) == _documents()


def test_making_the_documents_again_gives_the_text_of_the_committed_ones(tmp_path: Path) -> None:
    if not FONT.is_file():
        pytest.skip(f"the Russian PDF needs a font, and there is none at {FONT}")
    command = [sys.executable, str(CORPUS / "make_documents.py"), "--out", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    made = sorted(path for path in tmp_path.rglob("*") if path.is_file())
    names = [path.relative_to(tmp_path).as_posix() for path in made]
    assert names == [name for name in _documents() if name.endswith((".docx", ".pdf"))]
    for name, path in zip(names, made, strict=True):
        again = _pdf_pages(path) if path.suffix == ".pdf" else [_docx_text(path)]
        assert again == _pages(name), name


def test_without_a_font_the_script_says_what_to_do(tmp_path: Path) -> None:
    missing = tmp_path / "none.ttf"
    command = [sys.executable, str(CORPUS / "make_documents.py"), "--font", str(missing)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 1
    assert done.stderr == f"no font at {missing}; give one with --font PATH\n"


@pytest.mark.parametrize(("code", "expected"), [(4, 0), (0, 1), (1, 1)])
def test_the_demo_passes_only_if_the_last_question_exits_with_4(
    tmp_path: Path, code: int, expected: int
) -> None:
    stub = tmp_path / "memctl"
    stub.write_text(f'#!/bin/sh\ncase "$*" in *egg*) exit {code} ;; esac\n', encoding="utf-8")
    stub.chmod(0o755)
    done = subprocess.run(
        ["bash", str(CORPUS / "demo.sh")],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "BIN": str(tmp_path), "TMPDIR": str(tmp_path)},
    )
    assert done.returncode == expected
    assert done.stdout.count("\n$ memctl ") == 6
    assert [path.name for path in tmp_path.iterdir()] == ["memctl"]


def test_the_demo_stops_at_the_first_command_that_fails(tmp_path: Path) -> None:
    stub = tmp_path / "memctl"
    stub.write_text('#!/bin/sh\ncase "$*" in index*) exit 3 ;; esac\n', encoding="utf-8")
    stub.chmod(0o755)
    command = ["bash", str(CORPUS / "demo.sh")]
    environment = {**os.environ, "BIN": str(tmp_path), "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, check=False, capture_output=True, env=environment)
    assert done.returncode == 3
    assert done.stdout.count(b"$ memctl ") == 2
