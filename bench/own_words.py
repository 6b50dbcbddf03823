"""What people tell in their own words, and ask later: how much of it memory answers.

The sets in ``bench/own_words`` were written apart from the patterns. Each dialogue becomes a memory
of its own. With ``--fit`` the coefficients of ``memctl.memory.likeness`` are fitted on the first
set: each dialogue alone, and among the turns of others (LoCoMo's in English, the contest's example
in Russian). Run from the root of the project:

    python -m bench.own_words
    python -m bench.own_words --sets third --show
    python -m bench.own_words --fit
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.common import ROOT, Report, Row, read_rows, talk
from bench.options import folder, parser, start, workspace
from bench.regression import area, chance, fit, matrix_of
from memctl.ingest import Embedder, detect
from memctl.ingest.embedders import get
from memctl.memory import Book, Place, Recall, Turn, grammar_for, read_dialogues
from memctl.memory.extractor import Patterns
from memctl.memory.remarks import ENOUGH, Remark
from memctl.memory.writing import write

SETS = ("first", "second", "third")
FOLDER = ROOT / "bench" / "own_words"
AMONG = (0, 60, 800)  # turns of others
LONGEST = 1_500  # characters of such a turn
SEED = 5
ROUNDS = 6  # of fitting on what the last fit picks
NEAR_MISS = 1.5  # the weight of a question whose answer was not told, though it seems near


@dataclass(slots=True)
class Count:
    """Questions of a kind: how many, how many were right, and how many were answered wrongly."""

    all: int = 0
    right: int = 0
    false: int = 0


def measured(name: str, embedder: Embedder, work: Path, *, show: bool) -> dict[str, Count]:
    """Return the counts of a set, by language and by whether an answer was told."""
    found: dict[str, Count] = {}
    for number, row in enumerate(read_rows(FOLDER / f"{name}.jsonl")):
        place = Place(work / name, str(number))
        _fill(place, _turns(row), embedder)
        with Book.open(place) as book:
            recall = Recall(book, embedder, grammar_for(place))
            for question in row["questions"]:
                answer = recall.answer(question["q"])
                right = is_right(question, answer.text, abstained=answer.abstained)
                told = "untold" if question.get("abstain") else "told"
                count = found.setdefault(f"{_language(question['q'])}, {told}", Count())
                count.all += 1
                count.right += right
                count.false += not right and not answer.abstained
                if show and not right:
                    talk(f"{question['q']} | {answer.text} | {row['said']}")
    return found


def is_right(question: Row, text: str, *, abstained: bool) -> bool:
    """Return whether an answer holds what it must and nothing that it must not."""
    if question.get("abstain"):
        return abstained
    unwanted = question.get("not")
    return (
        not abstained
        and re.search(question["want"], text, re.IGNORECASE) is not None
        and not (unwanted and re.search(unwanted, text, re.IGNORECASE))
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the signs (n, m) of what may answer it, and which of that does (n,)."""

    rows: tuple[tuple[float, ...], ...]
    right: tuple[bool, ...]
    weight: float


def gathered(data: Path, embedder: Embedder, work: Path) -> Iterator[Asked]:
    """Yield the questions of the first set, each dialogue alone and among others.

    Each dialogue is also asked one question of another, which it cannot answer.
    """
    others = {"en": _locomo(data), "ru": _contest(data)}
    chosen = random.Random(SEED)
    places = {
        (language, count): _among(texts, count, work / f"{language}{count}", embedder, chosen)
        for language, texts in others.items()
        for count in AMONG
    }
    rows = list(read_rows(FOLDER / "first.jsonl"))
    for number, row in enumerate(rows):
        language = _language(row["said"][0][1])
        strangers = [r for r in rows if r is not row and _language(r["said"][0][1]) == language]
        foreign = {**chosen.choice(chosen.choice(strangers)["questions"]), "abstain": True}
        for count in AMONG:
            if count == max(AMONG) and number % 2:
                continue  # what takes longest, of every other
            place = Place(work / "one", "me")
            shutil.rmtree(place.folder, ignore_errors=True)
            if count:
                shutil.copytree(places[language, count].folder, place.folder)
            _fill(place, _turns(row), embedder)
            with Book.open(place) as book:
                recall = Recall(book, embedder, grammar_for(place))
                for question in (*row["questions"], foreign):
                    told = recall.remarks(str(question["q"]))
                    if told:
                        yield _asked(question, told, near=question is not foreign)


def _asked(question: Row, told: Sequence[Remark], *, near: bool) -> Asked:
    right = tuple(
        not question.get("abstain")
        and each.episode.session.startswith("own")
        and is_right(question, each.text, abstained=False)
        for each in told
    )
    signs = tuple(each.signs.values for each in told if each.signs is not None)
    weight = NEAR_MISS if near and question.get("abstain") else 1.0
    return Asked(signs, right, weight)


def fitted(asked: Sequence[Asked], size: int) -> list[float]:
    """Return the coefficients of a regression on the first ``size`` signs.

    It is fitted on all, and then again on what it takes for the two likeliest of a question.
    """
    every = [(row[:size], right) for each in asked for row, right in _pairs(each)]
    x, y = matrix_of([row for row, _ in every]), np.array([r for _, r in every], dtype=float)
    share = np.array([len(each.rows) ** -0.5 for each in asked for _ in each.rows])
    weights = fit(x, y, weights=share)
    for _ in range(ROUNDS):
        picked: list[tuple[tuple[float, ...], bool, float]] = []
        for each in asked:
            rows = matrix_of([row[:size] for row in each.rows])
            best = np.argsort(-chance(rows, weights))[:2].tolist()
            picked += [
                (each.rows[at][:size], each.right[at], each.weight * (0.3 if rank else 1.0))
                for rank, at in enumerate(best)
            ]
        x = matrix_of([row for row, _, _ in picked])
        y = np.array([right for _, right, _ in picked], dtype=float)
        weights = fit(x, y, weights=np.array([weight for _, _, weight in picked]))
    talk(f"area under the ROC curve {area(chance(x, weights), y):.3f} on {len(x)} remarks")
    return [round(float(each), 2) for each in weights]


def _pairs(asked: Asked) -> Iterator[tuple[tuple[float, ...], bool]]:
    yield from zip(asked.rows, asked.right, strict=True)


def _locomo(data: Path) -> list[str]:
    file = folder(data / "locomo") / "corpus.jsonl"
    return [turn.text for each in read_dialogues(file, "locomo")[:3] for turn in each.turns]


def _contest(data: Path) -> list[str]:
    file = folder(data / "gigamemory_example") / "dialogues.jsonl"
    turns = [turn for each in read_dialogues(file, "gigamemory") for turn in each.turns]
    return [each.text for each in turns if each.role == "user" and len(each.text) < LONGEST]


def _among(
    texts: Sequence[str], count: int, store: Path, embedder: Embedder, chosen: random.Random
) -> Place:
    """Make a memory of some turns of others."""
    place = Place(store, "me")
    some = chosen.sample(list(texts), min(count, len(texts)))
    turns = [
        Turn("user", text, session=f"other {at // 20}", ordinal=at, said_at="2023-01-01")
        for at, text in enumerate(some)
    ]
    if turns:
        _fill(place, turns, embedder)
    return place


def _turns(row: Row) -> list[Turn]:
    return [
        Turn("user", text, session=f"own {at}", ordinal=1, said_at=day)
        for at, (day, text) in enumerate(row["said"])
    ]


def _fill(place: Place, turns: Sequence[Turn], embedder: Embedder) -> None:
    grammar = grammar_for(place)
    with Book.write(place) as book:
        write(book, turns, embedder=embedder, grammar=grammar, extractor=Patterns(grammar))


def _language(text: str) -> str:
    return "ru" if detect(text) == "ru" or re.search("[а-яё]", text, re.IGNORECASE) else "en"


def main() -> int:
    """Measure the sets, or fit."""
    made = parser(__doc__)
    made.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS))
    made.add_argument("--show", action="store_true", help="show what was not answered right")
    made.add_argument("--fit", action="store_true", help="fit the coefficients, and end")
    args: argparse.Namespace = made.parse_args()
    embedder = get("e5-small")
    with workspace() as work:
        if args.fit:
            asked = list(gathered(args.data, embedder, work))
            size = len(asked[0].rows[0])
            print("BY_WORDS =", tuple(fitted(asked, size - 1)))
            print("BY_BOTH =", tuple(fitted(asked, size)))
            return 0
        report = Report("own_words", ("set", "questions", "right", "share", "answered wrongly"))
        for name in args.sets:
            for kind, count in sorted(measured(name, embedder, work, show=args.show).items()):
                share = count.right / count.all
                row = (f"{name}, {kind}", str(count.all), str(count.right), f"{share:.2f}")
                report.rows.append((*row, str(count.false)))
                report.numbers[f"{name} {kind}"] = {"all": count.all, "right": count.right}
        talk(f"an answer is given from a chance of {ENOUGH} on")
        return report.finish(args.json)


if __name__ == "__main__":
    start(main)
