"""What all letters have, in whatever format they came: an envelope, and a body of text or HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.htmltree import flattened, walk
from memctl.ingest.text import one_line

_LONGEST_LINE = 1_000  # characters of a line of names in the text; metadata keep each of them
_QUOTED = re.compile(r"(?:>\s?)*")


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who wrote to whom, when and about what; ``date`` is as it was written in the letter."""

    subject: str = ""
    sender: tuple[str, ...] = ()
    _: KW_ONLY
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    date: str = ""
    message_id: str = ""

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return any((self.subject, self.sender, self.to, self.cc, self.date, self.message_id))

    def begin(self) -> TextBuilder:
        """Return a builder whose first lines and metadata are what is written on the envelope."""
        builder = TextBuilder()
        builder.paragraph("\n".join(self._lines()))
        builder.describe("from", *self.sender)
        builder.describe("to", *self.to)
        builder.describe("cc", *self.cc)
        builder.describe("subject", self.subject)
        builder.describe("date", iso_date(self.date))
        builder.describe("message_id", self.message_id)
        return builder

    def _lines(self) -> Iterator[str]:
        for name, value in (
            ("From", ", ".join(self.sender)),
            ("To", ", ".join(self.to)),
            ("Cc", ", ".join(self.cc)),
            ("Date", self.date),
            ("Subject", self.subject),
        ):
            line = one_line(value)
            if line:
                cut = len(line) > _LONGEST_LINE
                yield f"{name}: {line[:_LONGEST_LINE]}{'…' if cut else ''}"


def iso_date(text: str) -> str:
    """Return a date of mail, or one that is ISO's already, as ISO writes it; else nothing."""
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def put_html(builder: TextBuilder, html: str) -> None:
    """Add what a reader of the letter sees. Unlike of a page, nothing of it stands beside it."""
    from selectolax.lexbor import LexborHTMLParser

    for piece in walk(LexborHTMLParser(flattened(html)).root):
        if piece.rows:
            builder.table(piece.rows)
        elif piece.code:
            builder.code(piece.text)
        elif piece.level:
            builder.heading(piece.level, piece.text)
        else:
            builder.paragraph(piece.text)


def unfold(text: str, *, joined: bool = False) -> str:
    """Put together the lines of ``format=flowed`` (RFC 3676): a space at the end means more.

    ``joined`` says that the space is not part of the text (``DelSp=yes``).
    """
    lines: list[str] = []
    flows = False
    for line in text.split("\n"):
        depth = _quote(line)
        body = line[len(depth) :].removeprefix(" ") if line.startswith(" ") else line
        if flows and lines and depth == _quote(lines[-1]):
            lines[-1] = (lines[-1][:-1] if joined else lines[-1]) + body[len(depth) :]
        else:
            lines.append(body)
        flows = line.endswith(" ") and line != "-- "
    return "\n".join(lines)


def _quote(line: str) -> str:
    match = _QUOTED.match(line)
    return match.group() if match else ""
