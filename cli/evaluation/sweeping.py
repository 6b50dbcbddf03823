"""``memctl eval sweep``: many settings tried on the same questions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memctl.cli.evaluation.options import (
    AllowMissingOption,
    AskOption,
    QrelsOption,
    QuestionsArgument,
    SplitOption,
    TagOption,
)
from memctl.cli.evaluation.request import tagged
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import bold, command, command_for, count, dim, emit, say, size, talk

if TYPE_CHECKING:
    from memctl.query.evaluation import Measure, Trial

_MORE = ("R@10", "p50")


@command
def sweep_cli(
    questions: QuestionsArgument,
    grid: Annotated[
        Path, typer.Option(metavar="FILE", readable=False, help="What to try, as TOML.")
    ],
    measure: Annotated[str, typer.Option(metavar="MEASURE", help="What to choose by.")] = "nDCG@10",
    work: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            readable=False,
            help="Where stores and indexes are built and kept; the grid's name with .work.",
        ),
    ] = None,
    qrels: QrelsOption = None,
    split: SplitOption = "test",
    tags: TagOption = None,
    allow_missing: AllowMissingOption = False,
    ask: AskOption = False,
    apply: Annotated[
        bool, typer.Option("--write", help="Write the best into the settings of the store.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE.html", readable=False, help="Draw all of it there."),
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    r"""Try every combination of settings, and show which are worth their time and bytes.

    A grid holds lists. Cutting is swept over the folders in sources, which are ingested anew:

      sources = ["docs"]
      \[chunking]
      max_tokens = [128, 256]
      \[index]
      type = ["flat", "pq-fs"]
      \[search]
      mode = ["hybrid", "lexical"]
      rerank = \[false, true]

    What was made and measured before is not made again.

    Example: memctl eval sweep questions.jsonl --grid sweep.toml --write
    """
    from memctl.ingest import UsageError
    from memctl.query.evaluation import Measure, Sweep, read_cases, read_grid, sweep
    from memctl.query.evaluation.sweep import check_measure

    if out is not None and out.suffix != ".html":
        raise UsageError(f"{out} is no page", hint="Name an --out that ends in .html.")
    chosen = Measure.parse(measure)
    check_measure(chosen)
    tried = read_grid(grid)
    cases = tagged(read_cases(questions, qrels=qrels, split=split), tags or [])
    plan = Sweep(
        tried,
        tuple(dict.fromkeys((chosen, *map(Measure, _MORE)))),
        store=store,
        work=work or grid.with_name(f"{grid.name}.work"),
        answer=ask or chosen.kind == "answer",
        lenient=allow_missing,
        tell=_tell,
    )
    trials: list[Trial] = []
    for trial in sweep(cases, plan):
        trials.append(trial)
        if sys.stderr.isatty():
            talk(f"{len(trials)} of {len(tried)}: {chosen} {trial.value(chosen):.4f}")
    _finish(trials, chosen, store=store, out=out, apply=apply, as_json=as_json)


def _tell(text: str) -> None:
    if sys.stderr.isatty():
        talk(text)


def _finish(
    trials: list[Trial],
    measure: Measure,
    *,
    store: Path,
    out: Path | None,
    apply: bool,
    as_json: bool,
) -> None:
    from memctl.query import atomic_lines
    from memctl.query.evaluation import winner

    best = winner(trials, measure)
    if out is not None:
        from memctl.cli.evaluation.sweptpage import swept_page

        atomic_lines(out, [swept_page(trials, measure)])
    if apply:
        write_settings(store, best)
    if as_json:
        emit("memctl.eval.sweep/1", _fields(trials, measure, best))
        return
    for line in _table(trials, measure, best):
        say(line)
    if out is not None:
        talk(f"Drawn: {out}")
    _next(best, store, apply=apply)


def _next(best: Trial, store: Path, *, apply: bool) -> None:
    """Say what is left to do for the best to serve."""
    if not apply:
        talk("With --write the best is written into the settings of the store.")
        return
    talk(f"Written: {store / 'memctl.toml'}")
    if best.setup.chunking:
        talk("Documents are cut anew by the next: memctl ingest")
    if best.setup.index:
        words = f"memctl index build --type {best.setup.index}"
        talk(f"Then: {command_for(words, store)}")


def write_settings(store: Path, best: Trial) -> None:
    """Write how the best cuts and searches into the settings of a store; the rest stays.

    Raises:
        SettingsError: they cannot be changed safely.
        StoreError: they cannot be written.
    """
    from memctl.ingest import change_settings

    usual = ("mode", "fusion", "candidates", "rerank")
    search = {name: value for name, value in best.setup.search.items() if name in usual}
    change_settings(store, {"chunking": best.setup.chunking, "search": search})


def _rows(trials: list[Trial], measure: Measure, best: Trial) -> Iterator[dict[str, Any]]:
    from memctl.query.evaluation import front
    from memctl.query.evaluation.sweep import behind

    on_front = {id(each) for each in front(trials, measure)}
    for trial in sorted(trials, key=lambda each: -each.value(measure)):
        total = trial.report.totals()[str(measure)]
        yield {
            "setup": trial.setup.label,
            "value": total.value,
            "low": total.low,
            "high": total.high,
            "p_behind": behind(trial, best, measure),
            "seconds": trial.seconds,
            "bytes": trial.bytes,
            "front": id(trial) in on_front,
            "best": trial is best,
        }


def _table(trials: list[Trial], measure: Measure, best: Trial) -> Iterator[str]:
    yield bold(f"  {measure!s:<12}  95 % interval  p behind  ms a search     bytes")
    for row in _rows(trials, measure, best):
        mark = "*" if row["front"] else " "
        chance = "" if row["best"] else f"{row['p_behind']:.3f}"
        line = (
            f"{mark} {row['value']:<12.4f}  {row['low']:.3f} – {row['high']:.3f}  {chance:>8}"
            f"  {row['seconds'] * 1000:11.1f}  {size(row['bytes']):>8}"
        )
        yield bold(line) if row["best"] else line
        yield dim(f"    {row['setup']}")
    yield ""
    yield f"Best: {best.setup.label}"
    found = count(len(trials), "setup")
    yield dim(f"{found}; * no other is better, faster and smaller; p behind: of so large a lead of")
    yield dim("the best by chance, were both as good.")


def _fields(trials: list[Trial], measure: Measure, best: Trial) -> dict[str, Any]:
    rows = list(_rows(trials, measure, best))
    for row in rows:
        row.update({name: round(row[name], 6) for name in ("value", "low", "high", "p_behind")})
    return {
        "measure": str(measure),
        "trials": rows,
        "best": {
            "chunking": dict(best.setup.chunking),
            "index": best.setup.index,
            "search": dict(best.setup.search),
        },
    }
