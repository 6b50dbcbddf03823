"""What is quoted back where no fact answers, and what is not; what is asked beyond a fact."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_support import Said, answer, place_in, told

from memctl.memory.likeness import BY_BOTH, BY_WORDS, Signs, chance, lacks


@pytest.mark.parametrize(
    ("said", "question", "quoted"),
    [
        (["The wifi at the cabin is mooseknuckle77"], "What is the cabin wifi?", "mooseknuckle77"),
        (["Пароль от домофона 48К2091"], "Какой пароль от домофона?", "48К2091"),
        (["Lent my drill to Sam"], "Who did I lend my drill to?", "Sam"),
        (["Дрель отдала Сергею"], "Кому я отдала дрель?", "Сергею"),
        (["My stepdad drove a tram in Lodz"], "What did my stepdad drive?", "tram"),
        (["Свекровь звонит мне в семь утра"], "Во сколько звонит свекровь?", "семь утра"),
    ],
)
def test_what_was_said_is_quoted_letter_for_letter(
    tmp_path: Path, said: list[Said], question: str, quoted: str
) -> None:
    place = place_in(tmp_path)
    told(place, said)
    found = answer(place, question)
    assert quoted in found.text
    assert not found.facts
    (evidence,) = found.evidence
    assert evidence.quote == said[0]


def test_a_quote_has_its_day_and_its_language(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, [("2024-03-11", "The cabin wifi is mooseknuckle77")])
    english = answer(place, "What is the cabin wifi?").text
    assert english == "You said (2024-03-11): “The cabin wifi is mooseknuckle77”"
    russian = answer(place, "Какой wifi у cabin?").text
    assert russian == "Вы говорили (2024-03-11): «The cabin wifi is mooseknuckle77»"


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (["My aunt's blood type is AB"], "What is my blood type?"),
        (["У моей тёти третья группа крови"], "Какая у меня группа крови?"),
        (["My boss's wife is called Irene"], "What is my wife called?"),
        (["Любимый фильм моего друга — «Солярис»"], "Какой у меня любимый фильм?"),
        (["Fleetwood Mac is my favorite band"], "What is my favorite movie?"),
        (["I'd love to live in Prague"], "Where do I live?"),
        (["I have a dog"], "What is my dog's name?"),
        (["У меня есть собака"], "Как зовут мою собаку?"),
        (["Hi! I'm afraid of heights. Anyway."], "What is my height?"),
        (["What is the cabin wifi?"], "What is the cabin wifi?"),
        (["Если бы у меня был кот, я бы его стриг"], "Как часто я стригу кота?"),
    ],
)
def test_what_answers_nothing_is_not_quoted(
    tmp_path: Path, said: list[Said], question: str
) -> None:
    place = place_in(tmp_path)
    told(place, said)
    assert answer(place, question).abstained


@pytest.mark.parametrize(
    ("said", "question", "expected"),
    [
        (["I drive a Tesla", "Sold my old Civic in May"], "Which car did I sell?", "Civic"),
        (["Езжу на Киа Рио", "Продал Ладу Сергею"], "Кому я продал Ладу?", "Сергею"),
        (["I'm a vegan since 2015"], "Since what year am I vegan?", "2015"),
        (["I live in Boston", "I moved to Denver"], "Where did I live before I moved?", "Boston"),
    ],
)
def test_a_question_that_asks_for_more_than_a_fact_gets_more(
    tmp_path: Path, said: list[Said], question: str, expected: str
) -> None:
    place = place_in(tmp_path)
    told(place, said)
    assert expected in answer(place, question).text


def test_a_year_ends_with_its_last_day(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, [("2021-05-03", "The shed key hangs by the door")])
    assert "door" in answer(place, "Where does the shed key hang?", as_of="2021").text
    assert answer(place, "Where does the shed key hang?", as_of="2020").abstained


def test_the_later_remark_is_so_by_its_date_and_not_by_its_import(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(
        place,
        [
            ("2023-05-03", "The shed key hangs in the garage"),
            ("2021-05-03", "The shed key hangs by the door"),
        ],
    )
    assert "garage" in answer(place, "Where does the shed key hang?").text


def test_the_later_of_two_likely_remarks_is_told(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["The shed key hangs by the door", "The shed key hangs in the garage"])
    assert "garage" in answer(place, "Where does the shed key hang?").text


@pytest.mark.parametrize(
    ("question", "text", "lacking"),
    [
        ("How old is Ella?", "Ella is six", False),
        ("How old is Ella?", "Ella likes school", True),
        ("Сколько лет Оле?", "Оле шесть", False),
        ("Сколько лет Оле?", "Оля любит школу", True),
        ("When is the exam?", "The exam is on Monday", False),
        ("When is the exam?", "The exam is hard", True),
        ("Когда экзамен?", "Экзамен во вторник", False),
        ("Как зовут кота?", "кота зовут Мурзик", False),
        ("Как зовут кота?", "кот опять спит", True),
        ("What do I like?", "tea", False),
    ],
)
def test_what_is_asked_for_is_lacked_or_not(question: str, text: str, lacking: bool) -> None:  # noqa: FBT001
    assert lacks(question, text) is lacking


def test_signs_speak_for_and_against() -> None:
    def of(**changes: float) -> float:
        base = {"share": 1.0, "any": 1.0, "lacks": 0.0, "partly": 0.0, "named": 0.0, "others": 0.0}
        return chance(Signs(**{**base, "size": 1.0, **changes}))

    assert of() > 0.5 > of(share=0.0, any=0.0)
    assert of(lacks=1.0) < of() < of(cosine=0.9)
    assert of(others=1.0) < of() < of(named=1.0)
    assert of(size=5.0) < of()
    assert len(BY_BOTH) == len(BY_WORDS) + 1
