from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.ingest.encoding import decode, recover
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


LATIN = [
    FRENCH * 3,
    "Der Leuchtturm auf dem nördlichen Kap wurde im Sommer gebaut, als das Meer ruhig war. Der "
    "Wärter stieg zweimal täglich die Treppe hinauf: Früh löschte er die Lampe, spät zündete er "
    "sie wieder an. »Nebel ist schlimmer als Sturm«, sagte er. Im Herbst kam ein großes Schiff "
    "in den Hafen, und der Kapitän schenkte ihm ein Buch über die Sterne. Die jüngste Tochter "
    "lernte es auswendig, ihre Schwester zeichnete Karten der Küste für die Fischer.\n",
    "El faro del cabo del norte se construyó en verano, cuando el mar estaba tranquilo. El "
    "farero subía la escalera dos veces al día: por la mañana apagaba la lámpara y por la noche "
    "la encendía otra vez. «La niebla es peor que la tormenta», decía él. ¿Quién lo habría "
    "creído? Un otoño llegó al puerto un vapor, y el capitán le regaló un libro sobre las "
    "estrellas. El hijo más pequeño lo aprendió de memoria; la niña dibujaba mapas de la bahía.\n",
    "O farol do cabo do norte foi construído no verão, quando o mar estava calmo. O guarda "
    "subia a escada duas vezes por dia: de manhã apagava a lâmpada e à noite acendia-a outra vez. "
    "A neblina é pior do que a tempestade, dizia ele. Num outono chegou ao porto um vapor, e o "
    "capitão ofereceu-lhe um livro sobre as estrelas. A filha mais nova aprendeu-o de cor; a "
    "irmã não sabia ler, mas desenhava os mapas da baía e das ilhas para os pescadores.\n",
    "Fyren på norra udden byggdes på sommaren, när havet låg stilla. Fyrvaktaren gick upp för "
    "trappan två gånger om dagen: på morgonen släckte han lampan, och på kvällen tände han den "
    "igen. Dimman är värre än stormen, sade han ofta. En höst kom ett fartyg till hamnen, och "
    "kaptenen gav honom en tjock bok om stjärnorna. Den yngsta sonen lärde sig den utantill, och "
    "hans syster ritade sjökort över skären åt fiskarna i byn, som ännu hänger på väggen.\n",
]
XQUAD = Path(__file__).parent.parent.parent / "shared/data/xquad_ru/corpus.jsonl"
RUSSIAN_ENCODINGS = [*EIGHT_BIT, "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("text", LATIN)
def test_latin_texts_are_read_in_every_encoding(text: str, encoding: str) -> None:
    data = text.encode(encoding, "ignore")
    assert len(text) >= 400
    assert recover(data).text == data.decode(encoding).removeprefix("\ufeff")


@pytest.mark.skipif(not XQUAD.is_file(), reason=f"no texts at {XQUAD}")
@pytest.mark.parametrize("encoding", RUSSIAN_ENCODINGS)
def test_twenty_russian_texts_are_read_in_every_encoding(encoding: str) -> None:
    rows = [json.loads(line)["text"] for line in XQUAD.read_text("utf-8").splitlines()]
    texts = [text.removeprefix("\ufeff") for text in rows if len(text) >= 400][:20]
    assert len(texts) == 20
    for text in texts:
        data = text.encode(encoding, "ignore")
        assert recover(data).text == data.decode(encoding).removeprefix("\ufeff")


@pytest.mark.parametrize("text", [RUSSIAN, FRENCH, JAPANESE])
def test_damaged_utf_8_is_recovered_with_a_count_of_what_was_replaced(text: str) -> None:
    head = text[:9].encode()
    found = recover(head + b"\xff\xc0" + text[9:].encode())
    assert found.replaced == 2
    assert found.text == text[:9] + "\ufffd" + text[9:]


def test_damage_is_recovered_in_ascii_where_it_has_the_shape_of_utf_8() -> None:
    data = b"head \xc0\xaf \xed\xa0\x80 \xf5\x80 \xff\xfe \xe2\x82 tail\n"
    found = recover(data)
    assert found.replaced == 11
    assert found.text == "head \ufffd \ufffd \ufffd \ufffd \ufffd tail\n"
    refused(data)


def test_a_mark_of_utf_8_and_rare_damage_are_proof_enough() -> None:
    assert recover(codecs.BOM_UTF8 + b"abc \xff").text == "abc \ufffd"
    assert recover(b"a good line of text\n" * 90 + b"\x81 \xff").replaced == 2


@pytest.mark.parametrize(
    "data",
    [
        "Zażółć gęślą jaźń. Łódź leży w środkowej części kraju.".encode("cp1250"),
        bytes(range(256)) * 40,
        b"\x7fELF" + bytes(2000),
        RUSSIAN.encode() + RUSSIAN.encode("cp1251"),
    ],
)
def test_what_is_not_clearly_utf_8_is_not_recovered(data: bytes) -> None:
    with pytest.raises(UnreadableError) as caught:
        recover(data)
    assert caught.value.code == "encoding"


@given(st.binary(max_size=400))
def test_recovery_never_loses_a_sound_decoding(data: bytes) -> None:
    try:
        text = decode(data)
    except UnreadableError:
        return
    assert recover(data).text == text


def test_english_with_the_quotation_marks_of_windows_is_read() -> None:
    text = "It’s what they don’t say that can’t be heard. “Fine” – she said…"
    assert decode(text.encode("cp1252")) == text


@pytest.mark.parametrize("lie", [None, "windows-1251", "koi8-r", "windows-1252"])
@pytest.mark.parametrize(
    "text",
    [
        "He’s paid €100 – “in cash”.",
        "Temperature 25°C, ±2, ½ cup, © 2020 ACME™",
        "The price — €7 — was “fair”… ¾ of them said so, §3 or not.",
        "Naïve café – 5 €",
    ],
)
def test_signs_in_an_english_text_make_it_no_russian(text: str, lie: str | None) -> None:
    assert decode(text.encode("cp1252"), declared=lie) == text


@pytest.mark.parametrize("text", ["Цена – 5 € за штуку", "В комнате +25°, ±2° – тепло"])
def test_signs_in_a_russian_text_make_it_no_english(text: str) -> None:
    assert decode(text.encode("cp1251")) == text


def test_a_short_japanese_table_is_read() -> None:
    text = "名前,年齢,住所\n佐藤太郎,30,東京\n三木英子,25,大阪\n"
    assert decode(text.encode("cp932")) == text
