from __future__ import annotations

import struct
import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from readers_support import read_one, refusal

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def saved(document: WordDocument) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def zipped(members: list[tuple[str, bytes]], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return out.getvalue()


def word(body: str, **parts: str) -> bytes:
    """Make the smallest Word document around ``body``; ``parts`` are files beside it."""
    kinds = "".join(
        f'<Relationship Id="{name}" Type="http://x/{name}" Target="{name}.xml"/>' for name in parts
    )
    relations = f"<Relationships>{kinds}</Relationships>"
    text = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    members = [("word/document.xml", text), ("word/_rels/document.xml.rels", relations)]
    members += [(f"word/{name}.xml", f"<w:x {W}>{part}</w:x>") for name, part in parts.items()]
    return zipped([(name, data.encode()) for name, data in members])


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_headings_lists_and_tables_of_a_word_document(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.core_properties.title = "Отчёт о маяке"
    document.add_heading("Маяк", 0)
    document.add_heading("Высота", 2)
    document.add_paragraph("It is 47 metres high.")
    document.add_paragraph("mast", style="List Bullet")
    document.add_paragraph("lamp", style="List Number")
    table = document.add_table(rows=2, cols=3)
    for at, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"c{at}"
    table.cell(0, 0).merge(table.cell(0, 1)).text = "both"
    table.cell(0, 2).merge(table.cell(1, 2)).text = "tall"
    inner = table.cell(1, 0).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "in", "ner"
    document.sections[0].footer.paragraphs[0].text = "Kem, 1911"
    read = read_one(tmp_path, "a.docx", saved(document))
    assert read.title == "Отчёт о маяке"
    assert [(h.level, h.title) for h in read.headings] == [(1, "Маяк"), (2, "Высота")]
    assert read.text == (
        "Маяк\n\nВысота\n\nIt is 47 metres high.\n\n- mast\n- lamp\n\n"
        "both | tall\nc3 in ner | c4\n\nKem, 1911"
    )
    assert [read.text[b.start : b.end] for b in read.blocks] == ["both | tall\nc3 in ner | c4"]


def test_text_in_links_boxes_and_content_controls_is_read_once(tmp_path: Path) -> None:
    body = (
        "<w:p><w:hyperlink><w:r><w:t>link </w:t></w:r></w:hyperlink><w:sdt><w:sdtPr><w:r><w:t>"
        "prompt</w:t></w:r></w:sdtPr><w:sdtContent><w:r><w:t>control</w:t></w:r></w:sdtContent>"
        "</w:sdt><w:r><w:tab/><w:t>tab</w:t><w:br/><w:t>line</w:t></w:r></w:p>"
        "<w:p><w:r><AlternateContent><Choice><w:txbxContent>" + p("box") + "</w:txbxContent>"
        "</Choice><Fallback><w:txbxContent>" + p("box") + "</w:txbxContent></Fallback>"
        "</AlternateContent><w:t>around</w:t></w:r></w:p>"
    )
    assert (
        read_one(tmp_path, "a.docx", word(body)).text == "link control\ttab\nline\n\nbox\n\naround"
    )


def test_deleted_moved_and_hidden_words_and_field_codes_are_not_read(tmp_path: Path) -> None:
    body = (
        "<w:p><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del><w:ins><w:r><w:t>new</w:t>"
        "</w:r></w:ins><w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:r><w:instrText>"
        "PAGE</w:instrText></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
        '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t> shown</w:t></w:r></w:p>'
    )
    assert read_one(tmp_path, "a.docx", word(body)).text == "new shown"


@pytest.mark.parametrize(
    ("style", "level"),
    [
        ('<w:name w:val="heading 3"/>', 3),
        ('<w:name w:val="Заголовок 2"/>', 2),
        ('<w:name w:val="Title"/>', 1),
        ('<w:name w:val="Mine"/><w:pPr><w:outlineLvl w:val="4"/></w:pPr>', 5),
        ('<w:name w:val="Mine"/><w:basedOn w:val="base"/>', 1),
        ('<w:basedOn w:val="base"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr>', 0),
        ('<w:name w:val="Mine"/><w:basedOn w:val="s"/>', 0),
        ('<w:name w:val="Normal"/>', 0),
    ],
)
def test_a_style_makes_a_heading_by_its_name_its_outline_or_its_base(
    tmp_path: Path, style: str, level: int
) -> None:
    styles = (
        f'<w:style w:styleId="s">{style}</w:style>'
        '<w:style w:styleId="base"><w:name w:val="heading 1"/></w:style>'
    )
    data = word(p("Маяк", '<w:pStyle w:val="s"/>') + p("text"), styles=styles)
    headings = read_one(tmp_path, "a.docx", data).headings
    assert [h.level for h in headings] == ([level] if level else [])


def test_notes_stand_after_the_text_and_their_separators_do_not(tmp_path: Path) -> None:
    notes = (
        f'<w:footnote w:type="separator">{p("---")}</w:footnote>'
        f"<w:footnote>{p('A note.')}</w:footnote>"
    )
    data = word(p("Text."), footnotes=notes)
    assert read_one(tmp_path, "a.docx", data).text == "Text.\n\nA note."


def test_a_frame_of_one_cell_is_not_a_table(tmp_path: Path) -> None:
    data = word(f"<w:tbl><w:tr><w:tc>{p('one')}{p('two')}</w:tc></w:tr></w:tbl>")
    document = read_one(tmp_path, "a.docm", data)
    assert (document.text, document.blocks) == ("one\n\ntwo", ())


def test_a_document_with_a_password_and_one_of_the_old_format_are_told_apart(
    tmp_path: Path,
) -> None:
    stream = "EncryptedPackage".encode("utf-16-le")
    assert refusal(tmp_path, "a.docx", OLE2 + bytes(1_999_990) + stream)[0] == "encrypted"
    code, reason = refusal(tmp_path, "a.docx", OLE2 + bytes(9_999))
    assert (code, reason.startswith("in the old binary format")) == ("bad_format", True)


def test_a_document_without_text_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.docx", word(p(" "))) == ("no_text", "no text in it")


def test_a_cut_or_damaged_archive_is_refused(tmp_path: Path) -> None:
    data = word(p("text " * 999))
    assert refusal(tmp_path, "a.docx", data[: len(data) // 2])[0] == "bad_format"
    at = data.index(b"word/document.xml") + 40
    assert (
        refusal(tmp_path, "a.docx", data[:at] + b"\xff" * 30 + data[at + 30 :])[0] == "bad_format"
    )
    assert refusal(tmp_path, "a.docx", zipped([("other.txt", b"x")])) == (
        "bad_format",
        "a ZIP archive, but not a Word document",
    )
    assert refusal(tmp_path, "a.docx", word("<w:p>"))[0] == "bad_format"


def overlapping() -> bytes:
    """Return an archive whose two members share their bytes."""
    data = bytearray(zipped([("word/document.xml", b"x" * 99), ("b", b"y" * 99)], method=0))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 5)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zipped([("a", bytes(6_000_000))]), "a member of the archive swells when unpacked"),
        (zipped([(str(at), b"") for at in range(2_001)]), "the archive has 2001 members"),
        (overlapping(), "members of the archive overlap"),
    ],
)
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, data: bytes, reason: str) -> None:
    assert refusal(tmp_path, "a.docx", data) == ("bomb", reason)


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped([("word/document.xml", b"1"), ("word/document.xml", b"2")])
    assert refusal(tmp_path, "a.docx", data)[0] == "bomb"


def test_a_size_that_lies_is_not_believed(tmp_path: Path) -> None:
    text = f"<w:document {W}><w:body>{p('text ' * 9_999)}</w:body></w:document>".encode()
    data = bytearray(zipped([("word/document.xml", text)]))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 100)
    assert refusal(tmp_path, "a.docx", bytes(data))[0] == "bad_format"


def test_entities_and_document_types_are_refused(tmp_path: Path) -> None:
    text = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
    data = zipped([("word/document.xml", text.encode())])
    assert refusal(tmp_path, "a.docx", data) == ("bomb", "its XML declares a document type")


def test_depth_does_not_break_the_reader(tmp_path: Path) -> None:
    deep = "<w:sdt>" * 60_000 + p("the text") + "</w:sdt>" * 60_000
    assert read_one(tmp_path, "a.docx", word(deep)).text == "the text"
    cells = "<w:tbl><w:tr><w:tc>" * 9_000 + p("the text") + "</w:tc></w:tr></w:tbl>" * 9_000
    assert read_one(tmp_path, "a.docx", word(cells)).text == "the text"
