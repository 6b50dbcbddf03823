from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.ingest.encoding import decode
from memctl.ingest.errors import UnreadableError

RUSSIAN = (
    "Маяк на северном мысу построили летом, когда море было спокойным. Смотритель Пётр Ильич "
    "поднимался по лестнице дважды в день: утром он гасил лампу, а вечером зажигал её снова.\n"
    "«Туман, — говорил он, — хуже бури». Однажды осенью в гавань пришёл пароход «Заря», и "
    "капитан подарил ему толстую книгу о звёздах. Яков, младший сын, выучил её наизусть; "
    "Екатерина, его сестра, рисовала карты. В 1911 году рядом открыли метеорологическую "
    "станцию, и семья переехала в большой дом у подножия скалы.\n"
)
FRENCH = (
    "L’été dernier, nous avons mangé des crêpes à Besançon. Ça coûte cher, mais c’était très "
    "bon — même à Noël. Où êtes-vous allés après le dîner ?\n"
)
JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。" * 2
EIGHT_BIT = ["cp1251", "koi8-r", "cp866", "mac-cyrillic", "iso8859-5", "cp855"]


def refused(data: bytes, *, declared: str | None = None) -> str:
    with pytest.raises(UnreadableError) as caught:
        decode(data, declared=declared)
    assert caught.value.code == "encoding"
    return str(caught.value)


@pytest.mark.parametrize("encoding", EIGHT_BIT)
def test_russian_in_an_eight_bit_encoding_is_read_without_a_declaration(encoding: str) -> None:
    data = RUSSIAN.encode(encoding, "ignore")
    assert decode(data) == data.decode(encoding)


@pytest.mark.parametrize("encoding", EIGHT_BIT)
@pytest.mark.parametrize(
    "lie", ["utf-8", "windows-1251", "koi8-r", "iso-8859-1", "gibberish", "hex"]
)
def test_a_declaration_that_lies_does_not_garble_russian(encoding: str, lie: str) -> None:
    data = RUSSIAN.encode(encoding, "ignore")
    assert decode(data, declared=lie) == data.decode(encoding)


@pytest.mark.parametrize("encoding", EIGHT_BIT)
def test_russian_in_capitals_is_not_read_with_swapped_case(encoding: str) -> None:
    data = RUSSIAN.upper().encode(encoding, "ignore")
    assert decode(data) == data.decode(encoding)


def test_a_single_russian_word_is_read() -> None:
    assert decode("Привет".encode("cp1251")) == "Привет"


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_rules_and_is_not_part_of_the_text(mark: bytes, encoding: str) -> None:
    assert decode(mark + RUSSIAN.encode(encoding), declared="cp1251") == RUSSIAN


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [RUSSIAN, "The gull tower has 212 steps.\n"])
def test_utf_16_without_a_mark_shows_by_its_zero_bytes(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


def test_a_file_that_breaks_the_promise_of_its_mark_is_refused() -> None:
    reason = refused(codecs.BOM_UTF8 + b"abc \xff")
    assert reason == "the file begins as UTF-8, but byte 4 is not"


@given(st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["C"]), min_size=1))
def test_utf_8_is_read_as_it_stands(text: str) -> None:
    assert decode(text.encode()) == text.removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(FRENCH, "cp1252"), (JAPANESE, "cp932"), (JAPANESE, "euc_jp"), (JAPANESE, "iso2022_jp")],
)
def test_other_languages_are_read_without_a_declaration(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("text", [RUSSIAN, FRENCH, JAPANESE, "Всі люди — вільні і рівні.\n" * 9])
def test_damaged_utf_8_is_not_taken_for_another_encoding(text: str) -> None:
    data = text.encode()
    assert refused(data[:20] + b"\xff" + data[20:]).startswith("UTF-8 that is damaged at byte ")


def test_escape_sequences_of_a_terminal_do_not_make_a_text_binary() -> None:
    text = "\x1b[1mDone\x1b[0m \x07\x08\n" * 9
    assert decode(text.encode()) == text


def test_a_declared_charset_reads_what_cannot_be_guessed() -> None:
    polish = "Zażółć gęślą jaźń. Łódź leży w środkowej części kraju."
    assert decode(polish.encode("cp1250"), declared="Windows-1250") == polish
    refused(polish.encode("cp1250"), declared="latin-1")


def test_a_few_zero_bytes_do_not_make_a_text_binary() -> None:
    assert decode(b"a good text\x00 with one zero byte") == "a good text\x00 with one zero byte"


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 40,
        b"\x7fELF" + bytes(2000),
        b"\x89PNG\r\n\x1a\n" + b"\x00\x01\x93" * 900,
    ],
)
def test_binary_data_are_refused(data: bytes) -> None:
    refused(data)


def test_a_long_file_is_decoded_whole_though_only_a_part_is_looked_at() -> None:
    text = RUSSIAN * 300 + "конец"
    assert decode(text.encode("cp866", "ignore")) == text.replace("«", "").replace("»", "").replace(
        "—", ""
    )


@given(st.binary(max_size=400))
def test_any_bytes_give_text_or_a_refusal(data: bytes) -> None:
    try:
        code = "" if decode(data).isprintable() else "text"
    except UnreadableError as error:
        code = error.code
    assert code in {"", "text", "encoding"}
