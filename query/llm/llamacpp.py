"""A GGUF file in this process, by the server of llama.cpp that the package xllamacpp holds.

It listens on this machine alone, on a port of its own, and answers nobody without the key that is
made for it here. What it is asked, and how it is read, is the same as at any other endpoint.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import secrets
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from memctl.ingest import EmbedderError
from memctl.ingest.embedders.endpoint import Endpoint
from memctl.query.llm.base import Completion, LanguageModelError, Piece, Schema
from memctl.query.llm.endpoint import ChatModel, as_the_model

_WINDOW = 8_192  # tokens: each costs memory, whatever the model could read
_MAGIC = b"GGUF"
_INSTALL = "Install it: python -m pip install 'memctl-rag[local]'"


class LlamaCppModel:
    """A model in a GGUF file; it is loaded when it is first asked."""

    def __init__(self, file: str, *, window: int | None = None) -> None:
        self.name = f"llamacpp:{file}"
        self.window = window or _WINDOW
        self._file = Path(file).expanduser()
        self._key = secrets.token_urlsafe(24)
        self._server: Any = None  # the library has no types
        if importlib.util.find_spec("xllamacpp") is None:
            raise LanguageModelError(f"{self.name} needs the package xllamacpp", hint=_INSTALL)
        _check(self._file, self.name)

    def tokens(self, text: str) -> int:
        """Return how many tokens ``text`` takes, by the tokenizer of the model.

        Raises:
            LanguageModelError: the model cannot be loaded.
        """
        with as_the_model():
            return self._counter.ask({"content": text}, _length)

    def complete(
        self,
        instruction: str,
        request: str,
        *,
        max_tokens: int,
        schema: Schema | None = None,
    ) -> Completion:
        """Return what the model writes.

        Raises:
            LanguageModelError: it cannot be loaded, or wrote nothing.
        """
        return self._chat.complete(instruction, request, max_tokens=max_tokens, schema=schema)

    def stream(self, instruction: str, request: str, *, max_tokens: int) -> Iterator[Piece]:
        """Yield what the model writes, as it comes.

        Raises:
            LanguageModelError: it cannot be loaded, or broke off.
        """
        yield from self._chat.stream(instruction, request, max_tokens=max_tokens)

    @cached_property
    def _chat(self) -> ChatModel:
        return ChatModel(
            self.name,
            self._file.stem,
            url=f"{self._url}/v1",
            key=self._key,
            hint="It ended; ask again.",
            window=self.window,
        )

    @cached_property
    def _counter(self) -> Endpoint:
        return Endpoint(f"{self._url}/tokenize", service="the language model", key=self._key)

    @cached_property
    def _url(self) -> str:
        self._server = _load(self._file, self.name, key=self._key, window=self.window)
        return str(self._server.listening_address)


def _check(file: Path, name: str) -> None:
    """Raise if a file is surely no model; a broken one is found out when it is loaded."""
    try:
        with file.open("rb") as stream:
            begins = stream.read(len(_MAGIC))
    except OSError as error:
        raise LanguageModelError(
            f"{name}: {error.strerror}", hint="Give the path of a GGUF file."
        ) from error
    if begins != _MAGIC:
        raise LanguageModelError(f"{name} is no GGUF file", hint="Give the path of a GGUF file.")


def _load(file: Path, name: str, *, key: str, window: int) -> Any:  # noqa: ANN401  as above
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx = window
    params.n_parallel = 1
    params.ctx_shift = False  # a prompt that is too long is refused, not cut
    params.warmup = False
    params.verbosity = -1
    params.offline = True
    params.ui = params.endpoint_slots = params.endpoint_props = False
    params.api_keys = [key]
    params.cpuparams.n_threads = os.cpu_count() or 1
    try:
        return xllamacpp.Server(params)
    except RuntimeError as error:
        raise LanguageModelError(
            f"{name} cannot be loaded", hint="The file is damaged, or needs a newer xllamacpp."
        ) from error


def _length(answer: Any) -> int:  # noqa: ANN401  any JSON
    found = answer.get("tokens") if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise EmbedderError("an answer without tokens")
    return len(found)
