"""What a large memory costs: recall beside a search over as many chunks, and writing one turn."""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.common import Gate, Report, run, talk
from bench.options import memctl_at
from memctl.ingest import Role, Vectors
from memctl.ingest.embedders import get
from memctl.memory import Book, Place, Recall, Turn, grammar_for
from memctl.memory.extractor import Patterns
from memctl.memory.writing import write
from memctl.query import Searcher

ASKED = 30
THINGS = "lamp kettle ladder boat clock coat drum carpet lantern mirror piano barrel".split()
COLOURS = "red green blue grey white black amber violet ivory copper".split()
QUESTIONS = ("What did I buy in {}?", "Which {} do I own?", "What do I like about the {}?")


class _Known:
    """An embedder that remembers what it has embedded, so that writing is timed without it."""

    def __init__(self) -> None:
        self.inner = get("hashing")
        self.seconds = 0.0

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def dimension(self) -> int:
        return self.inner.dimension

    @property
    def max_tokens(self) -> int | None:
        return self.inner.max_tokens

    @property
    def fingerprint(self) -> str:
        return self.inner.fingerprint

    def embed(self, texts: Sequence[str], *, role: Role) -> Vectors:
        begun = time.process_time()
        made = self.inner.embed(texts, role=role)
        self.seconds += time.process_time() - begun
        return made


def sentences(count: int) -> list[str]:
    """Return as many different sentences, each of which tells a fact."""
    rng = random.Random(5)
    return [
        f"I bought a {rng.choice(COLOURS)} {rng.choice(THINGS)} number {at} in Lot {at % 997}."
        for at in range(count)
    ]


def cost(args: argparse.Namespace, work: Path, made: Report) -> None:
    """Measure both in one run, on the same texts, embedded by hashing."""
    texts = sentences(args.facts)
    place = Place(work / "large", "me")
    talk(f"a memory of {args.facts:,} turns")
    facts = fill(place, texts)
    store = work / "store"
    rows = work / "rows.jsonl"
    rows.write_text(
        "".join(json.dumps({"_id": str(n), "text": text}) + "\n" for n, text in enumerate(texts)),
        encoding="utf-8",
    )
    args.embedder = "hashing"
    talk("a store of as many chunks")
    memctl = memctl_at(store, args)
    memctl.ingest(rows)
    run((memctl.program, "index", "build", "--store", memctl.store, "--json"))
    asks = [QUESTIONS[n % 3].format(THINGS[n % len(THINGS)]) for n in range(ASKED)]
    grammar = grammar_for(place)
    with Book.open(place) as book:
        opened = time.process_time()
        asked = Recall(book, book.embedder(), grammar)
        opened = time.process_time() - opened
        recalls = _median(lambda text: asked.answer(text), asks)
    with Searcher.open(store) as searcher:
        searches = _median(lambda text: searcher.search([text], 10), asks)
    ratio = recalls / searches
    made.rows.append((f"recall over {facts:,} facts, CPU ms", "", f"{1000 * recalls:.1f}", "", ""))
    made.rows.append(
        (f"search over {len(texts):,} chunks, CPU ms", "", f"{1000 * searches:.1f}", "", "")
    )
    made.rows.append(("opening the memory, CPU ms", "", f"{1000 * opened:.0f}", "", ""))
    made.gates.append(Gate("recall beside search", ratio, limit=2, at_most=True))
    writing = one_turn(place)
    made.rows.append(
        ("writing a turn, without embedding, CPU ms", "", f"{1000 * writing:.1f}", "", "")
    )
    made.gates.append(Gate("writing a turn: CPU ms", 1000 * writing, limit=20, at_most=True))


def fill(place: Place, texts: list[str]) -> int:
    """Write turns into a new memory; return how many facts it has."""
    grammar = grammar_for(place)
    with Book.write(place, embedder="hashing") as book:
        for start in range(0, len(texts), 5_000):
            turns = [
                Turn("user", text, session=str(start // 5_000), ordinal=at)
                for at, text in enumerate(texts[start : start + 5_000], 1)
            ]
            write(
                book,
                turns,
                embedder=book.embedder(),
                grammar=grammar,
                extractor=Patterns(grammar),
            )
        return book.count("facts")


def one_turn(place: Place) -> float:
    """Return the median CPU seconds of writing one turn, but for its embedding."""
    grammar = grammar_for(place)
    taken: list[float] = []
    with Book.write(place) as book:
        for at in range(20):
            embedder = _Known()
            turn = Turn(
                "user",
                f"I bought a silver spoon {at} and I work as a nurse.",
                session="x",
                ordinal=at,
            )
            begun = time.process_time()
            write(book, [turn], embedder=embedder, grammar=grammar, extractor=Patterns(grammar))
            taken.append(time.process_time() - begun - embedder.seconds)
    return statistics.median(taken)


def _median(work: Callable[[str], object], asks: list[str]) -> float:
    work(asks[0])
    taken: list[float] = []
    for text in asks:
        begun = time.process_time()
        work(text)
        taken.append(time.process_time() - begun)
    return float(np.median(taken))
