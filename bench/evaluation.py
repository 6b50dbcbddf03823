"""What measuring costs: an evaluation beside the same questions searched for in a batch.

Both run in one process on one open store, in turn, after a round that is not counted; the report is
written out with its intervals. CPU time, with the embedding of the questions. From the root:

    python -m bench.evaluation --set scifact
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from bench.common import Gate, Report, corpus_file, talk
from bench.options import folder, memctl_at, parser, start, workspace
from memctl.query import How, Searcher, search_batch
from memctl.query.evaluation import (
    DEFAULT_RANKING,
    Case,
    Measure,
    Plan,
    evaluate,
    read_cases,
)

ROUNDS, DEPTH = 3, 100
MOST = 800


def taken(work: Callable[[], object]) -> float:
    """Return the CPU seconds of a piece of work."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def costs(searcher: Searcher, cases: list[Case]) -> tuple[float, float, float]:
    """Return the least CPU seconds of a batch and of an evaluation, and its nDCG@10."""
    plan = Plan(tuple(Measure(name) for name in DEFAULT_RANKING), How(), depth=DEPTH)
    questions = [case.question for case in cases]

    def bare() -> object:
        return list(search_batch(searcher, questions, DEPTH))

    said: list[float] = []

    def measured() -> object:
        report = evaluate(searcher, cases, plan, settings={}).report
        said.append(report.value("nDCG@10"))
        return list(report.lines())

    rounds = [(taken(bare), taken(measured)) for _ in range(ROUNDS + 1)][1:]
    return min(a for a, _ in rounds), min(b for _, b in rounds), said[-1]


def main() -> int:
    """Parse, make the store, measure, report."""
    options = parser(__doc__)
    options.add_argument("--set", default="scifact", metavar="NAME")
    options.add_argument("--keep", type=Path, metavar="DIR", help="keep the store there")
    args = options.parse_args()
    data = folder(args.data) / args.set
    with workspace(args.keep) as work:
        memctl = memctl_at(work / args.set, args)
        talk(f"{args.set}: ingest")
        memctl.ingest(corpus_file(data))
        memctl("index", "build")
        cases = read_cases(data)[:MOST]
        with Searcher.open(work / args.set) as searcher:
            bare, measured, value = costs(searcher, cases)
    made = Report("evaluation", ("questions", "batch, s", "evaluation, s", "added", "nDCG@10"))
    added = measured / bare - 1
    made.rows.append(
        (f"{len(cases):,}", f"{bare:.2f}", f"{measured:.2f}", f"{added:.1%}", f"{value:.4f}")
    )
    made.gates.append(Gate("added by measuring", added, limit=0.20, at_most=True))
    made.numbers = {"batch": bare, "evaluation": measured, "ndcg_10": value}
    return made.finish(args.json)


if __name__ == "__main__":
    start(main)
