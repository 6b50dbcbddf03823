from __future__ import annotations

import json
from pathlib import Path

import pytest
from readers_support import read_one, refusal

from memctl.ingest.document import Note

DEEP = 200_000


def text_of(folder: Path, name: str, data: bytes | str) -> str:
    return read_one(folder, name, data).text


# JSON


def test_each_value_stands_behind_the_path_to_it(tmp_path: Path) -> None:
    value = {
        "title": "Маяк",
        "height": 47.5,
        "lit": True,
        "gone": None,
        "place": {"town": "Кемь", "sea": {"name": "White"}},
        "colours": ["red", "white"],
    }
    document = read_one(tmp_path, "a.json", json.dumps(value))
    assert document.title == "Маяк"
    assert document.text == (
        "title: Маяк\nheight: 47.5\nlit: true\ncolours: red, white\n"
        "place.town: Кемь\nplace.sea.name: White"
    )


def test_an_object_of_a_list_is_a_block(tmp_path: Path) -> None:
    value = {"towers": [{"name": "Маяк", "parts": [{"m": 47}]}, {"name": "Gull"}], "sea": "White"}
    assert text_of(tmp_path, "a.json", json.dumps(value)) == (
        "sea: White\n\ntowers[1].name: Маяк\n\ntowers[1].parts[1].m: 47\n\ntowers[2].name: Gull"
    )
    assert text_of(tmp_path, "a.json", '[{"a": 1, "b": 2}, {"a": 3}]') == "a: 1\nb: 2\n\na: 3"


def test_json_lines_under_the_name_of_json_are_a_list(tmp_path: Path) -> None:
    assert text_of(tmp_path, "a.json", '{"a": 1}\n{"a": "два"}\n') == "a: 1\n\na: два"


@pytest.mark.parametrize(
    ("data", "code", "reason"),
    [
        ("[" * DEEP, "bad_format", "it is nested too deeply"),
        ("[" * 101 + "]" * 101, "no_text", "no text in it"),
        ('{"a":' * 150 + "1" + "}" * 150, "bad_format", "it is nested too deeply"),
        ('{"a": 1,}', "bad_format", "not JSON: "),
        ("9" * 5_000, "bad_format", "not JSON: a number is too long"),
        (" \n", "no_text", "no text in it"),
        ("{}", "no_text", "no text in it"),
    ],
)
def test_what_is_no_json_or_is_too_deep_is_refused(
    tmp_path: Path, data: str, code: str, reason: str
) -> None:
    found = refusal(tmp_path, "a.json", data)
    assert found[0] == code
    assert found[1].startswith(reason)


# XML

BOOKS = """\
<?xml version="1.0" encoding="windows-1251"?>
<!DOCTYPE catalog SYSTEM "file:///etc/passwd">
<catalog>
  <book id="b1"><author>Котова, А.</author><title>Маяк</title><price>47</price></book>
  <town name="Кемь" people="11000"/>
</catalog>
"""
ARTICLE = """\
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS//EN" "JATS.dtd">
<article><front><journal-meta><publisher-name>North Press</publisher-name></journal-meta>
<article-meta><title-group><article-title>The <i>lamp</i></article-title></title-group>
<contrib-group><contrib><name><surname>Котова</surname><given-names>Анна</given-names></name>
</contrib></contrib-group><pub-date><day>7</day><month>6</month><year>2020</year></pub-date>
<abstract><p>It was lit.</p></abstract></article-meta></front>
<body><sec><title>Height</title><p>It is 47&#160;m [<xref>1</xref>].</p>
<sec><title>Parts</title><table-wrap><table><tr><th>part</th><th>m</th></tr>
<tr><td>mast</td><td>47</td></tr></table></table-wrap></sec></sec></body></article>
"""
FEED = """\
<rss version="2.0"><channel><title>Новости маяка</title><description>All of it</description>
<item><title>Lamp lit</title><pubDate>Mon, 09 Dec 2024</pubDate><category>light</category>
<description>&lt;p&gt;It &lt;b&gt;shines&lt;/b&gt;.&lt;/p&gt;</description>
</item></channel></rss>
"""


def test_records_are_lines_of_names_and_values(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.xml", BOOKS.encode("cp1251"))
    assert (
        document.text == "author: Котова, А.\ntitle: Маяк\nprice: 47\n\nname: Кемь; people: 11000"
    )
    assert document.metadata == {"author": ("Котова, А.",)}


def test_an_article_has_its_title_sections_and_tables(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.nxml", ARTICLE)
    assert document.title == "The lamp"
    assert document.metadata == {"author": ("Анна Котова",), "date": ("2020-06-07",)}
    assert [(h.level, h.title) for h in document.headings] == [
        (1, "The lamp"),
        (2, "Height"),
        (3, "Parts"),
    ]
    assert [document.text[b.start : b.end] for b in document.blocks] == ["part | m\nmast | 47"]
    for words in ("publisher-name: North Press", "It was lit.", "It is 47 m [1]."):
        assert words in document.text.replace("\xa0", " ")


def test_the_items_of_a_feed_are_headings_with_their_html_as_text(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.rss", FEED)
    assert document.title == "Новости маяка"
    assert document.text == (
        "Новости маяка\n\nAll of it\n\nLamp lit\n\n"
        "pubDate: Mon, 09 Dec 2024\ncategory: light\n\nIt shines."
    )
    assert [(h.level, h.title) for h in document.headings] == [
        (1, "Новости маяка"),
        (2, "Lamp lit"),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ('<!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><x>&b;</x>', "bomb"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "bomb"),
        ("<a>" * 100_000, "bad_format"),
        ("<x/>", "no_text"),
        ("", "bad_format"),
    ],
)
def test_entities_and_depth_are_refused(tmp_path: Path, data: str, code: str) -> None:
    assert refusal(tmp_path, "a.xml", data)[0] == code


def test_xml_that_is_not_well_formed_is_read_and_noted(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.xml", "<a><b>один</b><b>two &nbsp;words")
    assert "один" in document.text
    assert "words" in document.text
    assert [note.code for note in document.notes] == ["bad_format"]


# Notebooks


def cell(kind: str, source: list[str] | str, *outputs: object) -> dict[str, object]:
    return {"cell_type": kind, "source": source, "outputs": list(outputs), "metadata": {}}


def notebook(*cells: object) -> str:
    metadata = {"authors": [{"name": "Анна"}], "title": "Маяк"}
    return json.dumps({"nbformat": 4, "metadata": metadata, "cells": list(cells)})


def test_a_notebook_is_its_prose_its_code_and_what_that_printed(tmp_path: Path) -> None:
    document = read_one(
        tmp_path,
        "a.ipynb",
        notebook(
            cell("markdown", ["# The *tower*\n", "It is tall.\n", "```\nfenced\n```"]),
            cell(
                "code",
                ["x = 1\n", "print(x)"],
                {"output_type": "stream", "text": ["1\n"]},
                {"output_type": "execute_result", "data": {"text/plain": "y" * 9_000}},
                {"output_type": "display_data", "data": {"text/html": "<b>secret</b>"}},
                {"output_type": "error", "ename": "KeyError", "evalue": "'ключ'"},
            ),
        ),
    )
    assert document.text == (
        "The tower\n\nIt is tall.\n\nfenced\n\nx = 1\nprint(x)\n\n1\n\n"
        + "y" * 2_000
        + " …\n\nKeyError: 'ключ'"
    )
    assert [(h.level, h.title) for h in document.headings] == [(1, "The tower")]
    assert [document.text[b.start : b.end] for b in document.blocks] == [
        "fenced",
        "x = 1\nprint(x)",
    ]
    assert (document.title, document.metadata) == ("Маяк", {"author": ("Анна",)})


@pytest.mark.parametrize(
    ("data", "code"),
    [("[" * DEEP, "bad_format"), ('{"a": 1}', "bad_format"), (notebook(), "no_text")],
)
def test_what_is_no_notebook_is_refused(tmp_path: Path, data: str, code: str) -> None:
    assert refusal(tmp_path, "a.ipynb", data)[0] == code


def test_cells_that_are_not_what_they_should_be_do_not_break_the_reader(tmp_path: Path) -> None:
    data = notebook(5, {"cell_type": 7, "source": {"a": 1}}, cell("raw", "a word"), [1])
    assert text_of(tmp_path, "a.ipynb", data) == "a word"


# Bytes that are wrong


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.org", "a.csv"])
def test_damaged_utf_8_is_read_and_told_of(tmp_path: Path, name: str) -> None:
    data = "Маяк стоит на мысу и светит.\n".encode()
    document = read_one(tmp_path, name, data[:9] + b"\xff\xfe" + data[9:])
    assert "мысу и светит" in document.text
    assert document.notes == (Note("encoding", "2 bytes are not UTF-8 and were replaced"),)
