"""``memctl index``: build an index, look at it, check it."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.completion import index_types, refinements
from memctl.cli.generations import beside_fields, beside_words
from memctl.cli.indexed import index_fields, say_of_index, show_index
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption, WaitOption, be_patient
from memctl.cli.output import command, command_for, count, emit, green, say, size, talk

if TYPE_CHECKING:
    from memctl.index import Wish
    from memctl.ingest import Vectors

index_app = typer.Typer(no_args_is_help=True, help="Build indexes, look at them, check them.")
NameOption = Annotated[str, typer.Option("--name", help="The name of the index.")]
_TYPES = (
    "auto, flat, sq8, hnsw, pq-fs, rabitq, ivf-flat, ivf-sq8, ivf-pq, ivf-pq-fs, ivf-rabitq, "
    "opq-ivf-pq"
)
_SHAPE = "What it is made of"
_GOALS = "What it has to reach"


@index_app.command("build")
@command
def build_cli(
    store: StoreOption = DEFAULT_STORE,
    name: NameOption = "default",
    kind: Annotated[
        str,
        typer.Option(
            "--type",
            metavar="TYPE",
            help=f"{_TYPES}.",
            autocompletion=index_types,
            rich_help_panel=_SHAPE,
        ),
    ] = "",
    nlist: Annotated[int, typer.Option(min=0, help="Inverted lists.", rich_help_panel=_SHAPE)] = 0,
    pq_m: Annotated[
        int, typer.Option(min=0, help="Parts of a vector, a code each.", rich_help_panel=_SHAPE)
    ] = 0,
    pq_bits: Annotated[
        int, typer.Option(min=0, max=12, help="Bits of a code.", rich_help_panel=_SHAPE)
    ] = 0,
    opq: Annotated[
        bool, typer.Option("--opq", help="Rotate before coding: ivf-pq.", rich_help_panel=_SHAPE)
    ] = False,
    refine: Annotated[
        str,
        typer.Option(
            metavar="COPIES",
            help="Score again from: none, sq8, fp16, exact.",
            autocompletion=refinements,
            rich_help_panel=_SHAPE,
        ),
    ] = "",
    factory: Annotated[
        str,
        typer.Option(metavar="STRING", help="FAISS's own words.", rich_help_panel=_SHAPE),
    ] = "",
    target_recall: Annotated[
        float, typer.Option(help="Recall@10, from 0 to 1.", rich_help_panel=_GOALS)
    ] = 0.95,
    max_memory: Annotated[
        str, typer.Option(metavar="SIZE", help="As 500M or 2G.", rich_help_panel=_GOALS)
    ] = "",
    max_latency: Annotated[
        float, typer.Option(min=0, help="Milliseconds of a query.", rich_help_panel=_GOALS)
    ] = 0.0,
    questions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            readable=False,
            help="Real questions to measure with: JSON lines with text.",
            rich_help_panel=_GOALS,
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of what is drawn by chance.")] = 20_240_501,
    force: Annotated[
        bool, typer.Option("--force", help="Build again, also when nothing changed.")
    ] = False,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Build the index over all chunks of the store; the old one serves until it is done.

    Without options the index stays as it was wished for, and what is new is added.

    Example: memctl index build --type ivf-pq --target-recall 0.98
    """
    be_patient(wait)
    from memctl.index import Request, Wish, build
    from memctl.index import Silent as SilentBuild

    wish = Wish(
        kind or "auto",
        nlist=nlist,
        pq_m=pq_m,
        pq_bits=pq_bits,
        refine=refine,
        opq=opq,
        factory=factory,
        target_recall=target_recall,
        max_memory=_bytes(max_memory),
        max_latency=max_latency,
        seed=seed,
    )
    begun = time.monotonic()
    before = _generation(store, name)
    request = Request(
        name,
        None if _untouched(wish, kind) else wish,
        force=force,
        questions=None if questions is None else question_vectors(store, questions),
    )
    if as_json or not sys.stderr.isatty():
        manifest = build(store, request, progress=Telling() if not as_json else SilentBuild())
    else:
        from memctl.cli.building import BuildProgress

        with BuildProgress() as progress:
            manifest = build(store, request, progress=progress)
    seconds = time.monotonic() - begun
    if as_json:
        emit("memctl.index/1", {**index_fields(manifest), "seconds": round(seconds, 3)})
    else:
        built = manifest.generation != before
        show_index(manifest, f"{seconds:.1f} s" if built else "up to date")


@index_app.command("info")
@command
def info_cli(
    store: StoreOption = DEFAULT_STORE,
    name: NameOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Say what an index is, what it costs and what it loses.

    Example: memctl index info --json
    """
    from memctl.index import load
    from memctl.ingest import Store

    with Store.open(store) as opened:
        manifest = load(opened.layout, name)
        behind = opened.catalog.revision != manifest.revision
        chunks = opened.catalog.counts().chunks
        complete = manifest.complete(opened.layout.indexes / name)
        beside = beside_fields(opened)
    if as_json:
        now = {"behind": behind, "complete": complete, "beside": beside}
        emit("memctl.index/1", {**index_fields(manifest), **now})
        return
    state = "behind the corpus" if behind else "up to date"
    state = state if complete else "files are missing or cut: build it again"
    show_index(manifest, state, chunks=None if behind else chunks)
    if beside is not None:
        label, words, next_ = beside_words(beside)
        say_of_index(label, f"{words}: {command_for(next_, store)}")


@index_app.command("verify")
@command
def verify_cli(
    store: StoreOption = DEFAULT_STORE,
    name: NameOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Read every byte of an index, and of that of words, and compare it with what was built.

    Example: memctl index verify
    """
    from memctl.index import verify
    from memctl.index.lexical import verify_words
    from memctl.ingest import Store

    with Store.open(store) as opened:
        files = {name: verify(opened, name).files, "words": verify_words(opened).files}
    bytes_ = {each: sum(fact.bytes for fact in facts.values()) for each, facts in files.items()}
    if as_json:
        own = {"name": name, "files": len(files[name]), "bytes": bytes_[name]}
        words = {"files": len(files["words"]), "bytes": bytes_["words"]}
        emit("memctl.verify/1", {**own, "words": words})
        return
    for each, facts in files.items():
        say(f"{green('Sound')}   {each}: {count(len(facts), 'file')}, {size(bytes_[each])}")


class Telling:
    """Progress where no bar can be drawn: only the reasons."""

    def stage(self, name: str, total: int) -> None:
        """Say nothing."""

    def advance(self, steps: int) -> None:
        """Say nothing."""

    def tell(self, line: str) -> None:
        """Print the line to stderr."""
        talk(line)


def _untouched(wish: Wish, kind: str) -> bool:
    """Tell whether nothing was said of the index, so that it stays as it was wished for."""
    from memctl.index import Wish

    return not kind and wish == Wish()


def _generation(store: Path, name: str) -> int:
    """Return the number of the generation that serves; 0 where none does."""
    from memctl.index import IndexDamagedError, IndexNotFoundError, load
    from memctl.ingest import Store

    with suppress(IndexDamagedError, IndexNotFoundError), Store.open(store) as opened:
        return load(opened.layout, name).generation
    return 0


def question_vectors(store: Path, file: Path) -> Vectors:
    """Return the vectors of the questions in a file of JSON lines."""
    from memctl.ingest import Store
    from memctl.query import read_questions

    texts = [question.text for question in read_questions(file, option="--questions")]
    with Store.open(store) as opened:
        return opened.embedder().embed(texts, role="query")


_UNITS = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def _bytes(text: str) -> int:
    """Read a size such as 500M; an empty text is 0, no limit."""
    if not text:
        return 0
    number, unit = text.rstrip("KMGTBkmgtbi"), text.lstrip("0123456789.").upper().rstrip("IB")
    try:
        return int(float(number) * _UNITS[unit])
    except (ValueError, KeyError):
        from memctl.ingest import UsageError

        raise UsageError(f"{text!r} is no size", hint="Write it as 500M or 2G.") from None
