"""The processes of ``bench.index``: systems are built and tuned, then opened to search in turn."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bench.common import ROOT, BenchError, Row, talk
from bench.index_vectors import Points

MODES = (("one", 1), ("one", 2), ("many", 1), ("many", 2))


@dataclass(slots=True)
class Entry:
    """A system as it is searched, and what was measured."""

    name: str
    system: str
    place: Path
    build: Row
    how: Row
    setting: Row
    opened: Row = field(default_factory=dict[str, object])
    speeds: dict[tuple[str, int], list[float]] = field(
        default_factory=dict[tuple[str, int], list[float]]
    )

    def speed(self, mode: str, threads: int) -> float:
        """Return queries a second, the median of the rounds; 0 where there is no such call."""
        found = self.speeds.get((mode, threads), [])
        return statistics.median(found) if found else 0.0


def worker(action: str, system: str, place: Path, points: Points, given: Row) -> list[str]:
    """Return the command of a process of one system."""
    words = [sys.executable, "-m", "bench.index_worker", action, system]
    return [*words, str(place), str(points.folder), json.dumps(given)]


def ask(action: str, system: str, place: Path, points: Points, given: Row) -> Row | None:
    """Have a process do something; None where it could not."""
    done = subprocess.run(
        worker(action, system, place, points, given),
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        talk(f"{system} {given} did not {action}: {done.stderr.strip().splitlines()[-1:]}")
        return None
    return json.loads(done.stdout.splitlines()[-1])


def prepared(system: str, builds: Sequence[Row], points: Points, work: Path) -> Entry | None:
    """Build a system in each way, tune each, and return the fastest."""
    best: Entry | None = None
    for number, how in enumerate(builds):
        place = work / f"{system}-{number}-{how.get('type', '')}"
        talk(f"building {system} {how}")
        built = ask("build", system, place, points, how)
        found = ask("tune", system, place, points, {}) if built else None
        if built is None or found is None or not found["reached"]:
            talk(f"{system} {how} reaches no recall of .95" if built else "")
            continue
        talk(f"{system} {how}: {found['micros']:.0f} µs a query by {found['setting']}")
        made = Entry(system, system, place, built, how, {**found["setting"], "µs": found["micros"]})
        if best is None or found["micros"] < best.setting["µs"]:
            best = made
    return best


def measure(entries: Sequence[Entry], points: Points, *, rounds: int, seconds: float) -> None:
    """Open all systems, each in a process of its own, and have them search in turn."""
    with ExitStack() as stack:
        running = {each.name: stack.enter_context(Served(each, points)) for each in entries}
        for turn in range(rounds):
            talk(f"round {turn + 1} of {rounds}")
            for mode, threads in MODES:
                for each in entries:
                    said = running[each.name].ask(mode, threads, seconds)
                    used = said["cpu"] if threads == 1 else said["wall"]
                    if said["queries"]:
                        each.speeds.setdefault((mode, threads), []).append(said["queries"] / used)


class Served:
    """A process with an open system; a context manager."""

    def __init__(self, entry: Entry, points: Points) -> None:
        self._entry = entry
        self._process = subprocess.Popen(
            worker("serve", entry.system, entry.place, points, entry.setting),
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Served:
        self._entry.opened = self._line()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, mode: str, threads: int, seconds: float) -> Row:
        """Have it search for some seconds."""
        stream = _open(self._process.stdin)
        stream.write(json.dumps({"mode": mode, "threads": threads, "seconds": seconds}) + "\n")
        stream.flush()
        return self._line()

    def _line(self) -> Row:
        line = _open(self._process.stdout).readline()
        if not line:
            raise BenchError(f"{self._entry.name} ended before it was asked to")
        return json.loads(line)


def _open(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise BenchError("a process without pipes")
    return stream
