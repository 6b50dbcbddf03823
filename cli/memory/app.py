"""The commands of memory, in the order of the work."""

from __future__ import annotations

import typer

from memctl.cli.memory.changing import consolidate_cli, forget_cli, undo_cli
from memctl.cli.memory.exporting import export_cli
from memctl.cli.memory.importing import add_cli, import_cli
from memctl.cli.memory.lessons import example_app, lesson_app
from memctl.cli.memory.recalling import recall_cli
from memctl.cli.memory.showing import facts_cli, history_cli, stats_cli

memory_app = typer.Typer(
    no_args_is_help=True,
    help="Remember what a user tells over the years, and answer from it.\n\n"
    "Begin with:  memctl memory add TEXT,  memctl memory recall QUESTION",
)
memory_app.command("import")(import_cli)
memory_app.command("add")(add_cli)
memory_app.command("recall")(recall_cli)
memory_app.command("facts")(facts_cli)
memory_app.command("history")(history_cli)
memory_app.command("forget")(forget_cli)
memory_app.command("consolidate")(consolidate_cli)
memory_app.command("undo")(undo_cli)
memory_app.command("stats")(stats_cli)
memory_app.command("export")(export_cli)
memory_app.add_typer(lesson_app, name="lesson")
memory_app.add_typer(example_app, name="example")
