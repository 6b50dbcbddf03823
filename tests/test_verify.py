"""Whether passages say what an answer says: each rule, in English and in Russian."""

from __future__ import annotations

import unicodedata
from typing import Literal

import pytest

from memctl.ingest.embedders.hashing import HashingEmbedder
from memctl.ingest.embedders.registry import get
from memctl.query.verify import Source, Statement, Verdict, Verifier
from memctl.query.verify.dates import dates_in
from memctl.query.verify.names import missing_names, names_of
from memctl.query.verify.numbers import numbers_in
from memctl.query.verify.quotes import missing_quotes

EN = (
    "The gull tower was built in 1911 by Anna Berg. It is 47 metres high and has 212 steps. "
    "The storm of 12 June 1953 broke the lamp, but the keeper was not hurt. "
    "Every spring 4,711 gulls arrive from the north."
)
RU = (
    "Башню чаек построила в 1911 году Анна Берг. Её высота 47 метров, в ней 212 ступеней. "
    "Шторм 12 июня 1953 года разбил лампу, но смотритель не пострадал. "
    "Каждую весну с севера прилетает 4711 чаек."
)
OTHER = "The harbour was dug in 1820. Ships from Riga bring timber and salt."


def judged(text: str, *sources: str, cited: tuple[int, ...] = (1,)) -> Verdict:
    given = [Source(n, source) for n, source in enumerate(sources, start=1)]
    (verdict,) = Verifier(None).verify([Statement(text, cited)], given)
    return verdict


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The gull tower was built by Anna Berg in 1911.", EN),
        ("It is 47 metres high.", EN),
        ("Every spring 4711 gulls arrive from the north.", EN),
        ("The storm of June 12, 1953 broke the lamp.", EN),
        ("The keeper wasn't hurt.", EN),
        ("Башню чаек построила Анна Берг в 1911 году.", RU),
        ("Высота башни 47 метров.", RU),
        ("Каждую весну с севера прилетает 4 711 чаек.", RU),
        ("Шторм 12.06.1953 разбил лампу.", RU),
        ("Смотритель не пострадал.", RU),
        ("Анной Берг построена башня чаек.", RU),
    ],
)
def test_what_the_passage_says_is_supported(text: str, source: str) -> None:
    verdict = judged(text, source)
    assert verdict.status == "supported", verdict
    assert verdict.score > 0.5
    assert not verdict.reasons


@pytest.mark.parametrize(
    ("text", "source", "reason"),
    [
        ("The gull tower was built in 1912 by Anna Berg.", EN, "1912"),
        ("It is 47 kilometres high and has 212 steps.", EN, "another unit"),
        ("The tower has 213 steps and is 47 metres high.", EN, "213"),
        ("The gull tower was built in 1911 by Erik Lund.", EN, "Lund"),
        ("The storm of 12 July 1953 broke the lamp.", EN, "12 July 1953"),
        ("The storm of 12 June 1953 did not break the lamp.", EN, "denie"),
        ("The keeper was hurt by the storm.", EN, "denie"),
        ("Every spring 4,711 gulls arrive from the south.", EN, "south"),
        ("Башню чаек построила в 1912 году Анна Берг.", RU, "1912"),
        ("Высота башни 47 километров, в ней 212 ступеней.", RU, "another unit"),
        ("Её высота 47 метров, в ней 213 ступеней.", RU, "213"),
        ("Башню чаек построил в 1911 году Эрик Лунд.", RU, "Лунд"),
        ("Шторм 12 июля 1953 года разбил лампу.", RU, "12 июля 1953"),
        ("Шторм 12 июня 1953 года не разбил лампу.", RU, "не"),
        ("Смотритель пострадал.", RU, "denied"),
        ("Каждую весну с юга прилетает 4711 чаек.", RU, "юга"),
    ],
)
def test_one_wrong_fact_is_found_and_named(text: str, source: str, reason: str) -> None:
    verdict = judged(text, source)
    assert verdict.status in {"partial", "unsupported"}
    assert any(reason in each for each in verdict.reasons), verdict.reasons


@pytest.mark.parametrize(
    ("text", "source"),
    [("The king lives in a palace of glass.", EN), ("Король живёт в стеклянном дворце.", RU)],
)
def test_what_no_passage_says_is_unsupported(text: str, source: str) -> None:
    assert judged(text, source, OTHER).status == "unsupported"


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The gull tower was built in 1911 by Anna Berg.", EN),
        ("Башню чаек построила в 1911 году Анна Берг.", RU),
    ],
)
def test_what_another_passage_says_is_misattributed(text: str, source: str) -> None:
    verdict = judged(text, OTHER, source)
    assert verdict.status == "misattributed"
    assert "passage 2 says it" in verdict.reasons
    assert verdict.span is not None
    assert verdict.span[0] == 2


def test_a_citation_of_what_was_not_given_is_a_reason() -> None:
    good = judged("It is 47 metres high.", EN, cited=(1, 99))
    assert good.status == "partial"
    assert good.reasons == ("[99] was not given",)
    alone = judged("It is 47 metres high.", EN, cited=(99,))
    assert alone.status == "unsupported"
    assert "[99] was not given" in alone.reasons


def test_without_a_citation_it_is_at_best_partial_and_points_to_its_source() -> None:
    verdict = judged("It is 47 metres high.", OTHER, EN, cited=())
    assert verdict.status == "partial"
    assert "no citation" in verdict.reasons
    assert verdict.span is not None
    assert EN[verdict.span[1] : verdict.span[2]].startswith("It is 47 metres")


@pytest.mark.parametrize("source", [EN, RU])
def test_the_span_is_the_sentence_that_says_it(source: str) -> None:
    text = "The storm broke the lamp." if source == EN else "Шторм разбил лампу."
    verdict = judged(text, source)
    assert verdict.span is not None
    _, start, end = verdict.span
    assert source[start:end].startswith("The storm" if source == EN else "Шторм")


def test_a_name_may_stand_in_the_title() -> None:
    source = Source(1, "The tower is 47 metres high.", title="Skagen")
    (verdict,) = Verifier(None).verify(
        [Statement("The tower in Skagen is 47 metres high.", (1,))], [source]
    )
    assert verdict.status == "supported"


@pytest.mark.parametrize(
    ("claim", "source", "missing"),
    [
        ("She wrote “the lamp  was broken” twice.", "She said: «The lamp was\nbroken».", 0),
        ('She wrote "the lamp was mended".', "She said: «The lamp was broken».", 1),
        ("Он писал: «лампа — разбита навсегда».", "Лампа - разбита навсег-\nда, писал он.", 0),
        ("Он писал: «лампа цела и горит».", "Лампа разбита, писал он.", 1),
        ('The so-called "gull tower" stands.', "It stands.", 0),
        ("“It ﬁts very well”, she said.", "It fits very well.", 0),
    ],
)
def test_quotes_must_stand_there_but_for_space_hyphens_and_marks(
    claim: str, source: str, missing: int
) -> None:
    assert len(missing_quotes(claim, [source])) == missing


def test_nothing_to_check_and_nothing_given() -> None:
    assert Verifier(None).verify([], [Source(1, EN)]) == []
    assert judged("It is high.", cited=()).status == "unsupported"
    assert judged("It is high.", "").status == "unsupported"


def test_with_an_embedder_the_verdicts_of_facts_stay() -> None:
    given = [Source(1, EN), Source(2, RU), Source(3, OTHER)]
    texts = ["The gull tower was built in 1911 by Anna Berg.", "The tower has 213 steps."]
    statements = [Statement(text, (1,)) for text in texts]
    found = Verifier(HashingEmbedder()).verify(statements, given)
    assert [verdict.status for verdict in found] == ["supported", "partial"]


@pytest.mark.parametrize(
    ("text", "source", "status"),
    [
        ("The gull tower was built in 1911.", RU, "supported"),
        ("Каждую весну с севера прилетает 4711 чаек.", EN, "supported"),
        ("The gull tower was built in 1850.", RU, "not"),
        ("Каждую весну прилетает 9000 чаек.", EN, "not"),
        ("The recipe needs two eggs and sugar.", RU, "not"),
    ],
)
def test_across_languages_numbers_and_meaning_speak(text: str, source: str, status: str) -> None:
    verifier = Verifier(get("e5-small"))
    (verdict,) = verifier.verify([Statement(text, (1,))], [Source(1, source)])
    assert (verdict.status == "supported") == (status == "supported"), verdict


@pytest.mark.parametrize(
    ("claim", "source"),
    [
        ("В деревне стоит 15 домов.", "В деревне стоит пятнадцать домов."),
        ("В деревне стоит 25 домов.", "В деревне стоит двадцать пять домов."),
        ("The village has 25 houses.", "The village has twenty-five houses."),
    ],
)
def test_numbers_in_words_are_those_in_digits(claim: str, source: str) -> None:
    assert judged(claim, source).status == "supported"
    turned = judged(source, claim)  # the words themselves are not there, but no number is missed
    assert not any("is not there" in reason for reason in turned.reasons), turned


@pytest.mark.parametrize(
    ("claim", "source", "said"),
    [
        ("В деревне стоит 16 домов.", "В деревне стоит пятнадцать домов.", "16"),
        ("The village has 26 houses.", "The village has twenty-five houses.", "26"),
        ("В деревне двадцать пять домов.", "В деревне двадцать шесть домов.", "пять"),
    ],
)
def test_another_number_in_words_is_a_fault(claim: str, source: str, said: str) -> None:
    verdict = judged(claim, source)
    assert verdict.status != "supported"
    assert any(said in reason for reason in verdict.reasons), verdict


# --- the parts


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("4,711 birds", "4711 birds", True),
        ("4 711 птиц", "4711 птиц", True),
        ("1.5 million people", "1,500,000 people", True),
        ("1,5 млн рублей", "1500000 рублей", True),
        ("five gulls", "5 gulls", True),
        ("пять чаек", "5 чаек", True),
        ("51,4 %", "51.4 percent", True),
        ("20 km", "20 километров", True),
        ("20 km", "20 m", False),
        ("20 kg", "21 kg", False),
        ("$12", "12 €", False),
        ("2007–08", "2008", True),
        ("the 3rd", "3", True),
        ("пятнадцать домов", "15 домов", True),
        ("пятнадцатью домами", "15 домов", True),
        ("шестидесяти лет", "60 лет", True),
        ("восемьдесят чаек", "80 чаек", True),
        ("девяноста", "90", True),
        ("двухсот", "200", True),
        ("девятьсот", "900", True),
        ("тысяча домов", "1000 домов", True),
        ("пять тысяч двести", "5200", True),
        ("тысяча девятьсот сорок пятого года", "1945", True),
        ("двадцать пять лет", "25 лет", True),
        ("двадцать пять лет", "20 лет", False),
        ("двадцать, пять", "25", False),
        ("двадцать первый", "21", True),
        ("восьмая", "8", True),
        ("семнадцатого", "17", True),
        ("twenty-five years", "25 years", True),
        ("twenty five", "25", True),
        ("twenty-five", "20", False),
        ("two hundred and twelve steps", "212", True),
        ("three thousand four hundred", "3400", True),
        ("a thousand gulls", "1000", True),
        ("thousands of gulls", "1000", False),
        ("тысячи чаек", "1000", False),
        ("21 тысяча", "1000", False),
        ("five and twenty", "25", False),
    ],
)
def test_numbers_agree_however_they_are_written(one: str, other: str, *, agree: bool) -> None:
    assert any(a.agrees(b) for a in numbers_in(one) for b in numbers_in(other)) is agree


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Там стоит двадцать пять домов и сто первый.", ["двадцать пять", "сто первый"]),
        ("It has two hundred and twelve steps and five doors.", ["two hundred and twelve", "five"]),
        ("Двадцать-тридцать чаек и третий дом.", ["Двадцать", "тридцать", "третий"]),
        ("They won one and two.", ["one", "two"]),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_number_in_words_is_one_and_stands_where_it_stands(
    text: str, written: list[str], form: Literal["NFC", "NFD"]
) -> None:
    given = unicodedata.normalize(form, text)
    parts = [given[each.start : each.end] for each in numbers_in(given)]
    assert [unicodedata.normalize("NFC", part) for part in parts] == written


@pytest.mark.parametrize(
    "text",
    [
        "June 12, 1896",
        "12 June 1896",
        "12 июня 1896 года",
        "1896-06-12",
        "12.06.1896",
        "12th of June 1896",
    ],
)
def test_dates_are_read_in_every_form(text: str) -> None:
    (date,) = dates_in(f"It was on {text}, they say.")
    assert (date.year, date.month, date.day) == (1896, 6, 12)


@pytest.mark.parametrize("text", ["май 1896", "12 мая 1896", "May 1896", "в мае 1896"])
def test_dates_of_decomposed_text_stand_where_they_stand(text: str) -> None:
    parted = unicodedata.normalize("NFD", f"Ещё тёплый {text}, говорят.")
    (date,) = dates_in(parted)
    assert (date.year, date.month) == (1896, 5)
    assert unicodedata.normalize("NFC", parted[date.start : date.end]) in text


def test_a_month_is_no_date_where_it_is_a_verb() -> None:
    assert dates_in("It may be 12 of them. Мая зовут иначе.") == []
    (date,) = dates_in("в мае 1896")
    assert (date.year, date.month, date.day) == (1896, 5, None)


@pytest.mark.parametrize(
    ("claim", "text", "missing"),
    [
        ("He met Anna Berg.", "Anna Berg's house", []),
        ("Он встретил Анну Берг.", "Дом Анны Берг", []),
        ("He met Khloé in Angoulême.", "Khloe lives in Angouleme", []),
        ("However, it rained.", "it was raining", []),
        ("Gulls came.", "the gulls", []),
        ("He met Erik Lund.", "Anna Berg's house", ["Erik", "Lund"]),
        ("Он встретил Эрика.", "Дом Анны Берг", ["Эрика"]),
        ("It uses MPEG-4.", "an mpeg 4 stream", []),
    ],
)
def test_names_are_found_in_any_form(claim: str, text: str, missing: list[str]) -> None:
    assert [name.text for name in missing_names(names_of(claim), text)] == missing


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("text", "names", "first"),
    [
        ("Синий майский маяк построил Андрей Зайцев.", "Синий Андрей Зайцев", "Синий"),
        ("Café Noël was Zoë’s. Soon Ångström came.", "Café Noël Zoë Soon Ångström", "Café Soon"),
    ],
)
def test_names_stand_where_the_text_as_given_has_them(
    text: str, names: str, first: str, form: Literal["NFC", "NFD"]
) -> None:
    given = unicodedata.normalize(form, text)
    found = names_of(given)
    assert [name.text for name in found] == names.split()
    parts = [unicodedata.normalize("NFC", given[name.start : name.end]) for name in found]
    assert parts == names.split()
    assert [name.text for name in found if name.first] == first.split()


def test_a_name_of_a_decomposed_claim_is_told_whole() -> None:
    claim = unicodedata.normalize("NFD", "Синий майский маяк построил Сергей.")
    verdict = judged(claim, "Синий майский маяк построил Андрей.")
    told = [unicodedata.normalize("NFC", reason) for reason in verdict.reasons]
    assert "the name Сергей is not there" in told


def test_two_names_that_change_places_are_seen() -> None:
    source = "In the final Anna Berg beat Erik Lund by two points."
    assert judged("In the final Anna Berg beat Erik Lund by two points.", source).status == (
        "supported"
    )
    assert judged("In the final Erik Berg beat Anna Lund by two points.", source).status != (
        "supported"
    )
