from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from office_support import rezipped, saved, zipped
from readers_support import read_one, refusal, source

from memctl.ingest.document import Document, Problem
from memctl.ingest.readers import HEAD, reader_for

NAMES = 'xmlns:o="o" xmlns:x="x" xmlns:t="t" xmlns:d="d" xmlns:s="s"'


def odt(body: str, **parts: str) -> bytes:
    """Make the smallest text of OpenDocument; ``parts`` are XML files beside it."""
    content = f"<o:d {NAMES}><o:text>{body}</o:text></o:d>"
    beside = {f"{name}.xml": f"<o:d {NAMES}>{part}</o:d>" for name, part in parts.items()}
    return zipped({"content.xml": content, **beside})


def rtf(body: str | bytes, head: str = "\\ansi\\ansicpg1251") -> bytes:
    raw = body if isinstance(body, bytes) else body.encode("ascii")
    return b"{\\rtf1" + head.encode("ascii") + b" " + raw + b"}"


def hexed(text: str, codec: str = "cp1251") -> str:
    """Write each byte of ``text`` as RTF does."""
    return "".join(f"\\'{byte:02x}" for byte in text.encode(codec))


# Word


def test_the_properties_of_a_word_document_are_kept(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph("Маяк")
    properties = document.core_properties
    properties.title = "Отчёт о маяке"
    properties.author = "Иван Петров; Ada Lovelace"
    properties.subject, properties.keywords = "Навигация", "маяк; Kem, lamp"
    properties.created = dt.datetime(2024, 5, 6, 7, 8, 9)
    properties.modified = dt.datetime(2024, 6, 1)
    read = read_one(tmp_path, "a.docx", saved(document))
    assert read.title == "Отчёт о маяке"
    assert dict(read.metadata) == {
        "author": ("Иван Петров", "Ada Lovelace"),
        "subject": ("Навигация",),
        "keywords": ("маяк", "Kem", "lamp"),
        "created": ("2024-05-06T07:08:09Z",),
        "modified": ("2024-06-01T00:00:00Z",),
    }


@pytest.mark.parametrize("author", ["python-docx", "Пользователь Windows", "Admin", " ; "])
def test_an_author_that_a_program_wrote_is_none(tmp_path: Path, author: str) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph("x")
    document.core_properties.author = author
    assert "author" not in read_one(tmp_path, "a.docx", saved(document)).metadata


def test_damaged_properties_are_noted_and_the_text_is_read(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph("Маяк")
    data = rezipped(saved(document), {"docProps/core.xml": "<broken"})
    read = read_one(tmp_path, "a.docx", data)
    assert (read.text, [note.code for note in read.notes]) == ("Маяк", ["missing_part"])


def test_comments_stand_after_the_text_and_a_damaged_part_costs_itself_only(
    tmp_path: Path,
) -> None:
    import docx

    document = docx.Document()
    run = document.add_paragraph("Маяк").add_run(" стоит")
    document.add_comment(run, text="Проверить", author="Ann")
    document.sections[0].footer.paragraphs[0].text = "Kem"
    data = saved(document)
    assert read_one(tmp_path, "a.docx", data).text == "Маяк стоит\n\nПроверить\n\nKem"
    reader = reader_for("a.docx", data[:HEAD])
    assert reader is not None
    broken = source(tmp_path / "a", rezipped(data, {"word/comments.xml": "<w:c"}), name="a.docx")
    problem, read = reader.read(broken)
    assert isinstance(problem, Problem)
    assert (problem.path, problem.code) == ("a.docx#word/comments.xml", "missing_part")
    assert isinstance(read, Document)
    assert read.text == "Маяк стоит\n\nKem"


# OpenDocument


def test_headings_lists_and_tables_of_an_opendocument_text(tmp_path: Path) -> None:
    import odfdo
    from odfdo import Header, List, Paragraph, Table

    document = odfdo.Document("text")
    document.body.clear()
    for element in (
        Header(1, "Маяк"),
        Paragraph("It is 47 metres high."),
        List(["mast", "лампа"]),
        Header(2, "Высота"),
    ):
        document.body.append(element)
    table = Table("t", width=2, height=2)
    for at, text in enumerate(("c0", "c1", "c2", "c3")):
        table.set_value((at % 2, at // 2), text)
    document.body.append(table)
    document.meta.title = "Отчёт о маяке"
    document.meta.initial_creator = "Иван Петров"
    document.meta.keyword = "маяк"
    document.meta.creation_date = dt.datetime(2024, 5, 6, 7, 8, 9)
    read = read_one(tmp_path, "a.odt", saved(document))
    assert read.text == (
        "Маяк\n\nIt is 47 metres high.\n\n- mast\n- лампа\n\nВысота\n\nc0 | c1\nc2 | c3"
    )
    assert [(h.level, h.title) for h in read.headings] == [(1, "Маяк"), (2, "Высота")]
    assert read.title == "Отчёт о маяке"
    assert read.metadata["author"] == ("Иван Петров",)
    assert read.metadata["keywords"] == ("маяк",)
    assert read.metadata["created"] == ("2024-05-06T07:08:09",)


def test_blanks_and_breaks_that_are_elements_are_read(tmp_path: Path) -> None:
    body = "<x:p>a<x:s/>b<x:s x:c='3'/>c<x:tab/>d<x:line-break/>e<x:span>f</x:span>\n g</x:p>"
    assert read_one(tmp_path, "a.odt", odt(body)).text == "a b   c\td\nef  g"


def test_former_states_contents_and_hidden_sections_are_not_read(tmp_path: Path) -> None:
    body = (
        "<x:tracked-changes><x:p>deleted</x:p></x:tracked-changes>"
        "<x:table-of-content><x:p>Глава 1 … 7</x:p></x:table-of-content>"
        "<x:section x:display='none'><x:p>hidden</x:p></x:section>"
        "<x:section><x:p>shown</x:p></x:section>"
    )
    assert read_one(tmp_path, "a.odt", odt(body)).text == "shown"


def test_notes_comments_headers_and_footers_stand_after_the_text(tmp_path: Path) -> None:
    told = "<x:note-citation>1</x:note-citation><x:note-body><x:p>сноска</x:p></x:note-body>"
    note = f"<x:note>{told}</x:note>"
    comment = "<o:annotation><d:creator>Ann</d:creator><x:p>a remark</x:p></o:annotation>"
    header = "<s:header><x:p>Отдел</x:p></s:header>" * 2
    footer = "<s:footer><x:p>page <x:page-number>7</x:page-number></x:p></s:footer><x:p>no</x:p>"
    data = odt(f"<x:p>one{note} two{comment}</x:p><x:p>three</x:p>", styles=header + footer)
    text = read_one(tmp_path, "a.odt", data).text
    assert text == "one two\n\nthree\n\nсноска\n\na remark\n\nОтдел\n\npage"


def test_a_style_of_libreoffice_makes_a_heading(tmp_path: Path) -> None:
    styles = "<s:style s:name='P1' s:parent-style-name='Heading_20_3'/>"
    body = f"{styles}<x:p x:style-name='Title'>Имя</x:p><x:p x:style-name='P1'>part</x:p>"
    headings = read_one(tmp_path, "a.odt", odt(body)).headings
    assert [(h.level, h.title) for h in headings] == [(1, "Имя"), (3, "part")]


def test_tables_in_tables_and_lists_without_end_are_read(tmp_path: Path) -> None:
    table = "<t:table><t:table-row><t:table-cell>{}</t:table-cell></t:table-row></t:table>"
    deep = "<x:p>deep</x:p>"
    for _ in range(500):
        deep = table.format(deep)
    assert read_one(tmp_path, "a.odt", odt(deep)).text == "deep"
    many = "<x:list><x:list-item>" * 9_000 + "<x:p>item</x:p>" + "</x:list-item></x:list>" * 9_000
    assert read_one(tmp_path, "a.odt", odt(many)).text == "                - item"


@pytest.mark.parametrize("name", ["a.odt", "a.ods", "a.odp"])
def test_opendocument_that_is_locked_damaged_or_another_thing_is_refused(
    tmp_path: Path, name: str
) -> None:
    locked = "<m><file-entry><encryption-data/></file-entry></m>"
    data = zipped({"content.xml": "\0" * 99, "META-INF/manifest.xml": locked})
    assert refusal(tmp_path, name, data)[0] == "encrypted"
    assert refusal(tmp_path, name, zipped({"content.xml": "<o:d"}))[0] == "bad_format"
    assert refusal(tmp_path, name, zipped({"x": "y"}))[0] == "bad_format"
    laughs = '<!DOCTYPE d [<!ENTITY a "aa">]><d><p>&a;</p></d>'
    assert refusal(tmp_path, name, zipped({"content.xml": laughs}))[0] == "bomb"


# Rich Text Format


def test_russian_and_western_words_of_rich_text_are_read_by_their_code_pages(
    tmp_path: Path,
) -> None:
    fonts = "{\\fonttbl{\\f0\\fcharset204 Arial;}{\\f1\\fcharset0 Arial;}{\\f2\\fcharset238 A;}}"
    body = f"{fonts}\\f0 {hexed('Маяк')} \\f1 caf{hexed('é', 'cp1252')} \\f2 {hexed('ř', 'cp1250')}"
    text = read_one(tmp_path, "a.rtf", rtf(body, "\\ansi\\ansicpg1252\\deff0")).text
    assert text == "Маяк café ř"


def test_unicode_of_rich_text_leaves_out_what_stands_for_it(tmp_path: Path) -> None:
    body = (
        "\\uc1\\u1052?\\u1072\\'e0 \\uc2\\u1103??!{\\uc0\\u1082 }\\u1081\\'e9\\'e9 "
        "\\uc1\\u-10240?\\u-8398?"
    )
    assert read_one(tmp_path, "a.rtf", rtf(body)).text == "Ма я!кй 𐌲"


def test_characters_of_two_bytes_may_come_in_any_way(tmp_path: Path) -> None:
    fonts = "{\\fonttbl{\\f0\\fcharset128 M;}}\\f0 "
    body = fonts.encode() + b"\\'83]" + hexed("ル", "cp932").encode() + "ゲ".encode("cp932")
    assert read_one(tmp_path, "a.rtf", rtf(body, "\\ansi")).text == "ゾルゲ"


def test_a_wrong_code_page_is_seen_by_its_words(tmp_path: Path) -> None:
    words = "Маяк стоит на скале у самого входа в гавань, и свет его виден далеко."
    for head in ("\\ansi", "\\ansi\\ansicpg1252", "\\mac"):
        assert read_one(tmp_path, "a.rtf", rtf(hexed(words), head)).text == words
    french = "Été à la plage où les élèves ont déjà reçu les leçons de français."
    assert read_one(tmp_path, "a.rtf", rtf(hexed(french, "cp1252"), "\\ansi")).text == french


def test_bytes_that_no_code_page_has_are_replaced_and_noted(tmp_path: Path) -> None:
    read = read_one(tmp_path, "a.rtf", rtf("abc\\'98def"))
    assert (read.text, [note.code for note in read.notes]) == ("abc\ufffddef", ["encoding"])


def test_headings_lists_and_tables_of_rich_text(tmp_path: Path) -> None:
    styles = (
        "{\\stylesheet{\\ql Normal;}{\\s1 heading 1;}{\\s2\\sbasedon1 Mine;}"
        f"{{\\s3 {hexed('заголовок 2')};}}{{\\s4\\outlinelevel2 Own;}}}}"
    )
    row = "\\trowd\\pard\\intbl {0}\\cell\\pard\\intbl {1}\\cell\\row"
    body = (
        f"{styles}\\pard\\s1 One\\par\\pard\\s2 Two\\par\\pard\\s3 {hexed('Три')}\\par"
        "\\pard\\s4 Four\\par\\pard\\outlinelevel4 Five\\par\\pard plain\\line line\\par"
        "{\\listtext\\'95\\tab}item\\par{\\pntext 2.}\\ilvl1 inner\\par\\pard "
        + row.format("a", "b\\par c")
        + row.format("", hexed("д"))
        + "\\pard after\\par"
    )
    read = read_one(tmp_path, "a.rtf", rtf(body))
    assert [(h.level, h.title) for h in read.headings] == [
        (1, "One"),
        (1, "Two"),
        (2, "Три"),
        (3, "Four"),
        (5, "Five"),
    ]
    assert read.text.split("\n\n")[5:] == [
        "plain\nline",
        "- item\n  - inner",
        "a | b c\n | д",
        "after",
    ]


def test_what_is_no_text_in_rich_text_is_not_read(tmp_path: Path) -> None:
    body = (
        "{\\colortbl;\\red0;}{\\*\\generator Riched;}{\\pict\\wmetafile8 0099aabb}"
        '{\\field{\\*\\fldinst HYPERLINK "http://x"}{\\fldrslt link}} {\\v hidden}{\\deleted gone}'
        "\\v also\\v0  end{\\*\\unknown{\\b nested}}{\\xe index}\\bin7 }}{\\\\}{ "
        "tail\\~x\\_y\\-z \\{\\}"
    )
    assert read_one(tmp_path, "a.rtf", rtf(body)).text == "link  end tail\u00a0x-yz {}"


def test_notes_headers_and_text_boxes_of_rich_text_are_read(tmp_path: Path) -> None:
    body = (
        "{\\header Kem\\par}{\\headerf Kem\\par}one{\\footnote \\pard a note\\par} two\\par"
        "{\\shp{\\*\\shpinst{\\sp{\\sn x}{\\sv 1}}{\\shptxt box\\par}}{\\shprslt box}}three\\par"
    )
    text = read_one(tmp_path, "a.rtf", rtf(body)).text
    assert text == "one two\n\nbox\n\nthree\n\nKem\n\na note"


def test_the_properties_of_rich_text_are_kept(tmp_path: Path) -> None:
    body = (
        f"{{\\info{{\\title {hexed('Отчёт')}}}{{\\author Ann}}{{\\operator Bob}}{{\\keywords a, b}}"
        "{\\creatim\\yr2024\\mo5\\dy6\\hr7}{\\doccomm c}}text"
    )
    read = read_one(tmp_path, "a.rtf", rtf(body))
    assert (read.text, read.title) == ("text", "Отчёт")
    assert dict(read.metadata) == {
        "author": ("Ann",),
        "keywords": ("a", "b"),
        "created": ("2024-05-06",),
    }


def test_rich_text_that_is_cut_is_read_and_that_is_nested_too_deep_is_not(tmp_path: Path) -> None:
    assert read_one(tmp_path, "a.rtf", b"{\\rtf1 {\\b{ cut {\\i off").text == "cut off"
    assert refusal(tmp_path, "a.rtf", rtf("{" * 9_000 + "x"))[0] == "bad_format"
    assert refusal(tmp_path, "a.rtf", b"plain text")[0] == "bad_format"
    assert refusal(tmp_path, "a.rtf", rtf("{\\pict 00}"))[0] == "no_text"
