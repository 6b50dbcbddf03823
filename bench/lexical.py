"""Engines for search by words: tantivy as memctl uses it, beside bm25s and SQLite's FTS5.

Each indexes the same passages, of the corpora of the sets in both languages, from the same terms of
memctl's analysis, and answers the same questions. Time is CPU time of one thread. ``parity`` is
nDCG@10 of memctl's analysis and engine over whole documents beside bm25s of the same terms, and
beside the table that comes with the sets, which is bm25s with the right stemmer. Needs
``pip install bm25s`` for its figures. From the root:

    python -m bench.lexical --passages 200000
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from bench.common import (
    Gate,
    Report,
    Row,
    SkippedError,
    corpus_file,
    first_seen,
    mean,
    ndcg,
    read_qrels,
    read_rows,
    talk,
)
from bench.options import folder, parser, start
from bench.retrieval import bm25_table
from memctl.index.lexical import LexicalQuery
from memctl.index.lexical.analysis import surfaces, terms
from memctl.index.lexical.asked import asked
from memctl.index.lexical.engine import Engine
from memctl.ingest import detect, sentence_spans

CORPORA = ("ru_rag_par", "nq_qed", "hotpotqa_100", "scifact", "ru_rag_docs", "beam_100k")
PARITY = (
    "xquad_ru xquad_en scifact cranfield hotpotqa_100 multihoprag_part locomo clapnq_dev mtrag_un "
    "rgb_en_fact nq_qed ru_rag_docs"
).split()
RUSSIAN = {"xquad_ru", "ru_rag_docs", "ru_rag_par"}
LONGEST = 220  # characters of a passage
QUESTIONS = 300
K = 100
_K1 = 1.2  # of BM25, as tantivy has it

Texts = Sequence[tuple[int, list[str], list[str]]]
Ask = Callable[[list[str]], object]
Rank = Callable[[str], list[int]]  # from a question to places of texts, best first


def passages(data: Path) -> Iterator[str]:
    """Yield passages of some 220 characters, sentences put together."""
    for name in CORPORA:
        for row in read_rows(corpus_file(data / name)):
            piece = ""
            for first, last in sentence_spans(str(row["text"])):
                piece += str(row["text"])[first:last]
                if len(piece) >= LONGEST:
                    yield piece
                    piece = ""


def tantivy(texts: Texts, place: Path) -> tuple[Ask, Callable[[Texts], None]]:
    """Index with memctl's engine; return what asks it, and what adds to it."""
    engine = Engine(place, create=True)
    engine.write(texts, removed=())

    def ask(words: list[str]) -> object:
        return engine.search(asked(LexicalQuery(" ".join(words)), ["en", "ru"]), K, allowed=None)

    return ask, lambda more: engine.write(more, removed=[row for row, _, _ in texts[:100]])


def fts5(texts: Texts, place: Path) -> tuple[Ask, Callable[[Texts], None]]:
    """Index with SQLite's FTS5, of the same terms."""
    db = sqlite3.connect(place / "fts.sqlite")
    db.execute("CREATE VIRTUAL TABLE t USING fts5(terms, tokenize='unicode61')")

    def add(some: Texts) -> None:
        rows = ((row, " ".join(words)) for row, words, _ in some)
        db.executemany("INSERT INTO t (rowid, terms) VALUES (?, ?)", rows)
        db.commit()

    add(texts)

    def ask(words: list[str]) -> object:
        query = " OR ".join(f'"{term}"' for term in terms(" ".join(words), "ru"))
        return db.execute(
            "SELECT rowid FROM t WHERE t MATCH ? ORDER BY bm25(t) LIMIT ?", (query, K)
        ).fetchall()

    return ask, add


def bm25s(texts: Texts, place: Path) -> tuple[Ask, Callable[[Texts], None] | None]:
    """Index with bm25s, which cannot add: it is made anew."""
    library: Any = import_module("bm25s")
    index = library.BM25(k1=_K1, b=0.75)
    index.index([words for _, words, _ in texts], show_progress=False)
    index.save(str(place))

    def ask(words: list[str]) -> object:
        return index.retrieve([terms(" ".join(words), "ru")], k=K, show_progress=False)

    return ask, None


ENGINES: dict[str, Callable[[Texts, Path], tuple[Ask, Callable[[Texts], None] | None]]] = {
    "tantivy (memctl)": tantivy,
    "bm25s": bm25s,
    "SQLite FTS5": fts5,
}


def timed(name: str, texts: Texts, questions: Sequence[str]) -> Row:
    """Return what one engine costs."""
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        begun = time.process_time()
        ask, add = ENGINES[name](texts, place)
        built = time.process_time() - begun
        begun = time.process_time()
        for question in questions:
            ask(question.split())
        asked_ = (time.process_time() - begun) / len(questions)
        size = sum(file.stat().st_size for file in place.rglob("*") if file.is_file())
        begun = time.process_time()
        if add is not None:
            add([(len(texts) + n, words, plain) for n, (_, words, plain) in enumerate(texts[:100])])
        added = time.process_time() - begun if add is not None else built
    return {"per_second": len(texts) / built, "ms": asked_ * 1000, "bytes": size, "add": added}


def parity(data: Path, name: str) -> dict[str, float]:
    """Return nDCG@10 over whole documents by engine, all of memctl's terms in memory."""
    language = "ru" if name in RUSSIAN else "en"
    rows = list(read_rows(corpus_file(data / name)))
    whole = [f"{row.get('title') or ''}\n{row['text']}" for row in rows]
    texts = [(n, terms(text, language), surfaces(text)) for n, text in enumerate(whole)]
    ranks = {"memctl": _by_memctl(texts, language)}
    if find_spec("bm25s") is not None:
        ranks["bm25s"] = _by_bm25s(texts, language)
    qrels = read_qrels(data / name / "qrels.tsv")
    scores: dict[str, list[float]] = {engine: [] for engine in ranks}
    for row in read_rows(data / name / "queries.jsonl"):
        judged = qrels.get(str(row["_id"]), {})
        if any(grade > 0 for grade in judged.values()):
            for engine, rank in ranks.items():
                ranking = first_seen(str(rows[place]["_id"]) for place in rank(str(row["text"])))
                scores[engine].append(ndcg(ranking, judged, k=10))
    return {engine: mean(found) for engine, found in scores.items()}


def _by_memctl(texts: Texts, language: str) -> Rank:
    engine = Engine(None, create=True)
    engine.write(texts, removed=())

    def rank(question: str) -> list[int]:
        found, _ = engine.search(asked(LexicalQuery(question), [language]), K, allowed=None)
        places: list[int] = found.tolist()
        return places

    return rank


def _by_bm25s(texts: Texts, language: str) -> Rank:
    library: Any = import_module("bm25s")
    index = library.BM25(k1=_K1, b=0.75)
    index.index([words for _, words, _ in texts], show_progress=False)

    def rank(question: str) -> list[int]:
        words = [word.terms[0] for word in asked(LexicalQuery(question), [language]).words]
        scores = index.get_scores(words) if words else np.zeros(len(texts))
        order = np.argsort(-scores, kind="stable")[:K]
        places: list[int] = order[scores[order] > 0].tolist()
        return places

    return rank


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--passages", type=int, default=200_000, metavar="N")
    options.add_argument("--parity", action="store_true", help="nDCG@10 beside the table only")
    args = options.parse_args()
    data = folder(args.data)
    if args.parity:
        return _parity(data, args.json)
    texts = [
        (n, terms(text, detect(text)), surfaces(text))
        for n, text in enumerate(islice(passages(data), args.passages))
    ]
    if not texts:
        raise SkippedError(f"no corpora in {data}")
    questions = [
        str(row["text"])
        for name in ("ru_rag_par", "nq_qed")
        for row in islice(read_rows(data / name / "queries.jsonl"), QUESTIONS // 2)
    ]
    made = Report(
        "lexical", ("engine", "passages", "indexed a second", "ms a question", "MB", "add 100, s")
    )
    for name in ENGINES:
        if name == "bm25s" and find_spec("bm25s") is None:
            talk("skipped: bm25s is not installed")
            continue
        talk(name)
        got = timed(name, texts, questions)
        made.numbers[name] = got
        figures = (f"{got['per_second']:,.0f}", f"{got['ms']:.2f}", f"{got['bytes'] / 1e6:.1f}")
        made.rows.append((name, f"{len(texts):,}", *figures, f"{got['add']:.2f}"))
    return made.finish(args.json)


def _parity(data: Path, file: Path | None) -> int:
    table = bm25_table(data / "bm25_table.tsv")
    made = Report("lexical parity", ("set", "memctl", "bm25s here", "table", "difference to it"))
    for name in PARITY:
        if not (data / name).is_dir():
            talk(f"skipped: no set {name}")
            continue
        found, theirs = parity(data, name), float(table[name]["nDCG@10"])
        ours = found["memctl"]
        here = f"{found['bm25s']:.4f}" if "bm25s" in found else ""
        made.rows.append((name, f"{ours:.4f}", here, f"{theirs:.4f}", f"{ours - theirs:+.4f}"))
        made.gates.append(Gate(f"nDCG@10 of {name}", ours, limit=theirs - 0.01))
        made.numbers[name] = {**found, "table": theirs}
    return made.finish(file)


if __name__ == "__main__":
    start(main)
