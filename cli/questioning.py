"""A command that takes a question, which may begin with a minus or be typed without quotes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import Any, cast

import typer
from typer.core import TyperCommand

# What typer's errors of a command line have in common, whichever module it keeps that in.
_Wrong = cast("type[typer.BadParameter]", typer.BadParameter.__bases__[0])
_UNWANTED = re.compile(r"-(?:[^\W\d_]{2,}|\d{3}|\d+[.,]\d|[^\W\d_]-?\d|\")")


class QuestionCommand(TyperCommand):
    """Says how to ask where a word was taken for an option, or for one argument too many."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  a class that typer hides
        """Read the command line."""
        typed = list(args)
        try:
            return super().parse_args(ctx, args)
        except _Wrong as error:
            hint = _hint(ctx.command_path, typed) if _of_a_letter(error) else ""
            # All that is wrong with an option or a value has a class of its own.
            if type(error) is _Wrong and ctx.params.get("question"):
                hint = _whole(ctx.command_path, str(ctx.params["question"]))
            if hint:
                error.message = f"{error.message.rstrip('.')}.\n{hint}"
            raise


def _of_a_letter(error: typer.BadParameter) -> bool:
    """Tell whether an option of one letter is what was wrong."""
    name = getattr(error, "option_name", "")
    named = getattr(getattr(error, "param", None), "opts", ())
    return any(re.fullmatch("-.", each) for each in (name, *named))


def _whole(command: str, first: str) -> str:
    """Return how to write a question of which only the first word was taken for it."""
    return f"A question of several words stands in quotes: {command} {shlex.quote(f'{first} …')}"


def _hint(command: str, typed: Sequence[str]) -> str:
    """Return how to write what was typed as a question; empty where no word has a minus."""
    unwanted = next(filter(_UNWANTED.match, typed), "")
    example = unwanted.partition(" ")[0]
    return (
        f"A question that begins with a minus stands last, behind --: {command} -- '{example} …'"
        if unwanted
        else ""
    )
