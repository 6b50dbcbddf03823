"""The windows of a turn: pieces of whole sentences that it is found by."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memctl.index.lexical.analysis import terms
from memctl.ingest import detect, sentence_spans
from memctl.memory.records import Turn
from memctl.memory.when import in_words

SIZE = 600  # characters
SEARCHED = 200_000  # characters of a turn that it is found by; the rest is kept
_NO_WORD = re.compile(r"\W")


def windows(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of windows, which cover the text; a longer sentence is cut."""
    text = text[:SEARCHED]
    begin = end = 0
    for start, stop in sentence_spans(text):
        if stop - begin > SIZE and end > begin:
            yield begin, end
            begin = end
        while stop - begin > SIZE:
            yield begin, begin + SIZE
            begin += SIZE
        del start
        end = stop
    if end > begin and text[begin:end].strip():
        yield begin, end
    elif not text.strip() and not begin:
        yield 0, len(text)


def indexed_text(turn: Turn, start: int, end: int) -> str:
    """Return what a window is embedded and found by: when, who, and what they said."""
    when = f"[{in_words(turn.said_at, detect(turn.text))}] " if turn.said_at else ""
    who = turn.speaker or turn.role
    return f"{when}{who}: {turn.text[start:end]}"


def terms_of(text: str) -> str:
    """Return the stems of a text, as they are stored and asked for."""
    return " ".join(_NO_WORD.sub("_", term) for term in terms(text, detect(text)))
