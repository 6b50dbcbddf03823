from __future__ import annotations

import pytest

from memctl.ingest.readers.pagelines import BREAK, with_whole_words, without_running_lines

RU = [
    "Вся информация о маяке проверена.",
    "Смотритель ждал парохода.",
    "Лампа освещала берег.",
    "Новая пристань стоит у скалы.",
]
EN = ["All information on the tower is checked.", "Gulls were observed.", "The keepers waited."]


def whole(*lines: str) -> list[str]:
    """Return how the first lines read on a page on which the rest of the words stand."""
    (page,) = with_whole_words([[*lines, *RU, *EN]])
    return page[: len(page) - len(RU) - len(EN)]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("Это инфор-", "мация о чайках."), ["Это информация", "о чайках."]),
        (("Этой инфор-", "мацией, видимо, горды."), ["Этой информацией,", "видимо, горды."]),
        (("This is infor-", "mation on gulls."), ["This is information", "on gulls."]),
        (("А light-", "weight boat."), ["А light-weight", "boat."]),
        (("Вот северо-", "запад."), ["Вот северо-запад."]),
        (("Мягкий пере\u00ad", "нос слов."), ["Мягкий перенос", "слов."]),
        ((f"He ob{BREAK}", "served it."), ["He observed", "it."]),
        ((f"A Lucene{BREAK}", "BM25 system."), ["A Lucene-BM25", "system."]),
        (("Anna-", "Maria came."), ["Anna-", "Maria came."]),
        (("pages 9-", "10 of it"), ["pages 9-", "10 of it"]),
        (("A dash -", "and more"), ["A dash -", "and more"]),
        (("so\u00adft",), ["soft"]),
    ],
)
def test_a_broken_word_is_whole_on_the_line_on_which_it_began(
    lines: tuple[str, ...], expected: list[str]
) -> None:
    assert whole(*lines) == expected


def test_a_hyphen_stays_that_stands_elsewhere_in_the_text() -> None:
    pages = [
        ["A well-", "known keeper.", "He is well-known. Wellknown is wrong, well-known right."]
    ]
    assert with_whole_words(pages)[0][:2] == ["A well-known", "keeper."]


def test_an_unknown_word_is_joined_where_the_text_is_known_to_break_words() -> None:
    broken = ["Это инфор-", "мация. Смот-", "ритель ждал паро-", "хода. Плёл корзи-", "ночку."]
    assert with_whole_words([[*broken, *RU]])[0][:5] == [
        "Это информация.",
        "Смотритель",
        "ждал парохода.",
        "Плёл корзиночку.",
        RU[0],
    ]


def test_a_word_is_made_whole_over_the_end_of_a_page_and_an_empty_page() -> None:
    pages = [["Это инфор-"], [], ["мация о чайках.", *RU]]
    assert with_whole_words(pages) == [["Это информация"], [], ["о чайках.", *RU]]


def texts(count: int) -> list[str]:
    return [f"Text of {chr(97 + at)}." for at in range(count)]


def test_a_number_that_counts_the_pages_goes_from_each() -> None:
    pages = [[text, f"- {at} -"] for at, text in enumerate(texts(4), 17)]
    assert without_running_lines(pages) == [[text] for text in texts(4)]


def test_a_roman_number_that_counts_the_pages_goes() -> None:
    pages = [[text, roman] for text, roman in zip(texts(4), ["iii", "iv", "v", "vi"], strict=True)]
    assert without_running_lines(pages) == [[text] for text in texts(4)]


def test_a_head_stays_on_its_first_page_only() -> None:
    pages = [[f"Отчёт 2024 | {at}", text] for at, text in enumerate(texts(5), 1)]
    first, *others = without_running_lines(pages)
    assert first == ["Отчёт 2024 | 1", "Text of a."]
    assert others == [[text] for text in texts(5)[1:]]


def test_left_and_right_pages_have_heads_of_their_own() -> None:
    pages = [[("The book", "The author")[at % 2], text] for at, text in enumerate(texts(16))]
    assert without_running_lines(pages) == [
        ["The book", "Text of a."],
        ["The author", "Text of b."],
        *([text] for text in texts(16)[2:]),
    ]


@pytest.mark.parametrize(
    "pages",
    [
        [[f"Total {number}", text] for number, text in zip((7, 3, 9, 12), texts(4), strict=True)],
        [["2022 2021 2020", text] for text in texts(12)],
        [["Inadequate", text] for text in texts(3)],
        [*([["Function Description", text] for text in texts(5)]), *([[t] for t in texts(9)])],
        [["before", "Same", text] for text in texts(3)],
    ],
    ids=["other numbers", "heads of columns", "few pages", "a long table", "three pages"],
)
def test_a_line_that_says_something_stays(pages: list[list[str]]) -> None:
    assert without_running_lines(pages) == pages


def test_a_line_within_the_page_stays_however_often_it_stands() -> None:
    pages = [[f"{text} a", f"{text} b", "Same", f"{text} c", f"{text} d"] for text in texts(9)]
    assert without_running_lines(pages) == pages
