"""Any language model of LlamaIndex. One of the files that know its types."""

from __future__ import annotations

import importlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from memctl.ingest import EmbedderError
from memctl.ingest.embedders.foreign import told
from memctl.query.llm.base import Completion, LanguageModelError, Piece, Schema, said
from memctl.query.llm.windows import tokens_of

if TYPE_CHECKING:
    from llama_index.core.llms import LLM, ChatMessage

_HINT = "Write llama-index:PACKAGE.MODULE.CLASS, of a class that is made without arguments."


class LlamaIndexModel:
    """A class derived from LlamaIndex's LLM that is made without arguments.

    Whoever wants to give it some derives a class of his own. Anything else that can be imported is
    refused and not called.
    """

    def __init__(self, path: str, *, window: int | None = None) -> None:
        self.name = f"llama-index:{path}"
        self._window = window
        try:
            self._model = _load(path, self.name)
        except EmbedderError as error:
            raise LanguageModelError(error.message, hint=error.hint) from error

    @property
    def window(self) -> int:
        """The tokens that it sees at once, by the user's word or its own."""
        return self._window or int(self._model.metadata.context_window)

    def tokens(self, text: str) -> int:
        """Return how many tokens ``text`` takes, by the name that it says its model has."""
        return tokens_of(self._model.metadata.model_name, text)

    def complete(
        self,
        instruction: str,
        request: str,
        *,
        max_tokens: int,
        schema: Schema | None = None,
    ) -> Completion:
        """Return what the model writes; its own settings say how long that may be.

        Raises:
            LanguageModelError: it failed, or wrote nothing.
        """
        del max_tokens, schema  # LlamaIndex has no way to hold any model to a form
        with self._failing():
            answer = self._model.chat(_messages(instruction, request)).message.content
        return Completion(said(self.name, answer))

    def stream(self, instruction: str, request: str, *, max_tokens: int) -> Iterator[Piece]:
        """Yield what the model writes, as it comes; its own settings say how long that may be.

        Raises:
            LanguageModelError: it failed.
        """
        del max_tokens
        with self._failing():
            for answer in self._model.stream_chat(_messages(instruction, request)):
                yield Piece(answer.delta or "")

    @contextmanager
    def _failing(self) -> Generator[None]:
        try:
            with told(self.name, hint="See its own package."):
                yield
        except EmbedderError as error:
            raise LanguageModelError(error.message, hint=error.hint) from error


def _messages(instruction: str, request: str) -> list[ChatMessage]:
    from llama_index.core.llms import ChatMessage

    return [
        ChatMessage(role="system", content=instruction),
        ChatMessage(role="user", content=request),
    ]


def _load(path: str, name: str) -> LLM:
    from llama_index.core.llms import LLM

    module, _, class_ = path.rpartition(".")
    with told(name, hint="Install its package, or check the path."):
        found = getattr(importlib.import_module(module), class_) if module else None
    if not isinstance(found, type) or not issubclass(found, LLM):
        raise LanguageModelError(f"{name} is no language model of LlamaIndex", hint=_HINT)
    with told(f"{name} cannot be made without arguments", hint=_HINT):
        return found()
