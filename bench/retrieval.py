"""Quality of search on BEIR sets: by words, by meaning, by both, and reranked.

Each set's corpus goes through ``memctl ingest`` and ``memctl index build`` into a store of its
own, its questions through ``memctl query --batch``, once a way to search. The hits are chunks; a
document stands where its first chunk stands. Measures are those of trec_eval, means over the
questions that have a relevant document; a question without hits counts as 0. Beside the nDCG of
both stands the p-value of a paired randomisation test against the better leg, and beside that of
the reranked one against both. Run from the root of the project:

    python -m bench.retrieval --sets xquad_ru xquad_en --keep STORES
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path

import numpy as np

from bench.common import (
    BenchError,
    Gate,
    Qrels,
    Report,
    Row,
    SkippedError,
    corpus_file,
    first_seen,
    mean,
    ndcg,
    read_qrels,
    read_rows,
    recall,
    talk,
    write_rows,
)
from bench.options import folder, memctl_at, parser, start, workspace
from bench.program import Memctl

SETS = ("xquad_ru", "xquad_en", "xquad_x_ru2en", "xquad_x_en2ru")
WAYS: Mapping[str, tuple[str, ...]] = {
    "words": ("--mode", "lexical"),
    "meaning": ("--mode", "dense"),
    "both": ("--mode", "hybrid"),
    "reranked": ("--mode", "hybrid", "--rerank"),
}
# nDCG@10 that is demanded of a way on a set.
DEMANDED = {
    ("xquad_ru", "meaning"): 0.955,
    ("xquad_en", "meaning"): 0.97,
    ("xquad_x_ru2en", "meaning"): 0.91,
    ("xquad_en", "reranked"): 0.985,
    ("xquad_ru", "reranked"): 0.98,
    ("xquad_x_ru2en", "reranked"): 0.925,
    ("xquad_x_en2ru", "reranked"): 0.925,
    ("scifact", "reranked"): 0.76,
    ("nq_qed", "reranked"): 0.90,
    ("hotpotqa_100", "reranked"): 0.86,
    ("multihoprag_part", "reranked"): 0.48,
    ("cranfield", "reranked"): 0.44,
    ("ru_rag_par", "reranked"): 0.45,
}
HITS = 150  # chunks, of which 100 documents are hoped for
K = 10
DEEP = 100
ROUNDS = 10_000  # of the randomisation test


@dataclass(frozen=True, slots=True)
class Result:
    """What one way gave on one set; ``ms`` is wall time a question in a batch, start included.

    ``p`` is the probability of a difference as large by chance, to what it is compared with.
    """

    name: str
    way: str
    _: KW_ONLY
    ndcg: float
    recall: float
    deep: float
    ms: float
    queries: int
    p: float | None = None


def measure(
    memctl: Memctl, data: Path, *, work: Path, limit: int | None, ways: Sequence[str]
) -> list[Result]:
    """Run one set; ``limit`` asks only so many questions, drawn with a seed."""
    talk(f"{data.name}: ingest")
    memctl.ingest(corpus_file(data))
    memctl("index", "build")
    asked, qrels = questions(data, limit)
    batch = write_rows(work / "queries.jsonl", asked)
    scores: dict[str, list[float]] = {}
    results: list[Result] = []
    for way in ways:
        talk(f"{data.name}: {len(asked)} questions, {way}")
        out = work / f"{way}.jsonl"
        run = memctl("query", "--batch", batch, "--out", out, "-k", str(HITS), *WAYS[way])
        found = rankings(out, asked=len(asked))
        scores[way] = [ndcg(found[query], row, k=K) for query, row in qrels.items()]
        results.append(
            Result(
                data.name,
                way,
                ndcg=mean(scores[way]),
                recall=mean(recall(found[query], row, k=K) for query, row in qrels.items()),
                deep=mean(recall(found[query], row, k=DEEP) for query, row in qrels.items()),
                ms=run.wall_seconds * 1000 / len(asked),
                queries=len(asked),
                p=_compared(way, scores),
            )
        )
    return results


def questions(data: Path, limit: int | None) -> tuple[list[Row], Qrels]:
    """Return the questions that have a relevant document, and what is relevant to each."""
    judged = {
        query: row
        for query, row in read_qrels(data / "qrels.tsv").items()
        if any(grade > 0 for grade in row.values())
    }
    asked = [row for row in read_rows(data / "queries.jsonl") if str(row["_id"]) in judged]
    if limit is not None and limit < len(asked):
        asked = random.Random(7).sample(asked, limit)
    return asked, {str(row["_id"]): judged[str(row["_id"])] for row in asked}


def rankings(file: Path, *, asked: int) -> dict[str, list[str]]:
    """Read a run: query id to document ids, each document once."""
    found = {
        str(row["query_id"]): first_seen(hit["document_id"] for hit in row["hits"])
        for row in read_rows(file)
    }
    if len(found) != asked:
        raise BenchError(f"{asked} questions were asked, {len(found)} have an answer in {file}")
    return found


def _compared(way: str, scores: Mapping[str, Sequence[float]]) -> float | None:
    """Return the p-value against the better leg, or of what is reranked against both."""
    if way == "reranked" and "both" in scores:
        return randomisation(scores[way], scores["both"])
    legs = [scores[leg] for leg in ("words", "meaning") if leg in scores]
    if way == "both" and legs:
        return randomisation(scores[way], max(legs, key=mean))
    return None


def randomisation(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the two-sided p-value of Fisher's paired randomisation test, by sign flips."""
    differences = np.array(one) - np.array(other)
    observed = abs(differences.mean())
    chance = np.random.default_rng(7)
    signs = chance.choice((-1.0, 1.0), size=(ROUNDS, len(differences)))
    as_far = (np.abs((signs * differences).mean(axis=1)) >= observed - 1e-12).sum()
    return float((as_far + 1) / (ROUNDS + 1))


def bm25_table(file: Path) -> dict[str, Row]:
    """Read the table of BM25 figures by set; none where it is missing."""
    if not file.is_file():
        return {}
    with file.open(encoding="utf-8", newline="") as stream:
        return {row["set"]: row for row in csv.DictReader(stream, delimiter="\t")}


def report(results: Iterable[Result], bm25: Mapping[str, Row], *, partial: bool) -> Report:
    """Make the table, a line a set and way; a partial run has no gates."""
    made = Report(
        "retrieval",
        ("set", "questions", "way", "nDCG@10", "p", "demanded", "R@10", "R@100", "ms", "BM25"),
    )
    for each in results:
        demanded = DEMANDED.get((each.name, each.way))
        if demanded is not None and not partial:
            made.gates.append(
                Gate(f"nDCG@10 of {each.name}, {each.way}", each.ndcg, limit=demanded)
            )
        made.rows.append(
            (
                each.name,
                str(each.queries),
                each.way,
                f"{each.ndcg:.4f}",
                "" if each.p is None else f"{each.p:.4f}",
                "" if demanded is None else f"≥ {demanded}",
                f"{each.recall:.4f}",
                f"{each.deep:.4f}",
                f"{each.ms:.1f}",
                str(bm25.get(each.name, {}).get("nDCG@10", "")) if each.way == "words" else "",
            )
        )
        made.numbers.setdefault(each.name, {})[each.way] = asdict(each)
    return made


def means(results: Iterable[Result]) -> Iterable[tuple[str, float]]:
    """Yield each way with its mean nDCG@10 over the sets."""
    by_way: dict[str, list[float]] = {}
    for each in results:
        by_way.setdefault(each.way, []).append(each.ndcg)
    return ((way, mean(values)) for way, values in by_way.items())


def main() -> int:
    """Parse, measure each set, report."""
    options = parser(__doc__)
    options.add_argument("--sets", nargs="+", default=SETS, metavar="NAME")
    options.add_argument("--ways", nargs="+", default=list(WAYS), choices=list(WAYS))
    options.add_argument("--keep", type=Path, metavar="DIR", help="keep or reuse the stores here")
    options.add_argument("--limit", type=int, metavar="N", help="N questions of a set: no gates")
    args = options.parse_args()
    data = folder(args.data)
    results: list[Result] = []
    with workspace(args.keep) as stores, workspace() as work:
        for name in args.sets:
            try:
                memctl = memctl_at(stores / name, args)
                results += measure(
                    memctl, folder(data / name), work=work, limit=args.limit, ways=args.ways
                )
            except SkippedError as reason:
                talk(f"skipped: {reason}")
    if not results:
        raise SkippedError(f"none of the sets in {data}")
    for way, value in means(results):
        talk(f"mean nDCG@10, {way}: {value:.4f}")
    made = report(results, bm25_table(data / "bm25_table.tsv"), partial=args.limit is not None)
    return made.finish(args.json)


if __name__ == "__main__":
    start(main)
