from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memctl.index.lexical import LexicalQuery
from memctl.index.lexical.analysis import LANGUAGES, normalised, stem, surfaces, terms, tokens
from memctl.index.lexical.asked import Word, asked


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("ёлка", "Ёлки", "ru"),
        ("мёд", "мед", "ru"),
        ("маяками", "маяк", "ru"),
        ("за\u0301мок", "замок", "ru"),
        ("lamps", "Lamp", "en"),
        ("running", "RUN", "en"),
        ("ﬁnal", "final", "en"),
        ("в\u00adерсия", "версия", "ru"),
        ("Häusern", "Haus", "de"),
        ("chantaient", "chanter", "fr"),
    ],
)
def test_forms_of_a_word_are_one_term(one: str, other: str, language: str) -> None:
    assert terms(one, language) == terms(other, language) != []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("«Ёлки-палки», — сказал", ["елк", "палк", "сказа"]),
        ("v1.2.3", ["v1.2.3", "v1", "2", "3", "v", "1"]),
        ("report-2024.pdf", ["report-2024.pdf", "report", "2024", "pdf"]),
        ("snake_case_name", ["snake_case_name", "snake", "case", "name"]),
        ("getUserName", ["getusernam", "get", "user", "name"]),
        ("за 1\u00a0450 руб.", ["за", "1450", "1", "450", "руб"]),
        ("12 345 678", ["12345678", "12", "345", "678"]),
        ("$1,577.3", ["1,577.3", "1", "577", "3"]),
        ("1'450", ["1450", "1", "450"]),
        ("в 2019 100", ["в", "2019", "100"]),
        ("01 02 2017", ["01", "02", "2017"]),
        ("C++ и F#", ["c++", "c", "и", "f#", "f"]),
        ("ann@example.com", ["ann@example.com", "ann", "exampl", "com"]),
        ("ГОСТ-2.105", ["гост-2.105", "гост", "2", "105"]),
        ("it's Anna’s", ["it", "anna"]),
        ("東京大学 ABC", ["東京", "京大", "大学", "abc"]),
        ("서울시", ["서울", "울시"]),
        ("—?!… «»", []),
    ],
)
def test_compounds_are_kept_whole_and_found_by_their_parts(text: str, found: list[str]) -> None:
    assert terms(text, "ru") == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("हिन्दी किताबें", ["हिन्दी", "किताबें"]),
        ("தமிழ் புத்தகங்கள்", ["தமிழ்", "புத்தகங்கள்"]),
        ("বাংলা ভাষা", ["বাংলা", "ভাষা"]),
        ("किताब-घर, v1.किताबें", ["किताब-घर", "v1.किताबें"]),
        ("שָׁלוֹם, עוֹלָם", ["שלום", "עולם"]),
        ("كِتَابٌ جَدِيد", ["كتاب", "جديد"]),
        ("x̄ и з̆амок", ["x̄", "и", "з̆амок"]),
        ("Йод, café", ["Йод", "café"]),
        ("за́мок ✔️ 1️⃣ — ё", ["замок", "1", "ё"]),
        ("がく", ["がく"]),
    ],
)
def test_marks_that_stand_on_letters_do_not_cut_a_word(text: str, words: list[str]) -> None:
    assert tokens(text) == words
    assert tokens(unicodedata.normalize("NFD", text)) == words


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("किताबें", "किताब", "hi"),
        ("புத்தகங்கள்", "புத்தகம்", "ta"),
        ("שָׁלוֹם", "שלום", "und"),
        ("الكِتَاب", "كتاب", "ar"),
    ],
)
def test_words_with_marks_are_stemmed(one: str, other: str, language: str) -> None:
    assert terms(one, language) == terms(other, language) != []
    assert len(terms(one, language)) == 1


def test_each_script_is_stemmed_by_its_own_language() -> None:
    assert terms("The running Häuser и маяками", "de") == ["the", "running", "haus", "и", "маяк"]
    assert terms("The running lamps и маяками", "ru") == ["the", "run", "lamp", "и", "маяк"]
    assert terms("running", "und") == ["run"]


def test_every_language_has_its_stemmer() -> None:
    assert {"ru", "en", "de", "fr", "es", "it", "pt", "nl", "fi", "tr", "ar"} <= LANGUAGES
    for language in LANGUAGES:
        for word in ("lamps", "маяками", "كتابان", "पुस्तकें"):
            assert stem(word, language)


@given(st.text(max_size=200))
def test_any_text_has_terms_without_white_space_and_of_bounded_length(text: str) -> None:
    for term in (*terms(text, "ru"), *surfaces(text)):
        assert 0 < len(term) <= 64
        assert term.split() == [term]


@given(st.text(alphabet="аяёЁabZ-_.1 «»'", max_size=60))
def test_case_makes_no_difference_to_plain_words(text: str) -> None:
    plain = " ".join(token for token in tokens(text) if token.isalpha() and token.islower())
    assert terms(plain, "ru") == terms(plain.title(), "ru")


def test_a_question_is_analysed_in_every_language_of_the_texts() -> None:
    (word,) = asked(LexicalQuery("running"), ["de", "en"]).words
    assert word == Word("running", ("running", "run"))
    (word,) = asked(LexicalQuery("Маяками"), ["en", "ru"]).words
    assert word == Word("маяками", ("маяк",))


def test_each_word_counts_once_and_words_of_grammar_only_where_there_are_no_others() -> None:
    found = asked(LexicalQuery("The lamp of the lamp и лампа в лампе"), ["en", "ru"]).words
    assert [word.text for word in found] == ["lamp", "лампа", "лампе"]
    found = asked(LexicalQuery("to be or not to be"), ["en"]).words
    assert [word.text for word in found] == ["to", "be", "or", "not"]
    assert asked(LexicalQuery("?! … —"), ["en", "ru"]).words == ()


def test_a_compound_is_one_word_with_parts() -> None:
    (word,) = asked(LexicalQuery("v1.2"), ["en"]).words
    assert word.text == "v1.2"
    assert [[part.text for part in each] for each in word.wordings] == [["v1", "2", "v", "1"]]


def test_another_wording_counts_as_the_word_itself() -> None:
    also = (("машины", "автомобиль"), ("ИИ", "искусственный интеллект"), ("нет", "такого"))
    found = asked(LexicalQuery("машины ИИ", also=also), ["ru"]).words
    assert found[0].terms == ("машин", "автомобил")
    assert [[part.text for part in each] for each in found[1].wordings] == [
        ["искусственный", "интеллект"]
    ]
    assert found[1].all_terms == {"ии", "искусствен", "интеллект"}


def test_a_phrase_is_its_words_as_they_are_written() -> None:
    found = asked(LexicalQuery("", phrases=("Ёлки, палки!", "..."), excluded=("Moon",)), ["ru"])
    assert found.phrases == ((("елки", "палки"),),)
    assert found.excluded == ((("moon",),),)


def test_a_name_or_a_number_may_go_on_behind_a_sign() -> None:
    texts = ["2.10.1", "2.10.1-rc3", "2.10.1.4", "2.10.15", "смета_2024", "смета_2024.xlsx"]

    def beginning(word: str) -> list[str]:
        return [each for each in texts if each.startswith(word)]

    def read(phrase: str) -> list[str]:
        (found,) = asked(LexicalQuery("", phrases=(phrase,)), ["ru"], beginning).phrases
        return [" ".join(each) for each in found]

    assert read("2.10.1") == ["2.10.1 2 10 1", "2.10.1-rc3", "2.10.1.4"]
    assert read("release 2.10.1")[1:] == ["release 2.10.1-rc3", "release 2.10.1.4"]
    assert read("смета_2024")[1:] == ["смета_2024.xlsx", "смета 2024"]
    assert read("2.10.1 released") == ["2.10.1 2 10 1 released"]
    assert read("release") == ["release"]


@pytest.mark.parametrize(
    ("word", "terms"),
    [("огорода", ("огород",)), ("Lamps", ("lamp",)), ("getUserName", ("getusernam",))],
)
def test_an_unwanted_word_is_meant_in_all_its_forms_without_its_parts(
    word: str, terms: tuple[str, ...]
) -> None:
    found = asked(LexicalQuery("", unwanted=(word, "well-known")), ["ru"])
    assert [each.terms for each in found.unwanted] == [terms]
    assert found.unwanted[0].wordings == ()
    assert found.excluded == ((("well", "known"),),)


def test_what_is_not_seen_is_not_compared() -> None:
    assert normalised("zero\u200bwidth\ufeff") == "zerowidth"
    assert normalised("plain") == "plain"
