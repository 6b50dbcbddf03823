"""Any language model of LlamaIndex. One of the files that know its types."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from memctl.ingest import EmbedderError
from memctl.ingest.embedders.foreign import told
from memctl.query.llm.base import Completion, LanguageModelError, said

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

_HINT = "Write llama-index:PACKAGE.MODULE.CLASS, of a class that is made without arguments."


class LlamaIndexModel:
    """A class derived from LlamaIndex's LLM that is made without arguments.

    Whoever wants to give it some derives a class of his own. Anything else that can be imported is
    refused and not called.
    """

    def __init__(self, path: str) -> None:
        self.name = f"llama-index:{path}"
        try:
            self._model = _load(path, self.name)
        except EmbedderError as error:
            raise LanguageModelError(error.message, hint=error.hint) from error

    def complete(self, instruction: str, request: str, *, max_tokens: int) -> Completion:
        """Return what the model writes; its own settings say how long that may be.

        Raises:
            LanguageModelError: it failed, or wrote nothing.
        """
        del max_tokens
        from llama_index.core.llms import ChatMessage

        messages = [
            ChatMessage(role="system", content=instruction),
            ChatMessage(role="user", content=request),
        ]
        try:
            with told(self.name, hint="See its own package."):
                answer = self._model.chat(messages).message.content
        except EmbedderError as error:
            raise LanguageModelError(error.message, hint=error.hint) from error
        return Completion(said(self.name, answer))


def _load(path: str, name: str) -> LLM:
    from llama_index.core.llms import LLM

    module, _, class_ = path.rpartition(".")
    with told(name, hint="Install its package, or check the path."):
        found = getattr(importlib.import_module(module), class_) if module else None
    if not isinstance(found, type) or not issubclass(found, LLM):
        raise LanguageModelError(f"{name} is no language model of LlamaIndex", hint=_HINT)
    with told(f"{name} cannot be made without arguments", hint=_HINT):
        return found()
