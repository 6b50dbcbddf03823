"""Where an endpoint is, with which key and how much patience it is asked."""

from __future__ import annotations

import math
import os
from urllib.parse import urlsplit

from memctl.ingest.errors import EmbedderError
from memctl.ingest.text import one_line

BUDGET = "MEMCTL_PROVIDER_TIMEOUT"
_SECONDS = 300.0  # for one answer, with all tries and waits


def address(url: str, service: str) -> str:
    """Return what of a URL is shown: no path, no query, no password.

    Raises:
        EmbedderError: it is no URL to ask, or holds a password.
    """
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError as error:
        raise EmbedderError(f"the base URL of {service} is no URL") from error
    if parts.username or parts.password:
        raise EmbedderError(
            f"the base URL of {service} holds a password", hint="Put the key into its variable."
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise EmbedderError(
            f"the base URL of {service} is no URL: {one_line(url[:100])!r}",
            hint="It begins with http:// or https://.",
        )
    return f"{parts.scheme}://{parts.hostname}{port}"


def clean_key(key: str, service: str) -> str:
    """Return the key; a character that no header takes would bring it into a message.

    Raises:
        EmbedderError: it holds one.
    """
    if not key.isascii() or not key.isprintable() or " " in key:
        raise EmbedderError(
            f"the key of {service} holds characters that no key has", hint="Set it again."
        )
    return key


def budget() -> float:
    """Return the seconds that MEMCTL_PROVIDER_TIMEOUT allows for one answer.

    Raises:
        EmbedderError: it is no number of seconds.
    """
    value = os.environ.get(BUDGET, "")
    try:
        seconds = float(value or _SECONDS)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise EmbedderError(f"{BUDGET} is {one_line(value)!r}", hint="It is a number of seconds.")
    return seconds


def local(url: str) -> bool:
    """Return whether a URL is on this machine: a proxy for the world outside knows no localhost."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or host.startswith("127.")
