"""``memctl query``: find passages."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
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
from memctl.cli.render import explain_fields, hit_fields, hit_lines

if TYPE_CHECKING:
    from memctl.query import Around, Filter, Hit, How, LanguageModel, Question, Searcher


class Mode(StrEnum):
    """How to search."""

    hybrid = "hybrid"
    dense = "dense"
    lexical = "lexical"


class Surroundings(StrEnum):
    """What is shown around a hit."""

    none = "none"
    neighbours = "neighbours"
    section = "section"
    table = "table"


@command
def query_cli(
    question: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="How many hits.")] = 10,
    mode: Annotated[
        Mode, typer.Option(help="By meaning (dense), by words (lexical), or by both.")
    ] = Mode.hybrid,
    fusion: Annotated[
        str, typer.Option(help="How both are joined: adaptive, rrf(k=60), linear(dense=0.6).")
    ] = "adaptive",
    candidates: Annotated[
        int, typer.Option(min=1, max=10_000, help="How many passages each of both brings.")
    ] = 100,
    rerank: Annotated[
        bool, typer.Option("--rerank", help="Judge the first 50 anew, by their single words.")
    ] = False,
    reranker: Annotated[
        str,
        typer.Option(
            metavar="SPEC",
            help="Rerank by another: cross-encoder:FOLDER, http:URL, llama-index:MODULE.CLASS.",
        ),
    ] = "",
    collapse: Annotated[
        bool, typer.Option("--collapse", help="Show passages that say nearly the same once.")
    ] = False,
    diversity: Annotated[
        float, typer.Option(min=0, max=1, help="How much more unlike passages count.")
    ] = 0.0,
    around: Annotated[
        Surroundings,
        typer.Option(help="What is shown with a hit: its neighbours, section or table."),
    ] = Surroundings.none,
    merge: Annotated[
        bool, typer.Option("--merge", help="Make passages of a document one where they touch.")
    ] = False,
    mend: Annotated[
        bool, typer.Option(help="Look for what was meant by words that no text holds.")
    ] = True,
    synonyms: Annotated[
        Path | None,
        typer.Option(help="Lines such as: car, automobile. Else synonyms.txt of the store."),
    ] = None,
    split: Annotated[
        bool, typer.Option("--split", help="Ask a question that is two in one in parts too.")
    ] = False,
    feedback: Annotated[
        int, typer.Option(min=0, max=100, help="So many first hits lend the question their words.")
    ] = 0,
    llm: Annotated[
        str,
        typer.Option(metavar="SPEC", help="Ask a model too: openai:MODEL, ollama:MODEL."),
    ] = "",
    variants: Annotated[
        int, typer.Option(min=0, max=10, help="So many wordings of the question, by the model.")
    ] = 0,
    hyde: Annotated[
        bool, typer.Option("--hyde", help="Look for what the model would answer, too.")
    ] = False,
    history: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A conversation; the model frees the question from it."),
    ] = None,
    filters: FilterOption = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say how each hit came to its place.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="Show whole passages.")] = False,
    batch: BatchOption = None,
    out: OutOption = None,
    index: IndexOption = "default",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Find the passages that fit a question best, by its meaning and by its words.

    A question may hold "exact phrases", -unwanted words, and filters: file:*.pdf lang:ru page:3
    after:2024-06 before:2025 title:report tag:idea author:Ann -file:old/

    Example: memctl query 'How does the memory "forget"? -LSTM' -k 5 --filter 'file:*.pdf'

    A batch reads JSON lines and writes JSON lines, or a TREC run when --out ends in .trec:
    memctl query --batch questions.jsonl --out run.jsonl
    """
    from memctl.query import (
        Filter,
        Fusion,
        How,
        Searcher,
        language_model,
        one_question,
        read_questions,
    )

    begun = time.perf_counter()
    asked = one_question(question, batch=batch, out=out)
    chosen = [Filter.parse(each) for each in filters or []]
    joined = Fusion.parse(fusion)
    model = language_model(llm) if llm else None
    asked = freed(asked, history, model) if history and asked else asked
    questions = read_questions(batch) if batch else []
    with Searcher.open(store, index, mode=mode.value) as searcher:
        warn_if_behind(searcher, store)
        how = How(
            mode.value,
            fusion=joined,
            candidates=candidates,
            reranker=searcher.reranker(reranker) if rerank or reranker else None,
            collapse=collapse,
            diversity=diversity,
            mend=mend,
            synonyms=searcher.synonyms(synonyms),
            split=split,
            feedback=feedback,
            model=model,
            variants=variants,
            hyde=hyde,
        )
        opened = time.perf_counter()
        ask = _Asking(
            searcher,
            how,
            filters=chosen,
            k=k,
            explain=explain,
            around=around.value,
            merge=merge,
        )
        if out is not None:
            _run_batch(ask, questions, out, as_json=as_json)
            return
        (hits,) = searcher.search([asked], k, filters=chosen, how=how)
        mended = searcher.corrections(asked) if mend and mode is not Mode.dense else []
        hits = ask.shown(hits)
        done = time.perf_counter()
        fields = ask.fields(asked, hits)
        lines = [line for hit in hits for line in ask.lines(asked, hit, full=full)]
    if as_json:
        timings = {"open": round(opened - begun, 4), "search": round(done - opened, 4)}
        said = {"mended": {each.word: each.meant for each in mended}} if mended else {}
        emit("memctl.query/1", {"query": asked, **said, "hits": fields, "timings": timings})
        return
    for each in mended:
        talk(f"No passage holds {each.word!r}; {each.meant!r} was looked for too.")
    for line in lines:
        say(line)
    if not hits:
        talk("Nothing found: no passage passes the filter.")


def freed(question: str, history: Path, model: LanguageModel | None) -> str:
    """Return the question without its conversation, and say what is searched for."""
    from memctl.ingest import UsageError
    from memctl.query.rewrite import read_turns, standalone

    turns = read_turns(history)
    if model is None:
        raise UsageError("--history needs a language model", hint="Name one: --llm openai:MODEL")
    found = standalone(question, turns, model)
    talk(f"Searched for: {found}")
    return found


def warn_if_behind(searcher: Searcher, store: Path) -> None:
    """Say so when the corpus holds passages that the index does not."""
    behind = searcher.behind()
    if behind:
        build = command_for("memctl index build", store)
        warn(f"the index lacks {count(behind, 'new passage')}; run: {build}")


@dataclass(frozen=True, slots=True)
class _Asking:
    """What a command asks all its questions with."""

    searcher: Searcher
    how: How
    _: KW_ONLY
    filters: list[Filter]
    k: int
    explain: bool
    around: Around
    merge: bool

    def shown(self, hits: list[Hit]) -> list[Hit]:
        """Return the hits with what stands around them."""
        if self.around == "none" and not self.merge:
            return hits
        return self.searcher.widened(hits, self.around, merge=self.merge)

    def fields(self, question: str, hits: Sequence[Hit]) -> list[dict[str, object]]:
        """Return the hits as JSON has them."""
        fields = [hit_fields(hit) for hit in hits]
        if self.explain:
            for each, hit in zip(fields, hits, strict=True):
                each["explain"] = explain_fields(hit, self.searcher.matched(question, hit))
        return fields

    def lines(self, question: str, hit: Hit, *, full: bool) -> Iterator[str]:
        """Yield a hit as people read it."""
        words = self.searcher.matched(question, hit) if self.explain else None
        yield from hit_lines(hit, full=full, words=words)


def _run_batch(ask: _Asking, questions: list[Question], out: Path, *, as_json: bool) -> None:
    from memctl.query import atomic_lines, search_batch, trec_lines

    begun = time.perf_counter()
    results = search_batch(ask.searcher, questions, ask.k, filters=ask.filters, how=ask.how)
    if out.suffix == ".trec":
        lines = (line for question, hits in results for line in trec_lines(question, hits))
    else:
        lines = (
            to_json(
                {
                    "query_id": question.id,
                    "query": question.text,
                    "hits": ask.fields(question.text, ask.shown(hits)),
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
