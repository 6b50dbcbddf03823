"""Questions as people ask them, about lives that change: what must be answered, and what not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from memory_support import Said, answer, place_in, told

# What was said, the question, as of when, what the answer has (None: not known), and has not.
CASES: list[tuple[list[Said], str, str, str | None, str]] = [
    (
        ["Живу в Екатеринбурге", "Моего брата зовут Денис, он программист и живёт в Ереване."],
        "Где я живу?",
        "",
        "Екатеринбург",
        "Ереван",
    ),
    (
        ["Живу в Екатеринбурге", "Моего брата зовут Денис, он программист и живёт в Ереване."],
        "Где живёт мой брат?",
        "",
        "Ереван",
        "Екатер",
    ),
    (
        ["Живу в Екатеринбурге", "Моего брата зовут Денис, он программист и живёт в Ереване."],
        "Кем работает мой брат?",
        "",
        "программист",
        "",
    ),
    (
        ["I live in Leeds", "My ex-wife lives in Boston with our son Tim"],
        "Where do I live?",
        "",
        "Leeds",
        "Boston",
    ),
    (["Nobody in my family has a dog"], "Do I have a dog?", "", None, ""),
    (
        ["Сестры у меня нет, только брат."],
        "Есть ли у меня сестра?",
        "",
        "(?i)нет|не",
        "^У вас сестра",
    ),
    (["Сестры у меня нет, только брат."], "Есть ли у меня брат?", "", "брат", "Раньше"),
    (
        ["Сестры у меня нет, зато есть два брата"],
        "Есть ли у меня сестра?",
        "",
        "(?i)нет|не",
        "^У вас сестра",
    ),
    (["Сестры у меня нет, зато есть два брата"], "Сколько у меня братьев?", "", "два", ""),
    (
        ["I'm allergic to shellfish and can't even taste half of it"],
        "What am I allergic to?",
        "",
        "shellfish",
        "\\bca\\b",
    ),
    (
        ["It turns out I'm also allergic to penicillin, ended up in A&E with a rash."],
        "Am I allergic to penicillin?",
        "",
        "(?i)yes.*penicillin|penicillin",
        "",
    ),
    (["I'm allergic to shellfish"], "Am I allergic to peanuts?", "", None, ""),
    (["I'm allergic to shellfish"], "Am I allergic to shellfish?", "", "Yes.*shellfish", ""),
    (["У меня аллергия на орехи"], "Есть ли у меня аллергия на кошек?", "", None, ""),
    (["У меня аллергия на орехи"], "Есть ли у меня аллергия на орехи?", "", "Да.*орех", ""),
    (["I don't have any allergies"], "Do I have any allergies?", "", "(?i)no ", ""),
    (
        ["I live in Bristol", "so we're moving to Bath at the end of the month"],
        "Where do I live?",
        "",
        "Bristol",
        "Bath",
    ),
    (
        ["I live in Bristol", "I'm moving to Madrid next summer"],
        "Where do I live?",
        "",
        "Bristol",
        "Madrid",
    ),
    (["Живу в Омске", "Летом переезжаю в Сочи"], "Где я живу?", "", "Омск", "Сочи"),
    (["I'm 39", "I'm turning 40 next month"], "How old am I?", "", "39", ""),
    (
        ["I'm a barista", "I'm studying to become a lawyer"],
        "What is my job?",
        "",
        "barista",
        "lawyer",
    ),
    (
        [("2023-01-14", "I moved from Leeds to Bristol"), ("2023-10-30", "We moved to Bath")],
        "Where did I live before I moved to Bath?",
        "",
        "Bristol",
        "Leeds",
    ),
    (
        [("2023-01-14", "I moved from Leeds to Bristol"), ("2023-10-30", "We moved to Bath")],
        "Where did I live before I moved?",
        "",
        "Bristol",
        "Leeds",
    ),
    (
        [("2023-01-14", "I moved from Leeds to Bristol"), ("2023-10-30", "We moved to Bath")],
        "Where did I live in March 2023?",
        "",
        "Bristol",
        "Leeds",
    ),
    (
        [("2023-01-14", "I moved from Leeds to Bristol"), ("2023-10-30", "We moved to Bath")],
        "Where do I live?",
        "2023-05-01",
        "Bristol",
        "Leeds",
    ),
    (
        [("2023-01-14", "I moved from Leeds to Bristol"), ("2023-10-30", "We moved to Bath")],
        "Where did I live in 2023?",
        "",
        "Bristol.*Bath",
        "",
    ),
    (["Кофе больше не пью"], "Пью ли я алкоголь?", "", None, ""),
    (["Я руководитель отдела закупок"], "Кем я работаю?", "", "отдела закупок", ""),
    (["Муж работает хирургом, а я — учительница"], "Кем я работаю?", "", "учительниц", "Раньше"),
    (["Муж работает хирургом, а я — учительница"], "Кем работает мой муж?", "", "хирург", ""),
    (
        ["I'm married to Sam", "My sister Ann is divorced"],
        "Is my sister married?",
        "",
        "divorced",
        "You are married",
    ),
    (["Моя жена Катя работает врачом"], "Моя жена ест мясо?", "", None, ""),
    (
        ["I have a brother, his girlfriend is Aoife"],
        "Does my brother have a girlfriend?",
        "",
        "Aoife",
        "^You have",
    ),
    (
        ["Занимаюсь боксом", "Бокс бросил — сломал палец."],
        "Каким спортом я занимаюсь?",
        "",
        "Раньше|бросил",
        "^Ваш",
    ),
    (
        ["Занимаюсь боксом", "Бокс бросил — сломал палец."],
        "Занимаюсь ли я боксом?",
        "",
        "(?i)раньше|больше|нет|бросил",
        "",
    ),
    (
        ["Занимаюсь йогой", "Бросила йогу, скучно"],
        "Занимаюсь ли я йогой?",
        "",
        "(?i)раньше|больше|нет|бросил",
        "^Да",
    ),
    (["We've got a beagle! His name is Biscuit"], "Do I have a dog?", "", "dog|beagle", ""),
    (["We've got a beagle! His name is Biscuit"], "What is my dog's name?", "", "Biscuit", ""),
    (["I have a golden retriever called Max"], "Do I have a dog?", "", "(?i)yes.*dog", ""),
    (["Моя девушка Катя веган"], "Как зовут мою девушку?", "", "Катя\\.", "Веган"),
    (["Живу с котом Барсиком"], "Как зовут моего кота?", "", "Барсик\\b", "Барсиком"),
    (
        [("2023-06-25", "I'm engaged to Tom"), ("2023-09-10", "We got married on September 8!")],
        "When did I get married?",
        "",
        "2023-09-08|September 8",
        "engaged",
    ),
    (
        ["I speak English and decent Spanish"],
        "What languages do I speak?",
        "",
        "English.*Spanish",
        "",
    ),
    (
        ["I have two sons, Max and Leo, and a daughter Ida"],
        "Do I have a daughter?",
        "",
        "Yes.*daughter",
        "",
    ),
    (
        ["I have two sons, Max and Leo, and a daughter Ida"],
        "What are my sons' names?",
        "",
        "Max.*Leo",
        "",
    ),
    (
        ["I have two sons, Max and Leo, and a daughter Ida"],
        "How many children do I have?",
        "",
        "two sons.*daughter",
        "",
    ),
    (["We have a dog and two cats"], "What pets do I have?", "", "dog.*two cats", ""),
    (
        ["I'm from Spain but I've lived in Germany for 10 years"],
        "Where do I live?",
        "",
        "Germany",
        "Spain",
    ),
    (["Терпеть не могу укроп"], "Чего я не люблю?", "", "укроп", ""),
    (["I wish I had a cat"], "Do I have a cat?", "", None, ""),
    (["I could eat a horse"], "Do I have a horse?", "", None, ""),
    (["I have a cat"], "Do I have a dog?", "", None, ""),
    (["I have a cat"], "Do I have a cat?", "", "Yes", ""),
    (
        ["I live in Leeds and work as a nurse", "I have a cat"],
        "What do you know about me?",
        "",
        "Leeds.*nurse|nurse.*Leeds",
        "",
    ),
    (
        ["I live in Leeds and work as a nurse", "I have a cat"],
        "Tell me about myself",
        "",
        "Leeds",
        "",
    ),
    (["Живу в Омске, работаю врачом"], "Что ты знаешь обо мне?", "", "Омск", ""),
    (["Живу в Омске, работаю врачом"], "Расскажи обо мне", "", "врач", ""),
    (
        ["My boyfriend Tom works as a baker", "Tom and I got married in May"],
        "What is my husband's name?",
        "",
        "Tom",
        "",
    ),
    (
        ["My boyfriend Tom works as a baker", "Tom and I got married in May"],
        "Who is Tom?",
        "",
        "boyfriend",
        "",
    ),
    (["Мою жену зовут Катя"], "Кто такая Катя?", "", "жена", ""),
    (["I've taken up pottery"], "What are my hobbies?", "", "pottery", ""),
    (["I was born in 1990"], "How old am I?", "", "1990", ""),
    (["Не ем мясо"], "Ем ли я мясо?", "", "(?i)избегаете|не ем", ""),
]


@pytest.mark.parametrize(("said", "question", "as_of", "wanted", "unwanted"), CASES)
def test_a_life_is_told_as_it_is(
    tmp_path: Path, said: list[Said], question: str, as_of: str, wanted: str | None, unwanted: str
) -> None:
    place = place_in(tmp_path)
    told(place, said)
    found = answer(place, question, as_of=as_of)
    if wanted is None:
        assert found.abstained, found.text
        return
    assert re.search(wanted, found.text), found.text
    assert not (unwanted and re.search(unwanted, found.text)), found.text
