"""When to say that the documents hold no answer: fits and checks the estimate of memctl.query.

Each question is asked twice: of the whole corpus, and of the corpus without its judged passages,
where nothing answers it. Questions that a set itself calls unanswerable are asked once. A logistic
regression over the evidence is fitted on all sets but one and checked on that one; the first line
holds the coefficients of the fit on all, as memctl.query.answers.abstention has them. Run from the root of
the project, with some twenty minutes at hand:

    python -m bench.abstention --keep STORES
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.common import Report, Row, corpus_file, read_qrels, read_rows, talk
from bench.options import folder, memctl_at, parser, start, workspace
from memctl.query import Answerer, Evidence, Hit, Searcher, features, gather, threshold

SETS = ("xquad_en", "xquad_ru", "xquad_x_ru2en", "xquad_x_en2ru", "clapnq_dev")
SAMPLE = 60
_DEEP, _K, _SEED = 40, 8, 3

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its evidence and whether the documents that were searched answer it."""

    set: str
    question: str
    evidence: Evidence
    answerable: bool


def cases(searcher: Searcher, data: Path, *, sample: int) -> Iterator[Case]:
    """Yield the cases of a set: ``sample`` questions of each kind that it has."""
    qrels = read_qrels(data / "qrels.tsv")
    asked = list(read_rows(data / "queries.jsonl"))
    random.Random(_SEED).shuffle(asked)
    judged = [row for row in asked if row["_id"] in qrels][:sample]
    unjudged = [row for row in asked if row.get("answerable") is False][:sample]
    answerer = Answerer(searcher)
    for row in (*judged, *unjudged):
        (hits,) = searcher.search([row["text"]], _DEEP)
        gold = set(qrels.get(row["_id"], ()))
        for hidden in (set[str](), gold) if gold else (gold,):
            left = [hit for hit in hits if hit.document_id not in hidden]
            shown = [replace(hit, rank=rank) for rank, hit in enumerate(left, start=1)]
            found = _evidence(answerer, row, shown)
            if found is not None:
                answerable = bool(gold) and not hidden
                yield Case(data.name, row["text"], found, answerable)


def _evidence(answerer: Answerer, row: Row, hits: list[Hit]) -> Evidence | None:
    return gather(row["text"], hits, answerer.rank(row["text"], hits[:_K]))


def matrix(found: Iterable[Case]) -> tuple[Matrix, Matrix]:
    """Return the features (n, m), the first of them 1, and the labels (n,)."""
    rows = list(found)
    x = np.array([(1.0, *features(case.evidence)) for case in rows])
    return x, np.array([float(case.answerable) for case in rows])


def fit(x: Matrix, y: Matrix, *, penalty: float = 1.0) -> Matrix:
    """Return the weights (m,) of a ridge logistic regression, by Newton's method."""
    centre, spread = x[:, 1:].mean(axis=0), x[:, 1:].std(axis=0) + 1e-9
    z = np.column_stack([np.ones(len(x)), (x[:, 1:] - centre) / spread])
    ridge = np.full(z.shape[1], penalty)
    ridge[0] = 0
    weights = np.zeros(z.shape[1])
    for _ in range(50):
        p = chance(z, weights)
        gradient = z.T @ (p - y) + ridge * weights
        weights -= np.linalg.solve((z.T * (p * (1 - p))) @ z + np.diag(ridge), gradient)
    slopes = weights[1:] / spread
    return np.concatenate([[weights[0] - slopes @ centre], slopes])


def chance(x: Matrix, weights: Matrix) -> Matrix:
    """Return the estimated probability of each row."""
    return np.asarray(1 / (1 + np.exp(-(x @ weights))))


def area(p: Matrix, y: Matrix) -> float:
    """Return the area under the ROC curve: the share of pairs in the right order."""
    yes, no = p[y == 1], p[y == 0]
    above = (yes[:, None] > no[None, :]).sum() + 0.5 * (yes[:, None] == no[None, :]).sum()
    return float(above / (len(yes) * len(no)))


def report(found: list[Case]) -> tuple[Report, Matrix]:
    """Check each set with a fit on the others; return the table and the fit on all."""
    made = Report(
        "abstention",
        ("set", "cases", "area under ROC", "answerable refused", "unanswerable refused"),
    )
    for name in dict.fromkeys(case.set for case in found):
        held = [case for case in found if case.set == name]
        weights = fit(*matrix(case for case in found if case.set != name))
        x, y = matrix(held)
        p = chance(x, weights)
        refused = p < np.array([threshold(case.evidence) for case in held])
        shares = (area(p, y), refused[y == 1].mean(), refused[y == 0].mean())
        made.rows.append((name, str(len(held)), *(f"{share:.3f}" for share in shares)))
    return made, fit(*matrix(found))


def main() -> int:
    """Run the command line."""
    args = parser(__doc__)
    args.add_argument("--sets", nargs="+", default=SETS, metavar="NAME")
    args.add_argument("--keep", type=Path, metavar="DIR", help="keep the stores there")
    args.add_argument("--sample", type=int, default=SAMPLE, help="questions of a kind and set")
    chosen = args.parse_args()
    data = folder(chosen.data)
    found: list[Case] = []
    with workspace(chosen.keep) as work:
        for name in chosen.sets:
            store = work / name
            memctl = memctl_at(store, chosen)
            memctl.ingest(corpus_file(data / name))
            memctl("index", "build")
            talk(f"{name}: questions")
            with Searcher.open(store) as searcher:
                found.extend(cases(searcher, data / name, sample=chosen.sample))
    made, weights = report(found)
    print(json.dumps([round(float(weight), 2) for weight in weights]))
    return made.finish(chosen.json)


if __name__ == "__main__":
    start(main)
