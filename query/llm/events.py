"""What streams from an endpoint as OpenAI's does: server-sent events, a piece of JSON each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from memctl.ingest import EmbedderError
from memctl.query.llm.base import Piece

_DATA, _DONE = "data:", "[DONE]"
_GARBLED = "an answer that is not JSON"


def pieces(lines: Iterable[str]) -> Iterator[Piece]:
    """Yield the pieces of a stream, or the one piece of an endpoint that does not stream.

    Raises:
        EmbedderError: it is neither, or ends before it is done.
    """
    left = (line for line in lines if line.strip() and not line.startswith((":", "event:", "id:")))
    first = next(left, "")
    if not first.startswith(_DATA):
        yield _whole("\n".join(chain([first], left)))
        return
    ended = False
    for line in chain([first], left):
        said = line.removeprefix(_DATA).strip()
        if said == _DONE:
            return
        found, last = _piece(_json(said))
        ended = ended or last
        yield found
    if not ended:
        raise EmbedderError("broke off before the answer was done")


def usage(answer: dict[str, Any]) -> tuple[int, int]:
    """Return the tokens of the prompt and of the answer, 0 where they are not told."""
    counts = answer.get("usage")
    found = counts if isinstance(counts, dict) else {}
    values = [found.get(name) for name in ("prompt_tokens", "completion_tokens")]
    prompt, written = (value if type(value) is int and value >= 0 else 0 for value in values)
    return prompt, written


def message_of(answer: Any) -> str:  # noqa: ANN401  any JSON
    """Return what is written in a whole answer.

    Raises:
        EmbedderError: nothing is.
    """
    try:
        text = answer["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError) as error:
        raise EmbedderError("an answer without a message") from error
    if not isinstance(text, str):
        raise EmbedderError("an answer whose message is no text")
    return text


def _whole(text: str) -> Piece:
    answer = _json(text)
    written = message_of(answer)
    prompt, completion = usage(answer)
    return Piece(
        written,
        answer["choices"][0].get("finish_reason") == "length",
        prompt_tokens=prompt,
        completion_tokens=completion,
    )


def _piece(event: dict[str, Any]) -> tuple[Piece, bool]:
    """Return what an event brings, and whether the model is done with it."""
    if event.get("error"):
        raise EmbedderError(f"broke off: {_told(event['error'])}")
    choices = event.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    if not isinstance(choice, dict):
        raise EmbedderError(_GARBLED)
    delta = choice.get("delta")
    text = delta.get("content") if isinstance(delta, dict) else None
    finish = choice.get("finish_reason")
    prompt, completion = usage(event)
    piece = Piece(
        text if isinstance(text, str) else "",
        finish == "length",
        prompt_tokens=prompt,
        completion_tokens=completion,
    )
    return piece, bool(finish)


def _told(error: object) -> str:
    message = error.get("message") if isinstance(error, dict) else error
    return str(message)[:300]


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise EmbedderError(_GARBLED) from error
    if not isinstance(found, dict):
        raise EmbedderError(_GARBLED)
    return found
