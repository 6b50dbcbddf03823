"""Bytes that were written out as letters (base64) are no text: a search would find them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from memctl.ingest.document import Document, Note
from memctl.ingest.excision import Cut, without
from memctl.ingest.language import detect

# RFC 2397: a picture, most often, in the place of its address.
_DATA_URI = r"(?<!\w)data:[\w.+-]+/[\w.+-]+(?:;[\w=.+-]+)*,[\w+/=%~.-]{64,}"
# RFC 4648, both alphabets: in one piece, or in lines of a length as letters and keys have them.
_RUN = r"(?<![\w+/-])[A-Za-z0-9+/_-]{200,}={0,2}"
_LINES = (
    r"(?<![^\n])(?:[ \t]*[A-Za-z0-9+/]{40,100}[ \t]*\n){2,}"
    r"(?:[ \t]*(?:[A-Za-z0-9+/]{20,100}={0,2}|[A-Za-z0-9+/]{1,100}={1,2})(?![^\s]))?"
)
_ANY = re.compile(f"(?P<uri>{_DATA_URI})|{_RUN}|{_LINES}", re.ASCII)
_LEAST = 200  # characters
_LOOKED_AT = 8_000  # characters of a run
# What base64 has of capitals, small letters and digits: .41, .41 and .16 of random bytes, and of
# text that was encoded never less than half of that. Words, paths, hashes and sequences lack one.
_SMALL, _CAPITAL, _DIGIT = 0, 1, 2
_SHARES = {_SMALL: 0.12, _CAPITAL: 0.12, _DIGIT: 0.02}
# Places where one of these runs into another: .65 of all in random bytes, .46 in English that was
# encoded, a third at most in words that are written together, each with a capital.
_CHANGES = 0.4


def without_encoded(document: Document) -> Document:
    """Return the document without data: URIs and runs of base64, with a note on how much it was."""
    cuts = list(_encoded(document.text))
    if not cuts:
        return document
    rest = without(document, cuts)
    number = sum(end - start for start, end in cuts)
    note = Note("encoded", f"left out: {number:,} characters of base64, which are no text")
    return replace(rest, notes=(*rest.notes, note), language=detect(rest.text))


def _encoded(text: str) -> Iterator[Cut]:
    for match in _ANY.finditer(text):
        if match["uri"] or _is_base64(match.group()):
            yield match.start(), match.start() + len(match.group().rstrip())


def _is_base64(run: str) -> bool:
    """Tell bytes from words: capitals, small letters and digits take turns all the time."""
    if len(run) < _LEAST:
        return False
    middle = len(run) // 2
    sample = run[:_LOOKED_AT] + run[middle : middle + _LOOKED_AT]
    signs = [c for c in sample if c.isalnum()]
    kinds = [c.isupper() + 2 * c.isdigit() for c in signs]
    if any(kinds.count(kind) < least * len(kinds) for kind, least in _SHARES.items()):
        return False
    # Zeros in a row, such as pictures have, say nothing.
    turns = [
        a != b for a, b, x, y in zip(kinds, kinds[1:], signs, signs[1:], strict=False) if x != y
    ]
    return sum(turns) >= _CHANGES * len(turns)
