"""A value as it stands in a turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.memory.language.token import Token

# What parts the members of a listing.
LISTING = frozenset(", и а также или ни and or nor &".split())
LONGEST = 12  # tokens of a phrase


@dataclass(frozen=True, slots=True)
class Phrase:
    """A value: its text as a dictionary would have it, where it stands, and the token behind."""

    text: str
    _: KW_ONLY
    start: int
    end: int
    after: int
    tokens: tuple[Token, ...] = ()


def made(tokens: Sequence[Token], start: int, end: int, text: str) -> Phrase:
    """Return the phrase that some tokens are, under a text."""
    return Phrase(
        text,
        start=tokens[start].start,
        end=tokens[end - 1].end,
        after=end,
        tokens=tuple(tokens[start:end]),
    )


def spaced(tokens: Sequence[Token]) -> str:
    """Return tokens as they were written, with single blanks where there were any."""
    parts: list[str] = []
    for number, token in enumerate(tokens):
        gap = number > 0 and token.start > tokens[number - 1].end
        parts.append(f" {token.text}" if gap else token.text)
    return "".join(parts)


def cyrillic(token: Token) -> bool:
    """Return whether a word has letters of Cyrillic."""
    return any("а" <= letter <= "я" for letter in token.folded)
