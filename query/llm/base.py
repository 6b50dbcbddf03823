"""What a language model is to memctl: a text in, a text out, at once or as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Protocol

from memctl.ingest import MemctlError, clean

Schema = Mapping[str, object]
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


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of what a model writes, as it comes.

    ``cut`` says that it ends here because it may be no longer. The tokens are those of the whole,
    with the piece that tells them.
    """

    text: str
    cut: bool = False
    _: KW_ONLY
    prompt_tokens: int = 0
    completion_tokens: int = 0


class LanguageModel(Protocol):
    """Completes a conversation of one instruction and one request."""

    @property
    def name(self) -> str:
        """What it is called by on the command line."""
        ...

    def complete(
        self,
        instruction: str,
        request: str,
        *,
        max_tokens: int,
        schema: Schema | None = None,
    ) -> Completion:
        """Return what the model writes, as certain of itself as it can be (temperature 0).

        With a ``schema`` (JSON Schema) it is held to JSON of that form, where the model can be; who
        asks looks at what it wrote all the same.

        Raises:
            LanguageModelError: it cannot be reached, or wrote nothing.
        """
        ...


class Writer(LanguageModel, Protocol):
    """A model that is read while it writes, and that says how much it can read."""

    @property
    def window(self) -> int:
        """The tokens that it sees at once, its own answer among them."""
        ...

    def tokens(self, text: str) -> int:
        """Return how many tokens ``text`` takes, or a little more.

        Raises:
            LanguageModelError: the model counts itself and cannot be reached.
        """
        ...

    def stream(self, instruction: str, request: str, *, max_tokens: int) -> Iterator[Piece]:
        """Yield what the model writes, as it comes.

        Raises:
            LanguageModelError: it cannot be reached, or broke off.
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
