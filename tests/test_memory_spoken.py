"""Short and loose ways to speak: "'s" for is, no "I", kin by law, what stands beside kin."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_support import Said, facts, place_in, told

from memctl.memory.language import read
from memctl.memory.language.spoken import leaves_i_out, put_right


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("my brother's a dentist", ["my", "brother", "is", "a", "dentist"]),
        ("my brother's dog", ["my", "brother", "'s", "dog"]),
        ("surname's Lee", ["surname", "is", "Lee"]),
        ("mother in law lives here", ["mother-in-law", "lives", "here"]),
        ("she is in law school", ["she", "is", "in", "law", "school"]),
        ("а ещё и кот", ["а", "ещё", "кот"]),
    ],
)
def test_what_is_written_short_is_put_right(text: str, words: list[str]) -> None:
    made = put_right(read(text))
    shown = [token.folded if token.folded == "is" else token.text for token in made]
    assert shown == words


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("got a greyhound", True),
        ("finally quit smoking", True),
        ("terrified of moths", True),
        ("teaching English in Hanoi", True),
        ("can't stand coriander", True),
        ("swimming is fun", False),
        ("the dog barked", False),
        ("need a new lamp", False),
        ("она пришла", False),
    ],
)
def test_english_leaves_i_out(text: str, left_out: bool) -> None:  # noqa: FBT001
    words = [token for token in read(text) if token.is_word]
    assert leaves_i_out(words) is left_out


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("сестра у меня стюардесса", ("sister", "job", "стюардесса")),
        ("моя жена медсестра", ("wife", "job", "медсестра")),
        ("my brother's a dentist in Tulsa", ("brother", "job", "dentist")),
        ("I'm a funeral director now", ("user", "job", "funeral director")),
        ("дочке 6, сыну 11", ("son", "age", "11")),
        ("nana is 94", ("grandmother", "age", "94")),
        ("у меня двое братьев, Рома и Стас", ("brother", "name", "Стас")),
        ("My brothers, Ron and Stan, are here", ("brother", "name", "Stan")),
        ("mother in law lives in Boca", ("mother_in_law", "city", "Boca")),
        ("свекровь живёт в Липецке", ("mother_in_law", "city", "Липецк")),
        ("been pescatarian since college", ("user", "diet", "pescatarian")),
        ("снимаю двушку в Мытищах", ("user", "city", "Мытищи")),
        ("Врач поставил гипотиреоз", ("user", "illness", "гипотиреоз")),
        ("my birthday's on October 9th so no excuses", ("user", "birthday", "October 9th")),
        ("I'm a virgo if that explains anything", ("user", "zodiac", "virgo")),
        ("my favourite color now is orange", ("user", "favourite color", "orange")),
        ("we have twins, Ada and Grace", ("child", "name", "Grace")),
    ],
)
def test_what_people_say_loosely_is_heard(
    tmp_path: Path, said: Said, expected: tuple[str, str, str]
) -> None:
    place = place_in(tmp_path)
    told(place, [said])
    found = [(each.subject, each.attribute, each.value) for each in facts(place)]
    assert expected in found


@pytest.mark.parametrize(
    ("said", "attribute"),
    [
        ("соседка думает, что я программист", "job"),
        ("everyone assumes I'm a nurse", "job"),
        ("I've played the accordion since I was eight", "age"),
        ("I need boots, my shoe size is 45", "age"),
        ("Read an essay titled 'I'm 50 and I left my job for the sea'", "age"),
    ],
)
def test_what_only_sounds_so_is_no_fact(tmp_path: Path, said: Said, attribute: str) -> None:
    place = place_in(tmp_path)
    told(place, [said])
    assert attribute not in {each.attribute for each in facts(place) if each.state == "current"}
