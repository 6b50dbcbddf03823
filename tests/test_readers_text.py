from __future__ import annotations

import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers_support import read_all, read_one, refusal, source

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers import jsonlines
from memctl.ingest.text import clean, unify_newlines

MARKDOWN = """\
# The *gull* tower

Built in 1911.

Высота
------

| part | metres |
|------|--------|
| mast | 47     |

```python
# not a heading
```

### See [the map](http://example.org/a_b_c) and `code_name` ###
"""


def test_plain_text_is_the_file_with_unified_line_ends(tmp_path: Path) -> None:
    document = read_one(
        tmp_path, "a.txt", "Маяк\r\nстоит\rна мысу\n\x1b[2Jи\x00 светит\n".encode("cp1251")
    )
    assert document.text == "Маяк\nстоит\nна мысу\n [2Jи  светит\n"
    assert document.language == "ru"
    assert document.title == ""
    assert (document.id, document.path) == ("a.txt", "a.txt")


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf"])
def test_a_file_of_white_space_has_no_text(tmp_path: Path, name: str, data: bytes) -> None:
    assert refusal(tmp_path, name, data) == ("no_text", "no text in it")


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    from memctl.ingest.readers.plain import read

    with pytest.raises(UnreadableError) as caught:
        list(read(source(tmp_path / "f", b"x" * 11, name="a.txt", max_bytes=10)))
    assert caught.value.code == "too_large"


def test_markdown_keeps_its_source_and_marks_what_stands_in_it(tmp_path: Path) -> None:
    document = read_one(tmp_path, "a.md", MARKDOWN)
    assert document.text == MARKDOWN
    assert document.title == "The gull tower"
    assert [(h.level, h.title, document.text[h.start : h.end]) for h in document.headings] == [
        (1, "The gull tower", "# The *gull* tower"),
        (2, "Высота", "Высота\n------"),
        (
            3,
            "See the map and code_name",
            "### See [the map](http://example.org/a_b_c) and `code_name` ###",
        ),
    ]
    assert [(b.kind, document.text[b.start : b.end]) for b in document.blocks] == [
        ("table", "| part | metres |\n|------|--------|\n| mast | 47     |"),
        ("code", "```python\n# not a heading\n```"),
    ]


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("snake_case_name stays", "snake_case_name stays"),
        ("**Bold** and _soft_ and ~~gone~~", "Bold and soft and gone"),
        ("![logo](a.png) memctl", "logo memctl"),
        ("A [link][1] <br> here", "A link here"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        (r"\*not soft\*", "*not soft*"),
        ("Setup {#setup}", "Setup"),
        ("List<T> of `T`", "List of T"),
    ],
)
def test_a_heading_loses_its_markup(tmp_path: Path, markup: str, title: str) -> None:
    (heading,) = read_one(tmp_path, "a.md", f"# {markup}\n").headings
    assert heading.title == title


@pytest.mark.parametrize(
    "text", ["[" * 200_000 + "![" * 200_000, "> " * 50_000, "- " * 50_000, "# " + "*a_" * 100_000]
)
def test_hostile_markdown_is_read(tmp_path: Path, text: str) -> None:
    assert read_one(tmp_path, "a.md", text + "x\n").text == text + "x\n"


LINES = [
    *("# A", "## Б *б*", "text", "", "===", "---", "```", "| a | b |", "|---|---|", "- # x", "> y"),
    *("    code", "\tcode", "~~~", "\u2028# z", "1. a", "<div>", "[a]: b"),
]


@given(st.lists(st.sampled_from(LINES), min_size=1))
def test_markdown_spans_lie_on_lines_of_the_text(lines: list[str]) -> None:
    text = "top\n\n" + "\n".join(lines)
    with TemporaryDirectory() as folder:
        document = read_one(Path(folder), "a.md", text)
    assert len(document.text) == len(text)
    for span in (*document.headings, *document.blocks):
        assert span.start < span.end
        assert document.text[: span.start].rpartition("\n")[2].strip() == ""
    for heading in document.headings:
        shown = document.text[heading.start : heading.end].replace("*", "")
        assert heading.title in " ".join(shown.split())


# JSON lines


def rows(*objects: object) -> str:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects)


def read_rows(
    folder: Path, data: bytes | str, *, name: str = "r.jsonl"
) -> tuple[list[Document], str]:
    """Return the documents, and the code and reason raised after them."""
    raw = data.encode() if isinstance(data, str) else data
    documents: list[Document] = []
    reading = jsonlines.read(source(folder / "input", raw, name=name))
    try:
        for document in reading:
            documents.append(document)  # noqa: PERF402  what was read is kept when it raises
    except UnreadableError as error:
        return documents, f"{error.code}: {error}"
    return documents, ""


def ids_of(folder: Path, data: str) -> tuple[list[str], str]:
    """Return the ids in order, and what was raised after the last of them."""
    documents, raised = read_rows(folder, data)
    return [document.id for document in documents], raised


def test_each_row_is_a_document_under_its_own_id(tmp_path: Path) -> None:
    data = rows(
        {"_id": "a/1", "title": "Rope", "text": "Two tons."},
        {"id": 7, "text": "Лодка стоит у причала."},
        {"text": "No id."},
    )
    documents = read_all(tmp_path, "sub/r.jsonl", data)
    assert [(d.id, d.path, d.title, d.language) for d in documents] == [
        ("a/1", "sub/r.jsonl#a/1", "Rope", "en"),
        ("7", "sub/r.jsonl#7", "", "ru"),
        ("L3", "sub/r.jsonl#L3", "", "en"),
    ]


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_a_rows_text_is_cleaned_and_not_moved(text: str) -> None:
    data = json.dumps({"_id": "x", "text": text}) + "\n"
    with TemporaryDirectory() as folder:
        document = read_one(Path(folder), "r.jsonl", data)
    assert document.text == clean(text)
    assert len(document.text) == len(text)


def test_only_a_newline_byte_ends_a_row(tmp_path: Path) -> None:
    text = "one\u2028two\u0085three\x0bfour\r\nfive"
    raw = '{"_id": "a", "text": ' + json.dumps(text, ensure_ascii=False) + "}\r\n"
    assert read_one(tmp_path, "r.jsonl", raw).text == "one two three four \nfive"


def test_the_hash_of_a_row_changes_with_its_text_and_title_only(tmp_path: Path) -> None:
    first, same, titled = (
        read_one(tmp_path, "r.jsonl", rows(row)).sha256
        for row in ({"text": "a"}, {"_id": "k", "text": "a"}, {"text": "a", "title": "t"})
    )
    assert first == same != titled


def test_bad_rows_are_told_after_all_good_ones(tmp_path: Path) -> None:
    good = rows({"_id": "a", "text": "one"}, {"_id": "b", "text": "two"})
    bad = '{"_id": \n{"_id": "c", "text": ""}\n[1]\n{"_id": "a", "text": "again"}\n'
    ids, raised = ids_of(tmp_path, bad[:9] + "\n\n" + good + bad[9:])
    assert ids == ["a", "b"]
    assert raised == (
        "bad_rows: 4 rows were not read: line 1 is not JSON, line 6 has no `text`, "
        "line 7 is not a JSON object, …"
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("[" * 200_000, "is nested too deep"),
        ('{"text": 5}', "has no `text`"),
        ('{"_id": "a", "text": "again"}', 'repeats the id "a"'),
        ('{"_id": ' + "9" * 5_000 + ', "text": "x"}', "is not JSON"),
        ('{"text": "' + "x" * 16_000_000 + '"}', "is longer than 16 MB"),
    ],
)
def test_a_bad_row_does_not_stop_the_file(tmp_path: Path, row: str, reason: str) -> None:
    before, after = rows({"_id": "a", "text": "one"}), rows({"_id": "z", "text": "two"})
    ids, raised = ids_of(tmp_path, before + row + "\n" + after)
    assert ids == ["a", "z"]
    assert raised == f"bad_rows: 1 row was not read: line 2 {reason}"


def test_a_file_without_a_good_row_has_no_text(tmp_path: Path) -> None:
    assert refusal(tmp_path, "r.jsonl", "") == ("no_text", "no row has a `text`")
    assert refusal(tmp_path, "r.jsonl", "{}\n") == (
        "no_text",
        "no row has a `text`: line 1 has no `text`",
    )


def test_gzip_is_read_and_its_damage_is_told_after_what_was_read(tmp_path: Path) -> None:
    text = rows(*({"_id": str(at), "text": f"row {at} " * 50} for at in range(500)))
    packed = gzip.compress(text.encode(), mtime=0)
    documents, raised = read_rows(tmp_path, packed, name="r.jsonl.gz")
    assert (len(documents), raised) == (500, "")
    documents, raised = read_rows(tmp_path, packed[:-20], name="r.jsonl.gz")
    assert documents
    assert raised.startswith("bad_format: the gzip data are damaged after line ")
    assert unify_newlines(documents[3].text) == "row 3 " * 50
