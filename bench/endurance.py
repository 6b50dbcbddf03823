"""Whether a store endures: readers beside writers of every kind, and what kills leave behind.

``--seconds``: three readers search, ask and list without pause, while two writers ingest, build,
forget, free, keep and restore at random. No read may fail, and the store must verify. ``--kills``:
an ingest whose files keep changing is killed so many times at random moments; finished and freed,
the store may be at most 1.1 times as large as one that is made at once. Run from the root of the
project:

    python -m bench.endurance --seconds 120 --kills 200
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path

from bench.common import BenchError, Gate, Report, talk
from bench.options import parser, start, workspace
from memctl.ingest.garbage import bytes_on_disk

READS = (
    ("query", "gull tower steps", "-k", "3"),
    ("query", "lamp", "--mode", "lexical"),
    ("ask", "How many steps has the gull tower number 3?"),
    ("list",),
    ("status",),
)
WRITES = ("ingest", "ingest", "build", "forget", "gc", "snapshot", "restore")
NOTES = 30
READERS, WRITERS = 3, 2
LARGEST = 1.1
ABSTAINED = 4


class Store:
    """A store and the folder of notes that it is made of."""

    def __init__(self, program: Path, work: Path) -> None:
        self._program = str(program)
        self.notes = work / "notes"
        self.root = work / "store"
        self._rng = random.Random(1)
        self.notes.mkdir()
        self.change(range(NOTES))

    def change(self, numbers: range | list[int]) -> None:
        """Write some of the notes anew."""
        for number in numbers:
            words = " ".join(f"lamp{self._rng.randrange(999)}" for _ in range(80))
            steps = self._rng.randrange(9999)
            text = f"The gull tower number {number} has {steps} steps. {words}\n"
            (self.notes / f"{number:03}.txt").write_text(text, encoding="utf-8")

    def command(self, *words: str, store: Path | None = None) -> list[str]:
        """Return a command on the store."""
        return [self._program, *words, "--store", str(store or self.root)]

    def run(self, *words: str, store: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command on the store to its end."""
        command = self.command(*words, store=store)
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def make(self, store: Path | None = None) -> None:
        """Ingest the notes and build the index.

        Raises:
            BenchError: it failed.
        """
        for words in (("ingest", str(self.notes), "--embedder", "hashing"), ("index", "build")):
            done = self.run(*words, store=store)
            if done.returncode:
                raise BenchError(done.stderr)


class Crowd:
    """Readers and writers of one store, until a moment; ``failed`` is what was said of failures."""

    def __init__(self, store: Store, seconds: float) -> None:
        self._store = store
        self._end = time.monotonic() + seconds
        self.done: Counter[str] = Counter()
        self.failed: list[str] = []

    def run(self) -> None:
        """Let all of them work at once, and verify the store at the end."""
        threads = [threading.Thread(target=self._read, args=(seed,)) for seed in range(READERS)]
        threads += [threading.Thread(target=self._write, args=(seed,)) for seed in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        verified = self._store.run("verify")
        if verified.returncode:
            self.failed.append(verified.stdout + verified.stderr)

    def _read(self, seed: int) -> None:
        rng = random.Random(seed)
        while time.monotonic() < self._end:
            found = self._store.run(*rng.choice(READS))
            self.done["read"] += 1
            if found.returncode not in {0, ABSTAINED}:
                self.failed.append(found.stderr)

    def _write(self, seed: int) -> None:
        """Write and count; that there is nothing to build or to forget is no failure."""
        rng = random.Random(seed)
        while time.monotonic() < self._end:
            what = rng.choice(WRITES)
            if what == "ingest":
                self._store.change(rng.sample(range(NOTES), 4))
            found = self._store.run(*self._words(what, rng), "--wait", "60")
            self.done[what] += 1
            if "Traceback" in found.stderr:
                self.failed.append(found.stderr)

    def _words(self, what: str, rng: random.Random) -> tuple[str, ...]:
        words = {
            "ingest": ("ingest", str(self._store.notes)),
            "build": ("index", "build"),
            "forget": ("forget", f"{rng.randrange(NOTES):03}.txt"),
            "gc": ("gc",),
            "snapshot": ("snapshot", "create"),
            "restore": ("snapshot", "restore", "base", "--no-keep"),
        }
        return words[what]


def killed(store: Store, kills: int, fresh: Path) -> float:
    """Kill an ingest again and again; return how large the store is beside a fresh one.

    Raises:
        BenchError: it does not verify.
    """
    rng = random.Random(2)
    for _ in range(kills):
        store.change(rng.sample(range(NOTES), 8))
        command = store.command("ingest", str(store.notes), "--embedder", "hashing")
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(rng.uniform(0.3, 1.6))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for root in (store.root, fresh):
        store.make(root)
    for words in (("gc",), ("verify",)):
        done = store.run(*words)
        if done.returncode:
            raise BenchError(done.stdout + done.stderr)
    return bytes_on_disk(store.root) / bytes_on_disk(fresh)


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--seconds", type=float, default=120, metavar="N")
    options.add_argument("--kills", type=int, default=200, metavar="N")
    args = options.parse_args()
    made = Report("endurance", ("what", "how often", "found"))
    with workspace() as work:
        talk(f"readers beside writers, {args.seconds:.0f} s")
        store = Store(args.memctl, work)
        store.make()
        store.run("snapshot", "create", "base")
        crowd = Crowd(store, args.seconds)
        crowd.run()
        done, failed = crowd.done, crowd.failed
        for message in failed[:5]:
            talk(message)
        writes = done.total() - done["read"]
        shown = f"{done['read']:,} reads, {writes:,} writes"
        made.rows.append(("readers beside writers", shown, f"{len(failed)} failed"))
        made.gates.append(Gate("failed reads", len(failed), limit=0, at_most=True))
        talk(f"{args.kills} kills")
        shutil.rmtree(store.root)
        ratio = killed(store, args.kills, work / "fresh")
        shown = f"{ratio:.2f} times a fresh store"
        made.rows.append(("kills, then gc", f"{args.kills:,}", shown))
        made.gates.append(Gate("size : fresh", ratio, limit=LARGEST, at_most=True))
        made.numbers = {"done": dict(done), "failed": len(failed), "size": ratio}
    return made.finish(args.json)


if __name__ == "__main__":
    start(main)
