"""``memctl query``: find passages."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

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
from memctl.cli.output import command, command_for, count, emit, say, talk, to_json, warn
from memctl.cli.render import explain_fields, hit_fields, hit_lines
from memctl.cli.searching import (
    AroundOption,
    CandidatesOption,
    CollapseOption,
    DiversityOption,
    ExplainOption,
    FeedbackOption,
    FullOption,
    FusionOption,
    GlossaryOption,
    HistoryOption,
    HydeOption,
    MendOption,
    MergeOption,
    Mode,
    ModelOption,
    ModeOption,
    RerankerOption,
    RerankOption,
    SplitOption,
    Surroundings,
    SynonymsOption,
    VariantsOption,
)
from memctl.cli.understood import Understood, understood

if TYPE_CHECKING:
    from memctl.query import Around, Filter, Hit, How, LanguageModel, Question, Searcher
    from memctl.query.syntax import Query


@command
def query_cli(
    question: Annotated[str | None, typer.Argument(help="What to look for.")] = None,
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="How many hits.")] = 10,
    mode: ModeOption = Mode.hybrid,
    fusion: FusionOption = "adaptive",
    candidates: CandidatesOption = 100,
    rerank: RerankOption = False,
    reranker: RerankerOption = "",
    collapse: CollapseOption = False,
    diversity: DiversityOption = 0.0,
    around: AroundOption = Surroundings.none,
    merge: MergeOption = False,
    mend: MendOption = True,
    glossary: GlossaryOption = True,
    synonyms: SynonymsOption = None,
    split: SplitOption = False,
    feedback: FeedbackOption = 0,
    llm: ModelOption = "",
    variants: VariantsOption = 0,
    hyde: HydeOption = False,
    history: HistoryOption = None,
    filters: FilterOption = None,
    explain: ExplainOption = False,
    full: FullOption = False,
    batch: BatchOption = None,
    out: OutOption = None,
    index: IndexOption = "default",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Find the passages that fit a question best, by its meaning and by its words.

    A question may hold "exact phrases", -unwanted words in all their forms and filters, such as
    file:*.pdf lang:ru page:3 after:2024-06 title:report heading:results tag:idea -file:old/
    One that begins with a minus stands behind --  One of filters alone lists what passes them.

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
        read_questions,
    )
    from memctl.query.syntax import parse

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
            glossary=glossary,
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
        passing = parse(asked).lists
        hits = ask.listed(asked) if passing else ask.found(asked)
        heard = understood(
            searcher, asked, how, filters=chosen, found=bool(hits), searched=not passing
        )
        hits = ask.shown(hits)
        done = time.perf_counter()
        fields = ask.fields(asked, hits)
        lines = [line for hit in hits for line in ask.lines(asked, hit, full=full)]
    if as_json:
        timings = {"open": round(opened - begun, 4), "search": round(done - opened, 4)}
        emit(
            "memctl.query/1",
            {
                "query": asked,
                **({"listed": True} if passing else {}),
                **heard.fields(),
                "hits": fields,
                "timings": timings,
            },
        )
        return
    for line in heard.lines():
        talk(line)
    for line in lines:
        say(line)
    if not hits:
        filtered = bool(chosen or parse(asked).filters)
        talk(f"Nothing found: no passage {_lacking(heard.query, mode, filtered=filtered)}.")
    elif passing:
        most = f", at most {k:,}" if len(hits) == k else ""
        talk(f"Nothing was looked for: this is what passes, the newest documents first{most}.")


def _lacking(query: Query | None, mode: Mode, *, filtered: bool) -> str:
    """Return what no passage does, where nothing was found; no ``query`` was to be listed alone."""
    if query is not None and query.hard:
        return "has the quoted words"
    if query is None or (filtered and mode is not Mode.lexical):
        return "passes the filter"
    return "that passes the filter has a word of it" if filtered else "has a word of it"


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

    def found(self, question: str) -> list[Hit]:
        """Return the hits of a question."""
        (hits,) = self.searcher.search([question], self.k, filters=self.filters, how=self.how)
        return hits

    def listed(self, question: str) -> list[Hit]:
        """Return what passes, where a question has filters alone."""
        from memctl.query import listed
        from memctl.query.syntax import parse

        return listed(self.searcher.store.catalog, (self.filters, parse(question).filters), self.k)

    def shown(self, hits: list[Hit]) -> list[Hit]:
        """Return the hits with what stands around them."""
        if self.around == "none" and not self.merge:
            return hits
        return self.searcher.widened(hits, self.around, merge=self.merge)

    def heard(self, question: Question, *, found: bool) -> Understood:
        """Return how a question of a batch was read."""
        both = (*self.filters, *question.filters)
        return understood(self.searcher, question.text, self.how, filters=both, found=found)

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
                    "_id": question.id,
                    "query_id": question.id,
                    "query": question.text,
                    **ask.heard(question, found=bool(hits)).fields(),
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
