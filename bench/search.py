"""What joining costs: a warm hybrid search beside its two legs run bare; a batch beside one by one.

A store of so many passages of both languages (see ``bench.lexical``) is made with the embedder
``hashing``, whose cost is next to nothing, and an index of the type that ``auto`` chooses. CPU time
of one process. The legs are measured twice: without embedding the question, and with what the
default embedder takes for it, which the leg of meaning cannot do without. The batch is wall time,
and with it. From the root:

    python -m bench.search --passages 200000
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from bench.common import BenchError, Gate, Report, read_rows, talk, write_rows
from bench.lexical import passages
from bench.options import folder, memctl_at, parser, start, workspace
from bench.program import Memctl
from memctl.index import DenseIndex
from memctl.index.lexical import LexicalIndex, LexicalQuery
from memctl.ingest.embedders import get
from memctl.query import How, Searcher
from memctl.query.syntax import Query

QUESTIONS = 300
ROUNDS = 3
ALONE = 12  # commands
K = 100


def questions(data: Path) -> list[str]:
    """Return questions in both languages."""
    return [
        str(row["text"])
        for name in ("ru_rag_par", "nq_qed")
        for row in islice(read_rows(data / name / "queries.jsonl"), QUESTIONS // 2)
    ]


def best(work: Callable[[], object]) -> float:
    """Return the least CPU milliseconds of several rounds."""
    taken: list[float] = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        taken.append(1000 * (time.process_time() - begun))
    return min(taken)


def opened(searcher: Searcher) -> tuple[DenseIndex, LexicalIndex]:
    """Return both indexes of a searcher."""
    if searcher.dense is None or searcher.lexical is None:
        raise BenchError("the store lacks an index")
    return searcher.dense, searcher.lexical


def embedding(asked: Sequence[str]) -> float:
    """Return the CPU milliseconds that the default embedder takes for a question."""
    embedder = get("e5-small")
    embedder.embed(asked, role="query")  # loads all that it needs
    return best(lambda: [embedder.embed([text], role="query") for text in asked]) / len(asked)


def joined(searcher: Searcher, asked: Sequence[str]) -> Iterator[tuple[str, float]]:
    """Yield what the legs and their union cost a question, without reranking."""
    ranker, how = searcher.ranker, How(mend=False)
    dense, lexical = opened(searcher)
    queries = [Query(text) for text in asked]
    vectors = ranker.meanings(queries)
    prepared = [ranker.prepare([query], how) for query in queries]

    works: dict[str, Callable[[], object]] = {
        "meaning": lambda: [dense.search(vector[None], K) for vector in vectors],
        "words": lambda: [lexical.search(LexicalQuery(text), K) for text in asked],
        "both": lambda: [ranker.rank(each, how, filters=(), k=10) for each in prepared],
    }
    for name, work in works.items():
        yield name, best(work) / len(asked)


def batched(memctl: Memctl, asked: Sequence[str], work: Path) -> tuple[float, float]:
    """Return the wall milliseconds of a question asked by a command of its own, and in a batch."""
    alone = [memctl("query", text).wall_seconds for text in asked[:ALONE]]
    file = write_rows(work / "q.jsonl", ({"_id": str(n), "text": t} for n, t in enumerate(asked)))
    together = memctl("query", "--batch", file, "--out", work / "run.jsonl").wall_seconds
    return 1000 * sum(alone) / len(alone), 1000 * together / len(asked)


def main() -> int:
    """Parse, make the store, measure, report."""
    options = parser(__doc__)
    options.add_argument("--passages", type=int, default=200_000, metavar="N")
    options.add_argument("--keep", type=Path, metavar="DIR", help="keep or reuse the store here")
    args = options.parse_args()
    data = folder(args.data)
    with workspace(args.keep) as place, workspace() as work:
        memctl = memctl_at(place / "store", args)
        if not (place / "store" / "catalog.sqlite").exists():
            talk("ingest")
            rows = ({"_id": str(n), "text": text} for n, text in enumerate(passages(data)))
            file = write_rows(work / "rows.jsonl", islice(rows, args.passages))
            memctl("ingest", file, "--embedder", "hashing")
        memctl("index", "build", "--target-recall", "0.5")
        asked = questions(data)
        with Searcher.open(place / "store") as searcher:
            cost = dict(joined(searcher, asked))
        alone, together = batched(memctl, asked, work)
    meant = embedding(asked)
    made = Report("search", ("what", "ms a question", "beside"))
    legs = cost["meaning"] + cost["words"]
    for name, value in cost.items():
        made.rows.append((name, f"{value:.3f}", f"{value / legs:.2f} of both legs"))
    whole = (meant + cost["both"]) / (meant + legs)
    made.rows.append(("the question embedded (e5-small)", f"{meant:.3f}", ""))
    made.rows.append(("both, joined, with it", f"{meant + cost['both']:.3f}", f"{whole:.2f}"))
    made.rows.append(("one by one", f"{alone:.2f}", ""))
    made.rows.append(("in one batch", f"{together:.2f}", f"{alone / together:.1f} times as fast"))
    made.gates += [
        Gate("hybrid beside its legs, the question embedded", whole, limit=1.5, at_most=True),
        Gate("a batch beside one by one", alone / together, limit=5),
    ]
    made.numbers = {**cost, "embedding": meant, "alone": alone, "together": together}
    return made.finish(args.json)


if __name__ == "__main__":
    start(main)
