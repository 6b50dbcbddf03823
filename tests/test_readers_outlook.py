from __future__ import annotations

import struct
from pathlib import Path

import pytest
from ole_support import Tree, ole
from parts_support import codes, read_parts, texts
from readers_support import refusal

from memctl.ingest.readers.rtfpacked import unpack

PROPERTIES = "__properties_version1.0"


def text(number: int, value: str, *, charset: str = "") -> Tree:
    kind, raw = ("001E", value.encode(charset)) if charset else ("001F", value.encode("utf-16-le"))
    return {f"__substg1.0_{number:04X}{kind}": raw}


def binary(number: int, value: bytes) -> Tree:
    return {f"__substg1.0_{number:04X}0102": value}


def fields(header: int, **values: int) -> Tree:
    """Fields of sixteen bytes; a name is ``p`` and the number of the property."""
    packed = (
        struct.pack("<HHIQ", 3, int(name[1:], 16), 6, value) for name, value in values.items()
    )
    return {PROPERTIES: bytes(header) + b"".join(packed)}


def person(name: str, address: str, *, role: int) -> Tree:
    return {**text(0x3001, name), **text(0x39FE, address), **fields(8, p0C15=role)}


def attached(name: str, data: bytes) -> Tree:
    return {**text(0x3707, name), **binary(0x3701, data), **fields(8)}


def test_a_letter_is_read_with_its_people_and_its_time(tmp_path: Path) -> None:
    data = ole(
        {
            **fields(32, p0039=133_515_900_000_000_000),
            **text(0x0037, "Отчёт за май"),
            **text(0x0C1A, "Иван"),
            **text(0x5D01, "ivan@example.ru"),
            **text(0x1035, "<77@example.ru>"),
            **text(0x1000, "Добрый день!\r\n\r\nОтчёт во вложении.\r\n"),
            "__recip_version1.0_#00000000": person("Анна", "anna@example.ru", role=1),
            "__recip_version1.0_#00000001": person("Bob", "bob@example.org", role=2),
            "__recip_version1.0_#00000002": person("secret", "s@example.org", role=3),
            "__attach_version1.0_#00000000": attached("записка.txt", "Записка.".encode()),
            "__attach_version1.0_#00000001": attached("записка.txt", b"Another."),
            "__attach_version1.0_#00000002": attached(
                "photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00"
            ),
        }
    )
    documents, problems = read_parts(tmp_path, "a.msg", data)
    assert texts(documents) == {
        "a.msg": "From: Иван <ivan@example.ru>\nTo: Анна <anna@example.ru>\n"
        "Cc: Bob <bob@example.org>\nDate: 2024-02-05T07:00:00+00:00\nSubject: Отчёт за май\n\n"
        "Добрый день!\n\nОтчёт во вложении.",
        "a.msg#записка.txt": "Записка.",
        "a.msg#(2) записка.txt": "Another.",
    }
    assert documents[0].title == "Отчёт за май"
    assert documents[0].metadata["date"] == ("2024-02-05T07:00:00+00:00",)
    assert documents[0].metadata["message_id"] == ("77@example.ru",)
    assert codes(problems) == {"a.msg#photo.jpg": "unsupported"}


@pytest.mark.parametrize("charset", ["cp1251", "koi8-r"])
def test_text_that_is_not_unicode_is_told_by_its_code_page_or_its_letters(
    tmp_path: Path, charset: str
) -> None:
    tree = {
        **fields(32, p3FFD=1251),
        **text(0x0037, "Договор поставки", charset=charset),
        **text(0x1000, "Смотритель маяка насчитал много чаек.\0", charset=charset),
    }
    (document,), _ = read_parts(tmp_path, "a.msg", ole(tree))
    assert document.text == "Subject: Договор поставки\n\nСмотритель маяка насчитал много чаек."


def test_without_plain_text_html_is_read_and_without_html_rtf(tmp_path: Path) -> None:
    rich = binary(0x1013, '<p>Привет из <b>HTML</b></p><div style="display:none">x</div>'.encode())
    rtf = rb"{\rtf1\ansi\ansicpg1251 \'cf\'f0\'e8\'e2\'e5\'f2 from RTF\par}"
    packed = binary(0x1009, struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf)
    for tree, expected in (({**rich, **packed}, "Привет из HTML"), (packed, "Привет from RTF")):
        (document,), _ = read_parts(tmp_path, "a.msg", ole({**fields(32), **tree}))
        assert document.text == expected


def test_a_letter_in_a_letter_is_read_to_a_depth(tmp_path: Path) -> None:
    tree: Tree = {**fields(24), **text(0x0037, "innermost"), **text(0x1000, "на дне")}
    for level in range(5):
        inner: Tree = {"__substg1.0_3701000D": tree, **fields(8), **text(0x3001, f"in {level}")}
        head = fields(32 if level == 4 else 24)
        tree = {**head, **text(0x0037, f"{level}"), "__attach_version1.0_#00000000": inner}
    documents, problems = read_parts(tmp_path, "a.msg", ole(tree))
    assert [document.title for document in documents] == ["4", "3", "2", "1", "0"]
    assert documents[1].path == "a.msg#in 4.msg"
    assert [problem.code for problem in problems] == ["bomb"]


def test_an_encrypted_letter_is_told_to_be_one(tmp_path: Path) -> None:
    smime = {**fields(32), **text(0x001A, "IPM.Note.SMIME"), **text(0x0037, "s")}
    rights = {**fields(32), "__attach_version1.0_#00000000": attached("message.rpmsg", b"x")}
    for tree in (smime, rights):
        assert refusal(tmp_path, "a.msg", ole(tree))[0] == "encrypted"


def test_rtf_is_unpacked_as_the_specification_s_example_is() -> None:
    crossing = "1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0"
    assert unpack(bytes.fromhex(crossing)) == rb"{\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_an_ole2_file_that_is_no_letter_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.msg", ole({"WordDocument": b"x"}))[0] == "bad_format"
    assert refusal(tmp_path, "a.msg", ole({**fields(32)})[:1_000])[0] == "bad_format"
    assert refusal(tmp_path, "a.msg", b"hello")[0] == "bad_format"


ZOO = Path(__file__).parent.parent.parent / "shared/data/filezoo/files"


@pytest.mark.skipif(not ZOO.is_dir(), reason=f"no files at {ZOO}")
def test_letters_that_outlook_saved_are_read_with_their_files(tmp_path: Path) -> None:
    data = (ZOO / "docling__msg_with_attachment.msg").read_bytes()
    documents, problems = read_parts(tmp_path, "a.msg", data)
    assert texts(documents) == {
        "a.msg": "From: Alice Example <alice@example.com>\nTo: Bob Example <bob@example.com>\n"
        "Date: 2026-05-20T10:30:00+00:00\nSubject: Email with Attachment\n\n"
        "This email contains an attachment.",
        "a.msg#test.txt": "This is a test attachment file.\nIt contains some dummy content.\n",
    }
    assert codes(problems) == {"a.msg#report.pdf": "bad_format"}
    sealed = (ZOO / "unstructured__fake-encrypted.msg").read_bytes()
    assert refusal(tmp_path, "a.msg", sealed)[0] == "encrypted"
