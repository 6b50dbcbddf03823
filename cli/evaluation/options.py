"""What an evaluation is told: its options, a group a question that a user may have."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

_ASKED, _MEASURED, _GATES = "What is asked", "What is measured", "What is demanded"
_ANSWERS, _OUT = "Answers", "What is written"


class FailOn(StrEnum):
    """What of a comparison with a baseline is a failure."""

    regression = "regression"
    never = "never"


QuestionsArgument = Annotated[
    Path,
    typer.Argument(
        metavar="QUESTIONS",
        help="JSON lines, a BEIR folder (queries.jsonl, qrels.tsv), or TREC topics.",
    ),
]
QrelsOption = Annotated[
    Path | None,
    typer.Option(
        "--qrels",
        metavar="FILE",
        help="Judgements of TREC topics, or others than the folder's.",
        rich_help_panel=_ASKED,
    ),
]
SplitOption = Annotated[
    str,
    typer.Option(help="Which qrels/SPLIT.tsv of a BEIR folder.", rich_help_panel=_ASKED),
]
TagOption = Annotated[
    list[str] | None,
    typer.Option(
        "--tag", help="Only questions with it. Several: with any of them.", rich_help_panel=_ASKED
    ),
]
AllowMissingOption = Annotated[
    bool,
    typer.Option(
        "--allow-missing",
        help="Count evidence that is not in the store as not found.",
        rich_help_panel=_ASKED,
    ),
]
RunOption = Annotated[
    Path | None,
    typer.Option(
        "--run",
        metavar="FILE",
        help="Measure this TREC run, and search nothing.",
        rich_help_panel=_ASKED,
    ),
]
MeasuresOption = Annotated[
    str,
    typer.Option(
        metavar="LIST",
        help="Such as nDCG@10,RR,page:R@5,passage:R@5; of answers F1,CitP,Supported; "
        "of the time p95.",
        rich_help_panel=_MEASURED,
    ),
]
DepthOption = Annotated[
    int,
    typer.Option(
        "-k", min=1, max=10_000, help="How many hits are looked at.", rich_help_panel=_MEASURED
    ),
]
AskOption = Annotated[
    bool,
    typer.Option(
        "--ask", help="Answer the questions too, as memctl ask.", rich_help_panel=_ANSWERS
    ),
]
PassagesOption = Annotated[
    int,
    typer.Option(min=1, max=1_000, help="Passages to answer from.", rich_help_panel=_ANSWERS),
]
WriterOption = Annotated[
    str,
    typer.Option(
        metavar="SPEC",
        help="Have answers written: openai:MODEL, ollama:MODEL, llamacpp:FILE.gguf.",
        rich_help_panel=_ANSWERS,
    ),
]
JudgeOption = Annotated[
    str,
    typer.Option(
        metavar="SPEC", help="A language model that marks the answers.", rich_help_panel=_ANSWERS
    ),
]
JudgeRunsOption = Annotated[
    int,
    typer.Option(min=1, max=100, help="How often it marks each.", rich_help_panel=_ANSWERS),
]
PriceOption = Annotated[
    str,
    typer.Option(
        metavar="IN/OUT",
        help="Price of a million tokens read and written, such as 0.15/0.60.",
        rich_help_panel=_ANSWERS,
    ),
]
FailUnderOption = Annotated[
    str,
    typer.Option(
        metavar="DEMANDS",
        help="Exit with 3 unless all hold: 'nDCG@10>=0.60,R@10>=0.8'.",
        rich_help_panel=_GATES,
    ),
]
BaselineOption = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="Compare with the report of an earlier run.",
        rich_help_panel=_GATES,
    ),
]
FailOnOption = Annotated[
    FailOn,
    typer.Option(help="Exit with 3 when a measure got worse.", rich_help_panel=_GATES),
]
AlphaOption = Annotated[
    float,
    typer.Option(
        min=1e-6, max=0.5, help="How often chance alone may raise an alarm.", rich_help_panel=_GATES
    ),
]
MinDeltaOption = Annotated[
    float,
    typer.Option(
        min=0, max=1, help="Losses smaller than this are not worse.", rich_help_panel=_GATES
    ),
]
OutsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="Write a report: .json, .html, .xml (JUnit), .md, .trec, .qrels; "
        "or FORM:FILE. Several.",
        rich_help_panel=_OUT,
    ),
]
CacheOption = Annotated[
    bool,
    typer.Option(
        "--cache/--no-cache",
        help="Take what was measured before where nothing changed.",
        rich_help_panel=_OUT,
    ),
]
