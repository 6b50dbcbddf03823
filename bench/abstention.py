"""When to say that the documents hold no answer: fits and checks the estimate of memctl.query.

Each question is asked twice: of the whole corpus, and of the corpus without its judged passages,
where nothing answers it. Questions that a set itself calls unanswerable are asked once; where a set
has some, it is judged by them alone. A question that follows others goes with its conversation. A
logistic regression over the evidence is fitted on all sets but one and checked on that one; the
lines at the end hold the coefficients of the fit on all, as memctl.query.answers.abstention has
them. Run from the root of the project:

    python -m bench.abstention --keep STORES
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.common import Gate, Report, Row, corpus_file, read_qrels, read_rows, talk
from bench.options import folder, memctl_at, parser, start, workspace
from bench.regression import Matrix, area, fit, matrix_of
from memctl.query import Answerer, Evidence, Hit, Searcher, features, threshold
from memctl.query.answers.abstention import WEIGHTS, Kind
from memctl.query.answers.conversation import made_whole
from memctl.query.rewrite import turns_of
from memctl.query.verify.weights import logistic

SETS = (
    "xquad_en",
    "xquad_ru",
    "xquad_x_ru2en",
    "xquad_x_en2ru",
    "ru_rag_par",
    "nq_qed",
    "clapnq_dev",
    "multihoprag_part",
    "mtrag_un",
)
DEMANDED = ("clapnq_dev", "multihoprag_part", "mtrag_un")  # they have unanswerable questions
SAMPLE = 300  # questions of a set
_DEEP, _K, _SEED, _LONGEST = 40, 8, 3, 1_900
_ENOUGH = 30  # cases of a set that a fit listens to
_LABELS = {"ANSWERABLE": True, "UNANSWERABLE": False}


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its evidence and whether the documents that were searched answer it.

    It is ``natural`` when its set says so itself, and no passage was hidden.
    """

    set: str
    question: str
    evidence: Evidence
    answerable: bool
    natural: bool


def cases(searcher: Searcher, data: Path, *, sample: int) -> Iterator[Case]:
    """Yield the cases of a set: of at most ``sample`` questions."""
    qrels = read_qrels(data / "qrels.tsv")
    asked = [row for row in read_rows(data / "queries.jsonl") if _label(row) is not None]
    random.Random(_SEED).shuffle(asked)
    answerer = Answerer(searcher)
    for row in asked[:sample]:
        text = _whole(row)
        (hits,) = searcher.search([text], _DEEP)
        yield from _case(answerer, data.name, text, hits, answerable=bool(_label(row)))
        gold = set(qrels.get(row["_id"], ()))
        if gold and _label(row) and data.name != "mtrag_un":
            left = [hit for hit in hits if hit.document_id not in gold]
            shown = [replace(hit, rank=rank) for rank, hit in enumerate(left, start=1)]
            for case in _case(answerer, data.name, text, shown, answerable=False):
                yield replace(case, natural=data.name not in DEMANDED)


def _label(row: Row) -> bool | None:
    """Return whether a question is answerable, None where that is a matter of taste."""
    if "answerability" in row:
        return _LABELS.get(row["answerability"])
    return bool(row.get("answerable", True))


def _whole(row: Row) -> str:
    """Return a question as it is understood, without the marks that ask for a phrase."""
    turns = turns_of(row.get("history", []), where=row["_id"])
    return made_whole(row["text"].replace('"', " "), turns)[:_LONGEST]


def _case(
    answerer: Answerer, name: str, text: str, hits: Sequence[Hit], *, answerable: bool
) -> Iterator[Case]:
    _, evidence = answerer.weigh(text, hits[:_K])
    if evidence is not None:
        yield Case(name, text, evidence, answerable, natural=True)


def fitted(found: Iterable[Case]) -> dict[Kind, Matrix]:
    """Return the weights of a regression for each kind; each set and label counts the same."""
    rows = list(found)
    rows += [replace(case, evidence=replace(case.evidence, nearest=None)) for case in rows]
    made: dict[Kind, Matrix] = {}
    for kind in WEIGHTS:
        of_kind = [case for case in rows if case.evidence.kind == kind]
        seen = Counter((case.set, case.answerable) for case in of_kind)
        some = [case for case in of_kind if seen[case.set, case.answerable] >= _ENOUGH]
        labels = [(case.set, case.answerable) for case in some]
        share = np.array([len(some) / labels.count(label) for label in labels])
        x = matrix_of([features(case.evidence) for case in some])
        y = np.array([float(case.answerable) for case in some])
        made[kind] = fit(x, y, weights=share / share.mean())
    return made


def estimates(cases_: Sequence[Case], weights: Mapping[Kind, Matrix]) -> Matrix:
    """Return the estimated probability (n,) that each question is answered."""
    return np.array(
        [logistic(weights[c.evidence.kind].tolist(), features(c.evidence)) for c in cases_]
    )


def report(found: list[Case]) -> Report:
    """Check each set with a fit on the others."""
    made = Report(
        "abstention",
        ("set", "cases", "area under ROC", "answerable refused", "unanswerable refused"),
    )
    refusals: list[bool] = []
    for name in dict.fromkeys(case.set for case in found):
        held = [case for case in found if case.set == name and case.natural]
        p = estimates(held, fitted(case for case in found if case.set != name))
        y = np.array([float(case.answerable) for case in held])
        refused = p < np.array([threshold(case.evidence) for case in held])
        value = area(p, y)
        shares = (value, refused[y == 1].mean(), refused[y == 0].mean())
        made.rows.append((name, str(len(held)), *(f"{share:.3f}" for share in shares)))
        if name in DEMANDED:
            made.gates.append(Gate(f"area under ROC, {name}", value, limit=0.75))
            refusals.extend(refused[y == 1].tolist())
    if refusals:
        share = float(np.mean(refusals))
        made.gates.append(Gate("answerable refused", share, limit=0.10, at_most=True))
    return made


def main() -> int:
    """Run the command line."""
    args = parser(__doc__)
    args.add_argument("--sets", nargs="+", default=SETS, metavar="NAME")
    args.add_argument("--keep", type=Path, metavar="DIR", help="keep the stores there")
    args.add_argument("--sample", type=int, default=SAMPLE, help="questions of a set")
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
    code = report(found).finish(chosen.json)
    for kind, weights in fitted(found).items():
        talk(f"{kind}: {tuple(weights.round(2).tolist())}")
    return code


if __name__ == "__main__":
    start(main)
