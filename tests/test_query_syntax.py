from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.ingest import UsageError
from memctl.query import Filter
from memctl.query.syntax import Query, parse


@pytest.mark.parametrize(
    ("question", "query"),
    [
        ("What is a KV cache?", Query("What is a KV cache?")),
        ('the "exact words" here', Query("the exact words here", phrases=("exact words",))),
        ("забывание -LSTM", Query("забывание", unwanted=("LSTM",))),
        ('rope -"two tons"', Query("rope", excluded=("two tons",))),
        ("rope -well-known", Query("rope", unwanted=("well-known",))),
        ("рост -2024", Query("рост", unwanted=("2024",))),
        ("a release -2.10.1", Query("a release", unwanted=("2.10.1",))),
        ("насос -К-8", Query("насос", unwanted=("К-8",))),
        ("card -RTX4090", Query("card", unwanted=("RTX4090",))),
        ("смета -смета-2024.pdf", Query("смета", unwanted=("смета-2024.pdf",))),
        ("договор -01.02.2024", Query("договор", unwanted=("01.02.2024",))),
        ("лампа lang:ru", Query("лампа", filters=(Filter("lang", "ru"),))),
        ("file:*.pdf лампа", Query("лампа", filters=(Filter("file", "*.pdf"),))),
        ("лампа -file:old/", Query("лампа", filters=(Filter("file", "old/", negated=True),))),
        (
            'письмо author:"Иван Петров" after:2024-06',
            Query("письмо", filters=(Filter("author", "Иван Петров"), Filter("after", "2024-06"))),
        ),
        (
            'Кто играл в фильме "Пройдись по мне"?',
            Query("Кто играл в фильме Пройдись по мне?", preferred=("Пройдись по мне",)),
        ),
        (
            'who played "Celene" in the film',
            Query("who played Celene in the film", preferred=("Celene",)),
        ),
        (
            'Кто играл +"Селину" в "Пройдись по мне"?',
            Query(
                "Кто играл Селину в Пройдись по мне?",
                phrases=("Селину",),
                preferred=("Пройдись по мне",),
                strict=True,
            ),
        ),
        (
            'кто снял "Тихие башни"',
            Query("кто снял Тихие башни", preferred=("Тихие башни",)),
        ),
        ('who made "X"', Query("who made X", preferred=("X",))),
        ('какао и чай "X"', Query("какао и чай X", phrases=("X",))),
        ('what "X"', Query("what X", phrases=("X",))),
        ("птицы -чаи\u0306ки", Query("птицы", unwanted=("чайки",))),
        ('"насос К-8"?', Query("насос К-8?", phrases=("насос К-8",))),
        ("page:3-7 tag:x a", Query("a", filters=(Filter("page", "3-7"), Filter("tag", "x")))),
    ],
)
def test_a_question_is_read_in_its_parts(question: str, query: Query) -> None:
    assert parse(question) == query


@pytest.mark.parametrize(
    "question",
    [
        "Что значит «вид на море» и “sea view”?",
        "state-of-the-art и что-нибудь ещё",
        "при температуре -5 °C",
        "g++ -std=c++17 -O2",
        "a slope of -0.75 или -3,5",
        "воздух при -273 °C, -100°",
        "-2024, -100%",
        "see http://example.org/a?b=c",
        "file:///etc/hosts",
        "в 12:30 у входа",
        "From: Ann, Date: today",
        "вопрос: как это работает",
        'an unclosed "quote',
        '5" and 6" pipes',
        "a - b",
        "RFC:2616 nosuch:field",
        '""',
    ],
)
def test_what_is_none_of_its_signs_is_plain_text(question: str) -> None:
    assert parse(question) == Query(question)


@pytest.mark.parametrize("question", ["x page:one", "x after:yesterday", "x before:2024-13"])
def test_a_filter_with_a_value_that_is_none_is_an_error(question: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(question)
    assert "as in" in caught.value.hint


def test_only_conditions_leave_no_text() -> None:
    assert parse('lang:ru -"old words" -old').text == ""
    assert parse('"phrase"').text == "phrase"
    assert not parse("plain").hard
    assert parse("a -bad").hard


@given(st.text(max_size=120))
def test_any_text_can_be_asked(question: str) -> None:
    try:
        query = parse(question)
    except UsageError:
        return
    assert len(query.text) <= len(question)


@given(st.text(alphabet="abcабв .,;?!«»", max_size=80))
def test_plain_words_stay_as_they_are(question: str) -> None:
    assert parse(question) == Query(" ".join(question.split()))


@pytest.mark.parametrize("sign", ['"', 'lang:ru "', '+"', '-"'])
def test_a_quote_that_is_never_closed_is_text_however_long(sign: str) -> None:
    long = sign + "a" * 400_000  # read again from each letter it would take an hour
    assert parse(long).quoted == ()
    assert parse(long).text.endswith("aaa")
