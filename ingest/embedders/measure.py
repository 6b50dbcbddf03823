"""How fast an embedder is here, what memory it takes, and how near it is to its reference."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np

from memctl.ingest.embedders.base import Embedder, checked
from memctl.ingest.embedders.registry import get
from memctl.ingest.errors import EmbedderError, MemctlError
from memctl.ingest.tokens import count
from memctl.ingest.vectors import Vectors

_SECONDS = 1.0  # of measuring at the least
_SENTENCES = (
    "The keeper of the gull tower wrote down every ship that passed in the fog.",
    "An index over quantised vectors trades a little recall for much less memory.",
    "ERROR 2024-03-11T04:12:09Z worker[17] lost its connection to 10.0.0.7:5432, retry in 30 s",
    "def cosine(a, b): return float(a @ b / (norm(a) * norm(b)))",
    "The contract ends on the last day of the month in which notice was given.",
    "Boil the lentils with bay leaf until they are soft, then add salt and vinegar.",
    "Смотритель маяка записывал каждый корабль, который проходил мимо в тумане.",
    "Индекс по сжатым векторам меняет немного полноты на куда меньший объём памяти.",
    "Договор прекращается в последний день месяца, в котором подано уведомление.",
    "Чечевицу варят с лавровым листом до мягкости, потом солят и добавляют уксус.",
    "В 1911 году на острове было сорок два жителя, школа и ни одной дороги. 🙂",
    "Ошибка при чтении файла: ожидался заголовок, получено 0x00 0xFF на смещении 4096.",
)


@dataclass(frozen=True, slots=True)
class Measured:
    """An embedder on this machine; tokens are o200k_base's, so that embedders can be compared."""

    name: str
    _: KW_ONLY
    dimension: int
    tokens: int  # of one round
    tokens_per_second: float
    tokens_per_cpu_second: float
    first_seconds: float  # to the vector of the first query, with the loading
    query_seconds: float
    peak_bytes: int | None  # of the whole process; None where the system does not tell
    cosine: float | None  # mean, to the reference; None where there is none


def measure(name: str) -> Measured:
    """Measure an embedder in a process of its own, so that its memory is its own.

    Raises:
        EmbedderError: there is none of this name, it failed, or its process ended.
    """
    get(name)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(theirs, name), daemon=True)
    process.start()
    theirs.close()
    try:
        result = ours.recv()
    except EOFError as error:
        raise EmbedderError(f"the process that measured {name} ended before it was done") from error
    finally:
        process.terminate()
        process.join()
        ours.close()
    if isinstance(result, MemctlError):
        raise result
    if not isinstance(result, Measured):
        raise EmbedderError(f"the process that measured {name} gave {result!r}")
    return result


def texts(number: int, *, tokens: int) -> list[str]:
    """Return ``number`` different texts of about ``tokens`` tokens, half of them Russian."""
    made: list[str] = []
    for place in range(number):
        words: list[str] = []
        turn = place
        while count(" ".join(words)) < tokens:
            words.append(_SENTENCES[turn % len(_SENTENCES)])
            turn += 1 + place % 5
        made.append(f"{place}. {' '.join(words)}")
    return made


def _answer(connection: Connection, name: str) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    try:
        connection.send(_measured(get(name), texts(48, tokens=128)))
    except MemctlError as error:
        connection.send(error)


def _measured(embedder: Embedder, passages: Sequence[str]) -> Measured:
    begun = time.perf_counter()
    embedder.embed(["Кто построил башню?"], role="query")
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    embedder.embed(["Who kept the lamp?"], role="query")
    query = time.perf_counter() - begun
    tokens = sum(map(count, passages))
    rounds, begun, cpu = 0, time.perf_counter(), time.process_time()
    vectors = embedder.embed(passages, role="document")
    while True:
        rounds += 1
        seconds, cpu_seconds = time.perf_counter() - begun, time.process_time() - cpu
        if seconds >= _SECONDS:
            break
        embedder.embed(passages, role="document")
    peak = _peak_bytes()
    return Measured(
        embedder.name,
        dimension=embedder.dimension,
        tokens=tokens,
        tokens_per_second=tokens * rounds / seconds,
        tokens_per_cpu_second=tokens * rounds / max(cpu_seconds, 1e-9),
        first_seconds=first,
        query_seconds=query,
        peak_bytes=peak,
        cosine=_cosine(embedder, vectors, passages),
    )


def _cosine(embedder: Embedder, vectors: Vectors, passages: Sequence[str]) -> float | None:
    """Return the mean cosine to the reference, which only the built-in model has here."""
    if embedder.name != "e5-small":
        return None
    return float(np.mean(np.sum(vectors * _float32(passages), axis=1)))


def _float32(passages: Sequence[str]) -> Vectors:
    """Return what the weights of e5-small give in float32, of one window each."""
    from memctl.ingest.embedders.e5 import recipe
    from memctl.ingest.embedders.e5.engine import CONTENT, Engine
    from memctl.ingest.embedders.e5.graph import FloatMultiply, encoder, linears
    from memctl.ingest.embedders.e5.session import INPUT, opened
    from memctl.ingest.embedders.e5.tokenizer import BOS, EOS, normalised
    from memctl.ingest.embedders.e5.weights import WIDTH, find, read

    weights = read(find())
    session = opened(encoder(weights, FloatMultiply(linears(weights))))
    encode, rows = Engine().encode, recipe.WordRows(weights)
    means: list[Vectors] = []
    for text in passages:
        passage = normalised(recipe.PREFIXES["document"] + text, weights.vocabulary.replacements)
        ids = [BOS, *encode(passage)[:CONTENT], EOS]
        means.append(session.run(None, {INPUT: rows([ids])})[0])
    return checked(np.concatenate(means), passages, dimension=WIDTH)


def _peak_bytes() -> int | None:
    """Return the most memory that this process had at one time."""
    status = Path("/proc/self/status")
    if status.is_file():  # ru_maxrss would count what the parent had
        for line in status.read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
