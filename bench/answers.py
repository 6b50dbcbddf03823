"""Quality and cost of quoted answers: is the right one in them, what do they add to a search?

Each question of a set is answered from the whole index of its set, in one process, by the built-in
answerer. Measures: the share of the questions whose answer holds a gold answer (after NFKC, case,
ё and white space are folded; a refusal holds none); the share of the answers of at most two
sentences; the share of exact quotes, compared with the documents as the store lays them; how many
of the short answers, which are given where they are certain, are the gold one or a part of it; and
how much longer a warm answer takes than its search alone, in CPU time, search and answer in turns.
The sentence choice is fitted on all sets but one, and the gold share is that of the weights in the
code; ``--fit`` prints a fit on each set's others. Run from the root of the project:

    python -m bench.answers --keep STORES
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bench.common import Gate, Report, Row, corpus_file, mean, read_rows, talk
from bench.options import folder, memctl_at, parser, start, workspace
from bench.regression import fit, matrix_of
from memctl.ingest import folded
from memctl.query import Answer, Answerer, Searcher
from memctl.query.answers.choice import ranked_by_words

SETS = ("xquad_en", "xquad_ru")
DEMANDED = {"xquad_en": 0.75, "xquad_ru": 0.70}
_K, _SEED, _WARM = 8, 7, 10


@dataclass(slots=True)
class Tally:
    """What was counted and timed of one set."""

    asked: int = 0
    gold: int = 0
    refused: int = 0
    short: int = 0
    quotes: int = 0
    exact: int = 0
    spans: int = 0
    right_spans: int = 0
    search: list[float] = field(default_factory=list[float])
    answer: list[float] = field(default_factory=list[float])


def tally(searcher: Searcher, rows: Sequence[Row]) -> Tally:
    """Ask all questions of a set."""
    answerer, found = Answerer(searcher), Tally()
    for number, row in enumerate(rows):
        text = row["text"].replace('"', " ")
        begun = time.process_time()
        (hits,) = searcher.search([text], _K)
        searched = time.process_time()
        answer = answerer.answer_from(text, hits)
        if number >= _WARM:
            found.search.append(searched - begun)
            found.answer.append(time.process_time() - searched)
        _count(found, answer, row, searcher)
    return found


def _count(found: Tally, answer: Answer, row: Row, searcher: Searcher) -> None:
    found.asked += 1
    found.refused += answer.abstained
    text = _plain(answer.text)
    held = any(_plain(gold) in text for gold in row["answers"])
    found.gold += held and not answer.abstained
    found.short += len(answer.claims) <= 2
    found.spans += bool(answer.short)
    span = _plain(answer.short)
    right = any(_plain(gold) in span or span in _plain(gold) for gold in row["answers"])
    found.right_spans += bool(span) and right
    for each in answer.citations:
        laid = searcher.store.catalog.text_between(each.document, each.start, each.end)
        found.quotes += 1
        found.exact += laid == each.quote


def _plain(text: str) -> str:
    return " ".join(folded(text).split())


def signs(searcher: Searcher, rows: Sequence[Row]) -> tuple[list[tuple[float, ...]], list[float]]:
    """Return the signs of the sentences of each question's hits, and which hold a gold answer."""
    values: list[tuple[float, ...]] = []
    labels: list[float] = []
    for row in rows:
        text = row["text"].replace('"', " ")
        (hits,) = searcher.search([text], _K)
        for each in ranked_by_words(text, hits):
            values.append(each.signs)
            shown = _plain(each.sentence.text)
            labels.append(float(any(_plain(gold) in shown for gold in row["answers"])))
    return values, labels


def report(found: dict[str, Tally]) -> Report:
    """Return the table and the gates."""
    made = Report(
        "answers",
        (
            "set",
            "questions",
            "gold in answer",
            "refused",
            "quotes exact",
            "short answers right",
            "answer / search",
        ),
    )
    for name, its in found.items():
        share, exact = its.gold / its.asked, its.exact / max(its.quotes, 1)
        ratio = 1 + sum(its.answer) / sum(its.search)
        made.rows.append(
            (
                name,
                str(its.asked),
                f"{share:.3f}",
                f"{its.refused / its.asked:.3f}",
                f"{its.exact}/{its.quotes}",
                f"{its.right_spans}/{its.spans}",
                f"{ratio:.2f}",
            )
        )
        made.gates.append(Gate(f"gold in answer, {name}", share, limit=DEMANDED.get(name, 0)))
        made.gates.append(Gate(f"exact quotes, {name}", exact, limit=1))
        made.gates.append(Gate(f"at most two sentences, {name}", its.short / its.asked, limit=1))
        made.gates.append(Gate(f"answer to search, {name}", ratio, limit=2, at_most=True))
        milliseconds = 1000 * mean(its.search), 1000 * mean(its.answer)
        talk(
            f"{name}: search {milliseconds[0]:.1f} ms, answer adds {milliseconds[1]:.1f} ms of CPU"
        )
    return made


def main() -> int:
    """Run the command line."""
    args = parser(__doc__)
    args.add_argument("--sets", nargs="+", default=SETS, metavar="NAME")
    args.add_argument("--keep", type=Path, metavar="DIR", help="keep the stores there")
    args.add_argument("--limit", type=int, help="ask at most so many questions of a set")
    args.add_argument("--fit", action="store_true", help="fit the sentence choice anew")
    chosen = args.parse_args()
    data = folder(chosen.data)
    found: dict[str, Tally] = {}
    fitting: dict[str, tuple[list[tuple[float, ...]], list[float]]] = {}
    with workspace(chosen.keep) as work:
        for name in chosen.sets:
            store = work / name
            memctl = memctl_at(store, chosen)
            memctl.ingest(corpus_file(data / name))
            memctl("index", "build")
            rows = [row for row in read_rows(data / name / "queries.jsonl") if row.get("answers")]
            random.Random(_SEED).shuffle(rows)
            talk(f"{name}: questions")
            with Searcher.open(store) as searcher:
                found[name] = tally(searcher, rows[: chosen.limit])
                if chosen.fit:
                    fitting[name] = signs(searcher, rows[: chosen.limit])
    for name in fitting:
        others = [pair for other, pair in fitting.items() if other != name]
        x = matrix_of([value for values, _ in others for value in values])
        y = np.array([label for _, labels in others for label in labels])
        talk(f"BY_WORDS without {name}: {tuple(fit(x, y).round(2).tolist())}")
    return report(found).finish(chosen.json)


if __name__ == "__main__":
    start(main)
