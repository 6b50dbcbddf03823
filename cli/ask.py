"""``memctl ask``: answer a question from the documents."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.answering import Ways, session_in
from memctl.cli.answers import answer_fields, answer_lines, beneath, warn_of
from memctl.cli.asking import (
    ContextOption,
    HitsOption,
    MaxTokensOption,
    MemoryOption,
    PassagesOption,
    PromptOption,
    SessionOption,
    ShowPromptOption,
    Verify,
    VerifyOption,
    WindowOption,
    WriterOption,
)
from memctl.cli.memory.options import UserOption
from memctl.cli.onequestion import one_question
from memctl.cli.options import (
    DEFAULT_STORE,
    BatchOption,
    FilterOption,
    IndexOption,
    JsonOption,
    OutOption,
    StoreOption,
)
from memctl.cli.output import command, count, emit, say, talk, to_json
from memctl.cli.progress import CountProgress
from memctl.cli.query import warn_if_behind
from memctl.cli.remembered import Remembered, remembered, tell_lessons
from memctl.cli.searching import Mode, ModeOption, RerankOption
from memctl.cli.understood import understood
from memctl.cli.waiting import Waiting

if TYPE_CHECKING:
    from memctl.query import Answer, Asker, Filter, Hit, Prompt, Question

_FAULT, _ABSTAINED = 1, 4


@command
def ask_cli(
    question: Annotated[str | None, typer.Argument(help="What you want to know.")] = None,
    k: PassagesOption = 8,
    mode: ModeOption = Mode.hybrid,
    rerank: RerankOption = False,
    filters: FilterOption = None,
    hits: HitsOption = None,
    session: SessionOption = None,
    memory: MemoryOption = False,
    user: UserOption = "",
    llm: WriterOption = "",
    window: WindowOption = None,
    context: ContextOption = "auto",
    max_tokens: MaxTokensOption = 1024,
    prompt: PromptOption = None,
    show_prompt: ShowPromptOption = False,
    verify: VerifyOption = Verify.warn,
    batch: BatchOption = None,
    out: OutOption = None,
    index: IndexOption = "default",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the documents, each sentence with its source, or say there is none.

    Without --llm sentences of the documents are quoted, offline. Exits with 4 where the documents
    hold no answer; a batch exits with 0, and goes on where it was broken off.

    Example: memctl ask 'Что такое RAG?' --filter lang:ru

    With a model: memctl ask 'What is RAG?' --llm ollama:qwen2.5 --verify strict
    """
    from memctl.ingest import UsageError
    from memctl.query import (
        Filter,
        Question,
        Searcher,
        files_of,
        read_hits,
        read_questions,
    )

    begun = time.perf_counter()
    asked = one_question(question, batch=batch, out=out)
    if out is not None and out.suffix == ".trec":
        raise UsageError("answers are no TREC run", hint="Name an --out that ends in .jsonl.")
    if batch is not None and (hits or session or show_prompt or memory):
        raise UsageError("a batch has no --hits, --session, --memory or --show-prompt")
    chosen = [Filter.parse(each) for each in filters or []]
    questions = read_questions(batch) if batch else []
    ways = Ways(
        llm=llm,
        window=window,
        k=k,
        mode=mode.value,
        rerank=rerank,
        verify=verify.value,
        context=context,
        max_tokens=max_tokens,
        prompt=prompt,
    )
    writer = ways.writer()
    with Searcher.open(store, index, mode=mode.value) as searcher:
        warn_if_behind(searcher, store)
        asker = ways.asker(searcher, writer)
        if out is not None:
            run = _Batch(questions, out, filters=chosen, marks=ways.marks())
            _run_batch(asker, run, as_json=as_json)
            return
        kept = session_in(session)
        one = Question("", asked, (), tuple(kept.turns))
        opened = time.perf_counter()
        whole = asker.whole(one)
        catalog = searcher.store.catalog
        known = remembered(store, user, whole) if memory else Remembered()
        wide = known.learned.widened(whole) if known.learned else whole
        found = read_hits(hits, catalog) if hits else asker.hits(one, wide, chosen)
        found = [*known.hits, *found]
        if show_prompt:
            _show(_prompt(asker, one, found, chosen, whole, known), as_json=as_json)
            return
        tell_lessons(known, model=writer is not None)
        live = sys.stdout.isatty() and not as_json
        answer, shown = _answered(
            asker, one, found, chosen, whole=whole, live=live, known=known, searched=not hits
        )
        kept.add(answer)
        done = time.perf_counter()
        files = files_of((each.document for each in answer.citations), catalog)
        heard = understood(
            searcher,
            whole,
            asker.asking.how,
            filters=chosen,
            found=bool(found),
            searched=not hits,
        )
    if as_json:
        timings = {"open": round(opened - begun, 4), "answer": round(done - opened, 4)}
        emit("memctl.answer/1", {**answer_fields(answer), **heard.fields(), "timings": timings})
    else:
        _print(answer, files, shown=shown)
        for line in heard.lines():
            talk(line)
    _end(answer, filtered=bool(chosen))


def _answered(
    asker: Asker,
    question: Question,
    hits: list[Hit],
    filters: list[Filter],
    *,
    whole: str,
    live: bool,
    known: Remembered,
    searched: bool,
) -> tuple[Answer, bool]:
    """Return the answer, and whether it was shown: ``live``, a person sees it as it is written."""
    writer = asker.asking.writer
    if writer is None and known.answer is not None:
        return known.answer, False  # a question about the user, whom no document knows
    if writer is None or not live:
        answer = asker.answer(
            question, hits, filters, asked=whole, learned=known.learned, searched=searched
        )
        return answer, False
    from memctl.cli.shell.live import showing

    with showing() as view, Waiting(f"{writer.name} reads") as waiting:

        def show(text: str) -> None:
            waiting.over()
            view.put(text)

        answer = asker.answer(
            question, hits, filters, asked=whole, show=show, learned=known.learned
        )
        return answer, view.used


def _print(answer: Answer, files: Mapping[str, Path], *, shown: bool) -> None:
    if answer.asked:
        talk(f"Asked: {answer.asked}")
    for line in beneath(answer, files) if shown else answer_lines(answer, files):
        say(line)


def _end(answer: Answer, *, filtered: bool) -> None:
    """Tell what is to be known of an answer, and end with the code that says how it went."""
    warn_of(answer)
    if answer.abstained and filtered:
        talk("Only what passes the filter was looked at.")
    if answer.fault:
        talk(f"the answer broke off: {answer.fault}", label="memctl:", style="31")
        raise typer.Exit(_FAULT)
    if answer.abstained:
        raise typer.Exit(_ABSTAINED)


def _prompt(
    asker: Asker,
    question: Question,
    hits: list[Hit],
    filters: list[Filter],
    whole: str,
    known: Remembered,
) -> Prompt:
    from memctl.ingest import UsageError

    writer = asker.asking.writer
    if writer is None:
        raise UsageError("no model is asked", hint="Name one: --llm openai:MODEL")
    sent = asker.sent(question, hits, filters, asked=whole, writer=writer, learned=known.learned)
    return sent.prompt


def _show(prompt: Prompt, *, as_json: bool) -> None:
    if as_json:
        fields = {"instruction": prompt.instruction, "request": prompt.request}
        emit("memctl.prompt/1", fields)
        return
    for line in (*prompt.instruction.split("\n"), "-----", *prompt.request.split("\n")):
        say(line)


@dataclass(frozen=True, slots=True)
class _Batch:
    questions: list[Question]
    out: Path
    _: KW_ONLY
    filters: list[Filter]
    marks: Mapping[str, object]


def _run_batch(asker: Asker, batch: _Batch, *, as_json: bool) -> None:
    from memctl.query.answers.batches import answer_batch

    def line_of(question: Question, answer: Answer) -> str:
        heard = understood(
            asker.searcher,
            answer.asked or question.text,
            asker.asking.how,
            filters=(*batch.filters, *question.filters),
            found=not answer.abstained,
        )
        fields = {**answer_fields(answer), **heard.fields()}
        return to_json({"schema": "memctl.answer/1", "_id": question.id, **fields})

    begun = time.perf_counter()
    store = asker.searcher.store
    marks = {**batch.marks, "filters": list(map(str, batch.filters))}
    marks["revision"] = store.catalog.revision
    with CountProgress(len(batch.questions), "questions") as bar:
        before = answer_batch(
            asker,
            batch.questions,
            batch.out,
            filters=batch.filters,
            marks=marks,
            line_of=line_of,
            done=bar.done,
        )
    seconds = time.perf_counter() - begun
    asked = len(batch.questions)
    if as_json:
        fields = {"questions": asked, "answered_before": before, "out": str(batch.out)}
        emit("memctl.batch/1", {**fields, "seconds": round(seconds, 3)})
        return
    again = f", {before:,} of them before" if before else ""
    talk(f"{count(asked, 'question')} asked in {seconds:.1f} s{again}: {batch.out}")
