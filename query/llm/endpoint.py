"""Any endpoint that speaks as OpenAI's ``/v1/chat/completions`` does, Ollama's too."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from memctl.ingest import EmbedderError
from memctl.ingest.embedders.address import BUDGET
from memctl.ingest.embedders.endpoint import Endpoint
from memctl.ingest.embedders.faults import TooLongError
from memctl.ingest.embedders.ollama import where as ollama_at
from memctl.ingest.embedders.openai import HOME, where
from memctl.query.llm.base import Completion, LanguageModelError, Piece, Schema, said
from memctl.query.llm.events import message_of, pieces, usage
from memctl.query.llm.windows import OLLAMA, reasons, tokens_of, window_of

_BUSY = f"Try again later. {BUDGET} sets the seconds of patience."
_TRIES = 2  # an answer takes its time: half of the patience is for one try
_TOO_LONG = "Say how much it reads: --window TOKENS; or give it less: -k 3."


class ChatModel:
    """A model behind an endpoint; the key goes into a header and nowhere else."""

    def __init__(
        self, name: str, model: str, *, url: str, key: str, hint: str, window: int
    ) -> None:
        self.name = name
        self.window = window
        self._model = model
        with as_the_model():
            self._endpoint = Endpoint(
                f"{url}/chat/completions",
                service="the language model",
                key=key,
                hint=hint,
                busy=_BUSY,
                tries=_TRIES,
            )

    def tokens(self, text: str) -> int:
        """Return how many tokens ``text`` takes, by the model's name."""
        return tokens_of(self._model, text)

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
            LanguageModelError: it cannot be reached, refuses, or its answer is none.
        """
        question = self._question(instruction, request, max_tokens)
        if schema is not None:
            form = {"name": "answer", "schema": dict(schema)}
            question["response_format"] = {"type": "json_schema", "json_schema": form}
        with as_the_model():
            return self._endpoint.ask(question, partial(_completion, self.name))

    def stream(self, instruction: str, request: str, *, max_tokens: int) -> Iterator[Piece]:
        """Yield what the model writes, as it comes.

        Raises:
            LanguageModelError: it cannot be reached, refuses, or broke off.
        """
        question = {
            **self._question(instruction, request, max_tokens),
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        with as_the_model():
            yield from pieces(self._endpoint.lines(question))

    def _question(self, instruction: str, request: str, max_tokens: int) -> dict[str, object]:
        length: dict[str, object] = {"max_tokens": max_tokens, "temperature": 0}
        if reasons(self._model):
            length = {"max_completion_tokens": max_tokens}
        return {
            "model": self._model,
            "messages": [
                {"role": "system", "content": instruction},
                {"role": "user", "content": request},
            ],
            **length,
        }


def openai(model: str, *, window: int | None = None) -> ChatModel:
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
    return ChatModel(
        f"openai:{model}", model, url=url, key=key, hint=hint, window=window or window_of(model)
    )


def ollama(model: str, *, window: int | None = None) -> ChatModel:
    """Return a model of Ollama, at OLLAMA_HOST or on this machine.

    Raises:
        LanguageModelError: OLLAMA_HOST is no address.
    """
    with as_the_model():
        url = f"{ollama_at()}/v1"
    hint = f"Start it with: ollama serve; fetch the model with: ollama pull {model}"
    return ChatModel(f"ollama:{model}", model, url=url, key="", hint=hint, window=window or OLLAMA)


def _completion(name: str, answer: Any) -> Completion:  # noqa: ANN401  any JSON
    text = message_of(answer)
    prompt, written = usage(answer)
    return Completion(said(name, text), prompt_tokens=prompt, completion_tokens=written)


@contextmanager
def as_the_model() -> Generator[None]:
    """Let a fault of an endpoint be one of the model."""
    try:
        yield
    except TooLongError as error:
        raise LanguageModelError(error.message, hint=_TOO_LONG) from error
    except EmbedderError as error:
        raise LanguageModelError(error.message, hint=error.hint) from error
