"""``memctl index``: build an index, look at it, check it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, count, dim, emit, green, say, size, talk

if TYPE_CHECKING:
    from memctl.index import Interval, Manifest, Recall, Wish
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
        str, typer.Option("--type", metavar="TYPE", help=f"{_TYPES}.", rich_help_panel=_SHAPE)
    ] = "",
    nlist: Annotated[int, typer.Option(min=0, help="Inverted lists.", rich_help_panel=_SHAPE)] = 0,
    pq_m: Annotated[
        int, typer.Option(min=0, help="Parts of a vector, a code each.", rich_help_panel=_SHAPE)
    ] = 0,
    pq_bits: Annotated[
        int, typer.Option(min=0, max=12, help="Bits of a code.", rich_help_panel=_SHAPE)
    ] = 0,
    opq: Annotated[
        bool, typer.Option("--opq", help="Rotate before coding.", rich_help_panel=_SHAPE)
    ] = False,
    refine: Annotated[
        str,
        typer.Option(
            metavar="COPIES",
            help="Score again from: none, sq8, fp16, exact.",
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
    as_json: JsonOption = False,
) -> None:
    """Build the index over all chunks of the store; the old one serves until it is done.

    Without options the index stays as it was wished for, and what is new is added.

    Example: memctl index build --type ivf-pq --target-recall 0.98
    """
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
    request = Request(
        name,
        None if _untouched(wish, kind) else wish,
        force=force,
        questions=None if questions is None else question_vectors(store, questions),
    )
    if as_json or not sys.stderr.isatty():
        manifest = build(store, request, progress=_Telling() if not as_json else SilentBuild())
    else:
        from memctl.cli.building import BuildProgress

        with BuildProgress() as progress:
            manifest = build(store, request, progress=progress)
    seconds = time.monotonic() - begun
    if as_json:
        emit("memctl.index/1", {**_fields(manifest), "seconds": round(seconds, 3)})
    else:
        show_index(manifest, f"{seconds:.1f} s")


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
        complete = manifest.complete(opened.layout.indexes / name)
    if as_json:
        emit("memctl.index/1", {**_fields(manifest), "behind": behind, "complete": complete})
        return
    state = "behind the corpus" if behind else "up to date"
    show_index(manifest, state if complete else "files are missing or cut: build it again")


@index_app.command("verify")
@command
def verify_cli(
    store: StoreOption = DEFAULT_STORE,
    name: NameOption = "default",
    as_json: JsonOption = False,
) -> None:
    """Read every byte of an index and compare it with what was built.

    Example: memctl index verify
    """
    from memctl.index import verify
    from memctl.ingest import Store

    with Store.open(store) as opened:
        manifest = verify(opened, name)
    total = sum(fact.bytes for fact in manifest.files.values())
    if as_json:
        emit("memctl.verify/1", {"name": name, "files": len(manifest.files), "bytes": total})
    else:
        say(f"{green('Sound')}   {name}: {count(len(manifest.files), 'file')}, {size(total)}")


class _Telling:
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


def question_vectors(store: Path, file: Path) -> Vectors:
    """Return the vectors of the questions in a file of JSON lines."""
    from memctl.ingest import Store
    from memctl.query import read_questions

    texts = [question.text for question in read_questions(file)]
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


def _fields(manifest: Manifest) -> dict[str, object]:
    certificate, costs, effort = manifest.certificate, manifest.costs, manifest.effort
    decisive = certificate.decisive
    return {
        "name": manifest.name,
        "generation": manifest.generation,
        "type": manifest.type,
        "spec": str(manifest.spec),
        "factory": manifest.factory,
        "embedder": manifest.embedder,
        "dimension": manifest.dimension,
        "vectors": manifest.vectors,
        "bytes_per_vector": round(manifest.bytes_per_vector, 1),
        "memory_bytes_per_vector": round(manifest.resident_bytes_per_vector, 1),
        "recall_at_10": decisive.at[10].mean,
        "recall_sample": decisive.sample,
        "target_recall": certificate.target,
        "recall": {
            "vectors": _recall(certificate.vectors),
            "questions": _recall(certificate.questions) if certificate.questions else None,
        },
        "search": {"nprobe": effort.nprobe, "k_factor": effort.k_factor, "ef": effort.ef},
        "training": {
            "points": manifest.training.points,
            "closeness": manifest.training.closeness,
            "imbalance": manifest.training.imbalance,
        },
        "costs": {
            "training_seconds": costs.training_seconds,
            "build_seconds": costs.build_seconds,
            "peak_memory_mb": costs.peak_memory_mb,
            "latency_ms": costs.latency_ms,
            "latency_p95_ms": costs.latency_p95_ms,
        },
    }


def _recall(found: Recall) -> dict[str, object]:
    return {
        "sample": found.sample,
        **{str(k): [value.mean, value.low, value.high] for k, value in found.at.items()},
    }


def show_index(manifest: Manifest, note: str) -> None:
    """Print what an index is, what it costs and what it loses."""
    total = sum(fact.bytes for fact in manifest.files.values())
    costs = manifest.costs
    say(
        f"{green('Index')}   {manifest.name}, {manifest.spec}, generation {manifest.generation} "
        f"{dim(f'({note})')}"
    )
    say(
        f"{green('Holds')}   {count(manifest.vectors, 'vector')}, {size(total)}: "
        f"{manifest.bytes_per_vector:.0f} bytes each on disk, "
        f"{manifest.resident_bytes_per_vector:.0f} in memory"
    )
    certificate = manifest.certificate
    if certificate.questions is not None:
        say(f"{green('Finds')}   {_told(certificate.questions, 'questions')}")
    say(f"{green('Finds')}   {_told(certificate.vectors, 'vectors not trained with')}")
    say(
        f"{green('Takes')}   {costs.latency_ms:.2f} ms a query (95 of 100 under "
        f"{costs.latency_p95_ms:.2f}), one thread"
    )


def _told(found: Recall, whose: str) -> str:
    each = ", ".join(f"@{k} {_interval(value)}" for k, value in found.at.items())
    return f"recall {each} {dim(f'({found.sample:,} {whose})')}"


def _interval(value: Interval) -> str:
    if value.low == value.high:
        return f"{value.mean:.3f}"
    return f"{value.mean:.3f} [{value.low:.3f}–{value.high:.3f}]"
