"""The graph of e5-small on OpenVINO beside onnxruntime: whether it is worth an extra.

"Calls of one shape" run the same call again and again, the two engines in turn in one process:
what OpenVINO can do once all is compiled. "Passages" are embedded as an ingest does it, each way in
a process of its own, with all that the process costs after the engine is loaded: texts of one
length share a call and nothing is padded, so almost every call has a shape of its own, and
OpenVINO's CPU plugin compiles its products for each number of rows. "Small caches" keeps few of
these; "lengths of 16" rounds lengths up, as a graph with a mask for padding could: its vectors are
wrong, and its speed is the most that such a graph would have. Needed is openvino, which memctl does
not bring:

    pip install openvino
    python -m bench.embedding_openvino --precision f32 --texts 1500 --json openvino.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from bench.common import MIB, Report, SkippedError, run, talk
from bench.embedding import cpu, in_turn
from bench.embedding_texts import SETS, passages
from bench.options import folder, parser, start
from memctl.ingest.embedders.base import checked
from memctl.ingest.embedders.e5 import engine, recipe
from memctl.ingest.embedders.e5.engine import Engine, Window
from memctl.ingest.embedders.e5.session import opened
from memctl.ingest.embedders.e5.tokenizer import EOS
from memctl.ingest.embedders.e5.weights import WIDTH, Floats

SHAPES = ((1, 12), (8, 64), (4, 128), (3, 137), (2, 250), (1, 512))  # texts, tokens
ROUNDED = 16
ALIKE = 60  # texts that are embedded by both, together and alone
ENGINES = ("onnxruntime", "OpenVINO")
WAYS = (*ENGINES, "OpenVINO, small caches", "OpenVINO, lengths of 16")
SMALL = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64"}


class OpenVino:
    """A graph on OpenVINO, for one thread a call, as ``session.opened`` opens it on onnxruntime."""

    def __init__(self, model: Path, *, precision: str, small: bool = False) -> None:
        settings: dict[str, object] = {
            "INFERENCE_PRECISION_HINT": precision,
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,
        }
        if small:
            settings["CPU_RUNTIME_CACHE_CAPACITY"] = 0
        core = import_module("openvino").Core()
        self._request: Any = core.compile_model(str(model), "CPU", settings).create_infer_request()

    def run(self, output_names: None, input_feed: dict[str, Any], /) -> Sequence[Any]:  # noqa: ARG002  as a session has it
        """Return the outputs."""
        return [self._request.infer(input_feed)[0].copy()]


def rounded(window: Window) -> Window:
    """Return ``window`` with its mark of the end as often as it takes to a multiple of 16."""
    return Window(window.text, [*window.ids, *[EOS] * (-len(window.ids) % ROUNDED)])


class Rounding(Engine):
    """An engine whose windows are rounded up, with no mask for what was added."""

    def windows(self, texts: Iterable[str], prefix: str) -> Iterator[Window]:
        """Yield the windows of all texts, rounded up."""
        yield from map(rounded, super().windows(texts, prefix))


def made(way: str, *, precision: str) -> Engine:
    """Return the embedder's engine, on one thread, in one of the ways."""

    def on_openvino(model: Path, *, exact: bool) -> OpenVino:  # noqa: ARG001  the form of opened
        return OpenVino(model, precision=precision, small=way == WAYS[2])

    kind = Rounding if way == WAYS[3] else Engine
    with (
        patch.object(engine, "_cores", return_value=1),
        patch.object(engine, "opened", opened if way == WAYS[0] else on_openvino),
    ):
        return kind()


def texts_of(data: Path, number: int) -> list[str]:
    """Return passages of the sets, English and Russian in turn."""
    by_language = [passages(data, each) for each in SETS]
    return [text for pair in zip(*by_language, strict=False) for text in pair][:number]


def work(way: str, texts: Sequence[str], *, precision: str) -> Mapping[str, float]:
    """Embed in this process; return the CPU seconds of opening the engine and of embedding."""
    begun = cpu()
    this = made(way, precision=precision)
    opened_at = cpu()
    this.means(texts, role="document")
    return {"opening": opened_at - begun, "embedding": cpu() - opened_at}


def shapes(report: Report, *, precision: str) -> None:
    """Measure calls of one shape."""
    both = [made(way, precision=precision) for way in ENGINES]
    for texts, tokens in SHAPES:
        ids = np.random.default_rng(0).integers(10, 200_000, (texts, tokens)).tolist()
        batch = [Window(number, row) for number, row in enumerate(ids)]
        works = {way: partial(each.mean, batch) for way, each in zip(ENGINES, both, strict=True)}
        seconds = in_turn(works, repeat=5)
        times = seconds[ENGINES[0]] / seconds[ENGINES[1]]
        name = f"calls of {texts} × {tokens} tokens"
        report.rows.append((f"{name}: OpenVINO's speed, times onnxruntime", f"{times:.2f}"))
        report.numbers[name] = seconds


def likeness(report: Report, texts: Sequence[str], *, precision: str) -> None:
    """Compare the vectors of the engines, and those of texts together and alone."""
    ort, ov = (made(way, precision=precision) for way in ENGINES)

    def unit(these: Engine, some: Sequence[str]) -> Floats:
        return checked(these.means(some, role="document"), some, dimension=WIDTH)

    together = unit(ov, texts)
    alone = np.concatenate([unit(ov, [text]) for text in texts])
    cosine = np.sum(together * unit(ort, texts), axis=1)
    apart = float(np.abs(together - alone).max())
    found = f"{cosine.mean():.5f}, {cosine.min():.5f}"
    report.rows.append(("cosine between the engines: mean, least", found))
    report.rows.append(("OpenVINO: most that a vector hangs on its batch", f"{apart:.1g}"))
    report.numbers["likeness"] = {
        "mean": float(cosine.mean()),
        "least": float(cosine.min()),
        "apart": apart,
    }


def streams(report: Report, args: Sequence[str], *, tokens: int) -> None:
    """Embed the passages in each way, in a process of its own."""
    base = 0.0
    for way in WAYS:
        talk(f"passages: {way}")
        command = [sys.executable, "-m", "bench.embedding_openvino", *args, "--way", way]
        done = run(command, watch_memory=True, env=SMALL if way == WAYS[2] else None)
        found = json.loads(done.stdout)
        speed = tokens / found["embedding"]
        base = base or speed
        told = f"{speed:,.0f}, {speed / base:.2f}, {done.peak_bytes / MIB:,.0f}"
        name = "tokens per CPU-second, times onnxruntime, peak MiB"
        report.rows.append((f"passages, {way}: {name}", told))
        report.rows.append((f"CPU-seconds to open, {way}", f"{found['opening']:.2f}"))
        report.numbers[way] = {**found, "peak": done.peak_bytes}


def main() -> int:
    """Parse, measure, report; with ``--way`` work in one of the ways and print what it took."""
    options = parser(__doc__)
    options.add_argument("--precision", choices=("f32", "bf16"), default="f32")
    options.add_argument("--texts", type=int, default=1500, metavar="N", help="passages")
    options.add_argument("--way", choices=WAYS, help="what is measured in a process of its own")
    args = options.parse_args()
    if find_spec("openvino") is None:
        raise SkippedError("openvino is not installed")
    data = folder(args.data)
    texts = texts_of(data, args.texts)
    if args.way:
        print(json.dumps(work(args.way, texts, precision=args.precision)))
        return 0
    report = Report("embedding_openvino", ("what", "found"))
    given = ("--precision", args.precision, "--texts", str(args.texts), "--data", str(data))
    windows = Engine().windows(texts, recipe.PREFIXES["document"])
    streams(report, given, tokens=sum(len(each.ids) for each in windows))
    shapes(report, precision=args.precision)
    likeness(report, texts[:ALIKE], precision=args.precision)
    return report.finish(args.json)


if __name__ == "__main__":
    start(main)
