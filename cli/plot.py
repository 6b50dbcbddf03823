"""``memctl index plot``: types of index on the user's own vectors, drawn."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.completion import index_type_list
from memctl.cli.index import question_vectors
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, emit, say, talk

if TYPE_CHECKING:
    from memctl.index import Measured, Swept

_FORMS = (".html", ".png")


@command
def plot_cli(
    outs: Annotated[
        list[Path] | None,
        typer.Option("--out", help="FILE.html (index.html without it) or FILE.png; or both."),
    ] = None,
    types: Annotated[
        str,
        typer.Option(
            help="Types to compare, with commas; see: memctl index build --help",
            autocompletion=index_type_list,
        ),
    ] = "",
    sample: Annotated[int, typer.Option(min=2, help="How many of the vectors at most.")] = 100_000,
    questions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", readable=False, help="Real questions: JSON lines with text."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the sample.")] = 20_240_501,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Draw recall against latency and bytes for several types of index, on your own vectors.

    Each type is built in a temporary place and measured; the store is only read.

    Example: memctl index plot --out index.html --out index.png --types flat,pq-fs,hnsw
    """
    from memctl.index import PLOTTED, sweep

    out = outs or [Path("index.html")]
    for file in out:
        _check(file)
    chosen = [each.strip() for each in types.split(",") if each.strip()] or list(PLOTTED)
    vectors = None if questions is None else question_vectors(store, questions)
    if as_json or not sys.stderr.isatty():
        swept = sweep(store, chosen, sample=sample, questions=vectors, seed=seed)
    else:
        from memctl.cli.building import BuildProgress

        with BuildProgress() as progress:
            swept = sweep(
                store, chosen, sample=sample, questions=vectors, seed=seed, progress=progress
            )
    for file in out:
        _draw(swept, f"Indexes over {store}", file)
    if as_json:
        emit("memctl.index.plot/1", _fields(swept, out))
        return
    say("type        recall@10   ms a query  bytes on disk  in memory")
    for kind in dict.fromkeys(point.type for point in swept.points):
        best = _cheapest([point for point in swept.points if point.type == kind])
        say(
            f"{kind:<11} {best.recall.mean:9.3f}  {best.milliseconds:11.3f}"
            f"  {best.bytes_on_disk:13,.0f}  {best.bytes_in_memory:9,.0f}"
        )
    talk(f"Drawn: {', '.join(map(str, out))}")


def _check(file: Path) -> None:
    """Refuse what cannot be drawn before the time is spent.

    Raises:
        UsageError: the suffix is none of a drawing, the folder is not there, or matplotlib is not.
    """
    from importlib.util import find_spec

    from memctl.ingest import UsageError

    if file.suffix not in _FORMS:
        raise UsageError(f"{file} is no drawing", hint="Name an --out that ends in .html or .png.")
    if not file.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {file.parent}", hint="Check --out.")
    if file.suffix == ".png" and find_spec("matplotlib") is None:
        raise UsageError(
            "a PNG needs matplotlib", hint="Run: pip install 'memctl-rag[plots]', or draw .html."
        )


def _draw(swept: Swept, title: str, file: Path) -> None:
    from memctl.cli.chart import page, png
    from memctl.ingest import UsageError

    try:
        if file.suffix == ".png":
            png(swept, title, file)
        else:
            file.write_text(page(swept, title), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}", hint="Check --out.") from error


def _cheapest(points: list[Measured]) -> Measured:
    """Return the fastest point with a recall of .95, or else the one with the highest recall."""
    good = [point for point in points if point.recall.mean >= 0.95]
    if good:
        return min(good, key=lambda point: point.milliseconds)
    return max(points, key=lambda point: point.recall.mean)


def _fields(swept: Swept, out: list[Path]) -> dict[str, object]:
    return {
        "vectors": swept.vectors,
        "dimension": swept.dimension,
        "queries": swept.queries,
        "out": [str(file) for file in out],
        "points": [
            {
                "type": point.type,
                "spec": point.spec,
                "search": {
                    "nprobe": point.effort.nprobe,
                    "k_factor": point.effort.k_factor,
                    "ef": point.effort.ef,
                },
                "recall_at_10": {
                    "mean": point.recall.mean,
                    "low": point.recall.low,
                    "high": point.recall.high,
                },
                "milliseconds": point.milliseconds,
                "bytes_on_disk": point.bytes_on_disk,
                "bytes_in_memory": point.bytes_in_memory,
                "build_seconds": point.build_seconds,
            }
            for point in swept.points
        ],
    }
