"""``memctl query``: find passages."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.options import (
    DEFAULT_STORE,
    BatchOption,
    FilterOption,
    IndexOption,
    JsonOption,
    OutOption,
    StoreOption,
)
from memctl.cli.output import command, command_for, count, emit, say, talk, to_json, warn
from memctl.cli.render import hit_fields, hit_lines

if TYPE_CHECKING:
    from memctl.query import Filter, Question, Searcher


class Mode(StrEnum):
    """How to search."""

    dense = "dense"


@command
def query_cli(
    question: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="How many hits.")] = 10,
    mode: Annotated[Mode, typer.Option(help="dense: by meaning.")] = Mode.dense,  # noqa: ARG001  one so far
    filters: FilterOption = None,
    full: Annotated[bool, typer.Option("--full", help="Show whole passages.")] = False,
    batch: BatchOption = None,
    out: OutOption = None,
    index: IndexOption = "default",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Find the passages that are nearest to a question.

    Example: memctl query 'How does the memory forget?' -k 5 --filter 'file:*.pdf'

    A batch reads JSON lines and writes JSON lines, or a TREC run when --out ends in .trec:
    memctl query --batch questions.jsonl --out run.jsonl
    """
    from memctl.query import Filter, Searcher, one_question, read_questions

    begun = time.perf_counter()
    asked = one_question(question, batch=batch, out=out)
    chosen = [Filter.parse(each) for each in filters or []]
    questions = read_questions(batch) if batch else []
    with Searcher.open(store, index) as searcher:
        warn_if_behind(searcher, store)
        opened = time.perf_counter()
        if out is not None:
            _run_batch(searcher, questions, out, k=k, filters=chosen, as_json=as_json)
            return
        (hits,) = searcher.search([asked], k, filters=chosen)
        done = time.perf_counter()
    if as_json:
        timings = {"open": round(opened - begun, 4), "search": round(done - opened, 4)}
        fields = [hit_fields(hit) for hit in hits]
        emit("memctl.query/1", {"query": asked, "hits": fields, "timings": timings})
        return
    for hit in hits:
        for line in hit_lines(hit, full=full):
            say(line)
    if not hits:
        talk("Nothing found: no passage passes the filter.")


def warn_if_behind(searcher: Searcher, store: Path) -> None:
    """Say so when the corpus holds passages that the index does not."""
    behind = searcher.behind()
    if behind:
        build = command_for("memctl index build", store)
        warn(f"the index lacks {count(behind, 'new passage')}; run: {build}")


def _run_batch(
    searcher: Searcher,
    questions: list[Question],
    out: Path,
    *,
    k: int,
    filters: list[Filter],
    as_json: bool,
) -> None:
    from memctl.query import atomic_lines, search_batch, trec_lines

    begun = time.perf_counter()
    results = search_batch(searcher, questions, k, filters=filters)
    if out.suffix == ".trec":
        lines = (line for question, hits in results for line in trec_lines(question, hits))
    else:
        lines = (
            to_json(
                {
                    "query_id": question.id,
                    "query": question.text,
                    "hits": [hit_fields(hit) for hit in hits],
                }
            )
            for question, hits in results
        )
    atomic_lines(out, lines)
    seconds = time.perf_counter() - begun
    if as_json:
        fields = {"questions": len(questions), "out": str(out), "seconds": round(seconds, 3)}
        emit("memctl.batch/1", fields)
    else:
        talk(f"{count(len(questions), 'question')} answered in {seconds:.1f} s: {out}")
