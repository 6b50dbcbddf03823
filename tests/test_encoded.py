from __future__ import annotations

import base64
import hashlib
import random
import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.ingest.document import Block, Document, Heading, Note, Page, Problem
from memctl.ingest.encoded import without_encoded
from memctl.ingest.excision import without
from memctl.ingest.quality import screened

BYTES = random.Random(1911).randbytes(600)
ENGLISH = (
    "The keeper went home and wrote in his book what he had seen from the tower. " * 8
).encode()
RUSSIAN = ("Смотритель маяка записал в книгу, что он видел с башни. " * 8).encode()
PICTURE = f"data:image/png;base64,{base64.b64encode(BYTES).decode()}"


def document(text: str, *blocks: Block) -> Document:
    return Document("a.md", "a.md", text=text, sha256="0" * 64, language="en", blocks=blocks)


def _one_line(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _for_addresses(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _wrapped(data: bytes) -> str:
    return base64.encodebytes(data).decode().removesuffix("\n")


@pytest.mark.parametrize("data", [BYTES, ENGLISH, RUSSIAN, bytes(300) + BYTES])
@pytest.mark.parametrize("encode", [_one_line, _for_addresses, _wrapped])
def test_base64_is_left_out_of_a_text_with_a_note(
    data: bytes, encode: Callable[[bytes], str]
) -> None:
    encoded = encode(data)
    found = without_encoded(document(f"Маяк на мысу.\n\n{encoded}\n\nThe tower.\n"))
    assert found.text.split() == ["Маяк", "на", "мысу.", "The", "tower."]
    (note,) = found.notes
    assert (note.code, note.page) == ("encoded", None)
    assert f"{len(encoded):,} characters" in note.reason


def test_a_picture_in_the_place_of_its_address_is_left_out() -> None:
    found = without_encoded(document(f"Вид с башни: ![вид]({PICTURE}) and the sea.\n"))
    assert found.text == "Вид с башни: ![вид]() and the sea.\n"


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(hashlib.sha256(b"%d" % n).hexdigest() for n in range(40)),
        "\n".join(_one_line(hashlib.sha256(b"%d" % n).digest()) for n in range(40)),
        "https://example.com/" + "/".join(f"docs{n}/Guide/Chapter{n}" for n in range(40)),
        "/".join(["orgApacheCommonsLang3/AbstractSingletonProxyFactoryBean"] * 6),
        "_".join(f"SOME_long_name{n}" for n in range(60)),
        "Rindfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz" * 5,
        "тысячадевятьсотвосьмидесятидевятимиллиметровый" * 8,
        "ACGTTGCA" * 100,
        "1234567890" * 40,
        "key = 'SGVsbG8sIHdvcmxkIQ=='\nicon = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='\n",
    ],
)
def test_hashes_addresses_names_and_long_words_are_kept(text: str) -> None:
    whole = document(text)
    assert without_encoded(whole) is whole


def test_code_keeps_its_place_and_its_other_lines() -> None:
    head, code = "Скрипт:\n\n", f'icon = "{_one_line(BYTES)}"\nprint(icon)'
    found = without_encoded(document(head + code, Block("code", len(head), end=len(head + code))))
    (block,) = found.blocks
    assert found.text[block.start : block.end] == 'icon = ""\nprint(icon)'


def test_the_language_is_that_of_what_is_left() -> None:
    found = without_encoded(
        document(f"Маяк стоит на высокой скале у моря.\n{_one_line(BYTES * 9)}")
    )
    assert found.language == "ru"


def test_nothing_but_base64_is_no_text() -> None:
    found = screened(document("\n".join(textwrap.wrap(_one_line(BYTES * 50), 64))))
    assert isinstance(found, Problem)
    assert (found.code, found.reason) == ("no_text", "no text in it: all of it is base64")


def test_a_document_that_was_cut_keeps_its_notes_and_its_pages_tile() -> None:
    first, second = f"One. {PICTURE}", f"{_one_line(BYTES)} Вторая."
    text = f"{first}\n\n{second}"
    at = len(first) + 2
    whole = Document(
        "a.pdf",
        "a.pdf",
        text=text,
        sha256="0" * 64,
        pages=(Page(1, 0, end=at), Page(2, at, end=len(text))),
        headings=(Heading(1, "One.", start=0, end=4),),
        notes=(Note("encoding", "1 byte replaced"),),
    )
    found = without_encoded(whole)
    assert [found.text[page.start : page.end] for page in found.pages] == ["One. \n\n", " Вторая."]
    assert found.headings == whole.headings
    assert [note.code for note in found.notes] == ["encoding", "encoded"]


@given(st.text(max_size=60), st.lists(st.integers(0, 60), max_size=8), st.integers(0, 60))
def test_what_follows_a_cut_moves_up_and_nothing_else_changes(
    text: str, ends: list[int], middle: int
) -> None:
    places = sorted({min(end, len(text)) for end in ends})
    cuts = list(zip(places[::2], places[1::2], strict=False))
    middle = min(middle, len(text))
    pages = (Page(1, 0, end=middle), Page(2, middle, end=len(text)))
    whole = Document("a", "a", text=text, sha256="0" * 64, pages=pages)
    kept = [not any(start <= at < end for start, end in cuts) for at in range(len(text))]
    found = without(whole, cuts)
    for page, old in zip(found.pages, pages, strict=True):
        left = "".join(text[at] for at in range(old.start, old.end) if kept[at])
        assert found.text[page.start : page.end] == left
