from __future__ import annotations

from pathlib import Path

import pytest
from office_support import rezipped, zipped
from readers_support import read_all, read_one, refusal, source

from memctl.ingest.document import Document, Problem
from memctl.ingest.readers import HEAD, reader_for

CONTAINER = '<container><rootfiles><rootfile full-path="OPS/c.opf"/></rootfiles></container>'
SAID = (
    "<dc:title>Маяк</dc:title><dc:creator>Иван Петров</dc:creator><dc:creator>Ann</dc:creator>"
    "<dc:date>2019-08-23</dc:date><dc:language>ru</dc:language><dc:subject>Море</dc:subject>"
)


def fb2(body: str, said: str = "", *, encoding: str = "utf-8") -> bytes:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n<FictionBook xmlns="http://f"'
        f' xmlns:l="http://l"><description><title-info>{said}</title-info></description>'
        f"{body}</FictionBook>"
    )
    return text.encode(encoding)


def page(body: str, title: str = "<title/>") -> str:
    return (
        f'<html xmlns="http://www.w3.org/1999/xhtml"><head>{title}</head><body>{body}</body></html>'
    )


def epub(
    *chapters: str | bytes, said: str = SAID, extra: str = "", parts: dict[str, str] | None = None
) -> bytes:
    """Make a book of chapters; ``extra`` is put into the manifest."""
    names = [f"c {at}.xhtml" for at in range(len(chapters))]
    items = "".join(
        f'<item id="c{at}" href="c%20{at}.xhtml" media-type="application/xhtml+xml"/>'
        for at in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{at}"/>' for at in range(len(chapters)))
    package = (
        f'<package xmlns:dc="http://dc"><metadata>{said}</metadata><manifest>{items}{extra}'
        f"</manifest><spine>{spine}</spine></package>"
    )
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": CONTAINER,
            "OPS/c.opf": package,
            **{f"OPS/{name}": text for name, text in zip(names, chapters, strict=True)},
            **(parts or {}),
        }
    )


def all_of(folder: Path, name: str, data: bytes) -> list[Document | Problem]:
    reader = reader_for(name, data[:HEAD])
    assert reader is not None
    return list(reader.read(source(folder / name, data, name=name)))


# FictionBook


@pytest.mark.parametrize("encoding", ["utf-8", "windows-1251", "koi8-r", "utf-16"])
def test_sections_of_a_fictionbook_are_headings_whatever_its_encoding(
    tmp_path: Path, encoding: str
) -> None:
    body = (
        "<body><title><p>Маяк</p><p>роман</p></title><epigraph><p>Эпиграф</p>"
        "<text-author>Автор</text-author></epigraph><section><title><p>Часть 1</p></title>"
        "<section><title><p>Глава 1</p></title><p>Маяк <emphasis>стоит</emphasis>\n на скале."
        '<a l:href="#n1" type="note">[1]</a></p><empty-line/><subtitle>* * *</subtitle>'
        "<table><tr><th>Год</th><td>Утки</td></tr></table></section></section></body>"
        '<body name="notes"><section><title><p>1</p></title><p>Сноска.</p></section></body>'
        '<binary id="i">AAAA</binary>'
    )
    read = read_one(tmp_path, "a.fb2", fb2(body, encoding=encoding))
    assert read.text.split("\n\n") == [
        "Маяк роман",
        "Эпиграф",
        "Автор",
        "Часть 1",
        "Глава 1",
        "Маяк стоит на скале.",
        "* * *",
        "Год | Утки",
        "1",
        "Сноска.",
    ]
    assert [(h.level, h.title) for h in read.headings] == [
        (1, "Маяк роман"),
        (2, "Часть 1"),
        (3, "Глава 1"),
    ]
    assert read.language == "ru"


def test_verses_stand_together_by_stanzas(tmp_path: Path) -> None:
    verses = "<stanza><v>one</v><v>two</v></stanza><stanza><v>три</v></stanza>"
    body = (
        f"<body><section><poem><title><p>Poem</p></title>{verses}</poem><p>x</p></section></body>"
    )
    read = read_one(tmp_path, "a.fb2", fb2(body))
    assert read.text == "Poem\n\none\ntwo\n\nтри\n\nx"
    assert [heading.level for heading in read.headings] == [3]


def test_the_title_page_of_a_fictionbook_is_its_metadata(tmp_path: Path) -> None:
    said = (
        "<genre>sf</genre><genre>prose</genre><author><first-name>Лев</first-name><middle-name>"
        "Николаевич</middle-name><last-name>Толстой</last-name><id>7</id></author><book-title>Война"
        "</book-title><annotation><p>О войне.</p></annotation><keywords>война, мир</keywords>"
        '<date value="1869-01-01">1869</date><lang>ru</lang><translator><nickname>t</nickname>'
        '</translator><sequence name="Романы" number="2"/>'
    )
    other = (
        "</title-info><document-info><author><nickname>maker</nickname></author></document-info>"
    )
    read = read_one(tmp_path, "a.fb2", fb2("<body><p>x</p></body>", said + other + "<title-info>"))
    assert (read.title, read.text) == ("Война", "О войне.\n\nx")
    assert dict(read.metadata) == {
        "tags": ("sf", "prose"),
        "author": ("Лев Николаевич Толстой",),
        "keywords": ("война", "мир"),
        "date": ("1869-01-01",),
        "language": ("ru",),
        "translator": ("t",),
        "series": ("Романы 2",),
    }


def test_a_zipped_fictionbook_is_that_book_and_several_are_several(tmp_path: Path) -> None:
    book = fb2("<body><p>Маяк</p></body>")
    read = read_one(tmp_path, "a.fb2.zip", zipped({"a.fb2": book, "readme.txt": "x"}))
    assert (read.path, read.text) == ("a.fb2.zip", "Маяк")
    assert read_one(tmp_path, "b.fb2", zipped({"b.fb2": book})).text == "Маяк"
    both = read_all(tmp_path, "a.fb2.zip", zipped({"b.fb2": book, "a.fb2": book}))
    assert [document.path for document in both] == ["a.fb2.zip#a.fb2", "a.fb2.zip#b.fb2"]
    assert refusal(tmp_path, "a.fb2.zip", zipped({"a.txt": "x"}))[0] == "bad_format"


def test_a_fictionbook_that_is_not_well_formed_is_read_and_noted(tmp_path: Path) -> None:
    body = (
        "<body><section><title><p>Глава</p></title><p>Rock & roll&nbsp;<b>bold</p></i>"
        "<p>open<p>next</p></section></body>"
    )
    read = read_one(tmp_path, "a.fb2", fb2(body))
    assert read.text == "Глава\n\nRock & roll bold\n\nopen\n\nnext"
    assert [heading.title for heading in read.headings] == ["Глава"]
    assert [note.code for note in read.notes] == ["bad_format"]


def test_what_is_no_fictionbook_and_what_declares_entities_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.fb2", "<html><p>x</p></html>")[0] == "bad_format"
    assert refusal(tmp_path, "a.fb2", "just words")[0] == "bad_format"
    laughs = '<!DOCTYPE F [<!ENTITY a "aaaa">]><FictionBook><body><p>&a;</p></body></FictionBook>'
    assert refusal(tmp_path, "a.fb2", laughs)[0] == "bomb"
    outside = (
        '<!DOCTYPE F [<!ENTITY a SYSTEM "file:///etc/hostname">]><FictionBook>&a;</FictionBook>'
    )
    assert refusal(tmp_path, "a.fb2", outside)[0] == "bomb"
    assert refusal(tmp_path, "a.fb2", fb2("<body/>"))[0] == "no_text"


def test_sections_without_end_are_read(tmp_path: Path) -> None:
    deep = "<section>" * 50_000 + "<title><p>Дно</p></title>" + "</section>" * 50_000
    read = read_one(tmp_path, "a.fb2", fb2(f"<body>{deep}</body>"))
    assert [(h.level, h.title) for h in read.headings] == [(6, "Дно")]


# EPUB


def test_chapters_of_a_book_are_read_in_their_order_with_their_headings(tmp_path: Path) -> None:
    first = page("<h1>Глава 1</h1><p>Маяк.</p>")
    second = page("<h2>Part</h2><table><tr><td>a</td><td>b</td></tr></table><aside>beside</aside>")
    read = read_one(tmp_path, "a.epub", epub(first, second))
    assert read.text == "Глава 1\n\nМаяк.\n\nPart\n\na | b\n\nbeside"
    assert [(h.level, h.title) for h in read.headings] == [(1, "Глава 1"), (2, "Part")]
    assert read.title == "Маяк"
    assert dict(read.metadata) == {
        "author": ("Иван Петров", "Ann"),
        "date": ("2019-08-23",),
        "language": ("ru",),
        "subject": ("Море",),
    }


def test_elements_that_close_themselves_do_not_swallow_what_follows(tmp_path: Path) -> None:
    body = '<script src="x"/><p><a id="p1"/>one<br/>two</p><div class="gap" /><p>three</p>'
    assert read_one(tmp_path, "a.epub", epub(page(body))).text == "one\ntwo\n\nthree"


def test_a_chapter_without_headings_has_its_name_from_the_contents(tmp_path: Path) -> None:
    points = "".join(
        f"<navPoint><navLabel><text>{name}</text></navLabel>"
        f"<content src='c%20{at}.xhtml#a'/></navPoint>"
        for at, name in enumerate(("Глава первая", "The lamp", "Other"))
    )
    chapters = ("<p>Глава  первая</p><p>Маяк.</p>", "<p>Light.</p>", "<h3>Own</h3><p>x</p>")
    data = epub(
        *map(page, chapters),
        extra='<item id="n" href="toc.ncx" media-type="application/x-dtbncx+xml"/>',
        parts={"OPS/toc.ncx": f'<!DOCTYPE ncx PUBLIC "x" "y"><ncx><navMap>{points}</navMap></ncx>'},
    )
    read = read_one(tmp_path, "a.epub", data)
    assert [h.title for h in read.headings] == ["Глава первая", "The lamp", "Own"]
    assert read.text.startswith("Глава первая\n\nМаяк.\n\nThe lamp\n\nLight.")


def test_a_chapter_that_is_missing_or_no_text_costs_that_chapter_only(tmp_path: Path) -> None:
    data = epub(page("<p>one</p>"), page("two"), bytes(range(256)) * 9)
    *problems, document = all_of(tmp_path, "a.epub", rezipped(data, {"OPS/c 1.xhtml": None}))
    assert [(p.path, p.code) for p in problems if isinstance(p, Problem)] == [
        ("a.epub#OPS/c 1.xhtml", "missing_part"),
        ("a.epub#OPS/c 2.xhtml", "missing_part"),
    ]
    assert isinstance(document, Document)
    assert document.text == "one"


def test_a_chapter_that_is_listed_often_is_read_once(tmp_path: Path) -> None:
    item = '<item id="c0" href="c%200.xhtml" media-type="application/xhtml+xml"/>'
    spine = '<itemref idref="c0"/>' * 20_000
    package = f"<package><manifest>{item}</manifest><spine>{spine}</spine></package>"
    data = rezipped(epub(page("раз")), {"OPS/c.opf": package})
    assert read_one(tmp_path, "a.epub", data).text == "раз"


def test_russian_chapters_in_an_old_encoding_are_read(tmp_path: Path) -> None:
    text = '<?xml version="1.0" encoding="windows-1251"?>' + page("<p>Маяк стоит на скале.</p>")
    assert read_one(tmp_path, "a.epub", epub(text.encode("cp1251"))).text == "Маяк стоит на скале."


@pytest.mark.parametrize(
    ("algorithm", "code"),
    [
        ("http://www.w3.org/2001/04/xmlenc#aes128-cbc", "encrypted"),
        ("http://www.idpf.org/2008/embedding", ""),
    ],
)
def test_locked_chapters_are_told_from_hidden_fonts(
    tmp_path: Path, algorithm: str, code: str
) -> None:
    locks = (
        f"<encryption><EncryptedData><EncryptionMethod Algorithm='{algorithm}'/><CipherData>"
        "<CipherReference URI='OPS/c%200.xhtml'/></CipherData></EncryptedData></encryption>"
    )
    data = epub(page("text"), parts={"META-INF/encryption.xml": locks})
    if code:
        assert refusal(tmp_path, "a.epub", data)[0] == code
    else:
        assert read_one(tmp_path, "a.epub", data).text == "text"


def test_a_package_that_names_no_container_or_is_broken_is_read(tmp_path: Path) -> None:
    data = epub(page("text"), said="<dc:title>Rock & roll</dc:title>")
    data = rezipped(data, {"META-INF/container.xml": None})
    read = read_one(tmp_path, "a.epub", data)
    assert (read.text, read.title) == ("text", "Rock & roll")


def test_another_archive_and_a_package_with_entities_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, "a.epub", zipped({"x": "y"}))[0] == "bad_format"
    entity = '<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/hostname">]><package>&x;</package>'
    assert (
        refusal(tmp_path, "a.epub", rezipped(epub(page("x")), {"OPS/c.opf": entity}))[0] == "bomb"
    )
    assert refusal(tmp_path, "a.epub", epub())[0] == "no_text"
