"""What it costs to notice damage, to keep snapshots and to forget.

A store of made-up notes in both languages, embedded by hashing, in one run: reading every chunk
with and without looking at the sums of its rows; opening the catalog, and its seal; ``memctl
verify`` beside ``sha256sum`` of the same files; a snapshot beside a copy; forgetting one document
beside building the index anew. CPU seconds of the process, the median of some turns. Run from the
root of the project:

    python -m bench.durability --notes 20000
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

from bench.common import Report, interleaved, median, run, talk
from bench.options import memctl_at, parser, start, workspace
from memctl.ingest import Layout, Store
from memctl.ingest.garbage import bytes_on_disk
from memctl.ingest.seal import is_damaged
from memctl.ingest.snapshots import create

WORDS = (
    "tower lamp rope tide keeper harbour storm pier gull anchor "
    "маяк лампа канат прилив смотритель гавань буря причал чайка якорь"
).split()


def make_notes(file: Path, count: int) -> None:
    """Write ``count`` notes of some hundred words, a row each."""
    rng = random.Random(1)
    with file.open("w", encoding="utf-8") as stream:
        for number in range(count):
            words = [f"{rng.choice(WORDS)}{rng.randrange(99)}" for _ in range(120)]
            row = {"_id": f"n{number}", "text": f"Note {number}. {' '.join(words)}."}
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def cpu(work: Callable[[], object], *, turns: int) -> float:
    """Return the median of the CPU seconds that ``work`` takes."""
    taken: list[float] = []
    for _ in range(turns):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def read_all(store: Path) -> None:
    """Read every chunk."""
    with Store.open(store, unchecked=True) as opened:
        for _ in opened.catalog.chunks():
            pass


def without_sums(store: Path) -> None:
    """Read every chunk without looking at its sum."""
    import memctl.ingest.lookup as lookup
    from memctl.ingest.schema import sound

    plain = lookup.CHUNK.replace(sound("chunks", "c"), "1").replace(sound("documents", "d"), "1")
    with patch.object(lookup, "CHUNK", plain):
        read_all(store)


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--notes", type=int, default=20_000, metavar="N")
    options.add_argument("--turns", type=int, default=5, metavar="N")
    options.set_defaults(embedder="hashing")
    args = options.parse_args()
    made = Report("durability", ("what", "s", "beside", "s", "ratio"))
    with workspace() as work:
        file = work / "notes.jsonl"
        make_notes(file, args.notes)
        memctl = memctl_at(work / "store", args)
        talk(f"{args.notes:,} notes, and their index")
        memctl.ingest(file)
        index = (memctl.program, "index", "build", "--store", memctl.store, "--force", "--json")
        built = run(index)
        store = memctl.store

        def row(what: str, seconds: float, beside: str, other: float) -> None:
            ratio = f"{seconds / other:.2f}" if other else ""
            made.rows.append((what, f"{seconds:.3f}", beside, f"{other:.3f}", ratio))
            made.numbers[what] = {"seconds": seconds, beside: other}

        talk("reading and opening")
        summed = cpu(lambda: read_all(store), turns=args.turns)
        row(
            "every chunk read, its row summed",
            summed,
            "without sums",
            cpu(lambda: without_sums(store), turns=args.turns),
        )
        size = Layout(store).catalog.stat().st_size
        sealed = cpu(lambda: is_damaged(Layout(store)), turns=args.turns)
        opened = cpu(lambda: _open(store), turns=args.turns)
        row(f"the seal of a catalog of {size / 1e6:.0f} MB", sealed, "opening all in all", opened)
        talk("verify")
        verify = (memctl.program, "verify", "--store", store)
        digest = ("sh", "-c", f"find '{store}' -type f -exec sha256sum {{}} + > /dev/null")
        found = interleaved({"verify": verify, "sha256sum": digest}, runs=args.turns)
        seconds = {
            name: median(runs, lambda each: each.cpu_seconds) for name, runs in found.items()
        }
        row("memctl verify", seconds["verify"], "sha256sum of its files", seconds["sha256sum"])
        talk("snapshot")
        before = bytes_on_disk(store)
        keeping = cpu(lambda: create(store), turns=1)
        grown = bytes_on_disk(store) - before
        copying = cpu(lambda: shutil.copytree(store, work / "copy"), turns=1)
        row(f"a snapshot, {grown / before:.0%} of the store", keeping, "a copy", copying)
        talk("forget")
        forget = (memctl.program, "forget", "notes.jsonl#n7", "--store", store, "--json")
        forgot = run(forget)
        row("forgetting a note", forgot.cpu_seconds, "building the index", built.cpu_seconds)
        made.numbers["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return made.finish(args.json)


def _open(store: Path) -> None:
    with Store.open(store):
        pass


if __name__ == "__main__":
    start(main)
