"""Any endpoint that speaks as OpenAI's ``/v1/chat/completions`` does, Ollama's too."""

from __future__ import annotations

from typing import Any

from memctl.ingest import EmbedderError
from memctl.ingest.embedders.endpoint import Endpoint
from memctl.ingest.embedders.ollama import where as ollama_at
from memctl.ingest.embedders.openai import HOME, where
from memctl.query.llm.base import Completion, LanguageModelError, said


class ChatModel:
    """A model behind an endpoint; the key goes into a header and nowhere else."""

    def __init__(self, name: str, model: str, *, url: str, key: str, hint: str) -> None:
        self.name = name
        self._model = model
        try:
            self._endpoint = Endpoint(
                f"{url}/chat/completions", service="the language model", key=key, hint=hint
            )
        except EmbedderError as error:
            raise LanguageModelError(error.message, hint=error.hint) from error

    def complete(self, instruction: str, request: str, *, max_tokens: int) -> Completion:
        """Return what the model writes.

        Raises:
            LanguageModelError: it cannot be reached, refuses, or its answer is none.
        """
        question: dict[str, object] = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": instruction},
                {"role": "user", "content": request},
            ],
            "max_tokens": max_tokens,
            "temperature": 0,
        }
        try:
            return self._endpoint.ask(question, self._read)
        except EmbedderError as error:
            raise LanguageModelError(error.message, hint=error.hint) from error

    def _read(self, answer: Any) -> Completion:  # noqa: ANN401  any JSON
        try:
            text = answer["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError) as error:
            raise EmbedderError("an answer without a message") from error
        if not isinstance(text, str):
            raise EmbedderError("an answer whose message is no text")
        usage = answer.get("usage") or {}
        return Completion(
            said(self.name, text),
            prompt_tokens=_count(usage, "prompt_tokens"),
            completion_tokens=_count(usage, "completion_tokens"),
        )


def openai(model: str) -> ChatModel:
    """Return a model at OpenAI, or where MEMCTL_OPENAI_BASE_URL or OPENAI_BASE_URL points.

    Raises:
        LanguageModelError: OpenAI itself is asked, and there is no key.
    """
    url, key = where()
    if url == HOME and not key:
        raise LanguageModelError(
            f"openai:{model} needs a key, or the URL of another endpoint",
            hint="Set MEMCTL_OPENAI_API_KEY, or MEMCTL_OPENAI_BASE_URL.",
        )
    hint = "Check that it runs, the name of the model, and MEMCTL_OPENAI_BASE_URL."
    return ChatModel(f"openai:{model}", model, url=url, key=key, hint=hint)


def ollama(model: str) -> ChatModel:
    """Return a model of Ollama, at OLLAMA_HOST or on this machine.

    Raises:
        LanguageModelError: OLLAMA_HOST is no address.
    """
    try:
        url = f"{ollama_at()}/v1"
    except EmbedderError as error:
        raise LanguageModelError(error.message, hint=error.hint) from error
    hint = f"Start it with: ollama serve; fetch the model with: ollama pull {model}"
    return ChatModel(f"ollama:{model}", model, url=url, key="", hint=hint)


def _count(usage: object, name: str) -> int:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if type(value) is int and value >= 0 else 0
