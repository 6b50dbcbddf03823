"""``memctl index tune``: how an index is best searched."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.index import NameOption, question_vectors
from memctl.cli.indexed import show_index
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption, WaitOption, be_patient
from memctl.cli.output import command, emit, say

if TYPE_CHECKING:
    from memctl.index import Point, Retuned


@command
def tune_cli(
    store: StoreOption = DEFAULT_STORE,
    name: NameOption = "default",
    target_recall: Annotated[
        float | None, typer.Option(help="Recall@10, from 0 to 1; without it, as built.")
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", readable=False, help="Real questions to tune by: JSON lines with text."
        ),
    ] = None,
    wait: WaitOption = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Find the fastest search that reaches a recall, and write it down; nothing is built.

    Example: memctl index tune --target-recall 0.98
    """
    be_patient(wait)
    from memctl.index import retune

    vectors = None if questions is None else question_vectors(store, questions)
    done = retune(store, name, target=target_recall, questions=vectors)
    if as_json:
        emit("memctl.tune/1", _fields(done))
        return
    say("recall@10  ms a query  search")
    for point in done.front:
        chosen = "  ← chosen" if point.effort == done.manifest.effort else ""
        say(f"{point.recall:9.3f}  {point.milliseconds:10.3f}  {_words(point)}{chosen}")
    show_index(done.manifest, "tuned")


def _words(point: Point) -> str:
    effort = point.effort
    parts = {"nprobe": effort.nprobe, "k-factor": effort.k_factor, "ef": effort.ef}
    return " ".join(f"{name}={value}" for name, value in parts.items() if value) or "whole"


def _fields(done: Retuned) -> dict[str, object]:
    effort = done.manifest.effort
    return {
        "name": done.manifest.name,
        "search": {"nprobe": effort.nprobe, "k_factor": effort.k_factor, "ef": effort.ef},
        "recall_at_10": done.manifest.certificate.decisive.at[10].mean,
        "front": [
            {
                "recall_at_10": round(point.recall, 4),
                "milliseconds": round(point.milliseconds, 4),
                "nprobe": point.effort.nprobe,
                "k_factor": point.effort.k_factor,
                "ef": point.effort.ef,
            }
            for point in done.front
        ],
    }
