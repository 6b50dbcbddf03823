"""``memctl eval import``: a published set of questions, made into what ``eval run`` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from memctl.cli.options import JsonOption
from memctl.cli.output import command, count, emit, say, talk, to_json


@command
def import_cli(
    source: Annotated[
        Path, typer.Argument(help="A SQuAD, LoCoMo or GigaMemory file, or a BEIR folder.")
    ],
    out: Annotated[Path, typer.Argument(help="A new folder.", readable=False)],
    form: Annotated[
        str,
        typer.Option(
            "--format", metavar="NAME", help="squad, beir, locomo, gigamemory; else seen by itself."
        ),
    ] = "",
    split: Annotated[str, typer.Option(help="Which qrels/SPLIT.tsv of a BEIR folder.")] = "test",
    as_json: JsonOption = False,
) -> None:
    """Make documents and questions of a published set, as files.

    Dialogues become a document a turn, or a session; their questions ask only their own dialogue.

    Example: memctl eval import squad-dev.json squad, then memctl ingest squad/corpus,
    memctl index build, memctl eval run squad/questions.jsonl
    """
    from memctl.ingest import UsageError
    from memctl.query import atomic_lines
    from memctl.query.evaluation import imported
    from memctl.query.evaluation.imports import CORPUS

    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there already", hint="Name a new folder.")
    found = imported(source, form, split=split)
    corpus = out / CORPUS
    try:
        (corpus if found.corpus else out).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot make {out}: {error.strerror}", hint="Check the path.") from error
    for name, rows in found.corpus.items():
        atomic_lines(corpus / name, map(to_json, rows))
    questions = out / "questions.jsonl"
    atomic_lines(questions, map(to_json, found.questions))
    documents = sum(map(len, found.corpus.values()))
    if as_json:
        fields = {"documents": documents, "questions": len(found.questions), "out": str(out)}
        emit("memctl.eval.import/1", fields)
        return
    say(f"{count(len(found.questions), 'question')}, {count(documents, 'document')}: {out}")
    if documents:
        talk(f"Next: memctl ingest {corpus}, memctl index build, memctl eval run {questions}")
