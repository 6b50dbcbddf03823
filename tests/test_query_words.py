"""What is made of a question's words: typos, synonyms, parts, feedback."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Run

from memctl.index.lexical import LexicalQuery
from memctl.index.lexical import asked as reading
from memctl.ingest import UsageError
from memctl.query import How, Searcher
from memctl.query.feedback import moved, words
from memctl.query.parts import parts
from memctl.query.synonyms import Synonyms
from memctl.query.typos import Correction, all_relaid, as_meant, corrections, relaid, retyped


class Words:
    """A vocabulary of a few words with their counts."""

    languages: tuple[str, ...] = ("en", "ru")

    def __init__(self, **counts: int) -> None:
        self.counts = counts

    def documents(self, word: str) -> int:
        return self.counts.get(word, 0)

    def near(self, word: str, edits: int) -> list[tuple[str, int]]:
        from rapidfuzz.distance import OSA

        return [
            pair
            for pair in sorted(self.counts.items())
            if pair[0][0] == word[0] and OSA.distance(word, pair[0]) <= edits
        ]


KNOWN = Words(keeper=5, привет=3, маяк=9, lighthouse=4, лампа=2, lamps=1, галлюцинация=2, hello=1)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("keepr", "keeper"),
        ("keeepr", "keeper"),
        ("lihgthuose", "lighthouse"),
        ("галюцинацея", "галлюцинация"),
        ("ghbdtn", "привет"),
        ("руддщ", "hello"),
        ("vfzr", "маяк"),
        ("маяк", ""),
        ("мояк", ""),
        ("ламра", "лампа"),
        ("xyzzy", ""),
        ("k2eper", ""),
        ("eeper", ""),
        ("qq", ""),
    ],
)
def test_what_was_meant_is_the_near_word_that_is_held(word: str, meant: str) -> None:
    assert corrections([word], KNOWN) == ([Correction(word, meant)] if meant else [])


@pytest.mark.parametrize(
    ("word", "held"),
    [
        ("trust", "thrust"),
        ("traits", "trails"),
        ("насколько", "несколько"),
        ("елочек", "елочка"),
        ("far", "афк"),
        ("vertrauen", "vertrauens"),
    ],
)
def test_a_word_of_a_dictionary_is_no_mistake(word: str, held: str) -> None:
    words = Words(**{held: 9})
    words.languages = ("de", "en", "ru")
    assert corrections([word], words) == []


def test_initials_are_a_name_and_no_mistake(run: Run, tmp_path: Path) -> None:
    (tmp_path / "far.txt").write_text("It is far from here. Дом далеко. СНГ.\n", encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    assert "mended" not in run("query", "Кто стал чемпионом АФК?", "--json").json
    assert run("query", "афк", "--json").json["mended"] == {"афк": "far"}
    assert "mended" not in run("query", "Who is in the CYU?", "--json").json


def test_of_near_words_the_one_in_most_texts_is_meant() -> None:
    words = Words(stone=2, store=7, stove=7)
    assert corrections(["stose"], words) == [Correction("stose", "store")]


def test_a_typo_is_mended_beside_the_word_and_said(filled: Run) -> None:
    result = filled("query", "keepr", "--mode", "lexical")
    assert "en/storm.txt" in result.out
    assert "'keeper' was looked for too" in result.err
    assert "'петр' was looked for too" in filled("query", "Кто такой Пётрр?").err
    assert filled("query", "keepr", "--mode", "lexical", "--json").json["mended"] == {
        "keepr": "keeper"
    }
    assert filled("query", "keepr", "--mode", "lexical", "--no-mend").out == ""
    assert filled("query", '"keepr"', "--mode", "lexical").out == ""


MISTYPED = [
    ("Did the keepr leave?", {"keepr": "keeper"}, "too"),
    ("Сколько прожил Пётрр?", {"петрр": "петр"}, "too"),
    ("ult ;bden xfqrb", {";bden": "живут", "xfqrb": "чайки"}, "instead"),
]


@pytest.mark.parametrize(("question", "mended", "how"), MISTYPED)
def test_whatever_answers_a_mistyped_question_says_what_was_looked_for(
    filled: Run, tmp_path: Path, question: str, mended: dict[str, str], how: str
) -> None:
    script = tmp_path / "script"
    script.write_text(question, encoding="utf-8")
    for result in (filled("ask", question), filled("shell", "--script", script)):
        for word, meant in mended.items():
            told = f"No passage holds {word!r}; {meant!r} was looked for {how}.\n"
            assert result.err.count(told) == 1
            assert told not in result.out
    assert filled("ask", question, "--json").json["mended"] == mended


@pytest.mark.parametrize("command", ["query", "ask"])
def test_each_line_of_a_batch_says_what_was_mended(
    filled: Run, tmp_path: Path, command: str
) -> None:
    batch, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    asked = [*(question for question, _, _ in MISTYPED), "Где чайки?", "atuhor:Berg tower"]
    rows = [{"_id": str(at), "text": text} for at, text in enumerate(asked)]
    batch.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert filled(command, "--batch", batch, "--out", out).code == 0
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line.get("mended") for line in lines[:4]] == [*(each[1] for each in MISTYPED), None]
    (told,) = lines[4]["remarks"]
    assert "author:Berg" in told
    assert "absent" not in lines[3]


def test_saved_hits_are_answered_from_and_nothing_is_looked_for(
    filled: Run, tmp_path: Path
) -> None:
    hits = tmp_path / "hits.json"
    hits.write_text(filled("query", "keepr", "--json").out, encoding="utf-8")
    result = filled("ask", "Did the keepr leave?", "--hits", hits)
    assert "was looked for" not in result.err
    assert "mended" not in filled("ask", "Did the keepr leave?", "--hits", hits, "--json").json


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("ghb;dtn", ""),
        ("rke,", ""),
        ("rke,ybrf", "клубника"),
        ("rjnf b rke,ybrf", "клубника"),
        ("a;b, c.d", ""),
        ("z k.,k. ,", "люблю"),
        ("j,]trn", "объект"),
        ("wait...what", ""),
    ],
)
def test_letters_under_signs_are_read_on_the_other_layout(question: str, meant: str) -> None:
    found = relaid(question, Words(клубника=3, клуб=2, люблю=1, объект=1))
    assert [each.meant for each in found] == ([meant] if meant else [])


def test_a_question_as_it_was_meant_keeps_the_rest() -> None:
    found = [Correction("keepr", "keeper"), Correction("rke,ybrf", "клубника")]
    assert as_meant("The Keepr's, rke,ybrf!", found) == "The keeper's, rke,ybrf!"
    assert as_meant("Keepr rke,ybrf", found) == "keeper клубника"
    assert as_meant("as it is", []) == ""


@pytest.mark.parametrize(
    ("typo", "right", "document"),
    [
        ("mortage intrest", "mortgage interest", "loan.txt"),
        ("бохгалтерия", "бухгалтерия", "учёт.txt"),
        ("<e[ufknthbz", "бухгалтерия", "учёт.txt"),
    ],
)
def test_with_meaning_too_a_mended_question_finds_what_the_right_one_does(
    run: Run, tmp_path: Path, typo: str, right: str, document: str
) -> None:
    notes = {
        "loan.txt": "The mortgage interest is fixed until October.",
        "учёт.txt": "Бухгалтерия закрыла год без ошибок.",
        "ёлка.txt": "Ёлку купили у лесника.",
        "roof.txt": "The gutters of the roof were cleaned.",
    }
    for name, text in notes.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    for asked in (typo, right):
        hits = run("query", asked, "--json").json["hits"]
        assert hits[0]["document"] == document
        assert hits[0]["score"] > 1


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ghtlj[hfybntkm", "предохранитель"),
        ("Ult ktgcz ghtlj[hfybntkm?", "где лепся предохранитель?"),
        ("ghtlj[hfybntkm 20A, dtkj,", "предохранитель 20A, вело,"),
        ("цруку ещ агыу", "where to fuse"),
    ],
)
def test_a_question_on_the_other_layout_is_read_as_it_was_meant(typed: str, meant: str) -> None:
    known = [Correction("ghtlj[hfybntkm", "предохранитель"), Correction("агыу", "fuse")]
    assert all_relaid(known)
    assert retyped(typed, known) == meant
    assert not all_relaid([*known, Correction("keepr", "keeper")])
    assert not all_relaid([])


def _hits(run: Run, question: str, mode: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = run("query", question, "--mode", mode, "--json").json["hits"]
    return found


FUSES = {
    "щиток.txt": "Предохранитель стоит в щитке у двери, запасной лежит рядом.",
    "ёлка.txt": "Ёлку купили у лесника и поставили в углу.",
    "cellar.txt": "The fuse is in the cellar, behind the boiler.",
    "roof.txt": "The gutters of the roof were cleaned in October.",
    "log.txt": "Hkj jhfyb ldtp, ctvmz: a line of letters that mean nothing.",
}


@pytest.fixture
def fuses(run: Run, tmp_path: Path) -> Run:
    """Run commands on a store of notes in two languages."""
    for name, text in FUSES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    return run


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("ghtlj[hfybntkm", "предохранитель"),
        ("Ult pfgfcyjq ghtlj[hfybntkm?", "где запасной предохранитель?"),
        ("агыу ещ еру сууддфк", "fuse to the ceellar"),
    ],
)
@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_the_other_layout_finds_in_every_mode_what_the_right_one_does(
    fuses: Run, typed: str, right: str, mode: str
) -> None:
    found = [
        [(hit["document"], hit["score"]) for hit in _hits(fuses, asked, mode)]
        for asked in (typed, right)
    ]
    assert found[0] == found[1]
    told = fuses("query", typed, "--mode", mode).err
    assert "was looked for instead" in told


def test_what_has_a_known_word_is_not_read_on_the_other_layout(fuses: Run) -> None:
    found = fuses("query", "line ghtlj[hfybntkm").err
    assert "'предохранитель' was looked for too" in found


SIGNS = ["???", "...", "«»", "—", '""', "🙂", "👍🏽 ❤️", "€", "lang:ru ???", "🙂 file:*.md"]


@pytest.mark.parametrize("command", [("query",), ("ask",), ("why", "--doc", "ru/маяк.md")])
def test_a_question_of_signs_alone_is_refused(filled: Run, command: tuple[str, ...]) -> None:
    for question in SIGNS:
        result = filled(*command, question)
        assert (result.code, result.out) == (2, ""), question
        assert "has no word" in result.err


def test_a_sign_beside_a_word_is_no_fault(filled: Run) -> None:
    for question in ("1911", "маяк 🙂", "🙂 tower", "№", "中"):
        assert filled("query", question).code == 0, question
        assert "has no word" not in filled("ask", question).err


# --- synonyms


BOTH = ("en", "ru")


def test_equals_stand_for_each_other_and_arrows_point_one_way() -> None:
    found = Synonyms.parse(["машина, автомобиль, car # на всех языках", "ИИ => neural net", ""])
    assert found.of("Эта Машина!", BOTH) == (("машина", "автомобиль"), ("машина", "car"))
    assert found.of("Про ИИ", BOTH) == (("ии", "neural net"),)
    assert found.of("neural net", BOTH) == ()


def test_a_wording_of_several_words_is_found_where_they_stand_together() -> None:
    found = Synonyms.parse(["machine learning, ML"])
    assert found.of("about machine learning", BOTH) == (("machine", "ML"),)
    assert found.of("machine for learning", BOTH) == ()
    assert found.of("ml", BOTH) == (("ml", "machine learning"),)


@pytest.mark.parametrize(
    ("line", "text", "languages", "pairs"),
    [
        ("автомобиль, машина", "ремонт автомобиля", BOTH, {("автомобиля", "машина")}),
        ("автомобиль, машина", "Автомобилями", BOTH, {("автомобилями", "машина")}),
        ("car, automobile", "repair of cars", BOTH, {("cars", "automobile")}),
        ("lighthouse keeper => warden", "lighthouse keepers", BOTH, {("lighthouse", "warden")}),
        ("смотритель маяка => хранитель", "смотрителю маяков", BOTH, {("смотрителю", "хранитель")}),
        ("Katzen, Tiere", "eine Katze", ("de",), {("katze", "Tiere")}),
        ("car, automobile", "cars", (), {("cars", "automobile")}),
        ("e-mail, письмо", "two e-mails", BOTH, {("e-mails", "письмо")}),
    ],
)
def test_words_are_compared_by_their_stems(
    line: str, text: str, languages: tuple[str, ...], pairs: set[tuple[str, str]]
) -> None:
    assert set(Synonyms.parse([line]).of(text, languages)) == pairs


@pytest.mark.parametrize(
    ("line", "text", "pair"),
    [
        ("на дому, удалённая", "работа на дому", ("дому", "удалённая")),
        ("удалённая, на дому", "работа на дому", ("дому", "удалённая")),
        ("по почте => письмом", "оплата по почте", ("почте", "письмом")),
        ("in charge, responsible", "who is in charge", ("charge", "responsible")),
        ("at home => remote", "work at home", ("home", "remote")),
        ("IT, information technology", "IT", ("it", "information technology")),
    ],
)
def test_another_wording_stands_beside_a_word_that_is_asked_for(
    line: str, text: str, pair: tuple[str, str]
) -> None:
    also = Synonyms.parse([line]).of(text, BOTH)
    assert also == (pair,)
    (word,) = [
        each
        for each in reading.asked(LexicalQuery(text, also=also), BOTH).words
        if len(each.terms) + len(each.wordings) > 1
    ]
    assert word.text == pair[0]


@pytest.mark.parametrize("line", ["alone", "=> b", "a =>", ",,", "a, "])
def test_a_line_that_is_none_is_named(line: str, tmp_path: Path) -> None:
    file = tmp_path / "s.txt"
    file.write_text(f"a, b\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"line 2 of .*s\.txt"):
        Synonyms.load(file)


def test_a_file_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        Synonyms.load(tmp_path / "nothing")
    (tmp_path / "s.txt").write_bytes("машина, авто".encode("cp1251"))
    with pytest.raises(UsageError, match="not UTF-8"):
        Synonyms.load(tmp_path / "s.txt")


def test_the_synonyms_of_a_store_are_read_by_every_search(filled: Run, store: Path) -> None:
    assert filled("query", "фонарь", "--mode", "lexical", "--no-mend").out == ""
    (store / "synonyms.txt").write_text("фонарь, лампа\n", encoding="utf-8")
    for question in ("фонарь", "Свет фонарей"):
        hits = filled("query", question, "--mode", "lexical", "--json").json["hits"]
        assert [hit["document"] for hit in hits] == ["ru/маяк.md"]


# --- parts


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (
            "Who founded Acme Corp and when did it close?",
            ["Who founded Acme Corp?", "when did it close Acme Corp?"],
        ),
        (
            "Кто построил маяк Форос и когда он сгорел?",
            ["Кто построил маяк Форос?", "когда он сгорел Форос?"],
        ),
        (
            "What is the height of the tower, and how many steps does it have?",
            ["What is the height of the tower?", "how many steps does it have?"],
        ),
        (
            "Где живут чайки, а сколько птиц прилетает весной?",
            ["Где живут чайки?", "сколько птиц прилетает весной?"],
        ),
        (
            "В каком году родился «Пётр Ильич» и где он жил?",
            ["В каком году родился «Пётр Ильич»?", "где он жил «Пётр Ильич»?"],
        ),
    ],
)
def test_two_questions_in_one_are_told_apart(question: str, found: list[str]) -> None:
    assert parts(question) == found


@pytest.mark.parametrize(
    "question",
    [
        "Where do I find salt and pepper?",
        "What is the difference between IVF and what is called PQ",
        "Who wrote it and when?",
        "Что такое забывание и память?",
        "Хлеб и когда его печь",
        "Tom and Jerry and how they met",
        "Расскажи про маяк и чаек",
        "",
        "12 and 13",
        "Wer baute den Turm und wann?",
    ],
)
def test_what_is_not_surely_two_questions_stays_one(question: str) -> None:
    if question.startswith("What is the difference"):
        assert len(parts(question)) <= 2
    else:
        assert parts(question) == [question]


@given(st.text(max_size=80))
def test_any_question_has_one_part_or_two(question: str) -> None:
    assert len(parts(question)) in {1, 2}


def test_a_question_in_parts_finds_both(filled: Run, store: Path) -> None:
    del filled
    with Searcher.open(store) as searcher:
        question = "How high is the gull tower and what broke the lamp?"
        (hits,) = searcher.search([question], 3, how=How(split=True))
    assert {"en/tower.md", "en/storm.txt"} <= {hit.document for hit in hits}


# --- feedback


def test_feedback_moves_the_question_towards_its_passages() -> None:
    question = np.array([1, 0], dtype=np.float32)
    passages = np.array([[0, 1]], dtype=np.float32)
    assert moved(question, passages, weight=1).tolist() == pytest.approx([0.5**0.5, 0.5**0.5])
    assert moved(question, passages[:0]).tolist() == [1, 0]
    assert np.linalg.norm(moved(question, passages)) == pytest.approx(1)


def test_the_telling_words_of_the_first_passage_are_lent(filled: Run, store: Path) -> None:
    assert filled("query", "storm", "--mode", "lexical", "--feedback", "1").code == 0
    with Searcher.open(store) as searcher:
        (hits,) = searcher.search(["storm"], 1, how=How("lexical"))
        assert searcher.lexical is not None
        lent = words([hits[0].chunk], searcher.lexical, but="storms")
    assert {"keeper", "broke", "nobody"} <= set(lent)
    assert not {"storm", "1953", "the", "was"} & set(lent)
