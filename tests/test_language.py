from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.ingest.language import detect


@pytest.mark.parametrize(
    "text",
    [
        "Что такое RAG?",
        "и",
        "Верно ли решение?",
        "Сколько пищи съедает гребневик в день?",
        "Как настроить nginx reverse proxy timeout",
        "Смотритель маяка поднимался по лестнице дважды в день. (See also: Lighthouse keeper.)",
    ],
)
def test_russian_is_told_even_where_it_is_short_or_mixed(text: str) -> None:
    assert detect(text) == "ru"


@pytest.mark.parametrize(
    "text",
    [
        "context window size",
        "Charles de Gaulle airport",
        "nginx",
        "error in the log",
        "def read(source): return source.read_bytes()",
        "The naïve café owner served crème brûlée to the guests who had come from the north.",
        "IL-6 signaling plays a major role in atherosclerotic cardiovascular disease.",
        "The word маяк is Russian for a lighthouse, and it is the name of a radio station.",
    ],
)
def test_english_is_told_and_foreign_words_in_it_do_not_hide_it(text: str) -> None:
    assert detect(text) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024 — 17:30, 4711",
        "Що таке пошук і як він працює?",
        "Київ",
        "Какво е това и къде се намира?",
        "Сви људи рађају се слободни",
        "Was ist das?",
        "Die Straße führt über die Brücke nach München.",
        "Qu'est-ce que c'est ?",
        "¿Cómo está usted?",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod",
        "吾輩は猫である",
        "Όλοι οι άνθρωποι",
        "כל בני האדם",
    ],
)
def test_other_languages_and_no_language_are_undetermined(text: str) -> None:
    assert detect(text) == "und"


def test_only_the_beginning_is_looked_at() -> None:
    assert detect("Маяк светит. " * 2_000 + "the end of the book " * 50_000) == "ru"


@given(st.text(max_size=200))
def test_any_text_gets_one_of_three_answers_and_always_the_same(text: str) -> None:
    assert detect(text) == detect(text)
    assert detect(text) in {"ru", "en", "und"}


@given(st.text(alphabet="абвгдеёжзийклмнопрстуфхцчшщыьэюя ", min_size=1, max_size=12))
def test_a_short_text_in_russian_letters_is_russian(text: str) -> None:
    bulgarian = {
        "са",
        "се",
        "ще",
        "че",
        "към",
        "няма",
        "има",
        "е",
        "аз",
        "той",
        "тя",
        "това",
        "още",
    }
    words = set(text.split())
    if words and not words & bulgarian:
        assert detect(text) == "ru"
