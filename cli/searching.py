"""How a command searches: its options, a group a question that a user may have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from memctl.cli.completion import fusions, models

_LEGS, _WORDS, _AGAIN = "How it searches", "What is made of the question", "Reranking"
_MODEL, _SHOWN = "With a language model", "What is shown"


class Mode(StrEnum):
    """How to search."""

    hybrid = "hybrid"
    dense = "dense"
    lexical = "lexical"


class Surroundings(StrEnum):
    """What is shown around a hit."""

    none = "none"
    neighbours = "neighbours"
    section = "section"
    table = "table"


ModeOption = Annotated[
    Mode,
    typer.Option(help="By meaning (dense), by words (lexical), or by both.", rich_help_panel=_LEGS),
]
FusionOption = Annotated[
    str,
    typer.Option(
        metavar="SPEC",
        autocompletion=fusions,
        help="How both are joined: adaptive, rrf(k=60), linear(dense=0.6).",
        rich_help_panel=_LEGS,
    ),
]
CandidatesOption = Annotated[
    int,
    typer.Option(
        min=1, max=10_000, help="How many passages each of both brings.", rich_help_panel=_LEGS
    ),
]
RerankOption = Annotated[
    bool,
    typer.Option(
        "--rerank/--no-rerank",
        help="Judge the first 50 anew, by their single words.",
        rich_help_panel=_AGAIN,
    ),
]
RerankerOption = Annotated[
    str,
    typer.Option(
        metavar="SPEC",
        help="Rerank by another: cross-encoder:FOLDER, http:URL, llm:openai:MODEL, "
        "llama-index:MODULE.CLASS.",
        rich_help_panel=_AGAIN,
    ),
]
CollapseOption = Annotated[
    bool,
    typer.Option(
        "--collapse", help="Show passages that say nearly the same once.", rich_help_panel=_AGAIN
    ),
]
DiversityOption = Annotated[
    float,
    typer.Option(min=0, max=1, help="How much more unlike passages count.", rich_help_panel=_AGAIN),
]
AroundOption = Annotated[
    Surroundings,
    typer.Option(help="Show a hit with its neighbours, section or table.", rich_help_panel=_SHOWN),
]
MergeOption = Annotated[
    bool,
    typer.Option(
        "--merge", help="Make passages of a document one where they touch.", rich_help_panel=_SHOWN
    ),
]
ExplainOption = Annotated[
    bool,
    typer.Option("--explain", help="Say how each hit came to its place.", rich_help_panel=_SHOWN),
]
FullOption = Annotated[
    bool, typer.Option("--full", help="Show whole passages.", rich_help_panel=_SHOWN)
]
MendOption = Annotated[
    bool,
    typer.Option(
        help="Look for what was meant by words that no text holds.", rich_help_panel=_WORDS
    ),
]
GlossaryOption = Annotated[
    bool,
    typer.Option(
        help="Look for what measures are computed from, too: sales and costs for a gross margin.",
        rich_help_panel=_WORDS,
    ),
]
SynonymsOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Lines such as: car, automobile. Else synonyms.txt of the store.",
        rich_help_panel=_WORDS,
    ),
]
SplitOption = Annotated[
    bool,
    typer.Option(
        "--split", help="Ask a question that is two in one in parts too.", rich_help_panel=_WORDS
    ),
]
FeedbackOption = Annotated[
    int,
    typer.Option(
        min=0,
        max=100,
        help="So many first hits lend the question their words.",
        rich_help_panel=_WORDS,
    ),
]
ModelOption = Annotated[
    str,
    typer.Option(
        metavar="SPEC",
        autocompletion=models,
        help="openai:MODEL, ollama:MODEL, llamacpp:FILE.gguf, llama-index:MODULE.CLASS.",
        rich_help_panel=_MODEL,
    ),
]
VariantsOption = Annotated[
    int,
    typer.Option(min=0, max=10, help="Search so many other wordings too.", rich_help_panel=_MODEL),
]
HydeOption = Annotated[
    bool,
    typer.Option("--hyde", help="Look for what would answer, too.", rich_help_panel=_MODEL),
]
HistoryOption = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="A conversation that the question is freed from first.",
        rich_help_panel=_MODEL,
    ),
]
