"""CPU of a cold start: the help page, and one query against a small store.

``memctl --help`` is measured beside the ``--help`` of the smallest Typer program and may cost 1.5
times its CPU; ``memctl query`` in a new process, on the sample corpus, beside
``python -c "import llama_index.core"`` and may cost 0.8 times. All four run in turn; the figures
are medians of user and system time. Run from the root of the project:

    python -m bench.startup --runs 7
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench.common import SAMPLE, Gate, Report, interleaved, median, talk
from bench.options import memctl_at, parser, start, workspace
from bench.program import Memctl

HELP_LIMIT = 1.5
QUERY_LIMIT = 0.8
QUESTION = "What is a context window?"
SMALLEST = """\
import typer


def main(name: str) -> None:
    print(name)


typer.run(main)
"""


def measure(memctl: Memctl, work: Path, *, runs: int) -> dict[str, float]:
    """Return median CPU seconds of the four commands by name."""
    talk("ingest of the sample corpus")
    memctl.ingest(SAMPLE)
    memctl("index", "build")
    script = work / "smallest.py"
    script.write_text(SMALLEST, encoding="utf-8")
    python = sys.executable
    talk(f"{runs} rounds")
    rounds = interleaved(
        {
            "memctl_help": (memctl.program, "--help"),
            "typer_help": (python, script, "--help"),
            "memctl_query": (memctl.program, "query", QUESTION, "--store", memctl.store),
            "llama_index_import": (python, "-c", "import llama_index.core"),
        },
        runs=runs,
    )
    return {name: median(each, lambda run: run.cpu_seconds) for name, each in rounds.items()}


def report(cpu: dict[str, float]) -> Report:
    """Compare each memctl command with its yardstick."""
    made = Report("startup", ("command", "CPU ms", "beside", "CPU ms", "ratio", "limit"))
    made.numbers = {"cpu_seconds": cpu}
    pairs = (
        ("memctl --help", "memctl_help", "smallest Typer --help", "typer_help", HELP_LIMIT),
        (
            "memctl query",
            "memctl_query",
            "import llama_index.core",
            "llama_index_import",
            QUERY_LIMIT,
        ),
    )
    for name, key, other_name, other, limit in pairs:
        ratio = cpu[key] / cpu[other]
        made.gates.append(Gate(f"CPU of {name} : {other_name}", ratio, limit=limit, at_most=True))
        made.rows.append(
            (
                f"`{name}`",
                f"{cpu[key] * 1000:.0f}",
                other_name,
                f"{cpu[other] * 1000:.0f}",
                f"{ratio:.2f}",
                f"≤ {limit}",
            )
        )
    return made


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--runs", type=int, default=7, metavar="N")
    args = options.parse_args()
    with workspace() as work:
        cpu = measure(memctl_at(work / "store", args), work, runs=args.runs)
    return report(cpu).finish(args.json)


if __name__ == "__main__":
    start(main)
