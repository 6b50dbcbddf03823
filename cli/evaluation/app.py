"""``memctl eval``: its commands."""

from __future__ import annotations

import typer

from memctl.cli.evaluation.generating import generate_cli
from memctl.cli.evaluation.importing import import_cli
from memctl.cli.evaluation.learning import learn_cli
from memctl.cli.evaluation.running import run_cli
from memctl.cli.evaluation.sweeping import sweep_cli

eval_app = typer.Typer(
    no_args_is_help=True, help="Measure how well questions are found and answered."
)
eval_app.command("run")(run_cli)
eval_app.command("import")(import_cli)
eval_app.command("generate")(generate_cli)
eval_app.command("sweep")(sweep_cli)
eval_app.command("learn")(learn_cli)
