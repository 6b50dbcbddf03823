"""Whether parsing and embedding overlap: a whole ingest beside each of the two alone.

The folder holds the PDFs of a set, or some of them. Alone, parsing is all that happens before an
embedding, in as many processes as an ingest has; embedding is that of the same texts in the same
batches, the model being loaded. Both are subprocesses, as the ingest is, and all are measured in
turn. Demanded: the whole takes at most 1.15 times the longer of the two. Beside it stand the
seconds that llama-index's SimpleDirectoryReader needs to read the same folder and cut it.

Run from the root of the project:

    python -m bench.overlap --set financebench_dev
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.common import ROOT, Gate, Report, Row, run, talk
from bench.ingest import copy_files
from bench.options import folder, memctl_at, parser, start, workspace
from bench.program import summary

LIMIT = 1.15
BATCH = 32  # as the writer has it


def parse_alone(source: Path, texts: Path) -> Row:
    """Read and cut every file of ``source``, and write what an ingest would embed."""
    from memctl.ingest import Options, Settings
    from memctl.ingest.parsed import Parsed
    from memctl.ingest.pipeline import parser_for, recipe_of
    from memctl.ingest.plan import plan
    from memctl.ingest.writer import embedding_text

    settings, options = Settings(), Options()
    begun = time.perf_counter()
    recipe = recipe_of(settings)
    made = plan([source], None, store=texts.parent / "none", recipe=recipe, options=options)
    found: dict[str, None] = {}
    pages = 0
    with parser_for(settings, options) as parsing:
        for _, results in parsing.parse(made.tasks):
            for result in results:
                if isinstance(result, Parsed):
                    found.update((embedding_text(c, result.title), None) for c in result.chunks)
                    pages += len(result.pages)
    seconds = time.perf_counter() - begun
    texts.write_text(json.dumps(list(found)), encoding="utf-8")
    return {"seconds": seconds, "pages": pages, "chunks": len(found)}


def embed_alone(texts: Path, name: str) -> Row:
    """Embed the texts that ``parse_alone`` wrote."""
    from memctl.ingest.embedders import get

    embedder = get(name)
    every = json.loads(texts.read_text(encoding="utf-8"))
    embedder.embed(every[:1], role="document")
    begun = time.perf_counter()
    for at in range(0, len(every), BATCH):
        embedder.embed(every[at : at + BATCH], role="document")
    return {"seconds": time.perf_counter() - begun}


def read_plainly(source: Path) -> Row:
    """Read and cut ``source`` as the plain script does."""
    from bench.plain_llama_index import cut, read

    begun = time.perf_counter()
    documents = read(source)
    nodes = cut(documents, chunk_tokens=256, overlap=0)
    return {"seconds": time.perf_counter() - begun, "chunks": len(nodes)}


def one_round(source: Path, args: argparse.Namespace, *, embedder: str) -> Row:
    """Measure each alone and the whole, once."""
    with workspace() as work:
        texts = work / "texts.json"
        parsing = _alone("parsing", source, texts, embedder)
        embedding = _alone("embedding", source, texts, embedder)
        talk("whole")
        whole = memctl_at(work / "store", args).ingest(source, watch_memory=True)
        plain = _alone("plain", source, texts, embedder)
    return {
        "parsing": parsing,
        "embedding": embedding,
        "plain": plain,
        "whole": {"seconds": summary(whole)["seconds"], "peak_bytes": whole.peak_bytes},
        "command": {"seconds": whole.wall_seconds},
    }


def _alone(step: str, source: Path, texts: Path, embedder: str) -> Row:
    talk(step)
    words = ("--alone", step, "--folder", source, "--texts", texts, "--embedder", embedder)
    done = run((sys.executable, "-m", "bench.overlap", *words), env={"PYTHONPATH": str(ROOT)})
    return json.loads(done.stdout)


def report(rounds: Sequence[Row], *, name: str, embedder: str) -> Report:
    """Compare medians over the rounds."""

    def median(step: str) -> float:
        return statistics.median(each[step]["seconds"] for each in rounds)

    seconds = {step: median(step) for step in rounds[0]}
    ratio = seconds["whole"] / max(seconds["parsing"], seconds["embedding"])
    first = rounds[0]["parsing"]
    header = ("folder", "pages", "chunks", "parsing s", "embedding s", "whole s", "ratio", "limit")
    made = Report("overlap of parsing and embedding", (*header, "plain reader s"))
    counts = (str(first["pages"]), str(first["chunks"]))
    steps = [f"{seconds[step]:.1f}" for step in ("parsing", "embedding", "whole")]
    last = (f"{ratio:.2f}", f"≤ {LIMIT}", f"{seconds['plain']:.1f}")
    made.rows.append((f"{name}, {embedder}", *counts, *steps, *last))
    made.gates.append(Gate(f"whole : longer on {name}", ratio, limit=LIMIT, at_most=True))
    made.numbers = {"seconds": seconds, "rounds": list(rounds)}
    return made


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--set", default="financebench_dev", metavar="NAME")
    options.add_argument("--files", type=int, default=sys.maxsize, metavar="N", help="the smallest")
    options.add_argument("--rounds", type=int, default=1, metavar="N")
    options.add_argument("--alone", choices=("parsing", "embedding", "plain"), help="one step")
    options.add_argument("--folder", type=Path, metavar="DIR", help="of --alone")
    options.add_argument("--texts", type=Path, metavar="FILE", help="of --alone")
    args = options.parse_args()
    embedder = args.embedder or "e5-small"
    if args.alone:
        steps: dict[str, Any] = {
            "parsing": lambda: parse_alone(args.folder, args.texts),
            "embedding": lambda: embed_alone(args.texts, embedder),
            "plain": lambda: read_plainly(args.folder),
        }
        print(json.dumps(steps[args.alone]()))
        return 0
    every = folder(args.data / args.set / "pdf").glob("*.pdf")
    files = sorted(every, key=lambda file: (file.stat().st_size, file.name))[: args.files]
    with workspace() as work:
        copy_files(files, work / "in")
        rounds = [one_round(work / "in", args, embedder=embedder) for _ in range(args.rounds)]
    name = f"{len(files)} PDFs of {args.set}"
    return report(rounds, name=name, embedder=embedder).finish(args.json)


if __name__ == "__main__":
    start(main)
