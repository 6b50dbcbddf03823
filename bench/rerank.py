"""What the built-in reranker's weights are worth: chosen on some sets, measured on the others.

For each set the first 50 hits of its questions are judged once, by each column that the reranker
sees. Then, for each family of sets (those over the same texts), weights are chosen on all others by
coordinate ascent on nDCG@10 itself (Metzler and Croft 2007), and measured on it. Beside that stand
the weights that are shipped, which were rounded from those chosen on all sets: the former column
is the honest one. The stores are those of ``bench.retrieval --keep``. Run from the root of the
project:

    python -m bench.rerank --stores STORES --sets scifact nq_qed xquad_ru xquad_en --limit 90
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.common import (
    Judged,
    Report,
    SkippedError,
    first_seen,
    mean,
    ndcg,
    read_qrels,
    read_rows,
    talk,
)
from bench.options import folder, parser, start
from memctl.query import Hit, How, Searcher
from memctl.query.rerank.features import standard
from memctl.query.rerank.late import COLUMNS, WEIGHTS, BuiltIn

FIRST = 50
STEPS = (-0.2, -0.1, -0.05, 0.05, 0.1, 0.2)
ROUNDS = 4
PRICE = 0.0015  # of a weight of 1, in nDCG: what does not help stays 0

Weights = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Seen:
    """The hits of one question: documents (n,), standing (n,), columns (n, 5), judgements."""

    documents: tuple[str, ...]
    standing: Weights
    _: KW_ONLY
    columns: Weights
    judged: Judged

    def gain(self, weights: Weights) -> float:
        """Return the nDCG@10 of the order by these weights."""
        order = np.argsort(-(self.standing + self.columns @ weights), kind="stable")
        ranking = first_seen(self.documents[place] for place in order[:FIRST].tolist())
        return ndcg(ranking, self.judged, k=10)


@dataclass(frozen=True, slots=True)
class Judging:
    """What was seen on a set, and the CPU milliseconds that it took for a question."""

    name: str
    seen: tuple[Seen, ...]
    _: KW_ONLY
    ms: float

    @property
    def family(self) -> str:
        """What sets over the same texts have in common: the first part of the name."""
        return self.name.split("_", maxsplit=1)[0]

    def ndcg(self, weights: Weights) -> float:
        """Return the mean over the questions."""
        return mean(each.gain(weights) for each in self.seen)


def judge(data: Path, store: Path, *, limit: int | None) -> Judging:
    """Search and look at the hits of a set's questions that have a relevant document."""
    qrels = read_qrels(data / "qrels.tsv")
    rows = [
        (str(row["_id"]), str(row["text"]))
        for row in read_rows(data / "queries.jsonl")
        if any(grade > 0 for grade in qrels.get(str(row["_id"]), {}).values())
    ]
    chosen = np.random.default_rng(29).permutation(len(rows))[:limit].tolist()
    with Searcher.open(store) as searcher:
        built_in = searcher.reranker()
        if not isinstance(built_in, BuiltIn):
            raise SkippedError(f"{built_in.name} has no columns")
        seen: list[Seen] = []
        spent = 0.0
        for identity, text in (rows[place] for place in chosen):
            (hits,) = searcher.search([text], FIRST, how=How())
            began = time.process_time()
            columns = built_in.columns(text, hits) if len(hits) > 1 else _nothing(hits)
            spent += time.process_time() - began
            seen.append(_seen(hits, columns, qrels[identity]))
    return Judging(data.name, tuple(seen), ms=1000 * spent / max(len(seen), 1))


def chosen(sets: Sequence[Judging]) -> Weights:
    """Return the weights (5,), none below 0, that coordinate ascent finds on these sets."""
    weights = np.zeros(len(COLUMNS))
    best = _worth(sets, weights)
    for _ in range(ROUNDS):
        before = best
        for place in range(len(weights)):
            for step in STEPS:
                tried = weights.copy()
                tried[place] = round(tried[place] + step, 2)
                if tried[place] >= 0 and (worth := _worth(sets, tried)) > best + 1e-5:
                    best, weights = worth, tried
        if best == before:
            break
    return weights


def report(sets: Sequence[Judging]) -> Report:
    """Make the table."""
    made = Report(
        "rerank",
        ("set", "questions", "search", "left out", "shipped", "ms CPU", "weights chosen without"),
    )
    shipped = np.array([WEIGHTS[name] for name in COLUMNS])
    without = {
        family: chosen([each for each in sets if each.family != family] or sets)
        for family in {each.family for each in sets}
    }
    for each in sets:
        own = without[each.family]
        figures = [each.ndcg(weights) for weights in (np.zeros(len(COLUMNS)), own, shipped)]
        made.rows.append(
            (
                each.name,
                str(len(each.seen)),
                *(f"{figure:.4f}" for figure in figures),
                f"{each.ms:.0f}",
                " ".join(f"{name} {w:g}" for name, w in zip(COLUMNS, own, strict=True) if w),
            )
        )
        made.numbers[each.name] = dict(zip(("search", "left_out", "shipped"), figures, strict=True))
    names = ("search", "left_out", "shipped")
    means = [mean(row[name] for row in made.numbers.values()) for name in names]
    overall = " ".join(f"{n} {w:g}" for n, w in zip(COLUMNS, chosen(sets), strict=True) if w)
    made.rows.append(("mean", "", *(f"{each:.4f}" for each in means), "", f"on all: {overall}"))
    return made


def _seen(hits: Sequence[Hit], columns: Weights, judged: Judged) -> Seen:
    standing = standard(np.array([hit.score for hit in hits], dtype=np.float64))
    documents = tuple(hit.document_id for hit in hits)
    return Seen(documents, standing, columns=columns, judged=judged)


def _nothing(hits: Sequence[Hit]) -> Weights:
    return np.zeros((len(hits), len(COLUMNS)))


def _worth(sets: Sequence[Judging], weights: Weights) -> float:
    return mean(each.ndcg(weights) for each in sets) - PRICE * float(np.abs(weights).sum())


def main() -> int:
    """Parse, look at each set, choose, report."""
    options = parser(__doc__)
    options.add_argument("--stores", type=Path, required=True, metavar="DIR", help="by set's name")
    options.add_argument("--sets", nargs="+", required=True, metavar="NAME")
    options.add_argument("--limit", type=int, metavar="N", help="N questions of a set")
    args = options.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    data, stores = folder(args.data), folder(args.stores)
    sets: list[Judging] = []
    for name in args.sets:
        talk(name)
        sets.append(judge(folder(data / name), folder(stores / name), limit=args.limit))
    return report(sets).finish(args.json)


if __name__ == "__main__":
    start(main)
