"""Sentences end where a reader of Russian or English would say, and tile the text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memctl.ingest.sentences import spans

PIECES = [
    "Он ушёл", "В 1999 г", "и т", "д", "Mr", "Smith", "e.g", "U.S", "А", "С", "Пушкин", "the", "5",
    ".", "...", "…", "!", "?", "»", "«", '"', ")", "(", "[3]", ",", "—", " ", "  ", "\n", "\n\n",
    "\n- ", "\n1. ", "\n# ", "|", "\u0301", "👩‍🔬", "\u00a0",
]  # fmt: skip


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in spans(text)]


def sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in split(text)]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map("".join) | st.text(max_size=100))
def test_spans_tile_the_text(text: str) -> None:
    cuts = spans(text)
    assert "".join(text[start:end] for start, end in cuts) == text
    assert all(start < end for start, end in cuts)


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_white_space_belongs_to_the_sentence_before(text: str) -> None:
    for start, end in spans(text):
        assert start == 0 or not text[start].isspace()
        assert text[start:end].strip() or not text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "Это, т. е. пример, понятно всем.",
        "Это, т.е. Москва, понятно всем.",
        "Яблоки, груши и т. д. лежат здесь.",
        "В 1999 г. Иванов переехал в г. Москва.",
        "В 1941–1945 гг. Красная армия воевала.",
        "В XIX в. Россия росла, как и в XVII–XVIII вв. Европа.",
        "Цезарь был убит в 44 г. до н. э. Брутом.",
        "Он живёт на ул. Ленина, а она на пр. Мира.",
        "См. рис. 5, табл. 2 и стр. 17.",
        "Встреча прошла 12 нояб. 2023 года, а новая будет 3 февр. Ивановой не будет.",
        "Об этом см. Петров, с. 10, и др. авторы.",
        "Завод им. Кирова дал 5 млн. руб. прибыли и 3 тыс. тонн.",
        "Наш проф. Иванов и акад. Павлов спорили.",
        "А. С. Пушкин и И. В. Гоголь не ссорились.",
        "Роман А.С. Пушкина прочли все.",
        "Mr. Smith and Mrs. Jones met Dr. Brown and Prof. Green.",
        "Use a tool, e.g. Make, i.e. The usual one.",
        "Bring pens, paper, etc. and go.",
        "Kant vs. Hegel is shown in Fig. A and Fig. 3.",
        "See No. 5 of the list.",
        "Apple Inc. Chairman spoke to the U.S. Government at 5 p.m. Monday.",
        "J. R. R. Tolkien and George W. Bush never met.",
        "Pi is 3.14 and the version is v1.2.3 or 2.0.",
        "Open https://example.com/a.b?c=d!e and http://x.y.z/ now.",
        "Well... maybe, and then… perhaps.",
        "— Да! — сказал он.",
        "«Куда?» спросил он.",
        "Text that is\nwrapped in the\nmiddle.",
    ],
)
def test_one_sentence(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Он ушёл. | Она осталась! | Почему? | Никто не знает…| Правда",
        "Там были яблоки, груши и т. д. | Затем их съели.",
        "Приехали Петров, Иванов и др. | Москва ждала.",
        "Он родился в 1999 г. | Потом он переехал.",
        "Это было в XX в. | Она это помнит.",
        "Прибыль составила 5 млн руб. | Завод рос.",
        "Длина 10 см. | Ширина больше.",
        "Об этом см. рис. 5. | Далее идёт текст.",
        "Он дал им. | Потом взял.",
        "Это сделал не я. | Иванов знает.",
        "Они сказали: «Да.» | Он ушёл.",
        "(Так и было.) | Вот и всё.",
        "She said “No.” | He left. | “Why?” | Nobody knows.",
        "He came... | Then he left.",
        "Bring pens, paper, etc. | Then go.",
        "It is made in the U.S. | The law says so.",
        "He works at Apple Inc. | The firm pays.",
        "No. | I won't.",
        "This is vitamin C. | It helps.",
        "The value is 3.14. | The next is 2.",
        "See https://example.com/a?b=1. | Next one.",
        "It is known.[12] | It is true.[3][4] | Good.",
        "**Важно.** | Прочтите это.",
        "Really?! | Yes.",
        "Он ждал.\n| Она пришла.",
    ],
)
def test_several_sentences(text: str) -> None:
    expected = [part.strip() for part in text.split("|")]
    assert sentences(text.replace("| ", " ").replace("|", "")) == expected


def test_a_year_ends_a_sentence_only_before_a_word_that_opens_one() -> None:
    assert sentences("Был 2001 г. Однако Петров жил.") == ["Был 2001 г.", "Однако Петров жил."]
    assert sentences("Был 2001 г. Петров жил.") == ["Был 2001 г. Петров жил."]


def test_a_blank_line_always_ends_a_sentence() -> None:
    assert split("В 1999 г.\n\nиванов, т. е.\n \n он") == [
        "В 1999 г.\n\n",
        "иванов, т. е.\n \n ",
        "он",
    ]


def test_headings_list_items_and_rows_stand_alone() -> None:
    text = (
        "# Насосы\nТекст до\nсписка:\n- один\n  * два\n1. Три. Ещё.\n2) four\n"
        "| a | b |\n| c | d |\nend"
    )
    assert sentences(text) == [
        "# Насосы", "Текст до\nсписка:", "- один", "* два", "1. Три.", "Ещё.", "2) four",
        "| a | b |", "| c | d |", "end",
    ]  # fmt: skip


def test_a_line_of_dialogue_begins_a_sentence() -> None:
    assert sentences("— Да\n— Нет, и\nточка") == ["— Да", "— Нет, и\nточка"]


def test_leading_white_space_belongs_to_the_first_sentence() -> None:
    assert split("\n\n  Да. Нет.\n") == ["\n\n  Да. ", "Нет.\n"]
    assert split(" \n\n ") == [" \n\n "]
    assert split("") == []


@pytest.mark.parametrize(
    ("unit", "found"),
    [
        (".", 1), ("a", 1), ("\n", 1), (" ", 1), ('."', 1), ("\"'", 1), ("[1", 1), (".[1]", 1),
        ("\n ", 1), ("a. ", 1), ("- a\n", 250_000), ("\n" + "#", 1), ("1.", 1),
    ],
)  # fmt: skip
def test_a_million_characters_take_linear_time(unit: str, found: int) -> None:
    text = unit * (1_000_000 // len(unit))
    assert len(spans(text)) == found
