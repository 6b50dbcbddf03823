"""Speed and memory of ingest.

``--plain``: ``memctl ingest`` and ``memctl index build`` beside ``bench/plain_llama_index.py`` on
the same folder, in turn, in one run. The folder is made in a temporary place: the smallest PDFs of
financebench_dev, the first rows of a corpus and the sample corpus; ``--folder`` names another.
Then both meet the unchanged folder again. Demanded: memctl is not slower (wall time), and its
second ingest at least 50 times faster than the plain script, which does everything again.

``--memory``: the peak of resident memory, summed over the process tree, of ``memctl ingest`` on
the 2,092 pages of financebench_dev and on 20,000 rows of ru_rag_par, and on a part of each (the ten
smallest PDFs, a tenth of the rows) to see whether it grows. Demanded: at most 1 GiB.
``--embedder hashing`` makes it quick.

Run from the root of the project:

    python -m bench.ingest --plain
    python -m bench.ingest --memory --embedder hashing
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

from bench.common import (
    MIB,
    ROOT,
    SAMPLE,
    Gate,
    Report,
    Run,
    corpus_file,
    read_rows,
    run,
    talk,
    write_rows,
)
from bench.options import folder, memctl_at, parser, start, workspace
from bench.program import Memctl, all_read

PDF_SET = "financebench_dev"
SLOWER_LIMIT = 1.0
AGAIN_LIMIT = 50
MEMORY_LIMIT_MIB = 1024
SAMPLE_SUFFIXES = (".md", ".txt", ".html", ".docx", ".pdf")

# ------------------------------------------------------------------------------------- inputs


def smallest_pdfs(data: Path, count: int) -> list[Path]:
    """Return the ``count`` smallest PDFs of the set, the smallest first."""
    files = folder(data / PDF_SET / "pdf").glob("*.pdf")
    return sorted(files, key=lambda file: (file.stat().st_size, file.name))[:count]


def copy_rows(data: Path, target: Path, *, name: str, count: int) -> None:
    """Write the first ``count`` rows of a set's corpus into the folder ``target``."""
    target.mkdir(parents=True)
    rows = read_rows(corpus_file(folder(data / name)))
    write_rows(target / "corpus.jsonl", itertools.islice(rows, count))


def copy_files(files: Sequence[Path], target: Path) -> None:
    """Copy ``files`` into the folder ``target``; links would not be followed."""
    target.mkdir(parents=True)
    for file in files:
        shutil.copyfile(file, target / file.name)


def mixed_folder(args: argparse.Namespace, target: Path) -> Path:
    """Make the folder that both programs read."""
    copy_files(smallest_pdfs(args.data, args.pdfs), target / "pdf")
    copy_rows(args.data, target / "rows", name=args.rows_set, count=args.rows)
    sample = (file for file in sorted(SAMPLE.rglob("*")) if file.suffix in SAMPLE_SUFFIXES)
    copy_files([file for file in sample if file.is_file()], target / "sample")
    return target


# ---------------------------------------------------------------------------- beside the plain


@dataclass(frozen=True, slots=True)
class Pair:
    """One round of both programs; ``*_again`` is the second time, over the unchanged folder."""

    plain: Run
    ingest: Run
    _: KW_ONLY
    build: Run
    plain_again: Run
    ingest_again: Run
    characters: int


def one_round(source: Path, args: argparse.Namespace) -> Pair:
    """Run both programs twice over ``source``, from nothing."""
    with workspace() as work:
        script = (sys.executable, "-m", "bench.plain_llama_index", source, work / "plain")
        memctl = memctl_at(work / "store", args)

        def plain() -> Run:
            return run(script, env={"PYTHONPATH": str(ROOT)}, watch_memory=True)

        talk("plain script, memctl, and both again")
        return Pair(
            plain(),
            memctl.ingest(source, watch_memory=True),
            build=memctl("index", "build"),
            plain_again=plain(),
            ingest_again=memctl.ingest(source, watch_memory=True),
            characters=characters(memctl),
        )


def characters(memctl: Memctl) -> int:
    """Return the number of characters in all chunks."""
    return sum(len(json.loads(line)["text"]) for line in memctl("dump").stdout.split("\n") if line)


def plain_report(pairs: Sequence[Pair]) -> Report:
    """Compare the two by medians over the rounds."""
    header = ("on the same folder", "plain script", "memctl", "ratio", "demanded")
    made = Report("ingest beside a plain script", header)
    rows: list[tuple[str, Callable[[Pair], float], Callable[[Pair], float], float | None]] = [
        (
            "first, wall s",
            lambda pair: pair.plain.wall_seconds,
            lambda pair: pair.ingest.wall_seconds + pair.build.wall_seconds,
            SLOWER_LIMIT,
        ),
        (
            "first, CPU s",
            lambda pair: pair.plain.cpu_seconds,
            lambda pair: pair.ingest.cpu_seconds + pair.build.cpu_seconds,
            None,
        ),
        (
            "unchanged, wall s",
            lambda pair: pair.plain_again.wall_seconds,
            lambda pair: pair.ingest_again.wall_seconds,
            AGAIN_LIMIT,
        ),
        (
            "unchanged, CPU s",
            lambda pair: pair.plain_again.cpu_seconds,
            lambda pair: pair.ingest_again.cpu_seconds,
            None,
        ),
        (
            "peak MiB",
            lambda pair: pair.plain.peak_bytes / MIB,
            lambda pair: pair.ingest.peak_bytes / MIB,
            None,
        ),
    ]
    for name, theirs, ours, limit in rows:
        add_row(made, name, values=[(theirs(pair), ours(pair)) for pair in pairs], limit=limit)
    add_counts(made, pairs[0])
    return made


def add_row(
    made: Report, name: str, *, values: Sequence[tuple[float, float]], limit: float | None
) -> None:
    """Add the medians of both and their ratio, plain to memctl."""
    plain = statistics.median(value for value, _ in values)
    ours = statistics.median(value for _, value in values)
    ratio = plain / ours
    demanded = "" if limit is None else f"≥ {limit:g}"
    made.rows.append((name, f"{plain:.2f}", f"{ours:.2f}", f"{ratio:.2f}", demanded))
    made.numbers[name] = {"plain": plain, "memctl": ours, "ratio": ratio}
    if limit is not None:
        made.gates.append(Gate(f"{name}, plain : memctl", ratio, limit=limit))


def add_counts(made: Report, pair: Pair) -> None:
    """Add how much both have read, to see that the work is the same."""
    plain, ours = json.loads(pair.plain.stdout), all_read(pair.ingest)
    counts = {
        "chunks": (plain["chunks"], ours["chunks"]["total"]),
        "characters in chunks": (plain["characters"], pair.characters),
    }
    for name, (theirs, mine) in counts.items():
        made.rows.append((name, str(theirs), str(mine), f"{theirs / max(mine, 1):.2f}", ""))
        made.numbers[name] = {"plain": theirs, "memctl": mine}
    made.numbers["plain script, seconds by step"] = plain["seconds"]


# ------------------------------------------------------------------------------------ memory


def memory_report(args: argparse.Namespace) -> Report:
    """Measure the peak over small and whole inputs."""
    header = ("input", "embedder", "files", "chunks", "peak MiB", "limit", "wall s", "CPU s")
    made = Report("memory of ingest", header)
    every = smallest_pdfs(args.data, sys.maxsize)
    for count in (args.memory_rows // 10, args.memory_rows):
        with workspace() as work:
            copy_rows(args.data, work / "in", name=args.rows_set, count=count)
            add_peak(made, f"{count:,} JSON-lines rows", source=work / "in", args=args)
    for files in (every[: len(every) // 2], every):
        with workspace() as work:
            copy_files(files, work / "in")
            add_peak(made, f"{pages(files):,} PDF pages", source=work / "in", args=args)
    return made


def pages(files: Sequence[Path]) -> int:
    """Count the pages of PDFs."""
    from pypdf import PdfReader

    return sum(len(PdfReader(file).pages) for file in files)


def add_peak(made: Report, name: str, *, source: Path, args: argparse.Namespace) -> None:
    """Ingest ``source`` into a new store and add a row."""
    embedder = args.embedder or "default"
    talk(f"{name}, embedder {embedder}")
    with workspace() as work:
        memctl = memctl_at(work / "store", args)
        done = memctl.ingest(source, watch_memory=True)
    said, peak = all_read(done), done.peak_bytes / MIB
    made.gates.append(Gate(f"peak MiB on {name}", peak, limit=MEMORY_LIMIT_MIB, at_most=True))
    counts = (str(said["files"]["added"]), str(said["chunks"]["total"]))
    measured = (f"{peak:.0f}", f"≤ {MEMORY_LIMIT_MIB}")
    times = (f"{done.wall_seconds:.1f}", f"{done.cpu_seconds:.1f}")
    made.rows.append((name, embedder, *counts, *measured, *times))
    made.numbers[name] = {"peak_bytes": done.peak_bytes, "ingest": said}


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    what = options.add_mutually_exclusive_group(required=True)
    what.add_argument("--plain", action="store_true", help="beside the plain script")
    what.add_argument("--memory", action="store_true", help="peak memory")
    options.add_argument("--rows-set", default="ru_rag_par", metavar="NAME")
    options.add_argument("--folder", type=Path, metavar="DIR", help="what --plain reads")
    options.add_argument("--pdfs", type=int, default=4, metavar="N", help="of --plain")
    options.add_argument("--rows", type=int, default=500, metavar="N", help="of --plain")
    options.add_argument("--rounds", type=int, default=1, metavar="N", help="of --plain")
    options.add_argument("--memory-rows", type=int, default=20_000, metavar="N")
    args = options.parse_args()
    if args.memory:
        return memory_report(args).finish(args.json)
    with workspace() as work:
        source = args.folder or mixed_folder(args, work / "in")
        pairs = [one_round(folder(source), args) for _ in range(args.rounds)]
    return plain_report(pairs).finish(args.json)


if __name__ == "__main__":
    start(main)
