"""What a language model is to memctl: a text in, a text out."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Protocol

from memctl.ingest import MemctlError, clean

_LONGEST = 16_000  # characters of an answer that are read


class LanguageModelError(MemctlError):
    """A language model cannot be used, or did not answer."""


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote, and the tokens that this took where it says so."""

    text: str
    _: KW_ONLY
    prompt_tokens: int = 0
    completion_tokens: int = 0


class LanguageModel(Protocol):
    """Completes a conversation of one instruction and one request."""

    @property
    def name(self) -> str:
        """What it is called by on the command line."""
        ...

    def complete(self, instruction: str, request: str, *, max_tokens: int) -> Completion:
        """Return what the model writes, as certain of itself as it can be (temperature 0).

        Raises:
            LanguageModelError: it cannot be reached, or wrote nothing.
        """
        ...


def said(name: str, text: object) -> str:
    """Return what a model wrote as plain text: it is data like any document.

    Raises:
        LanguageModelError: it wrote nothing.
    """
    found = clean(text[:_LONGEST]).strip() if isinstance(text, str) else ""
    if not found:
        raise LanguageModelError(f"{name} wrote nothing", hint="Try again, or another model.")
    return found
