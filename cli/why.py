"""``memctl why``: where in a search a document fell out."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.completion import documents
from memctl.cli.options import DEFAULT_STORE, FilterOption, IndexOption, JsonOption, StoreOption
from memctl.cli.output import bold, command, dim, emit, green, safe, say, wrapped
from memctl.cli.query import warn_if_behind
from memctl.cli.render import place, score_words
from memctl.cli.searching import GlossaryOption, MendOption, Mode, ModeOption

if TYPE_CHECKING:
    from memctl.query import Stage, Why


@command
def why_cli(
    question: Annotated[str, typer.Argument(help="The question, as for memctl query.")],
    document: Annotated[
        str,
        typer.Option(
            "--doc",
            autocompletion=documents,
            help="The document: FILE, FILE#PAGE, FILE#ROW or its id.",
        ),
    ],
    k: Annotated[int, typer.Option("-k", min=1, max=10_000, help="How many hits.")] = 10,
    mode: ModeOption = Mode.hybrid,
    mend: MendOption = True,
    glossary: GlossaryOption = True,
    filters: FilterOption = None,
    index: IndexOption = "default",
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Say where in a search a document fell out, and what would bring it in.

    Example: memctl why 'How is the roof mended?' --doc reports/2024.pdf#12
    """
    from memctl.ingest import UsageError
    from memctl.query import Filter, Fusion, How, Searcher, parse_place, why
    from memctl.query.syntax import checked

    checked(question)
    name, page = parse_place(document)
    chosen = [Filter.parse(each) for each in filters or []]
    with Searcher.open(store, index, mode=mode.value) as searcher:
        warn_if_behind(searcher, store)
        usual = searcher.store.settings.search
        how = How(
            mode.value,
            fusion=Fusion.parse(usual.fusion),
            candidates=usual.candidates,
            mend=mend,
            glossary=glossary,
        )
        found = why(searcher, question, name, page=page, k=k, filters=chosen, how=how)
    if not found.known:
        raise UsageError(f"no document {found.document!r}", hint=found.hint)
    if as_json:
        emit("memctl.why/1", {"query": question, **_fields(found)})
        return
    show_why(found)


def _fields(found: Why) -> dict[str, object]:
    chunk = found.chunk
    return {
        "document": found.document,
        "page": found.page,
        "found": not found.lost,
        "lost": found.lost,
        "hint": found.hint,
        "passage": None if chunk is None else chunk.place(),
        "dense": None if found.dense is None else _stage(found.dense),
        "lexical": None if found.lexical is None else _stage(found.lexical),
        "stages": {stage.name: _stage(stage) for stage in found.stages},
        "shared": list(found.shared),
        "missing": list(found.missing),
        "remedies": [asdict(each) for each in found.remedies],
    }


def _stage(stage: Stage) -> dict[str, object]:
    return {"rank": stage.rank, "score": round(stage.score, 6)}


def show_why(found: Why) -> None:
    """Show where a document fell out."""
    say(bold(place(found.document, () if found.page is None else (found.page,))))
    if found.chunk is not None:
        _show_places(found)
    if not found.lost:
        say(green(f"  It is among the first {found.k}."))
        return
    _line("fell out", found.lost)
    if found.hint:
        _line("next", found.hint)
    for each in found.remedies:
        _line("comes in", f"with {each.words}, at rank {each.rank:,}")


def _show_places(found: Why) -> None:
    """Say where its best passage stands by each measure."""
    if found.chunk is not None:
        where = found.chunk
        say(dim(f"  passage {where.ordinal}, characters {where.chunk.start}–{where.chunk.end}"))
    for label, stage in (("by meaning", found.dense), ("by words", found.lexical)):
        if stage is not None and stage.rank is not None:
            _line(label, f"rank {stage.rank:,} of all passages, {score_words(stage.score)}")
    for label, words in (("shared", found.shared), ("only asked", found.missing)):
        if words:
            _line(label, ", ".join(safe(word) for word in words[:20]))
    for stage in found.stages:
        if stage.name == "fused" and stage.rank is not None:
            _line("together", f"rank {stage.rank:,} of the candidates")


def _line(label: str, text: str) -> None:
    first = f"  {label:<11} "
    for number, line in enumerate(wrapped(text, indent=" " * len(first))):
        say(line if number else first + line.lstrip())
