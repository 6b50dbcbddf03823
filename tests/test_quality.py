from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from memctl.ingest.document import Block, Document, Heading, Note, Page, Problem
from memctl.ingest.quality import DOUBTFUL, GARBLED, assess, screened

EN = (
    "The keeper of the lighthouse counted the gulls that nested on the northern cliffs. In the "
    "spring of 1911 there were more of them than in any other year, and he wrote the number down "
    "in the book that lay on the table under the lamp. Nobody had asked him to do it. When the "
    "storm broke the lamp, the book was the only thing that he carried down the stairs. "
) * 2
RU = (
    "Смотритель маяка считал чаек, которые гнездились на северных скалах. Весной 1911 года их было "
    "больше, чем в любой другой год, и он записал число в книгу, которая лежала на столе под "
    "лампой. Никто его об этом не просил. Когда буря разбила лампу, книга была единственной вещью, "
    "которую он вынес по лестнице, и с тех пор она стоит у нас в музее. "
) * 2
UK = (
    "Усі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і "
    "совістю і повинні діяти у відношенні один до одного в дусі братерства. "
) * 3
KK = (
    "Барлық адамдар тумысынан азат және қадір-қасиеті мен құқықтары тең болып дүниеге келеді. "
    "Адамдарға ақыл-парасат, ар-ождан берілген. "
) * 3
DE = (
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und "
    "Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen. "
) * 3
VI = (
    "Tất cả mọi người sinh ra đều được tự do và bình đẳng về nhân phẩm và quyền. Mọi con người đều "
    "được tạo hóa ban cho lý trí và lương tâm. "
) * 3
JA = "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。" * 5
AR = "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق وقد وهبوا عقلا وضميرا. " * 5
CODE = (
    "def count(gulls: list[Gull], *, least: int = 3) -> int:\n    total = 0\n"
    "    for gull in gulls:\n        if gull.age >= least and gull.isOnNorthernCliffOfTheIsland:\n"
    "            total += 1\n    return total\n"
) * 4
FORMULAS = "∀ε>0 ∃δ>0: |x−a|<δ ⇒ |f(x)−f(a)|<ε, λx.μy.βz, ΔE=hν, σ²=Σ(xᵢ−μ)²/n, x y z a b c " * 9
TABLE = "\n".join(f"{n} | {n * n} | {n / 7:.3f} | -" for n in range(200))
CHESS = "1. d4 Кf6 2. c4 e6 3. Кc3 Сb4 4. f3 d5 5. a3 Сxc3+ 6. bxc3 c5 7. cxd5 exd5 8. e3 O-O " * 9
GRADES = "\n".join("A | B | C | D | F | A" for _ in range(60))
KEYS = " ".join(f"{random.Random(seed).getrandbits(256):x}" for seed in range(60))


def read_as(text: str, own: str, wrong: str) -> str:
    """Decode as a program does that takes one encoding for another, and stops at nothing."""
    data = text.encode(own, "replace")
    return "".join(bytes([byte]).decode(wrong, "ignore") or chr(byte) for byte in data)


def substituted(text: str, alphabet: str) -> str:
    mixed = random.Random(4).sample(alphabet, len(alphabet))
    return text.lower().translate(str.maketrans(alphabet, "".join(mixed)))


def shifted(text: str) -> str:
    """Return the numbers of the glyphs as characters, as a font without a map has them."""
    return "".join(chr(ord(c) - 29) if 61 < ord(c) < 128 else c for c in text)


@pytest.mark.parametrize(
    "text",
    [
        EN,
        RU,
        EN + RU,
        UK,
        KK,
        DE,
        VI,
        JA,
        AR,
        CODE,
        FORMULAS,
        TABLE,
        CHESS,
        GRADES,
        KEYS,
        RU.upper(),
    ],
    ids="en ru both uk kk de vi ja ar code formulas table chess grades keys capitals".split(),
)
def test_what_can_be_read_scores_high(text: str) -> None:
    assert assess(text).score >= DOUBTFUL


@pytest.mark.parametrize("text", ["", " \n", "a", "Да.", "42", "\ue000", "x = 1"])
def test_a_short_text_has_the_benefit_of_the_doubt_unless_it_is_all_nameless(text: str) -> None:
    assert (assess(text).score < GARBLED) == (text == "\ue000")


RUSSIAN: list[tuple[Callable[[str], str], str]] = [
    (lambda t: read_as(t, "utf-8", "cp1252"), "UTF-8 that was read as cp1252"),
    (lambda t: read_as(t, "utf-8", "latin-1"), "UTF-8 that was read as latin-1"),
    (lambda t: read_as(t, "utf-8", "cp1251"), "UTF-8 that was read as cp1251"),
    (lambda t: read_as(t, "utf-8", "koi8-r"), "UTF-8 that was read as koi8-r"),
    (lambda t: read_as(t, "cp1251", "latin-1"), "letters with accents only: a wrong encoding"),
    (lambda t: read_as(t, "koi8-r", "cp1251"), "koi8-r that was read as cp1251"),
    (lambda t: read_as(t, "cp866", "cp1251"), "cp866 that was read as cp1251"),
    (lambda t: t.replace(" ", ""), "words without blanks between them"),
    (lambda t: "\n".join(t), "words torn into single letters"),
    (lambda t: substituted(t, "абвгдежзийклмнопрстуфхцчшщъыьэюя"), "no words of any language"),
    (lambda t: t.translate(str.maketrans("аеорсу", "aeopcy")), "letters of several scripts"),
    (lambda t: "".join(f"(cid:{ord(c) % 99})" for c in t), "no ToUnicode map"),
    (lambda t: "".join("\ufffd" if c.isalpha() else c for c in t), "no ToUnicode map"),
]


@pytest.mark.parametrize(("spoil", "reason"), RUSSIAN)
def test_spoiled_russian_is_garbled(spoil: Callable[[str], str], reason: str) -> None:
    quality = assess(spoil(RU))
    assert quality.score < GARBLED
    assert reason in quality.reason


ENGLISH: list[tuple[Callable[[str], str], str]] = [
    (shifted, "no words of any language"),
    (lambda t: substituted(t, "abcdefghijklmnopqrstuvwxyz"), "no words of any language"),
    (lambda t: t.replace(" ", ""), "words without blanks between them"),
    (lambda t: " ".join(t), "words torn into single letters"),
    (lambda t: "".join(chr(0xF000 + ord(c)) for c in t), "no ToUnicode map"),
]


@pytest.mark.parametrize(("spoil", "reason"), ENGLISH)
def test_spoiled_english_is_garbled(spoil: Callable[[str], str], reason: str) -> None:
    quality = assess(spoil(EN))
    assert quality.score < GARBLED
    assert reason in quality.reason


def test_the_score_is_the_share_that_can_be_read() -> None:
    assert assess("abcdefghi\ufffd" * 10).score == pytest.approx(0.9)


def paged(*texts: str) -> Document:
    pages: list[Page] = []
    at = 0
    for number, text in enumerate(texts, 1):
        pages.append(Page(number, at, end=at + len(text)))
        at += len(text)
    return Document("a.pdf", "a.pdf", text="".join(texts), sha256="0", pages=tuple(pages))


BAD = "\ufffd" * 300


def test_a_document_that_can_be_read_is_handed_on_as_it_is() -> None:
    document = paged(EN, "", RU)
    assert screened(document) is document


def test_a_garbled_document_is_refused() -> None:
    expected = "its text cannot be read: 100% of its characters have no meaning (no ToUnicode map)"
    for document in (Document("a", "a", text=BAD, sha256="0"), paged(BAD, "", BAD)):
        assert screened(document) == Problem(document.path, "garbled", reason=expected)


def test_a_garbled_page_is_left_out_and_what_follows_moves_up() -> None:
    document = paged("Маяк\n", BAD, "Лампа\n", "")
    start = document.text.index("Лампа")
    document = Document(
        "a.pdf",
        "a.pdf",
        text=document.text,
        sha256="0",
        pages=document.pages,
        headings=(
            Heading(1, "Маяк", start=0, end=4),
            Heading(1, "?", start=9, end=12),
            Heading(1, "Лампа", start=start, end=start + 5),
        ),
        blocks=(Block("code", start, end=start + 5),),
        notes=(Note("hidden_text", "left out", page=1),),
    )
    found = screened(document)
    assert isinstance(found, Document)
    assert found.text == "Маяк\nЛампа\n"
    assert [found.text[page.start : page.end] for page in found.pages] == [
        "Маяк\n",
        "",
        "Лампа\n",
        "",
    ]
    assert [found.text[each.start : each.end] for each in found.headings] == ["Маяк", "Лампа"]
    assert [found.text[each.start : each.end] for each in found.blocks] == ["Лампа"]
    assert [(note.code, note.page) for note in found.notes] == [("hidden_text", 1), ("garbled", 2)]


def test_a_doubtful_page_is_kept_and_noted() -> None:
    doubtful = ("Маяк светит всю ночь" + "\ufffd" * 5) * 3
    found = screened(paged(EN, doubtful))
    assert isinstance(found, Document)
    assert doubtful in found.text
    (note,) = found.notes
    assert (note.code, note.page) == ("doubtful", 2)


def test_a_long_text_is_judged_by_pieces_from_its_whole_length() -> None:
    assert assess("a b c d. " * 10_000 + BAD * 1_000).score < DOUBTFUL
