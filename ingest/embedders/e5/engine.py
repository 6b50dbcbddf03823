"""The loaded model: from texts to the means of their windows."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from pathlib import Path

import numpy as np

from memctl.ingest.embedders.base import Role
from memctl.ingest.embedders.e5 import cache, recipe
from memctl.ingest.embedders.e5.late import with_tokens
from memctl.ingest.embedders.e5.session import INPUT, Session, opened, saturates
from memctl.ingest.embedders.e5.tokenizer import (
    BOS,
    EOS,
    Encode,
    Lattice,
    normalised,
    sentencepiece,
)
from memctl.ingest.embedders.e5.weights import POSITIONS, WIDTH, Floats, check, find, read

CONTENT = POSITIONS - 2  # tokens of a text in a window, between the marks of its two ends
_CALL_TOKENS = 512  # more in a call of the model is no faster and takes more memory
_SORTED_TOKENS = 1 << 17  # windows that are sorted by length together
_LATTICE_CHARACTERS = 4_000  # more than this in a process is worth loading SentencePiece


@dataclass(frozen=True, slots=True)
class Window:
    """A part of text number ``text``, its marks included."""

    text: int
    ids: Sequence[int]


class Engine:
    """The model of one process. All methods may be called by many threads at once.

    ``model`` is another graph with the same input, to compare with; else it is the one that was
    built for this machine by the recipe.
    """

    def __init__(
        self, model: bytes | None = None, *, made_by: recipe.Recipe = recipe.CURRENT
    ) -> None:
        self._recipe = made_by
        self._file = find()
        self._weights = weights = read(self._file)
        self._checked = False
        folder = self._folder(without=[recipe.SENTENCEPIECE])
        int8, exact = (folder / f"{name}.onnx" for name in (recipe.INT8, recipe.FLOAT))
        self._model = int8 if int8.exists() else exact
        self._exact = made_by.scheme.overflows and saturates(folder / recipe.PROBE)
        self._session = opened(model or self._model, exact=self._exact)
        self._late: Session | None = None
        self._rows = recipe.WordRows(weights)
        self._lattice: Encode = Lattice(
            weights.vocabulary, (folder / recipe.PIECES).read_bytes()
        ).encode
        self._fast: Encode | None = None
        self._seen = 0
        self._loading = threading.Lock()
        # A call of the model takes some 20 MB: at most one a core, whoever asks.
        self._slots = threading.BoundedSemaphore(_cores())

    def _folder(self, *, without: Sequence[str] = ()) -> Path:
        name = f"e5-small-{self._recipe.digest()}"
        return cache.obtained(name, self._built, without=without)

    def _built(self) -> cache.Files:
        from memctl.ingest.embedders.e5.building import build

        self._check()
        return build(self._weights, self._recipe)

    def _check(self) -> None:
        """Check the weights once in a process, before what is made of them is kept."""
        if not self._checked:
            check(self._weights, self._file)
            self._checked = True

    def means(self, texts: Sequence[str], *, role: Role) -> Floats:
        """Return float32 (len(texts), 384): the mean over the tokens of each text.

        A text longer than a window is cut into windows that do not overlap; its mean is that of
        theirs, weighted by their tokens without the marks.

        Raises:
            EmbedderError: the weights are damaged: every byte is checked before the first document.
        """
        if role == "document":
            self._check()
        sums = np.zeros((len(texts), WIDTH), dtype=np.float64)
        tokens = np.zeros((len(texts), 1), dtype=np.float64)
        windows = self.windows(texts, recipe.PREFIXES[role])
        while some := list(_bounded(windows)):
            for batch, found in self._run(some):
                for window, mean in zip(batch, found, strict=True):
                    weight = len(window.ids) - 2
                    sums[window.text] += mean * weight
                    tokens[window.text] += weight
        return (sums / tokens).astype(np.float32)

    def token_vectors(self, texts: Sequence[str], *, role: Role) -> list[Floats]:
        """Return float32 (tokens, 384) for each text: unit vectors of its tokens, in order.

        Of a text longer than a window the first window is taken. The marks and the prefix are left
        out; a text without tokens of its own has none.
        """
        prefix = recipe.PREFIXES[role]
        first: dict[int, Window] = {}
        for window in self.windows(texts, prefix):
            first.setdefault(window.text, window)
        session = self._with_tokens()
        skipped = 1 + len(self.encode(normalised(prefix, self._weights.vocabulary.replacements)))
        found: list[Floats] = [np.empty((0, WIDTH), dtype=np.float32)] * len(texts)
        with ThreadPoolExecutor(_cores()) as pool:
            batches = list(_batches(list(first.values())))
            for batch, states in zip(
                batches, pool.map(partial(self._states, session), batches), strict=True
            ):
                for window, each in zip(batch, states, strict=True):
                    own = each[skipped:-1]
                    found[window.text] = own / np.linalg.norm(own, axis=1, keepdims=True)
        return found

    def _with_tokens(self) -> Session:
        with self._loading:
            if self._late is None:
                self._late = opened(with_tokens(self._model), exact=self._exact)
            return self._late

    def _states(self, session: Session, batch: Sequence[Window]) -> Floats:
        with self._slots:
            rows = self._rows([window.ids for window in batch])
            states: Floats = session.run(None, {INPUT: rows})[1]
            return states

    def windows(self, texts: Iterable[str], prefix: str) -> Iterator[Window]:
        """Yield the windows of all texts, in order; each text has at least one."""
        for number, text in enumerate(texts):
            ids = self.encode(normalised(prefix + text, self._weights.vocabulary.replacements))
            for start in range(0, len(ids), CONTENT):
                yield Window(number, [BOS, *ids[start : start + CONTENT], EOS])

    def encode(self, text: str) -> list[int]:
        """Return the ids of normalised ``text``, without marks."""
        if self._fast is None:
            self._seen += len(text)
            if self._seen <= _LATTICE_CHARACTERS:
                return self._lattice(text)
            with self._loading:
                if self._fast is None:
                    self._fast = sentencepiece(self._folder() / recipe.SENTENCEPIECE)
        return self._fast(text)

    def _run(self, windows: Sequence[Window]) -> Iterator[tuple[Sequence[Window], Floats]]:
        """Run the model on ``windows``, one thread a core, the longest ones first."""
        batches = list(_batches(windows))
        if len(batches) == 1:
            yield batches[0], self.mean(batches[0])
            return
        with ThreadPoolExecutor(_cores()) as pool:
            yield from zip(batches, pool.map(self.mean, batches), strict=True)

    def mean(self, batch: Sequence[Window]) -> Floats:
        """Return float32 (windows, 384) for windows of one length: the mean over their tokens."""
        with self._slots:
            rows = self._rows([window.ids for window in batch])
            mean: Floats = self._session.run(None, {INPUT: rows})[0]
            return mean


def _bounded(windows: Iterator[Window]) -> Iterator[Window]:
    """Yield windows up to a number of tokens."""
    tokens = 0
    for window in windows:
        yield window
        tokens += len(window.ids)
        if tokens >= _SORTED_TOKENS:
            return


def _batches(windows: Sequence[Window]) -> Iterator[list[Window]]:
    """Yield batches of windows of one length: nothing is padded, so nothing needs a mask."""
    ordered = sorted(windows, key=_length, reverse=True)
    for length, alike in groupby(ordered, key=_length):
        while batch := list(islice(alike, max(1, _CALL_TOKENS // length))):
            yield batch


def _length(window: Window) -> int:
    return len(window.ids)


def _cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
