"""A corpus of two languages: is an answer found that stands in the other one alone?

Every other paragraph of XQuAD is there in English alone, the others in Russian alone, among
passages of nq_qed and ru_rag_par. Each paragraph is asked for in both languages, each passage in
its own, by meaning and by both legs; with and without what passages in another language are given
back (``How(across=…)``). Then words that one passage alone has, and codes such as PO-55810, each
asked by itself. nDCG@10 of documents, hits folded. Run from the root of the project:

    python -m bench.bilingual --passages 2500 --limit 150 --keep DIR
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bench.common import (
    Judged,
    Report,
    Row,
    corpus_file,
    first_seen,
    mean,
    ndcg,
    read_qrels,
    read_rows,
    talk,
    write_rows,
)
from bench.options import folder, memctl_at, parser, start, workspace
from bench.program import all_read
from memctl.query import How, Searcher
from memctl.query.legs import Mode

PARALLEL = {"en": "xquad_en", "ru": "xquad_ru"}
AROUND = {"en": "nq_qed", "ru": "ru_rag_par"}
MODES: Sequence[Mode] = ("dense", "hybrid")
WAYS = {"as embedded": False, "given back": True}
HITS = 100
# What each kind of word looks like, and whether its case does not matter.
WORDS = {
    "ru word": (re.compile(r"\b[а-яё]{6,}\b"), True),
    "en word": (re.compile(r"\b[a-z]{6,}\b"), True),
    "code": (re.compile(r"\b[A-ZА-Я]{2,4}-\d{2,6}\b"), False),
}

Asked = tuple[str, Judged]  # the question, its documents


def corpus(data: Path, number: int) -> Iterator[Row]:
    """Yield paragraphs in one language each, and ``number`` other passages in each language."""
    for turn, (language, name) in enumerate(PARALLEL.items()):
        rows = sorted(read_rows(corpus_file(data / name)), key=lambda row: str(row["_id"]))
        for row in rows[turn::2]:
            yield row | {"_id": f"{language}:{row['_id']}"}
    for language, name in AROUND.items():
        rows = list(read_rows(corpus_file(data / name)))
        for row in random.Random(4).sample(rows, min(number, len(rows))):
            yield row | {"_id": f"{language}+{row['_id']}"}


def questions(data: Path, held: frozenset[str], limit: int) -> Mapping[str, list[Asked]]:
    """Return questions by what they are: their language, and that of their answer or ``around``."""
    found: dict[str, list[Asked]] = {}
    for language in PARALLEL:
        for row, judged in _judged(data / PARALLEL[language]):
            for where in PARALLEL:
                theirs = {f"{where}:{each}": grade for each, grade in judged.items()}
                if theirs.keys() & held:
                    found.setdefault(f"{language} for {where}", []).append((row, theirs))
        for row, judged in _judged(data / AROUND[language]):
            theirs = {f"{language}+{each}": grade for each, grade in judged.items()}
            if theirs.keys() & held:
                found.setdefault(f"{language} around", []).append((row, theirs))
    return {
        name: random.Random(7).sample(all_, min(limit, len(all_))) for name, all_ in found.items()
    }


def words(rows: Sequence[Row], limit: int) -> Mapping[str, list[Asked]]:
    """Return words and codes, by what they are, that stand in one text alone, in one form."""
    texts = {str(row["_id"]): f"{row.get('title', '')} {row['text']}" for row in rows}
    found: dict[str, list[Asked]] = {}
    for kind, (form, fold) in WORDS.items():
        where: dict[str, set[str]] = {}
        for name, text in texts.items():
            for word in form.findall(text.lower() if fold else text):
                where.setdefault(word, set()).add(name)
        alone: list[Asked] = [(w, dict.fromkeys(s, 1)) for w, s in where.items() if len(s) == 1]
        found[kind] = random.Random(7).sample(sorted(alone, key=str), min(limit, len(alone)))
    return found


def _judged(source: Path) -> Iterator[Asked]:
    qrels = read_qrels(source / "qrels.tsv")
    for row in read_rows(source / "queries.jsonl"):
        judged = {
            name: grade for name, grade in qrels.get(str(row["_id"]), {}).items() if grade > 0
        }
        if judged:
            yield str(row["text"]), judged


def found(searcher: Searcher, asked: Sequence[Asked], how: How) -> float:
    """Return the mean nDCG@10 of the questions, over the documents that the corpus holds."""
    hits = searcher.search([text for text, _ in asked], HITS, how=how)
    return mean(
        ndcg(first_seen(hit.document_id for hit in some), judged, k=10)
        for some, (_, judged) in zip(hits, asked, strict=True)
    )


def main() -> int:
    """Parse, make the store, ask, report."""
    options = parser(__doc__)
    options.add_argument("--passages", type=int, default=2_500, metavar="N", help="in a language")
    options.add_argument("--limit", type=int, default=150, metavar="N", help="questions of a kind")
    options.add_argument("--keep", type=Path, metavar="DIR", help="keep or reuse the store here")
    args = options.parse_args()
    data = folder(args.data)
    made = Report("bilingual", ("question", "number", *(f"{m}, {a}" for m in MODES for a in WAYS)))
    with workspace(args.keep) as place:
        memctl = memctl_at(place / "store", args)
        rows = list(corpus(data, args.passages))
        if not (place / "store" / "catalog.sqlite").exists():
            talk("ingest")
            random.Random(1).shuffle(rows)
            all_read(memctl.ingest(write_rows(place / "rows.jsonl", rows)))
            memctl("index", "build")
        held = frozenset(str(row["_id"]) for row in rows)
        kinds = {**questions(data, held, args.limit), **words(rows, args.limit)}
        with Searcher.open(place / "store") as searcher:
            for kind, asked in sorted(kinds.items()):
                talk(kind)
                figures = {
                    (mode, way): found(searcher, asked, How(mode, across=across))
                    for mode in MODES
                    for way, across in WAYS.items()
                }
                made.rows.append((kind, str(len(asked)), *(f"{f:.3f}" for f in figures.values())))
                made.numbers[kind] = {f"{mode} {way}": f for (mode, way), f in figures.items()}
    return made.finish(args.json)


if __name__ == "__main__":
    start(main)
