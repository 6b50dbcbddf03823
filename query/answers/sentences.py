"""The sentences of hits that may be quoted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import sentence_spans
from memctl.query.answers.headed import Headed
from memctl.query.answers.tables import Row, rows
from memctl.query.hit import Hit

_LONGEST = 400  # characters of a sentence that can be quoted
_SHORTEST = 12
# A thing and its value: "Wi-Fi: blueharbor", "Код — тигр"; "Чип 643094100512877".
_VALUE = re.compile(r"[^\W\d_](?:[^:=\n]{0,60}[:=]|[^:=,\n]{0,40}\s[—–-])\s+\S")
_FACT = re.compile(rf"(?=.*\d)(?=.*[^\W\d_])\S+\s+\S+$|{_VALUE.pattern}")
_MAIL = re.compile(r"(?:From|To|Cc|Date|Subject|Sent|От|Кому|Копия|Дата|Тема):\s")
_MARKUP = re.compile(r"^(#{1,6}\s|\||[-=*_]{3,}|```|~~~)")
_BULLET = re.compile(r"^(?:[-*+•]|\d{1,3}[.)])\s+")
_ENDING = re.compile(r"[.!?…][\])}»”\"'*_]*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may be quoted, and its place in the passage of its hit.

    ``heading`` is the one above it, as far as that is known. A row of a table is ``told`` with the
    names of its columns; any other sentence is told as it stands.
    """

    hit: Hit
    start: int
    _: KW_ONLY
    end: int
    heading: str = ""
    row: str = ""

    @property
    def text(self) -> str:
        """The sentence, character for character."""
        return self.hit.passage[self.start : self.end]

    @property
    def told(self) -> str:
        """The sentence as it is read by itself."""
        return self.row or self.text

    @property
    def place(self) -> tuple[str, int, int]:
        """The document, and the span of the sentence in its text."""
        first = self.hit.passage_start
        return self.hit.document, first + self.start, first + self.end

    @property
    def whole(self) -> bool:
        """Whether it says something by itself, as labels and headings do not."""
        if self.row:
            return True
        valued = _VALUE.match(self.text) and not _MAIL.match(self.text)
        return bool(valued or _ENDING.search(self.text))

    @property
    def in_place(self) -> str:
        """What is embedded for it: it may say "it" of what its heading names."""
        headings = self.hit.chunk.headings
        above = self.heading or (headings[-1] if headings else self.hit.title)
        return f"{above}\n{self.told}" if above else self.told


def sentences(hit: Hit) -> Iterator[Sentence]:
    """Yield what can be quoted of a hit: sentences, rows of tables, and lines of lists."""
    text = hit.passage
    own = (each.title for each in hit.sections or ())
    titles = {_bare(heading) for heading in (*hit.chunk.headings, hit.title, *own)}
    headed, table = Headed(hit), rows(text)
    for start, end in _spans(text, table):
        row = table.get(start)
        trimmed = _trimmed(text, start, end) if row is None else (start, end)
        if trimmed is not None and _bare(text[slice(*trimmed)]) not in titles:
            first, last = trimmed
            heading = headed.heading(first)
            yield Sentence(hit, first, end=last, heading=heading, row=row.told if row else "")


def distinct(found: Iterable[Sentence]) -> list[Sentence]:
    """Return each sentence once, from its best hit: the passages of two hits may overlap."""
    first: dict[tuple[str, int, int], Sentence] = {}
    for each in found:
        first.setdefault(each.place, each)
    return list(first.values())


def _spans(text: str, table: Mapping[int, Row]) -> Iterator[tuple[int, int]]:
    """Yield the spans of rows that say something, and of what else may be a sentence, in order."""
    for start, end in sentence_spans(text):
        lines = list(_lines(text, start, end))
        rows_in = [text.rfind("\n", 0, left + 1) + 1 in table for left, _ in lines]
        if not any(rows_in) and not _listed(text, lines) and end - start <= _LONGEST:
            yield start, end
            continue
        for (left, right), in_row in zip(lines, rows_in, strict=True):
            if not in_row:
                yield left, right
            elif left in table and table[left].says:
                last = _line_end(text, left)
                if last - left <= 2 * _LONGEST:
                    yield left, last


def _listed(text: str, lines: Sequence[tuple[int, int]]) -> bool:
    """Whether these are the lines of a list: most of them are of a thing and its value."""
    pieces = [text[left:right].strip() for left, right in lines]
    pieces = [piece for piece in pieces if piece]
    values = sum(1 for piece in pieces if _VALUE.match(piece))
    run_on = any(piece[:1].islower() and not _VALUE.match(piece) for piece in pieces)
    return len(pieces) > 1 and (
        2 * values > len(pieces) or (2 * values == len(pieces) and not run_on)
    )


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    left = start
    while left < end:
        right = min(_line_end(text, left) + 1, end)
        yield left, right
        left = right


def _bare(text: str) -> str:
    """Return a title as it is compared: without the number or the mark of a list before it."""
    return _BULLET.sub("", " ".join(text.split())).casefold().rstrip(" .:")


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
