from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from readers_support import read_one, refusal

from memctl.ingest import readers
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers import SUFFIXES, Reader, reader_for

MODULES = tuple(sorted(set(vars(readers)["_MODULES"].values())))
LIBRARIES = (
    "charset_normalizer docutils markdown_it odfdo olefile openpyxl pptx pypdf pypdfium2 pysubs2 "
    "selectolax striprtf tree_sitter xlrd yaml"
).split()


def name_of(name: str, head: bytes = b"text") -> str | None:
    reader = reader_for(name, head)
    return reader.name if reader else None


def test_the_registry_knows_the_suffixes_that_the_readers_declare() -> None:
    declared: dict[str, str] = {}
    for module in MODULES:
        reader = import_module(f"memctl.ingest.readers.{module}").READER
        assert reader.name == module
        declared |= dict.fromkeys(reader.suffixes, module)
    assert declared == vars(readers)["_MODULES"]
    assert set(declared) == SUFFIXES


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("README.MD", "markdown"),
        ("папка.txt/маяк.Txt", "plain"),
        ("rows.jsonl.gz", "jsonlines"),
        ("notes.jsonl.bak", "plain"),
        (".jsonl", "plain"),
    ],
)
def test_the_longest_known_suffix_decides_whatever_its_case(
    name: str, expected: str | None
) -> None:
    assert name_of(name) == expected


@pytest.mark.parametrize(
    ("name", "head", "expected"),
    [
        ("Makefile", b"all:\n\tmake\n", "plain"),
        ("a.pdf/LICENSE", "Лицензия".encode("cp1251"), "plain"),
        ("ПРОЧТИ", "маяк".encode("utf-16"), "plain"),
        ("empty", b"", "plain"),
        ("report", b"%PDF-1.7\n", "pdf"),
        ("page", b"\xef\xbb\xbf\n<!DOCTYPE HTML>", "html"),
        ("feed", b"<?xml version='1.0'?>", "xml"),
        ("Inbox", b"From anna Mon Jan 06 10:00:00 2020\nSubject: a\n", "mbox"),
        ("letter", b"From the sea came a ship in 1911\nand it was lit", "plain"),
        ("bundle", b"PK\x03\x04....", "zip"),
        ("server.properties", "порт=8080".encode(), "plain"),
        ("Модуль.bsl", "\ufeffПроцедура Начать()".encode(), "plain"),
        ("change.patch", b"--- a/x\n+++ b/x\n", "plain"),
        ("plan.kml", b"<?xml version='1.0'?>", "xml"),
        ("letter.pages", b"PK\x03\x04....", None),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", None),
        ("program", b"\x7fELF\x02\x01\x00", None),
        ("picture", b"\x89PNG\r\n\x1a\n\x00\x00", None),
    ],
)
def test_a_file_whose_suffix_is_not_known_is_known_by_how_it_begins(
    name: str, head: bytes, expected: str | None
) -> None:
    assert name_of(name, head) == expected


def test_a_pdf_may_begin_with_rubbish_but_must_begin_within_the_first_kilobyte() -> None:
    assert name_of("a.pdf", b"\r\n" * 500 + b"%PDF-1.4") == "pdf"
    with pytest.raises(UnreadableError) as caught:
        reader_for("a.pdf", b"\r\n" * 512 + b"%PDF-1.4")
    assert caught.value.code == "bad_format"


def test_a_refusal_says_what_the_file_is_not_and_how_it_begins(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.pdf", "<html>no") == (
        "bad_format",
        'not a PDF: it begins with "<html>no"',
    )
    assert refusal(tmp_path, "b.pdf", b"\x00\xff\x10 \n")[1] == (
        "not a PDF: it begins with the bytes 00 FF 10 20 0A"
    )
    assert refusal(tmp_path, "a.docx", b"") == ("bad_format", "not a DOCX: it is empty")


def test_the_readers_are_found_without_loading_any_of_them() -> None:
    code = (
        "import sys; from memctl.ingest.readers import reader_for; reader_for('a.txt', b'');"
        f"print([m for m in {LIBRARIES!r} if m in sys.modules],"
        "[m for m in sys.modules if m.startswith('memctl.ingest.readers.')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.startswith("[] ")
    for module in set(MODULES) - {"plain"}:
        assert f"memctl.ingest.readers.{module}'" not in out.stdout


def test_importing_a_reader_loads_no_heavy_library() -> None:
    imports = "; ".join(f"import memctl.ingest.readers.{module}" for module in MODULES)
    code = f"import sys; {imports}; print([m for m in {LIBRARIES!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"


def test_another_package_adds_a_reader_by_entry_point(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    point = EntryPoint("note", "memctl.ingest.readers.plain:READER", readers.GROUP)
    monkeypatch.setattr(readers, "_plugins", lambda: {".note": point})
    reader = reader_for("a.NOTE", b"")
    assert isinstance(reader, Reader)
    assert read_one(tmp_path, "a.note", "A note.").text == "A note."


def test_what_an_entry_point_names_must_be_a_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("note", "memctl.ingest.readers.plain:read", readers.GROUP)
    monkeypatch.setattr(readers, "_plugins", lambda: {".note": point})
    with pytest.raises(TypeError, match=r"note of memctl\.readers is not a Reader"):
        reader_for("a.note", b"")
