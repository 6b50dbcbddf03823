"""A command line that asks: one question, or a batch of them and where its answers go."""

from __future__ import annotations

from pathlib import Path

_BATCH = "Example: --batch questions.jsonl --out run.jsonl"


def one_question(question: str | None, *, batch: Path | None, out: Path | None) -> str:
    """Return the question of a command line, which may have filters alone; empty for a batch.

    Raises:
        UsageError: there is not exactly one of a question and a batch, or the question is empty
            or has no word.
    """
    from memctl.ingest import UsageError
    from memctl.query.syntax import checked

    if batch is not None or out is not None:
        if question is None and out is None:
            raise UsageError("--out is missing", hint=_BATCH)
        if question is not None or batch is None or out is None:
            raise UsageError(
                "a batch has --batch and --out, and no question",
                hint=_BATCH,
            )
        if out.resolve() == batch.resolve():
            raise UsageError(f"{out} is both --batch and --out", hint="Name another --out.")
        return ""
    checked(question or "", listing=True)
    return question or ""
