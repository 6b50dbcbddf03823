"""The command line: every command, and nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from memctl.cli.ask import ask_cli
from memctl.cli.diff import diff_cli
from memctl.cli.doctor import doctor_cli
from memctl.cli.dump import dump_cli
from memctl.cli.embedders import embedders_app
from memctl.cli.evaluation.app import eval_app
from memctl.cli.export import export_cli
from memctl.cli.forget import forget_cli
from memctl.cli.gc import gc_cli
from memctl.cli.importing import import_cli
from memctl.cli.index import index_app
from memctl.cli.ingest import ingest_cli
from memctl.cli.list import list_cli
from memctl.cli.listening import listen
from memctl.cli.mcp.command import mcp_cli
from memctl.cli.memory.app import memory_app
from memctl.cli.migrate import migrate_cli, rollback_cli
from memctl.cli.packing import pack_cli, unpack_cli
from memctl.cli.plot import plot_cli
from memctl.cli.query import query_cli
from memctl.cli.questioning import QuestionCommand
from memctl.cli.repair import repair_cli
from memctl.cli.shell.command import shell_cli
from memctl.cli.show import show_cli
from memctl.cli.snapshot import snapshot_app
from memctl.cli.status import status_cli
from memctl.cli.tune import tune_cli
from memctl.cli.verify import verify_cli
from memctl.cli.why import why_cli


class _InOrder(TyperGroup):
    """Lists the commands in the order of the work, groups among them."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401  a class that typer hides
        """Return the names of the commands."""
        return sorted(super().list_commands(ctx), key=_ORDER.index)


_ORDER = [
    "ingest",
    "index",
    "query",
    "why",
    "ask",
    "shell",
    "eval",
    "memory",
    "mcp",
    "status",
    "verify",
    "repair",
    "doctor",
    "forget",
    "gc",
    "snapshot",
    "diff",
    "export",
    "import",
    "list",
    "show",
    "dump",
    "embedders",
]

app = typer.Typer(
    name="memctl",
    cls=_InOrder,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Turn folders of documents into a search index, and ask it questions.\n\n"
    "Begin with:  memctl ingest FOLDER,  memctl index build,  memctl ask 'QUESTION'",
)


class LogLevel(StrEnum):
    """How much is told."""

    debug = "debug"
    info = "info"
    warning = "warning"
    error = "error"


def _version(wanted: bool) -> None:  # noqa: FBT001  typer calls it so
    if wanted:
        from importlib.metadata import version

        typer.echo(f"memctl {version('memctl-rag')}")
        raise typer.Exit


@app.callback()
def _memctl(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
    offline: Annotated[
        bool,
        typer.Option(
            "--offline",
            envvar="MEMCTL_OFFLINE",
            help="Make any attempt to reach another machine an error.",
        ),
    ] = False,
    log_level: Annotated[
        LogLevel,
        typer.Option(
            "--log-level",
            envvar="MEMCTL_LOG_LEVEL",
            case_sensitive=False,
            help="What to tell on stderr; only debug tells what documents say.",
        ),
    ] = LogLevel.info,
) -> None:
    del version  # its callback has told it
    if log_level is not LogLevel.info:
        listen(log_level.value)
    if offline:
        from memctl.ingest.offline import forbid_network

        forbid_network()


app.command("ingest")(ingest_cli)
index_app.command("tune")(tune_cli)
index_app.command("plot")(plot_cli)
index_app.command("export")(export_cli)
index_app.command("import")(import_cli)
index_app.command("migrate")(migrate_cli)
index_app.command("rollback")(rollback_cli)
app.add_typer(index_app, name="index")
app.command("query", cls=QuestionCommand)(query_cli)
app.command("why", cls=QuestionCommand)(why_cli)
app.command("ask", cls=QuestionCommand)(ask_cli)
app.command("shell")(shell_cli)
app.add_typer(eval_app, name="eval")
app.add_typer(memory_app, name="memory")
app.command("mcp")(mcp_cli)
app.command("status")(status_cli)
app.command("verify")(verify_cli)
app.command("repair")(repair_cli)
app.command("doctor")(doctor_cli)
app.command("forget")(forget_cli)
app.command("gc")(gc_cli)
app.add_typer(snapshot_app, name="snapshot")
app.command("diff")(diff_cli)
app.command("export")(pack_cli)
app.command("import")(unpack_cli)
app.command("list")(list_cli)
app.command("show")(show_cli)
app.command("dump")(dump_cli)
app.add_typer(embedders_app, name="embedders")
