"""Quality of dense search on BEIR sets: nDCG@10 and recall@10.

Each set's corpus goes through ``memctl ingest`` and ``memctl index build`` into a store of its
own, its questions through ``memctl query --batch --mode dense -k 30``. The hits are chunks; a
document stands where its first chunk stands. Measures are those of trec_eval, means over the
questions that have a relevant document; a question without hits counts as 0. The figures of BM25
are those of the table beside the sets. Run from the root of the project:

    python -m bench.retrieval --sets xquad_ru xquad_en --keep STORES
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path

from bench.common import (
    BenchError,
    Gate,
    Qrels,
    Report,
    Row,
    Run,
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
from bench.program import Memctl, summary

SETS = ("xquad_ru", "xquad_en", "xquad_x_ru2en", "xquad_x_en2ru")
DEMANDED = {"xquad_ru": 0.955, "xquad_en": 0.97, "xquad_x_ru2en": 0.91}
HITS = 30
K = 10


@dataclass(frozen=True, slots=True)
class Result:
    """What one set gave; ``seconds_per_query`` is wall time of the batch, its start included."""

    name: str
    queries: int
    _: KW_ONLY
    ndcg: float
    recall: float
    chunks: int
    ingest_seconds: float
    ingest_cpu_seconds: float
    seconds_per_query: float


def measure(memctl: Memctl, data: Path, *, work: Path, limit: int | None) -> Result:
    """Run one set; ``limit`` asks only the first questions."""
    talk(f"{data.name}: ingest")
    ingest = memctl.ingest(corpus_file(data))
    memctl("index", "build")
    asked = list(read_rows(data / "queries.jsonl"))[:limit]
    batch = write_rows(work / "queries.jsonl", asked)
    out = work / "run.jsonl"
    talk(f"{data.name}: {len(asked)} questions")
    query = memctl("query", "--batch", batch, "--out", out, "-k", str(HITS), "--mode", "dense")
    ids = {str(row["_id"]) for row in asked}
    qrels = {name: row for name, row in read_qrels(data / "qrels.tsv").items() if name in ids}
    return score(data.name, rankings(out, asked=len(asked)), qrels=qrels, runs=(ingest, query))


def rankings(file: Path, *, asked: int) -> dict[str, list[str]]:
    """Read a run: query id to document ids, each document once."""
    found = {
        str(row["query_id"]): first_seen(hit["document_id"] for hit in row["hits"])
        for row in read_rows(file)
    }
    if len(found) != asked:
        raise BenchError(f"{asked} questions were asked, {len(found)} have an answer in {file}")
    return found


def score(
    name: str, run: Mapping[str, list[str]], *, qrels: Qrels, runs: tuple[Run, Run]
) -> Result:
    """Score a run over the judged questions."""
    judged = {
        query: row for query, row in qrels.items() if any(grade > 0 for grade in row.values())
    }
    ingest, query = runs
    return Result(
        name,
        len(judged),
        ndcg=mean(ndcg(run.get(query, []), row, k=K) for query, row in judged.items()),
        recall=mean(recall(run.get(query, []), row, k=K) for query, row in judged.items()),
        chunks=summary(ingest)["chunks"]["total"],
        ingest_seconds=ingest.wall_seconds,
        ingest_cpu_seconds=ingest.cpu_seconds,
        seconds_per_query=query.wall_seconds / max(len(run), 1),
    )


def bm25_table(file: Path) -> dict[str, Row]:
    """Read the table of BM25 figures by set; none where it is missing."""
    if not file.is_file():
        return {}
    with file.open(encoding="utf-8", newline="") as stream:
        return {row["set"]: row for row in csv.DictReader(stream, delimiter="\t")}


def report(results: Iterable[Result], bm25: Mapping[str, Row], *, partial: bool) -> Report:
    """Make the table; a partial run has no gates."""
    made = Report(
        "retrieval",
        (
            "set",
            "judged questions",
            "nDCG@10",
            "demanded",
            "recall@10",
            "BM25 nDCG@10",
            "BM25 recall@10",
            "chunks",
            "ingest s",
            "ms a question",
        ),
    )
    for each in results:
        demanded = DEMANDED.get(each.name)
        if demanded is not None and not partial:
            made.gates.append(Gate(f"nDCG@10 of {each.name}", each.ndcg, limit=demanded))
        made.rows.append(
            (
                each.name,
                str(each.queries),
                f"{each.ndcg:.4f}",
                "" if demanded is None else f"≥ {demanded}",
                f"{each.recall:.4f}",
                str(bm25.get(each.name, {}).get("nDCG@10", "")),
                str(bm25.get(each.name, {}).get("Recall@10", "")),
                str(each.chunks),
                f"{each.ingest_seconds:.1f}",
                f"{each.seconds_per_query * 1000:.1f}",
            )
        )
        made.numbers[each.name] = asdict(each)
    return made


def main() -> int:
    """Parse, measure each set, report."""
    options = parser(__doc__)
    options.add_argument("--sets", nargs="+", default=SETS, metavar="NAME")
    options.add_argument("--keep", type=Path, metavar="DIR", help="keep or reuse the stores here")
    options.add_argument("--limit", type=int, metavar="N", help="first N questions only: no gates")
    args = options.parse_args()
    data = folder(args.data)
    results: list[Result] = []
    with workspace(args.keep) as stores, workspace() as work:
        for name in args.sets:
            try:
                memctl = memctl_at(stores / name, args)
                results.append(measure(memctl, folder(data / name), work=work, limit=args.limit))
            except SkippedError as reason:
                talk(f"skipped: {reason}")
    if not results:
        raise SkippedError(f"none of the sets in {data}")
    made = report(results, bm25_table(data / "bm25_table.tsv"), partial=args.limit is not None)
    return made.finish(args.json)


if __name__ == "__main__":
    start(main)
