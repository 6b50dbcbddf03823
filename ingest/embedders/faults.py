"""What went wrong at an endpoint, and whether asking again can help."""

from __future__ import annotations

import email.utils
import json
import math
import re
import time
from collections.abc import Mapping
from typing import Literal

from memctl.ingest.errors import EmbedderError
from memctl.ingest.text import one_line

# A service that was never reached, and one that answers what is no answer, will hardly do better.
Kind = Literal["unreached", "garbled", "busy"]
TRIES: Mapping[Kind, float] = {"unreached": 4, "garbled": 4, "busy": math.inf}

_PASSING = {408, 409, 429}
_SPENT = "insufficient_quota"
_TOO_LONG = re.compile(r"context (length|window|size)|too (long|large|many tokens)|maximum.*token")
_HINTS = {
    401: "Check the key.",
    402: "The account cannot pay for it.",
    403: "Check the key and what it may do.",
}


class Fault(Exception):  # noqa: N818  not an error yet
    """A try that failed and may be made again; ``after`` is when, where the service said so."""

    def __init__(self, reason: str, *, kind: Kind, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.kind: Kind = kind
        self.after = after


class TooLongError(EmbedderError):
    """A text has more tokens than the model takes."""


def refuse(status: int, headers: Mapping[str, str], body: str) -> Fault:
    """Return the fault of an answer with another status than 200, when asking again can help.

    Raises:
        EmbedderError: it cannot.
    """
    said = _message(body)
    reason = f"status {status}" + (f": {said}" if said else "")
    if _TOO_LONG.search(said.lower()):
        raise TooLongError(
            reason,
            hint="Make the chunks smaller: max_tokens under [chunking] in the store's memctl.toml.",
        )
    if 300 <= status < 400:
        raise EmbedderError(
            f"status {status}: a redirect, which is not followed", hint="Check the base URL."
        )
    if (status in _PASSING or status >= 500) and _SPENT not in body:
        return Fault(reason, kind="busy", after=_retry_after(headers.get("retry-after", "")))
    if 200 <= status < 300:
        return Fault(f"{reason} with no answer", kind="garbled")
    raise EmbedderError(reason, hint=_HINTS.get(status, ""))


def _retry_after(value: str) -> float | None:
    """Return the seconds of a Retry-After header, which may be a number or a date (RFC 9110)."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _message(body: str) -> str:
    """Return what an error answer says, as one short line."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return "" if body.lstrip().startswith("<") else _short(body)
    for name in ("error", "message", "detail"):
        if isinstance(value, dict) and value.get(name):
            value = value[name]
    return _short(value) if isinstance(value, str) else ""


def _short(text: str) -> str:
    line = one_line(text[:1000])
    return line if len(line) <= 300 else f"{line[:300]}…"
