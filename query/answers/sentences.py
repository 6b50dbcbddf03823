"""The sentences of hits that may be quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import sentence_spans
from memctl.query.hit import Hit

_LONGEST = 400  # characters of a sentence that can be quoted
_SHORTEST = 12
# A thing and its value: "Чип 643094100512877", "Wi-Fi: blueharbor", "Код — тигр".
_FACT = re.compile(r"(?=.*\d)(?=.*[^\W\d_])\S+\s+\S+$|[^\W\d_][^:=\n]*(?:[:=]|\s[—–-])\s+\S")
_MARKUP = re.compile(r"^(#{1,6}\s|\||[-=*_]{3,}|```|~~~)")
_BULLET = re.compile(r"^(?:[-*+•]|\d{1,3}[.)])\s+")
_ENDING = re.compile(r"[.!?…][\])}»”\"'*_]*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may be quoted, and its place in the passage of its hit."""

    hit: Hit
    start: int
    _: KW_ONLY
    end: int

    @property
    def text(self) -> str:
        """The sentence, character for character."""
        return self.hit.passage[self.start : self.end]

    @property
    def place(self) -> tuple[str, int, int]:
        """The document, and the span of the sentence in its text."""
        first = self.hit.passage_start
        return self.hit.document, first + self.start, first + self.end

    @property
    def whole(self) -> bool:
        """Whether it ends as sentences do, and labels and headings do not."""
        return bool(_ENDING.search(self.text))

    @property
    def in_place(self) -> str:
        """What is embedded for it: it may say "it" of what its heading names."""
        above = self.hit.chunk.headings[-1:] or (self.hit.title,)
        return "\n".join(part for part in (*above, self.text) if part)


def sentences(hit: Hit) -> Iterator[Sentence]:
    """Yield what can be quoted of a hit: sentences, and the lines of tables and lists."""
    text = hit.passage
    headings = {_bare(heading) for heading in (*hit.chunk.headings, hit.title)}
    for start, end in sentence_spans(text):
        pieces = [(start, end)] if end - start <= _LONGEST else _lines(text, start, end)
        for left, right in pieces:
            trimmed = _trimmed(text, left, right)
            if trimmed is not None and _bare(text[slice(*trimmed)]) not in headings:
                yield Sentence(hit, trimmed[0], end=trimmed[1])


def distinct(found: Iterable[Sentence]) -> list[Sentence]:
    """Return each sentence once, from its best hit: the passages of two hits may overlap."""
    first: dict[tuple[str, int, int], Sentence] = {}
    for each in found:
        first.setdefault(each.place, each)
    return list(first.values())


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    left = start
    while left < end:
        right = text.find("\n", left, end)
        right = end if right < 0 else right + 1
        yield left, right
        left = right


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold().rstrip(" .:")


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the span without white space and list marks; None for what is no sentence."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    if bullet := _BULLET.match(piece):
        start += bullet.end()
        piece = piece[bullet.end() :]
    if len(piece) > 2 * _LONGEST or _MARKUP.match(piece) or not _says_something(piece):
        return None
    return start, start + len(piece)


def _says_something(piece: str) -> bool:
    """Whether it is three words or more, or a thing and its value."""
    many = len(piece) >= _SHORTEST and piece.count(" ") >= 2
    return many or _FACT.match(piece) is not None
