"""How a command answers: its options, and what they make."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_MODEL, _TRUST, _FROM = "With a language model", "What is trusted", "What it answers from"


class Verify(StrEnum):
    """What becomes of sentences that their sources do not say."""

    strict = "strict"
    warn = "warn"
    off = "off"


PassagesOption = Annotated[
    int,
    typer.Option("-k", min=1, max=10_000, help="Passages to answer from.", rich_help_panel=_FROM),
]
HitsOption = Annotated[
    Path | None,
    typer.Option(
        "--hits",
        metavar="FILE",
        readable=False,
        help="Answer from what memctl query --json wrote there.",
        rich_help_panel=_FROM,
    ),
]
SessionOption = Annotated[
    Path | None,
    typer.Option(
        "--session",
        metavar="FILE",
        readable=False,
        help="Keep the conversation there, and go on with it.",
        rich_help_panel=_FROM,
    ),
]
MemoryOption = Annotated[
    bool,
    typer.Option(
        "--memory",
        help="Answer from what the user's memory holds, too: facts, lessons, examples.",
        rich_help_panel=_FROM,
    ),
]
WriterOption = Annotated[
    str,
    typer.Option(
        metavar="SPEC",
        help="Have it written: openai:MODEL, ollama:MODEL, llamacpp:FILE.gguf, "
        "llama-index:MODULE.CLASS.",
        rich_help_panel=_MODEL,
    ),
]
WindowOption = Annotated[
    int | None,
    typer.Option(min=256, help="How many tokens the model reads at once.", rich_help_panel=_MODEL),
]
ContextOption = Annotated[
    str,
    typer.Option(
        metavar="auto|full|N",
        help="What the model reads: what was found, all documents, or N tokens.",
        rich_help_panel=_MODEL,
    ),
]
MaxTokensOption = Annotated[
    int, typer.Option(min=16, help="How long the answer may be.", rich_help_panel=_MODEL)
]
PromptOption = Annotated[
    Path | None,
    typer.Option(
        "--prompt",
        metavar="FILE",
        readable=False,
        help="Another prompt than memctl's own; see --show-prompt.",
        rich_help_panel=_MODEL,
    ),
]
ShowPromptOption = Annotated[
    bool,
    typer.Option(
        "--show-prompt", help="Show what the model would be sent, and stop.", rich_help_panel=_MODEL
    ),
]
VerifyOption = Annotated[
    Verify,
    typer.Option(
        help="What no source says is marked (warn), left out (strict), or not looked for (off).",
        rich_help_panel=_TRUST,
    ),
]
