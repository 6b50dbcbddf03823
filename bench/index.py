"""memctl's indexes beside those of its peers: speed, memory, disk, build, on real and made vectors.

Real: 64,000 texts of the sets under --data, embedded once by memctl's default embedder and kept in
the folder of --vectors, and their questions. Made: 1,000,000 vectors around 20,000 centres. Each
system is built in three ways, and searched by the fastest of up to twelve settings of each whose
recall@10 is surely .95 (two standard errors above) on 1,500 queries; memctl by what its own tuning
finds with these. Figures are taken with 2,000 other queries, the open systems in turn, a second
each, on one core and on two; "one by one" on two cores is two threads that ask. Speed on one core
is by the processor's time, which other load disturbs less, on two by the clock. "Own" memory is
what no file can give back: mapped copies are not in it. Disk is that of the index; memctl's store
keeps its vectors beside it in 16 bits whatever the index, the peers keep theirs in the index.

Demanded on the real ones: 3 times the queries a second of hnswlib, 4 times of usearch, 2 times of
zvec; at most 450 bytes a vector on disk and 100 of own memory; an eighth of hnswlib's processor
time to build. On the made ones: 400 times exact search with lists and 25 times without, at most 110
bytes a vector; training and adding within 1.3 times plain FAISS doing the same calls; .2 s of
processor time to open. Over bare FAISS with refine memctl adds at most 25 %. They are those of the
fastest of memctl's builds that is small enough, or, where none is, of the fastest. Run from the
root of the project, with the peers that pip has:

    pip install hnswlib usearch zvec lancedb chromadb
    nice python -m bench.index --vectors FOLDER --json index.json
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from bench.common import Gate, Report, Row, talk
from bench.index_turns import MODES, Entry, ask, measure, prepared
from bench.index_vectors import Points, clustered, real
from bench.options import folder, parser, start, workspace

PEERS = ("hnswlib", "usearch", "zvec", "lancedb", "chromadb")
FASTER = {"hnswlib": 3.0, "usearch": 4.0, "zvec": 2.0}
HEADER = (
    "system",
    "built as",
    "searched by",
    "recall@10",
    "one by one, 1 core: q/s",
    "2 cores",
    "in one call, 1 core",
    "2 cores",
    "build CPU s",
    "bytes a vector: disk",
    "memory, own",
    "with mapped",
    "open CPU s",
)
_MADE_TYPES = ("ivf-pq-fs", "pq-fs", "ivf-sq8")


def row(each: Entry, count: int) -> list[str]:
    """Return the line of the table of a system."""
    at = each.opened
    kept = {name: value for name, value in each.setting.items() if name not in {"µs", "spec"}}
    words = [each.setting.get("spec", ""), *(f"{name}={v}" for name, v in each.how.items())]
    speeds = [each.speed(mode, threads) for mode, threads in MODES]
    return [
        each.name,
        (words[0] or " ".join(words[1:])) or "—",
        " ".join(f"{name}={value}" for name, value in kept.items()) or "—",
        f"{at['recall']:.3f} ± {2 * at['error']:.3f}",
        *(f"{speed:,.0f}" if speed else "—" for speed in speeds),
        f"{each.build['cpu']:.1f}",
        f"{each.build['bytes'] / count:,.0f}",
        f"{at['own'] / count:,.0f}",
        f"{at['resident'] / count:,.0f}",
        f"{at['open_cpu']:.3f}",
    ]


def numbers(each: Entry) -> Row:
    """Return what was measured of a system, for programs."""
    speeds = {f"{mode} {threads}": rounds for (mode, threads), rounds in each.speeds.items()}
    kept = {"how": each.how, "setting": each.setting, "build": each.build}
    return {**kept, "opened": each.opened, "queries_per_second": speeds}


def on_real(args: Row, points: Points, work: Path, report: Report) -> None:
    """Compare all systems on real vectors."""
    from bench.index_worker import SYSTEMS

    count, entries = len(points.base), list[Entry]()
    for name in ("exact", *args["systems"]):
        made = prepared(name, SYSTEMS[name]().BUILDS, points, work)
        if made is not None:
            entries.append(made)
    for number, how in enumerate(SYSTEMS["memctl"]().BUILDS):
        made = prepared("memctl", [how], points, work / f"memctl {number}")
        if made is not None:
            made.name = f"memctl {how['type']}"
            entries.append(made)
    measure(entries, points, rounds=args["rounds"], seconds=args["seconds"])
    for each in entries:
        report.rows.append(row(each, count))
        report.numbers[f"real: {each.name}"] = numbers(each)
    ours = [each for each in entries if each.system == "memctl"]
    reached = float(any(each.name == "memctl auto" for each in ours))
    report.gates.append(Gate("memctl auto reaches a recall of .95", reached, limit=1))
    if ours:
        report.gates.extend(against_peers(ours, entries, count))


def against_peers(ours: Sequence[Entry], entries: Sequence[Entry], count: int) -> list[Gate]:
    """Return the gates of the fastest index of memctl that is small enough, or else the fastest."""
    small = [
        each
        for each in ours
        if each.build["bytes"] <= 450 * count and each.opened["own"] <= 100 * count
    ]
    best = max(small or ours, key=lambda each: each.speed("one", 1))
    known = {each.name: each for each in entries}
    gates = [
        Gate(
            f"{best.name} times as fast as {peer}, {threads} core(s)",
            best.speed("one", threads) / known[peer].speed("one", threads),
            limit=limit,
        )
        for peer, limit in FASTER.items()
        if peer in known
        for threads in (1, 2)
    ]
    sizes = (("disk", best.build["bytes"], 450), ("memory", best.opened["own"], 100))
    for what, size, limit in sizes:
        gates.append(Gate(f"{best.name}: {what}", size / count, limit=limit, at_most=True))
    if "hnswlib" in known:
        share = best.build["cpu"] / known["hnswlib"].build["cpu"]
        gates.append(Gate("build CPU over hnswlib's", share, limit=1 / 8, at_most=True))
    return gates


def on_made(args: Row, points: Points, work: Path, report: Report) -> None:
    """Compare memctl's types with exact search, and with the peers that are wanted, on many."""
    from bench.index_worker import SYSTEMS

    count, entries = len(points.base), list[Entry]()
    wanted: list[tuple[str, Row]] = [("exact", {})]
    wanted += [("memctl", {"type": kind}) for kind in _MADE_TYPES]
    wanted += [(name, SYSTEMS[name]().BUILDS[0]) for name in args["many"]]
    for name, how in wanted:
        made = prepared(name, [how], points, work)
        if made is not None:
            made.name = f"{name} {how.get('type', '')}".strip()
            entries.append(made)
    measure(entries, points, rounds=args["rounds"], seconds=args["seconds"])
    for each in entries:
        each.name = f"{each.name}, a million"
        report.rows.append(row(each, count))
        report.numbers[f"made: {each.name}"] = numbers(each)
    report.gates.extend(of_made(entries, count))
    store = work / "training"
    said = ask("training", "memctl", store, points, {"type": "ivf-pq-fs"})
    share = said["memctl"] / said["plain"] if said else math.nan
    report.numbers["training"] = said
    report.gates.append(
        Gate("training and adding, over plain FAISS", share, limit=1.3, at_most=True)
    )


def of_made(entries: Sequence[Entry], count: int) -> list[Gate]:
    """Return the gates of a million."""
    exact = entries[0].speed("one", 1)
    ours = {each.how["type"]: each for each in entries if each.system == "memctl"}
    gates: list[Gate] = []
    for kind, limit in (("ivf-pq-fs", 400), ("pq-fs", 25)):
        times = ours[kind].speed("one", 1) / exact if kind in ours else math.nan
        gates.append(Gate(f"{kind}: times as fast as exact search", times, limit=limit))
    for kind, each in ours.items():
        size, took = each.opened["own"] / count, each.opened["open_cpu"]
        gates.append(Gate(f"{kind}: own memory a vector", size, limit=110, at_most=True))
        gates.append(Gate(f"{kind}: CPU seconds to open", took, limit=0.2, at_most=True))
    return gates


def over_bare(place: Path, points: Points, report: Report, label: str) -> None:
    """Add what memctl costs over bare FAISS on the same files."""
    said = ask("overhead", "memctl", place, points, {})
    if said is None:
        return
    report.numbers[f"overhead: {label}"] = said
    micros: Mapping[str, float] = said["micros"]
    for name, value in micros.items():
        talk(f"{label}: {name}: {value:.0f} µs of CPU a query")
    pairs = (
        ("memctl", "FAISS with refine"),
        ("memctl, with chunks", "FAISS with refine"),
        ("memctl, half allowed", "FAISS, half allowed"),
    )
    for ours, bare in pairs:
        share = micros[ours] / micros[bare]
        report.gates.append(Gate(f"{label}: {ours}, over bare", share, limit=1.25, at_most=True))


def main() -> int:
    """Parse, measure, print the table and the gates."""
    options = parser(__doc__)
    options.add_argument("--vectors", type=Path, required=True, metavar="FOLDER")
    options.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the indexes there")
    options.add_argument("--systems", nargs="*", default=list(PEERS), metavar="NAME")
    options.add_argument("--many", nargs="*", default=[], metavar="NAME", help="on the made ones")
    options.add_argument("--only", choices=("real", "made"), help="the vectors to measure with")
    options.add_argument("--made", type=int, default=1_000_000, metavar="N", help="of made vectors")
    options.add_argument("--rounds", type=int, default=5, metavar="N")
    options.add_argument("--seconds", type=float, default=1.0, metavar="S", help="a turn")
    args = vars(options.parse_args())
    for name in [name for name in args["systems"] if find_spec(name) is None]:
        talk(f"{name} is not installed: left out")
        args["systems"].remove(name)
    report = Report("index", HEADER)
    with workspace(args["keep"]) as work:
        if args["only"] != "made":
            points = real(folder(args["data"]), args["vectors"], args["embedder"])
            on_real(args, points, _fresh(work / "real"), report)
            over_bare(work / "real" / "memctl 0" / "memctl-0-auto", points, report, "real")
        if args["only"] != "real":
            points = clustered(args["vectors"], args["made"])
            on_made(args, points, _fresh(work / "made"), report)
            over_bare(work / "made" / "memctl-0-ivf-pq-fs", points, report, "made")
    for gate in report.gates:
        word = "≤" if gate.at_most else "≥"
        print(
            f"{'pass' if gate.met else 'MISS'}  {gate.name}: {gate.value:.3g} {word} {gate.limit:g}"
        )
    return report.finish(args["json"])


def _fresh(place: Path) -> Path:
    """Return an empty folder."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


if __name__ == "__main__":
    start(main)
