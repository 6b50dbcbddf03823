"""What memctl adds to a language model that writes the answer, and how a real one fares.

The questions of the sample corpus are asked of an endpoint that begins to answer at once: the CPU
time from the question to the first part that is shown is what memctl takes, search, prompt and all.
With ``--llm`` they are asked of a real model too, and what it writes is checked as ``memctl ask``
does: how many sentences are supported, how many answers hold the gold one, how long it took. Run
from the root of the project:

    python -m bench.writing
    python -m bench.writing --llm llamacpp:MODEL.gguf --limit 10
"""

from __future__ import annotations

import json
import multiprocessing
import os
import statistics
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.common import SAMPLE, Gate, Report, Row, read_rows, talk
from bench.options import memctl_at, parser, start, workspace
from memctl.ingest import folded
from memctl.query import Asker, Asking, Question, Searcher, language_model

_WARM = 5
_LIMIT = 0.050  # seconds of CPU to the first token
_TEXT = "The passages say so [1]. " * 4


class _Ready(BaseHTTPRequestHandler):
    """Answers every request with the same words, at once."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name it has
        """Say nothing."""

    def do_POST(self) -> None:
        """Stream the words."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        for word in _TEXT.split(" "):
            choice = {"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}
            self.wfile.write(f"data: {json.dumps({'choices': [choice]})}\n\n".encode())
        self.wfile.write(b"data: [DONE]\n\n")


def _serve(told: Connection) -> None:
    server = HTTPServer(("127.0.0.1", 0), _Ready)
    told.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def endpoint() -> Generator[str]:
    """An endpoint in a process of its own, so that its CPU time is not counted."""
    told, heard = multiprocessing.get_context("spawn").Pipe(duplex=False)
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(heard,))
    process.start()
    try:
        yield f"http://127.0.0.1:{told.recv()}/v1"
    finally:
        process.terminate()
        process.join()


@dataclass(slots=True)
class Written:
    """What a model wrote to the questions of a set."""

    first: list[float] = field(default_factory=list[float])
    seconds: list[float] = field(default_factory=list[float])
    asked: int = 0
    refused: int = 0
    claims: int = 0
    supported: int = 0
    gold: int = 0
    judged: int = 0


class _Clock:
    """Notes the CPU time at which each part is shown."""

    def __init__(self) -> None:
        self.shown: list[float] = []

    def show(self, text: str) -> None:
        """Note a part."""
        del text
        self.shown.append(time.process_time())


def ask(searcher: Searcher, spec: str, rows: Sequence[Row], *, k: int) -> Written:
    """Ask all questions, and measure."""
    asker = Asker(searcher, Asking(language_model(spec), k))
    found = Written()
    for number, row in enumerate(rows):
        begun, wall = time.process_time(), time.perf_counter()
        clock = _Clock()
        answer = asker.ask(Question(str(row["_id"]), row["question"]), show=clock.show)
        shown = clock.shown
        if number >= _WARM and shown:
            found.first.append(shown[0] - begun)
        found.seconds.append(time.perf_counter() - wall)
        found.asked += 1
        found.refused += answer.abstained
        found.claims += len(answer.claims)
        found.supported += sum(claim.status == "supported" for claim in answer.claims)
        golds = [_plain(str(each)) for each in row.get("answers", [])]
        found.judged += bool(golds)
        found.gold += not answer.abstained and any(g in _plain(answer.text) for g in golds)
    return found


def _plain(text: str) -> str:
    return " ".join(folded(text).split())


def report(found: dict[str, Written]) -> Report:
    """Return the table; only the endpoint that answers at once has a gate."""
    made = Report(
        "writing",
        ("model", "questions", "refused", "sentences supported", "gold in answer", "seconds each",
         "CPU to the first token"),
    )  # fmt: skip
    for name, its in found.items():
        first = statistics.median(its.first) if its.first else float("nan")
        local = name == "at once"
        made.rows.append(
            (
                name,
                str(its.asked),
                str(its.refused),
                "" if local else f"{its.supported}/{its.claims}",
                "" if local else f"{its.gold}/{its.judged}",
                f"{statistics.median(its.seconds):.2f}",
                f"{1000 * first:.1f} ms" if local else "",
            )
        )
        if local:
            made.gates.append(Gate("CPU to the first token", first, limit=_LIMIT, at_most=True))
    return made


def main() -> int:
    """Run the command line."""
    args = parser(__doc__)
    args.add_argument("--llm", default="", help="a real model to ask as well")
    args.add_argument("--limit", type=int, help="ask the real model at most so many")
    args.add_argument("-k", type=int, default=4, help="passages that the real model reads")
    chosen = args.parse_args()
    rows: list[dict[str, Any]] = list(read_rows(SAMPLE / "questions.jsonl"))
    found: dict[str, Written] = {}
    with workspace() as work, endpoint() as url:
        memctl = memctl_at(work / "store", chosen)
        memctl.ingest(SAMPLE)
        memctl("index", "build")
        os.environ["MEMCTL_OPENAI_BASE_URL"] = url
        with Searcher.open(Path(work / "store")) as searcher:
            talk("an endpoint that answers at once")
            found["at once"] = ask(searcher, "openai:ready", rows, k=8)
            if chosen.llm:
                talk(f"the questions to {chosen.llm}")
                name = Path(chosen.llm.partition(":")[2]).stem
                found[name] = ask(searcher, chosen.llm, rows[: chosen.limit], k=chosen.k)
    return report(found).finish(chosen.json)


if __name__ == "__main__":
    start(main)
