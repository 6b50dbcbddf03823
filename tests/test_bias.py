"""Passages in another language than the question are given back what they lose by that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support import Run

from memctl.index import Rows
from memctl.ingest import Vectors
from memctl.query import How, Searcher
from memctl.query.bias import LanguageBias, Lifts

EACH = 40  # passages in a language
OTHER, OWN = 0.60, 0.70  # usual cosines


class Languages:
    """Rows of an index of words: English ones, then Russian, then code."""

    languages = ("en", "ru", "und")

    def rows_in(self, language: str) -> Rows:
        at = self.languages.index(language) * EACH
        return np.arange(at, at + EACH, dtype=np.int64)


def vectors(*, hub: int | None = None) -> Vectors:
    """Unit vectors that point to (1, 0, …) in English and are turned from it in Russian."""
    random = np.random.default_rng(5)
    made = random.normal(0, 0.05, (3 * EACH, 8)).astype(np.float32)
    made[:EACH, 0] += 1
    made[EACH : 2 * EACH, :2] += (0.8, 0.6)
    if hub is not None:
        made[hub] = made[:EACH].mean(axis=0)
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    return made


def bias(table: Vectors) -> LanguageBias:
    return LanguageBias(Languages(), lambda rows: table[rows], total=len(table))  # type: ignore[arg-type]


def question(table: Vectors) -> Vectors:
    return np.asarray(table[:EACH].mean(axis=0), dtype=np.float32)


def test_what_is_given_back_is_what_is_usual_at_most_a_little_more_than_a_deviation() -> None:
    table = vectors()
    lifts = bias(table).lifts(question(table), "en")
    own, other = table[:EACH] @ question(table), table[EACH : 2 * EACH] @ question(table)
    assert lifts.own == "en"
    assert lifts.by == pytest.approx({"ru": min(own.mean() - other.mean(), 1.25 * own.std())})
    near = 0.9 * question(table) + 0.1 * table[EACH : 2 * EACH].mean(axis=0)
    assert bias(table).lifts(near, "en").by["ru"] <= 1.25 * (table[:EACH] @ near).std() + 1e-6


def test_of_a_question_that_is_nearer_to_the_other_language_nothing_is_taken() -> None:
    table = vectors()
    russian = table[EACH : 2 * EACH].mean(axis=0)
    assert bias(table).lifts(russian, "en").by == {}
    assert bias(table).lifts(russian, "ru").by.keys() == {"en"}
    assert bias(table).lifts(russian, "und") == bias(table).lifts(russian, "ru")


def test_only_the_other_language_is_lifted_and_no_code() -> None:
    table = vectors()
    lift = bias(table).lift(np.arange(len(table)), Lifts("en", by={"ru": 0.1}))
    assert lift[:EACH].max() == lift[2 * EACH :].max() == 0
    assert (lift[EACH : 2 * EACH] > 0).sum() >= EACH - 2
    assert lift.max() == np.float32(0.1)
    assert not bias(table).lift(np.arange(len(table)), Lifts()).any()


def test_what_is_near_to_anything_is_not_lifted() -> None:
    hub = EACH + 7
    lift = bias(vectors(hub=hub)).lift(np.array([hub - 1, hub]), Lifts("en", by={"ru": 0.1}))
    assert lift.tolist() == pytest.approx([0.1, 0])


def test_one_language_and_rows_without_vectors_have_no_bias() -> None:
    table = vectors()
    few = LanguageBias(Languages(), lambda rows: table[rows], total=EACH + 5)  # type: ignore[arg-type]
    assert few.lifts(question(table), "en") == Lifts()
    none = LanguageBias(None, lambda rows: table[rows], total=len(table))
    assert none.lifts(question(table), "en") == Lifts()
    assert none.lift(np.arange(3), Lifts()).tolist() == [0, 0, 0]


EN = (
    "The ferry to the island leaves at nine.", "Bread is baked in a stone oven.",
    "The museum shows maps of the coast.", "Tickets are sold at the harbour office.",
    "The choir sings on Sundays.", "A storm broke two masts.", "The school has twelve rooms.",
    "Wool is dyed with lichen.", "The bridge was closed for repairs.", "Goats graze on the hill.",
    "The library lends films as well.", "A doctor comes twice a week.", "The road is by the river.",
    "Potatoes are planted in May.", "The inn has six beds.", "The clock was made in Leeds.",
    "Salt is kept in oak barrels.", "The mayor opened the new pier.", "Bees live behind the barn.",
    "The ferry carries ten cars.", "Fishermen mend their nets in winter.",
    "The bell rings at noon.", "The chapel is open to visitors.", "A film was shot in the valley.",
)  # fmt: skip
RU = (
    "Паром на остров отходит в девять.", "Хлеб пекут в каменной печи.", "В музее показывают карты.",
    "Билеты продают в конторе порта.", "Хор поёт по воскресеньям.", "Буря сломала две мачты.",
    "В школе двенадцать комнат.", "Шерсть красят лишайником.", "Мост закрыт на ремонт.",
    "Козы пасутся на холме.", "Библиотека выдаёт и фильмы.", "Врач приезжает дважды в неделю.",
    "Дорога идёт вдоль реки.", "Картошку сажают в мае.", "В гостинице шесть мест.",
    "Часы сделаны в Туле.", "Соль хранят в дубовых бочках.", "Глава открыл новый причал.",
    "Пчёл держат за сараем.", "Паром берёт десять машин.", "Зимой рыбаки чинят сети.",
    "Колокол бьёт в полдень.", "Часовня открыта для гостей.", "В долине снимали кино.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "question"),
    [
        (
            "Маяк построил инженер Орлов в 1912 году, а лампу к нему привезли из Гамбурга.",
            "Who built the lighthouse, and where does its lamp come from?",
        ),
        (
            "The lighthouse was built by the engineer Orlov in 1912; its lamp is from Hamburg.",
            "Кто построил маяк и откуда в нём лампа?",
        ),
    ],
)
def test_an_answer_in_the_other_language_is_found_among_passages_in_both(
    run: Run, tmp_path: Path, store: Path, answer: str, question: str
) -> None:
    for number, text in enumerate((*EN, *RU, answer)):
        (tmp_path / f"{number:02}.txt").write_text(text + "\n", encoding="utf-8")
    assert run("ingest", tmp_path).code == 0
    assert run("index", "build").code == 0
    last = f"{len(EN) + len(RU)}.txt"
    with Searcher.open(store) as searcher:
        for mode in ("hybrid", "dense"):
            ranks = [
                [h.document for h in searcher.search([question], 40, how=How(mode, across=on))[0]]
                for on in (True, False)
            ]
            first, before = (each.index(last) for each in ranks)
            assert first <= before
            assert first == 0
    told = run("why", question, "--doc", last, "--json").json
    assert told["dense"]["rank"] == 1
