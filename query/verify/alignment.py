"""A statement laid beside a sentence in nearly the same words: what stands in the place of what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from memctl.query.terms import stem, stems, words
from memctl.query.verify.names import unaccented
from memctl.query.verify.numbers import numbers_in
from memctl.query.verify.polarity import are_opposites, denies

_TOKEN = re.compile(r"\w+(?:[.,:/'’-]\w+)*|%")
_LONGEST = 3  # words that stand in the place of others, on each side


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it is written, and its stem."""

    text: str
    stem: str

    @property
    def named(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[:1].isupper() and len(self.text) > 1


def differences(statement: str, sentence: str) -> list[str]:
    """Return where a statement says another number, name or opposite in the place of a sentence's.

    Only what stands between words that are the same on both sides is compared.
    """
    one, other = tokens(statement), tokens(sentence)
    matcher = SequenceMatcher(
        None, [each.stem for each in one], [each.stem for each in other], autojunk=False
    )
    codes = matcher.get_opcodes()
    found: list[str] = []
    for at, (tag, i, j, k, m) in enumerate(codes):
        anchored = all(
            codes[near][0] == "equal" for near in (at - 1, at + 1) if 0 <= near < len(codes)
        )
        if tag != "equal" and anchored and max(j - i, m - k) <= _LONGEST:
            found.extend(_difference(one[i:j], other[k:m], said=one, meant=other))
    return found


def tokens(text: str) -> list[Token]:
    """Return the words of a text, numbers among them."""
    return [
        Token(match.group(), stem(words(match.group())[0]) if words(match.group()) else "%")
        for match in _TOKEN.finditer(text)
    ]


def _difference(
    here: Sequence[Token], there: Sequence[Token], *, said: Sequence[Token], meant: Sequence[Token]
) -> Iterator[str]:
    """Yield what stands ``here`` in the place of what is ``there``, both parts of sentences."""
    mine, theirs = _text(here), _text(there)
    if denies(mine) != denies(theirs):
        yield f"“{mine}” here, “{theirs}” there: one denies it"
    elif (
        _other_number(mine, theirs)
        or _renamed(here, there)
        or _opposed(here, there, said=said, meant=meant)
    ):
        yield f"{mine} here, {theirs} there"


def _other_number(mine: str, theirs: str) -> bool:
    own, others = numbers_in(mine), numbers_in(theirs)
    agreeing = any(one.agrees(other) for one in own for other in others)
    return bool(own and others) and not agreeing


def _opposed(
    here: Sequence[Token], there: Sequence[Token], *, said: Sequence[Token], meant: Sequence[Token]
) -> bool:
    """Return whether a word is replaced by its opposite and the two are not only swapped."""
    return any(
        are_opposites(one.stem, other.stem)
        and not (_has(meant, one.stem) and _has(said, other.stem))
        for one in here
        for other in there
    )


def _has(found: Sequence[Token], stem_: str) -> bool:
    return any(each.stem == stem_ for each in found)


def _renamed(here: Sequence[Token], there: Sequence[Token]) -> bool:
    """Return whether one of as many words on both sides is the name of another."""
    return len(here) == len(there) and any(
        _other_name(one, other) for one, other in zip(here, there, strict=True)
    )


def _other_name(one: Token, other: Token) -> bool:
    both = one.named and other.named and bool(stems(one.text)) and bool(stems(other.text))
    return both and unaccented(one.text).casefold() != unaccented(other.text).casefold()


def _text(found: Sequence[Token]) -> str:
    return " ".join(each.text for each in found)
