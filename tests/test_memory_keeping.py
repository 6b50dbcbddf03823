"""Forgetting that is proved, consolidation that loses nothing settled, and undoing."""

from __future__ import annotations

from pathlib import Path

import pytest
from memory_support import answer, facts, place_in, told
from support import Run

from memctl.memory import Book, ContestMemory, Place, grammar_for
from memctl.memory.consolidation import consolidate, pin
from memctl.memory.forgetting import BLACK, forget
from memctl.memory.journal import entries, undo


def bytes_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


@pytest.mark.parametrize(
    ("said", "attribute", "gone", "stays"),
    [
        ("Я живу в Казани. Работаю учителем.", "city", "Казани", "учителем"),
        ("I live in Trondheim and I work as a nurse.", "city", "Trondheim", "nurse"),
        ("У меня аллергия на орехи, а ещё я живу в Омске.", "allergy", "орехи", "Омске"),
    ],
)
def test_what_is_forgotten_is_in_no_file(
    tmp_path: Path, run: Run, said: str, attribute: str, gone: str, stays: str
) -> None:
    place = place_in(tmp_path)
    told(place, [said, "Ещё одна реплика, another turn."])
    with Book.open(place) as book:
        (vector,) = book.db.execute(
            "SELECT vector FROM facts WHERE attribute = ?", (attribute,)
        ).fetchone()
    assert gone.encode() in bytes_in(place.folder)
    result = run("memory", "forget", "--attribute", attribute, "--prove", "--json", "--yes")
    assert result.code == 0
    assert result.json["proved"] > 0
    data = bytes_in(place.folder)
    assert gone.encode() not in data
    assert vector not in data
    assert stays.encode() in data
    assert not [fact for fact in facts(place) if fact.attribute == attribute]
    assert all(BLACK not in fact.quote for fact in facts(place))


def test_mentions_are_told_and_with_the_flag_blacked_out(tmp_path: Path, run: Run) -> None:
    place = place_in(tmp_path)
    told(place, ["I live in Trondheim.", "What is the weather in Trondheim like?"])
    first = run("memory", "forget", "--attribute", "city", "--yes")
    assert "still named in 1 other turn" in first.err
    told(place, ["I live in Trondheim now."])
    assert run("memory", "forget", "--attribute", "city", "--prove", "--yes").code == 3
    told(place, ["I really live in Trondheim."])
    run("memory", "forget", "--attribute", "city", "--mentions", "--prove", "--yes")
    assert b"Trondheim" not in bytes_in(place.folder)


def test_lessons_that_name_it_are_told_and_dropped(tmp_path: Path, run: Run) -> None:
    place = place_in(tmp_path)
    told(place, ["I live in Trondheim.", "I work as a nurse."])
    run("memory", "lesson", "add", "where I live", "look for: Trondheim Bergen")
    run("memory", "lesson", "add", "work", "look for: shifts")
    kept = run("memory", "forget", "--attribute", "city", "--prove", "--yes")
    assert kept.code == 3
    assert "lessons or examples 1" in kept.err
    told(place, ["I live in Trondheim again."])
    gone = run("memory", "forget", "--attribute", "город", "--mentions", "--prove", "--yes")
    assert gone.code == 0
    assert b"Trondheim" not in bytes_in(place.folder)
    assert "shifts" in run("memory", "lesson", "list").out


@pytest.mark.parametrize("words", [("--attribute", "city"), ("--all",), ("1",)])
def test_nothing_is_forgotten_without_a_yes_where_nobody_can_be_asked(
    tmp_path: Path, run: Run, words: tuple[str, ...]
) -> None:
    place = place_in(tmp_path)
    told(place, ["I live in Trondheim."])
    result = run("memory", "forget", *words)
    assert result.code == 2
    assert "--yes" in result.err
    assert [each.value for each in facts(place)] == ["Trondheim"]


def test_an_import_of_what_was_forgotten_does_not_bring_it_back(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["I live in Trondheim."])
    with Book.write(place) as book:
        forget(book, book.facts(), embedder=book.embedder(), mentions=False, prove=True)
    written = told(place, ["I live in Trondheim."])
    assert (written.turns, written.known) == (0, 1)
    assert facts(place) == []


def test_forgetting_cannot_be_undone_and_leaves_a_receipt(tmp_path: Path, run: Run) -> None:
    place = place_in(tmp_path)
    told(place, ["I live in Trondheim."])
    run("memory", "forget", "--attribute", "city", "--prove", "--yes")
    assert run("memory", "undo").code == 2
    receipt = place.receipts.read_text(encoding="utf-8")
    assert '"facts": 1' in receipt
    assert "Trondheim" not in receipt


def test_all_of_a_user_goes_and_nobody_elses(tmp_path: Path, run: Run) -> None:
    told(place_in(tmp_path, "ann"), ["I live in Oslo."])
    told(place_in(tmp_path, "bob"), ["I live in Rome."])
    assert run("memory", "forget", "--all", "--user", "ann", "--yes").code == 0
    assert run("memory", "recall", "Where do I live?", "--user", "ann").code == 1
    assert "Rome" in run("memory", "recall", "Where do I live?", "--user", "bob").out


def settled(tmp_path: Path) -> Place:
    """A memory with facts that were confirmed, and many that were told once."""
    place = place_in(tmp_path)
    told(
        place,
        [
            "I live in Oslo and I'm allergic to peanuts",
            "Yes, I live in Oslo and I'm allergic to peanuts",
            "I like jazz, cheese and rain",
            "I bought a lamp",
            "Я люблю чай, горы и кино",
            "Я играю на гитаре",
        ],
    )
    return place


@pytest.mark.parametrize("budget", [None, 100, 4, 2, 0])
def test_consolidation_never_makes_a_settled_fact_unrecallable(
    tmp_path: Path, budget: int | None
) -> None:
    place = settled(tmp_path)
    with Book.write(place) as book:
        consolidate(book, grammar_for(place))
        law = [fact for fact in book.facts() if fact.block == "settled"]
        assert {fact.value for fact in law} == {"Oslo", "peanuts"}
        done = consolidate(book, grammar_for(place), budget=budget)
    assert "Oslo" in answer(place, "Where do I live?").text
    assert "peanuts" in answer(place, "What am I allergic to?").text
    kept = {fact.number for fact in facts(place)}
    assert {fact.number for fact in law} <= kept
    if budget is not None:
        assert len(kept) == max(min(budget, 10), len(law))
        assert done.over == max(len(law) - budget, 0)


def test_what_is_dropped_stands_in_the_journal_and_comes_back(tmp_path: Path) -> None:
    place = settled(tmp_path)
    before = facts(place)
    with Book.write(place) as book:
        done = consolidate(book, grammar_for(place), budget=2)
        assert done.dropped > 0
        assert entries(book)[-1].note["dropped"] == done.dropped
        assert len(book.facts()) < len(before)
        assert undo(book).operation == "consolidate"
    assert facts(place) == before
    assert "гитара" in answer(place, "На каком инструменте я играю?").text


def test_pinned_facts_are_settled_and_stay(tmp_path: Path) -> None:
    place = settled(tmp_path)
    with Book.write(place) as book:
        (lamp,) = book.facts("f.value = 'lamp'")
        pin(book, lamp.number, pinned=True)
        consolidate(book, grammar_for(place), budget=0)
        assert {fact.value for fact in book.facts()} == {"Oslo", "peanuts", "lamp"}


def test_blocks_change_with_the_sessions(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["I live in Oslo"], session="1")
    assert [fact.block for fact in facts(place)] == ["working"]
    told(place, ["I play tennis"], session="2")
    assert {fact.value: fact.block for fact in facts(place)} == {
        "Oslo": "recent",
        "tennis": "working",
    }


def test_what_says_the_same_is_merged_into_the_more_exact(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["I like green tea"])
    told(place, ["I like tea"])
    (fact,) = facts(place)
    assert (fact.value, fact.confirmations) == ("green tea", 2)


def test_sessions_are_summed_up_by_their_own_sentences(tmp_path: Path) -> None:
    place = settled(tmp_path)
    with Book.write(place) as book:
        done = consolidate(book, grammar_for(place))
        rows = book.db.execute("SELECT session, text FROM summaries").fetchall()
    assert done.summaries == len(rows) == 5
    assert dict(rows)["1"] == "I live in Oslo and I'm allergic to peanuts"
    with Book.write(place) as book:
        assert consolidate(book, grammar_for(place)).summaries == 0


def test_summaries_are_shown_and_exported(tmp_path: Path, run: Run) -> None:
    settled(tmp_path)
    assert run("memory", "consolidate").code == 0
    (each,) = run("memory", "stats", "--sessions", "--json").json["users"]
    assert each["by_session"][0]["summary"] == "I live in Oslo and I'm allergic to peanuts"
    assert each["by_session"][-1]["summary"] == ""
    assert "I live in Oslo" in run("memory", "stats", "--sessions").out
    assert '"kind": "summary"' in run("memory", "export").out


def test_a_model_can_sum_up(tmp_path: Path) -> None:
    place = settled(tmp_path)
    with Book.write(place) as book:
        consolidate(book, grammar_for(place), summarise=lambda text: f"about {len(text)}")
        (text,) = book.db.execute("SELECT text FROM summaries WHERE session = '1'").fetchone()
    assert text.startswith("about ")


def test_undo_takes_back_an_import(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    told(place, ["I live in Oslo"])
    before = facts(place)
    told(place, ["I moved to Rome", "I live in Rome, and I play golf"], session="x")
    with Book.write(place) as book:
        undo(book)
        assert book.count("episodes") == 1
        assert book.count("words") == book.count("windows") + book.count("facts")
    assert facts(place) == before
    assert "Oslo" in answer(place, "Where do I live?").text
    written = told(place, ["I moved to Rome"], session="x")
    assert written.turns == 1


def test_the_contests_interface(tmp_path: Path) -> None:
    memory = ContestMemory(tmp_path / "store")
    memory.write_to_memory([{"role": "user", "content": "Я купила мопса, зовут Бублик"}], "1")
    memory.write_to_memory(
        [{"role": "user", "content": "Живу в Твери"}, {"role": "assistant", "content": "Ясно"}],
        "1",
    )
    memory.write_to_memory([{"role": "user", "content": "Живу в Туле"}], "2")
    assert "мопс" in memory.answer_to_question("1", "Какая порода у моей собаки?")
    assert "Тверь" in memory.answer_to_question("1", "Где я живу?")
    assert "Тула" in memory.answer_to_question("2", "Где я живу?")
    assert "ничего не известно" in memory.answer_to_question("2", "Какая у меня машина?")
    memory.clear_memory("1")
    memory.clear_memory("1")
    memory.write_to_memory([{"role": "user", "content": "Живу в Рязани"}], "1")
    assert "Рязань" in memory.answer_to_question("1", "Где я живу?")
