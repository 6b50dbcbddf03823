"""The check of an unchanged tree beside ``find -type f -printf '%s %T@'``.

A tree of small files in folders of 200 is ingested once, embedded by hashing; then the same
``memctl ingest`` and ``find`` run in turn over the tree, which is in the page cache, and nothing
has changed. The whole command is measured and, as its own report says, the ingest without the
start of Python. Demanded: at most 3 times what ``find`` takes, both of wall time. The figures are
medians. Run from the root of the project:

    python -m bench.unchanged --files 100000 --runs 7
"""

from __future__ import annotations

import statistics
from pathlib import Path

from bench.common import BenchError, Gate, Report, Run, interleaved, median, talk
from bench.options import memctl_at, parser, start, workspace
from bench.program import summary

LIMIT = 3.0
IN_A_FOLDER = 200
FOLDERS_IN_A_FOLDER = 50


def make_tree(root: Path, files: int) -> None:
    """Write ``files`` short notes."""
    for first in range(0, files, IN_A_FOLDER):
        number = first // IN_A_FOLDER
        folder = root / f"{number // FOLDERS_IN_A_FOLDER:03}" / f"{number:05}"
        folder.mkdir(parents=True)
        for at in range(first, min(first + IN_A_FOLDER, files)):
            text = f"Entry {at} of the log of the tower.\n"
            (folder / f"note-{at:06}.txt").write_text(text, encoding="utf-8")


def report(found: dict[str, list[Run]], files: int) -> Report:
    """Compare with ``find``."""
    for each in found["memctl"]:
        if summary(each)["files"]["unchanged"] != files:
            raise BenchError("not every file was found unchanged")
    inner = statistics.median(summary(each)["seconds"] for each in found["memctl"])
    seconds = {name: median(runs, lambda run: run.wall_seconds) for name, runs in found.items()}
    cpu = {name: median(runs, lambda run: run.cpu_seconds) for name, runs in found.items()}
    header = ("check of an unchanged tree", "files", "wall s", "CPU s", "times find", "limit")
    made = Report("unchanged tree", header)
    rows = [
        ("find", seconds["find"], f"{cpu['find']:.2f}", ""),
        ("memctl ingest, the whole command", seconds["memctl"], f"{cpu['memctl']:.2f}", LIMIT),
        ("memctl ingest, without the start of Python", inner, "", LIMIT),
        ("memctl --help", seconds["help"], f"{cpu['help']:.2f}", ""),
    ]
    for name, wall, used, limit in rows:
        ratio = wall / seconds["find"]
        shown = (f"{files:,}", f"{wall:.2f}", used, f"{ratio:.2f}", f"≤ {limit}" if limit else "")
        made.rows.append((name, *shown))
        if limit:
            made.gates.append(Gate(f"{name} : find", ratio, limit=LIMIT, at_most=True))
    made.numbers = {"wall_seconds": {**seconds, "inner": inner}, "cpu_seconds": cpu}
    return made


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--files", type=int, default=100_000, metavar="N")
    options.add_argument("--runs", type=int, default=7, metavar="N")
    options.set_defaults(embedder="hashing")
    args = options.parse_args()
    with workspace() as work:
        tree = work / "tree"
        talk(f"{args.files:,} files, and their first ingest")
        make_tree(tree, args.files)
        memctl = memctl_at(work / "store", args)
        memctl.ingest(tree)
        memctl.ingest(tree)  # what was written a moment before the first is looked at once more
        talk(f"{args.runs} rounds")
        again = (memctl.program, "ingest", tree, "--store", memctl.store, "--json")
        find = ("sh", "-c", f"find '{tree}' -type f -printf '%s %T@\\n' > /dev/null")
        commands = {"find": find, "memctl": again, "help": (memctl.program, "--help")}
        found = interleaved(commands, runs=args.runs)
    return report(found, args.files).finish(args.json)


if __name__ == "__main__":
    start(main)
