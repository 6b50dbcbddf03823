"""Whether search finds the right page of a long PDF, restricted to the right file.

The set is financebench_dev, or ``--set mmlongbench_dev``, of which the questions count that have
pages of evidence in a PDF that is no scan. The PDFs go through ``memctl ingest`` and ``memctl index
build``, the questions through ``memctl query --batch -k 30``, each way to search, with the filter
``file:NAME.pdf`` in each row.
Pages count from 1, as a PDF viewer counts them. Two measures over all questions:

- success@5: the share of questions for which a right page is among the first five hits. A hit is
  a chunk and counts by all pages in its ``pages``.
- recall@5: the mean share of a question's right pages that the first five hits cover.

Beside it BM25 over the text of the pages that comes with the set (one page is one hit), restricted
to the same file, English Snowball stems, with both usual settings of k1 and b, and with word
statistics of all files or of the right file alone. Demanded: success@5 at least that of the best
of these, and 0.65 on financebench_dev. Run from the root of the project:

    python -m bench.pages --keep STORES
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.bm25 import Bm25
from bench.common import (
    BenchError,
    Gate,
    Report,
    Row,
    Run,
    corpus_file,
    mean,
    read_rows,
    talk,
    write_rows,
)
from bench.options import folder, memctl_at, parser, start, workspace
from bench.program import Memctl, summary
from bench.retrieval import WAYS

SET = "financebench_dev"
HITS = 30
FIRST = 5
DEMANDED = 0.65
SETTINGS = ((0.9, 0.4), (1.2, 0.75))

Pages = Sequence[int]  # the pages of one hit


def success(hits: Sequence[Pages], right: Iterable[int], *, k: int) -> float:
    """Return 1 where one of the first k hits has a right page, else 0."""
    wanted = set(right)
    return float(any(wanted.intersection(pages) for pages in hits[:k]))


def coverage(hits: Sequence[Pages], right: Iterable[int], *, k: int) -> float:
    """Return the share of the right pages that the first k hits have."""
    wanted = set(right)
    seen = {page for pages in hits[:k] for page in pages}
    return len(wanted & seen) / len(wanted)


def right_pages(question: Row) -> set[int]:
    """Return the pages of the evidence of a question; none where nothing answers it."""
    if "evidence_pages" in question:
        return set(question["evidence_pages"])
    return {item["page"] for item in question["evidence"] if item["doc"] == question["doc"]}


def file_of(question: Row) -> str:
    """Return the name of the PDF that a question is about."""
    return f"{question['doc'].removesuffix('.pdf')}.pdf"


def scans(ingest: Run) -> set[str]:
    """Return the files that are scans, which have no text to find.

    Raises:
        BenchError: others were not read either.
    """
    failures = summary(ingest)["failures"]
    if others := [each["path"] for each in failures if each["code"] != "no_text"]:
        raise BenchError(f"{len(others)} inputs were not read, the first: {others[0]}")
    return {each["path"] for each in failures}


def search(
    memctl: Memctl, *, questions: Sequence[Row], work: Path
) -> Iterator[tuple[str, list[list[Pages]]]]:
    """Yield each way of memctl with its hits, question by question."""
    rows = (
        {"_id": row["_id"], "text": row["text"], "filter": f"file:{file_of(row)}"}
        for row in questions
    )
    batch, out = write_rows(work / "batch.jsonl", rows), work / "run.jsonl"
    for way in ("reranked", "both", "meaning", "words"):
        talk(f"{len(questions)} questions, {way}")
        memctl("query", "--batch", batch, "--out", out, "-k", str(HITS), *WAYS[way])
        found = {row["query_id"]: row["hits"] for row in read_rows(out)}
        yield (
            f"memctl, {way}",
            [pages_of(found.get(row["_id"], []), file=file_of(row)) for row in questions],
        )


def pages_of(hits: Sequence[Row], *, file: str) -> list[Pages]:
    """Return the pages of each hit.

    Raises:
        BenchError: a hit lies outside ``file``, so the filter did not hold.
    """
    for hit in hits:
        if hit["document"] != file:
            raise BenchError(f"a hit in {hit['document']} passed the filter for {file}")
    return [hit["pages"] or () for hit in hits]


def bm25(
    texts: Mapping[str, str], questions: Sequence[Row], *, alone: bool
) -> dict[tuple[float, float], list[list[Pages]]]:
    """Return the hits of BM25 by setting; ``alone``: statistics of the right file only."""
    by_file: dict[str, dict[str, str]] = {}
    for name, text in texts.items():
        by_file.setdefault(name.rpartition("#p")[0], {})[name] = text
    whole = Bm25(texts)
    single = {file: Bm25(pages) if alone else whole for file, pages in by_file.items()}
    return {
        (k1, b): [
            [
                (int(name.rpartition("#p")[2]),)
                for name in single[row["doc"]].rank(row["text"], by_file[row["doc"]], k1=k1, b=b)
            ]
            for row in questions
        ]
        for k1, b in SETTINGS
    }


def measure(args: argparse.Namespace, data: Path) -> Report:
    """Run all searchers over the questions."""
    texts = {row["_id"]: row["text"] for row in read_rows(corpus_file(data))}
    runs: dict[str, list[list[Pages]]] = {}
    with workspace(args.keep) as stores, workspace() as work:
        memctl = memctl_at(stores / data.name, args)
        talk("ingest of the PDFs")
        unread = scans(memctl.ingest(data / "pdf"))
        memctl("index", "build")
        rows = list(read_rows(data / "queries.jsonl"))[: args.limit]
        questions = [row for row in rows if right_pages(row) and file_of(row) not in unread]
        runs.update(search(memctl, questions=questions, work=work))
    for scope, alone in (("all files", False), ("the right file", True)):
        for (k1, b), hits in bm25(texts, questions, alone=alone).items():
            runs[f"BM25, k1 {k1}, b {b}, statistics of {scope}"] = hits
    return report(data.name, runs, questions=questions, partial=args.limit is not None)


def report(
    name: str,
    runs: Mapping[str, list[list[Pages]]],
    *,
    questions: Sequence[Row],
    partial: bool,
) -> Report:
    """Score each run; the first is memctl's and must not succeed less often than the others."""
    made = Report(name, ("searcher", "questions", f"success@{FIRST}", f"recall@{FIRST}"))
    right = [right_pages(row) for row in questions]
    scores: dict[str, float] = {}
    for searcher, hits in runs.items():
        found = [success(each, pages, k=FIRST) for each, pages in zip(hits, right, strict=True)]
        covered = [coverage(each, pages, k=FIRST) for each, pages in zip(hits, right, strict=True)]
        scores[searcher] = mean(found)
        made.numbers[searcher] = {"success": mean(found), "recall": mean(covered)}
        share = f"{mean(found):.3f} ({sum(found):.0f})"
        made.rows.append((searcher, str(len(questions)), share, f"{mean(covered):.3f}"))
    ours = next(iter(scores.values()))
    others = max((value for each, value in scores.items() if each.startswith("BM25")), default=0.0)
    if not partial:
        limit = max(others, DEMANDED) if name == SET else others
        made.gates.append(Gate(f"success@{FIRST} of memctl", ours, limit=limit))
    return made


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--keep", type=Path, metavar="DIR", help="keep or reuse the store here")
    options.add_argument("--limit", type=int, metavar="N", help="first N questions only: no gate")
    options.add_argument("--set", default=SET, metavar="NAME")
    args = options.parse_args()
    return measure(args, folder(args.data / args.set)).finish(args.json)


if __name__ == "__main__":
    start(main)
