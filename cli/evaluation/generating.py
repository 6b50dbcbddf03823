"""``memctl eval generate``: questions drafted from the documents."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from memctl.cli.evaluation.progressing import questions_done
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import command, command_for, count, emit, say, talk, to_json


@command
def generate_cli(
    out: Annotated[Path, typer.Argument(help="The file of questions to write.", readable=False)],
    number: Annotated[
        int, typer.Option("-n", "--number", min=1, max=100_000, help="How many at most.")
    ] = 50,
    llm: Annotated[
        str,
        typer.Option(
            metavar="SPEC",
            help="Have them written: openai:MODEL, ollama:MODEL, llamacpp:FILE.gguf.",
        ),
    ] = "",
    seed: Annotated[int, typer.Option(help="Of the choice of passages.")] = 0,
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Draft questions from the documents, with their answers and evidence, for you to mend.

    Without --llm a sentence is asked about of which a year, a number or a name is left out: such
    questions are easier than those of people. Read them, mend them, and throw out what is bad.

    Example: memctl eval generate questions.jsonl -n 100
    """
    from memctl.ingest import Store, UsageError
    from memctl.query import atomic_lines, language_model
    from memctl.query.evaluation import drafts

    if out.exists():
        raise UsageError(f"{out} is there already", hint="Name a new file: yours stays as it is.")
    model = language_model(llm) if llm else None
    with Store.open(store) as opened, questions_done(number) as done:
        rows = list(drafts(opened.catalog, number, model=model, seed=seed, done=done))
    if not rows:
        raise UsageError(
            "no sentence of the documents could be asked about", hint="memctl list shows them."
        )
    atomic_lines(out, map(to_json, rows))
    if as_json:
        emit("memctl.eval.generate/1", {"questions": len(rows), "out": str(out)})
        return
    say(f"{count(len(rows), 'draft')}: {out}")
    talk(f"Mend them, then: {command_for(f'memctl eval run {out}', store)}")
