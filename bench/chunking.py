"""Which way of cutting lets a question find its evidence? Every method on the same documents.

Two sets: Russian Wikipedia pages of ru_rag_docs, where the characters of the evidence are known,
and annual reports of financebench_dev, where its pages are known and a search is held to the right
report. Documents are cut, embedded and searched in this process, exactly, by cosine. Measures, over
all questions:

- hit@5: one of the first five chunks is right. Of a chunk, or else of the evidence, half lies in
  the other; or the chunk is on a page of the evidence.
- MRR@10: the mean of one over the rank of the first right chunk, 0 where it is not among ten.
- evidence@1000: the share of the evidence, in characters or pages, that lies in the passages of the
  first hits when they are read up to 1,000 tokens, each character once. A passage is the chunk, or
  the context that is kept with it. This one is fair to chunks of every size.

Nothing is demanded: the methods are for different uses. Run from the root of the project:

    python -m bench.chunking --documents 70 --reports 3
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import partial
from hashlib import sha1
from pathlib import Path

import numpy as np

from bench.common import Report, corpus_file, mean, read_qrels, read_rows, talk
from bench.options import folder, parser, start
from memctl.ingest import Chunk, ChunkRules, Document, Embedder, Page, Vectors, cut
from memctl.ingest.chunking import METHODS, joined
from memctl.ingest.embedders import DEFAULT, get
from memctl.ingest.writer import embedding_text

BUDGET = 1000
_LOOKED_AT = 100  # hits of a question
_LENGTHS = range(3_000, 16_000)  # characters of the Russian pages


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the document with its evidence, and where in that the evidence stands."""

    text: str
    document: str
    _: KW_ONLY
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents and questions; with ``held`` each question is asked of its document alone."""

    name: str
    documents: Mapping[str, Document]
    _: KW_ONLY
    asked: Sequence[Asked]
    held: bool


def wikipedia(data: Path, number: int) -> Corpus:
    """Return Russian pages that have a question, in the order of a hash of their names."""
    rows = {row["_id"]: row for row in read_rows(corpus_file(data))}
    right = {query: next(iter(ids)) for query, ids in read_qrels(data / "qrels.tsv").items()}
    wanted = sorted(set(right.values()), key=lambda id_: sha1(id_.encode()).hexdigest())
    documents = {
        id_: Document(id_, id_, text=rows[id_]["text"], sha256="", language="ru")
        for id_ in [id_ for id_ in wanted if len(rows[id_]["text"]) in _LENGTHS][:number]
    }
    asked = [
        Asked(row["text"], right[row["_id"]], spans=(tuple(row["evidence_span"]),))
        for row in read_rows(data / "queries.jsonl")
        if row.get("evidence_span") and right.get(row["_id"]) in documents
    ]
    return Corpus("ru_rag_docs", documents, asked=asked, held=False)


def reports(data: Path, number: int) -> Corpus:
    """Return the first reports that are asked about, put together from the texts of their pages."""
    questions = list(read_rows(data / "queries.jsonl"))
    names = list(dict.fromkeys(row["doc"] for row in questions))[:number]
    pages: dict[str, list[tuple[int, str]]] = {name: [] for name in names}
    for row in read_rows(corpus_file(data)):
        name, _, page = row["_id"].rpartition("#p")
        if name in pages:
            pages[name].append((int(page), row["text"].rstrip() + "\n\n"))
    documents = {name: _paged(name, sorted(found)) for name, found in pages.items()}
    asked = [
        Asked(row["text"], row["doc"], spans=tuple(_evidence(row, documents[row["doc"]])))
        for row in questions
        if row["doc"] in documents
    ]
    return Corpus("financebench_dev", documents, asked=asked, held=True)


def _paged(name: str, texts: Iterable[tuple[int, str]]) -> Document:
    text, pages = "", list[Page]()
    for number, page in texts:
        pages.append(Page(number, len(text), end=len(text) + len(page)))
        text += page
    return Document(name, name, text=text, sha256="", language="en", pages=tuple(pages))


def _evidence(row: Mapping[str, object], document: Document) -> Iterator[tuple[int, int]]:
    wanted = {each["page"] for each in json.loads(json.dumps(row["evidence"]))}
    return ((page.start, page.end) for page in document.pages if page.number in wanted)


class Embedded:
    """Vectors of texts, each embedded once, however many methods cut it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embed = partial(embedder.embed, role="document")
        self._known: dict[str, np.ndarray] = {}

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """Return float32 (len(texts), dimension), unit rows."""
        new = sorted({text for text in texts if text not in self._known}, key=len)
        for at in range(0, len(new), 32):
            part = new[at : at + 32]
            self._known.update(zip(part, self._embed(part), strict=True))
        return np.stack([self._known[text] for text in texts])


def ranked(
    corpus: Corpus, chunks: Sequence[Chunk], *, embed: Embedded, queries: Vectors
) -> Iterator[list[Chunk]]:
    """Yield the first hits of each question."""
    vectors = embed([embedding_text(chunk, "") for chunk in chunks])
    names = np.array([chunk.document for chunk in chunks])
    for question, query in zip(corpus.asked, queries, strict=True):
        scores = vectors @ query
        if corpus.held:
            scores[names != question.document] = -2
        order = np.argsort(-scores, kind="stable")[:_LOOKED_AT]
        yield [chunks[at] for at in order]


def is_right(chunk: Chunk, question: Asked, *, by_page: bool) -> bool:
    """Tell whether a chunk is one that a person would point at."""
    if chunk.document != question.document:
        return False
    for first, last in question.spans:
        shared = min(chunk.end, last) - max(chunk.start, first)
        if shared > 0 and (by_page or shared * 2 >= min(last - first, chunk.end - chunk.start)):
            return True
    return False


def evidence_within(
    hits: Sequence[Chunk], question: Asked, corpus: Corpus, *, budget: int
) -> float:
    """Return the share of the evidence in the passages of ``hits`` up to ``budget`` tokens."""
    seen: dict[str, set[int]] = {}
    spent = 0.0
    for hit in hits:
        read = seen.setdefault(hit.document, set())
        new = set(range(*hit.context)) - read
        spent += len(new) * hit.tokens / len(hit.text)
        if spent > budget:
            break
        read |= new
    read = seen.get(question.document, set())
    if corpus.held:  # a page counts as soon as it is touched
        return mean(float(not read.isdisjoint(range(*span))) for span in question.spans)
    wanted = {at for span in question.spans for at in range(*span)}
    return len(wanted & read) / len(wanted)


def score(corpus: Corpus, rules: ChunkRules, *, embed: Embedded, queries: Vectors) -> list[float]:
    """Return the number of chunks, their mean tokens, and the three measures."""
    chunks = [
        chunk
        for document in corpus.documents.values()
        for chunk in joined(cut(document, rules), rules, embed=embed, language=document.language)
    ]
    hit, reciprocal, covered = list[float](), list[float](), list[float]()
    found = ranked(corpus, chunks, embed=embed, queries=queries)
    for question, hits in zip(corpus.asked, found, strict=True):
        right = [is_right(chunk, question, by_page=corpus.held) for chunk in hits[:10]]
        hit.append(float(any(right[:5])))
        reciprocal.append(1 / (right.index(True) + 1) if True in right else 0.0)
        covered.append(evidence_within(hits, question, corpus, budget=BUDGET))
    tokens = mean(chunk.tokens for chunk in chunks)
    return [len(chunks), tokens, mean(hit), mean(reciprocal), mean(covered)]


def measure(args: argparse.Namespace) -> Report:
    """Cut both sets by every method."""
    header = ("set", "questions", "method", "chunks", "tokens", "hit@5", "MRR@10")
    made = Report("chunking", (*header, f"evidence@{BUDGET}"))
    embedder = get(args.embedder or DEFAULT)
    for corpus in (
        wikipedia(folder(args.data / "ru_rag_docs"), args.documents),
        reports(folder(args.data / "financebench_dev"), args.reports),
    ):
        embed = Embedded(embedder)
        queries = embedder.embed([each.text for each in corpus.asked], role="query")
        for method in METHODS:
            talk(f"{corpus.name}, {method}")
            numbers = score(corpus, ChunkRules(method=method), embed=embed, queries=queries)
            made.numbers[f"{corpus.name}/{method}"] = numbers
            chunks, tokens, *measures = numbers
            told = (f"{chunks:.0f}", f"{tokens:.0f}", *(f"{each:.3f}" for each in measures))
            made.rows.append((corpus.name, str(len(corpus.asked)), method, *told))
    return made


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--documents", type=int, default=70, metavar="N", help="Russian pages")
    options.add_argument("--reports", type=int, default=3, metavar="N", help="annual reports")
    args = options.parse_args()
    return measure(args).finish(args.json)


if __name__ == "__main__":
    start(main)
