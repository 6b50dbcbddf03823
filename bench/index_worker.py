"""One system in a process of its own, for ``bench.index``: built, tuned, or opened and searched.

What it finds is one JSON object a line on stdout; what it is to measure comes line by line on
stdin.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path

import numpy as np

from bench import index_databases as databases
from bench import index_systems as libraries
from bench.common import Row
from bench.index_memctl import Memctl, overhead, training
from bench.index_systems import System
from bench.index_vectors import Points
from memctl.ingest import Vectors

TARGET = 0.95
_ERRORS = 2.0  # standard errors that a recall must be above the target, as memctl's tuning has it
_TIMED = 200  # queries by which a setting is judged
_TOO_SLOW = 2.0  # times the best one, and the dearer ones are not tried
SYSTEMS: Mapping[str, Callable[[], System]] = {
    "exact": libraries.Exact,
    "memctl": Memctl,
    "hnswlib": libraries.Hnswlib,
    "usearch": libraries.Usearch,
    "zvec": databases.Zvec,
    "lancedb": databases.Lancedb,
    "chromadb": databases.Chroma,
}


def cpu() -> float:
    """Return the CPU seconds of this process so far, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def memory() -> dict[str, int]:
    """Return the resident bytes of this process: all, and those that no file can give again."""
    with Path("/proc/self/status").open(encoding="utf-8") as stream:
        found = dict(line.split(":", 1) for line in stream)
    return {name: int(found[key].split()[0]) * 1024 for name, key in _FIELDS.items()}


_FIELDS = {"resident": "VmRSS", "own": "RssAnon"}


def pin(threads: int) -> None:
    """Let all threads of this process run on so many cores only."""
    for task in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(task.name), _CORES[:threads])


_CORES = sorted(os.sched_getaffinity(0))


def built(system: System, folder: Path, points: Points, how: Row) -> Row:
    """Build and say what it took."""
    folder.mkdir(parents=True)
    base, begun, used = points.base, time.perf_counter(), cpu()
    system.build(np.ascontiguousarray(base), folder, how)
    taken = {"cpu": cpu() - used, "wall": time.perf_counter() - begun}
    files = system.files(folder)
    size = sum(file.stat().st_size for file in files.rglob("*") if file.is_file())
    return {**taken, "bytes": size, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}


def tuned(system: System, folder: Path, points: Points) -> Row:
    """Return the fastest setting that surely reaches the target, with its microseconds a query."""
    queries = points.queries("tuning")
    if isinstance(system, Memctl) and not system.tune(folder, queries):
        return {"reached": False}
    system.open(folder)
    pin(1)
    best: Row = {"reached": False}
    for setting in system.settings():
        system.use(setting, 1)
        recalls = points.recall("tuning", found(system, queries))
        micros = 1e6 * timed(system, queries[:_TIMED])
        sure = recalls.mean() >= TARGET + _ERRORS * recalls.std(ddof=1) / len(queries) ** 0.5
        if (sure or isinstance(system, Memctl)) and micros < best.get("micros", np.inf):
            best = {"reached": True, "setting": setting, "micros": micros}
        if micros > _TOO_SLOW * best.get("micros", np.inf):
            break
    return best


def found(system: System, queries: Vectors) -> np.ndarray:
    """Return the rows that are found for each query."""
    many = system.many(queries)
    return np.stack([system.one(query) for query in queries]) if many is None else many


def timed(system: System, queries: Vectors) -> float:
    """Return the CPU seconds of one query after the other."""
    begun = cpu()
    for query in queries:
        system.one(query)
    return (cpu() - begun) / len(queries)


def opened(system: System, folder: Path, points: Points, setting: Row) -> Row:
    """Open, search once with every query, and say what that took."""
    for package in system.PACKAGES:
        importlib.import_module(package)
    queries = points.queries("scoring")
    before, used = memory(), cpu()
    system.open(folder)
    took = cpu() - used
    system.use(setting, 1)
    rows = np.stack([system.one(query) for query in queries])
    after = memory()
    recalls = points.recall("scoring", rows)
    error = float(recalls.std(ddof=1) / len(queries) ** 0.5)
    taken = {name: after[name] - before[name] for name in before}
    return {**taken, "open_cpu": took, "recall": float(recalls.mean()), "error": error}


def measured(system: System, queries: Vectors, wanted: Row, setting: Row) -> Row:
    """Search for so many seconds, one by one or in one call, on so many threads."""
    threads, seconds = int(wanted["threads"]), float(wanted["seconds"])
    pin(threads)
    many = wanted["mode"] == "many"
    system.use(setting, threads if many else 1)
    begun, used = time.perf_counter(), cpu()
    until = begun + seconds

    def work(first: int) -> int:
        done = 0
        if many:
            while time.perf_counter() < until:
                if system.many(queries) is None:
                    return 0
                done += len(queries)
            return done
        for query in islice(cycle(queries), first, None):
            if time.perf_counter() >= until:
                return done
            system.one(query)
            done += 1
        return done

    if many or threads == 1:
        done = work(0)
    else:
        with ThreadPoolExecutor(threads) as pool:
            done = sum(pool.map(work, range(0, len(queries), len(queries) // threads)))
    return {"queries": done, "wall": time.perf_counter() - begun, "cpu": cpu() - used}


def main() -> None:
    """Do what the command line says."""
    action, name, *rest = sys.argv[1:]
    folder, points, given = Path(rest[0]), Points(Path(rest[1])), json.loads(rest[2])
    system = SYSTEMS[name]()
    if action == "build":
        _say(built(system, folder, points, given))
    elif action == "tune":
        _say(tuned(system, folder, points))
    elif action == "overhead":
        pin(1)
        _say(overhead(folder, points.queries("scoring")))
    elif action == "training":
        _say(training(folder, points.base, given))
    else:
        _say(opened(system, folder, points, given))
        queries = points.queries("scoring")
        for line in sys.stdin:
            _say(measured(system, queries, json.loads(line), given))


def _say(result: Row) -> None:
    sys.stdout.write(json.dumps(result) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
