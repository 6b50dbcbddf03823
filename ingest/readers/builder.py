"""One text out of blocks, with the offsets of its pages, headings, tables and code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from memctl.ingest.document import Block, BlockKind, Document, Heading, Note, Page
from memctl.ingest.errors import UnreadableError
from memctl.ingest.language import detect
from memctl.ingest.readers.base import Source
from memctl.ingest.readers.days import dated
from memctl.ingest.text import clean, one_line, unify_newlines

_GAP = "\n\n"
_LONGEST_VALUE = 1_000  # characters of metadata
_LONGEST_LABEL = 20  # characters of what a page calls itself
PAGE_LABEL = "page_label"  # metadata: what each page of a document calls itself, in their order
_LETTER = re.compile(r"[^\W\d_]")


class TextBuilder:
    """Collects blocks in reading order; a blank line parts them.

    A block of nothing but white space is dropped. Pages tile the text: a page ends where the
    next one starts, and one without text is empty.
    """

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self._headings: list[Heading] = []
        self._blocks: list[Block] = []
        self._pages: list[tuple[int, int]] = []
        self._waiting: list[int] = []
        self._metadata: dict[str, tuple[str, ...]] = {}
        self._notes: list[Note] = []

    def heading(self, level: int, title: str) -> None:
        """Add a heading; a ``level`` outside 1 to 6 is moved to the nearer end."""
        title = one_line(title)
        if title:
            start, end = self._add(title)
            self._headings.append(Heading(min(max(level, 1), 6), title, start=start, end=end))

    def paragraph(self, text: str) -> None:
        """Add a paragraph; its line breaks stay."""
        self._add(_stripped(text))

    def table(self, rows: Iterable[Sequence[str]]) -> None:
        """Add a table: a row a line, cells parted by bars, columns without any text left out."""
        folded = [[" ".join(cell.split()) for cell in row] for row in rows]
        used = {at for row in folded for at, cell in enumerate(row) if cell}
        lines = (
            " | ".join(cell for at, cell in enumerate(row) if at in used)
            for row in folded
            if any(row)
        )
        self._block("table", "\n".join(lines))

    def code(self, text: str) -> None:
        """Add a piece of code as it stands."""
        self._block("code", text)

    def start_page(self, number: int) -> None:
        """Begin page ``number``; what was before the first page belongs to it."""
        self._waiting.append(number)

    def describe(self, name: str, *values: str) -> None:
        """Add metadata; values without ink and repeated ones are dropped, dates are ISO 8601."""
        folded = (one_line(value)[:_LONGEST_VALUE] for value in dated(name, values))
        both = dict.fromkeys((*self._metadata.get(name, ()), *filter(None, folded)))
        if both:
            self._metadata[name] = tuple(both)

    def label_pages(self, labels: Sequence[str]) -> None:
        """Keep what the pages call themselves, where that is not their number."""
        names = tuple(one_line(label)[:_LONGEST_LABEL] for label in labels)
        if any(name not in {"", str(number)} for number, name in enumerate(names, start=1)):
            self._metadata[PAGE_LABEL] = names

    def note(self, code: str, reason: str, *, page: int | None = None) -> None:
        """Add a note on the document, or on its page ``page``."""
        self._notes.append(Note(code, one_line(reason), page=page))

    def build(
        self,
        source: Source,
        *,
        document_id: str | None = None,
        path: str | None = None,
        title: str = "",
    ) -> Document:
        """Return the document; its title is ``title``, or else the first heading of level 1.

        The name of the file never is: to rename a file does not change the document.

        Raises:
            UnreadableError: there is no text.
        """
        self._place_pages(self._length)
        text = "".join(self._parts)
        self._check_text(text)
        first = next((heading.title for heading in self._headings if heading.level == 1), "")
        return Document(
            source.path if document_id is None else document_id,
            source.path if path is None else path,
            text=text,
            sha256=source.sha256,
            title=one_line(title) or first,
            language=detect(text),
            pages=self._tiled_pages(),
            headings=tuple(self._headings),
            blocks=tuple(self._blocks),
            metadata=self._metadata,
            notes=tuple(self._notes),
        )

    def _block(self, kind: BlockKind, text: str) -> None:
        start, end = self._add(_stripped(text))
        if start < end:
            self._blocks.append(Block(kind, start, end=end))

    def _add(self, text: str) -> tuple[int, int]:
        if not text.strip():
            return self._length, self._length
        if self._parts:
            self._parts.append(_GAP)
            self._length += len(_GAP)
        start = self._length
        self._place_pages(start)
        self._parts.append(text)
        self._length += len(text)
        return start, self._length

    def _place_pages(self, start: int) -> None:
        self._pages.extend((number, start) for number in self._waiting)
        self._waiting.clear()

    def _tiled_pages(self) -> tuple[Page, ...]:
        starts = [start for _, start in self._pages]
        starts[:1] = [0] if starts else []
        ends = [*starts[1:], self._length]
        numbers = [number for number, _ in self._pages]
        return tuple(
            Page(number, start, end=end)
            for number, start, end in zip(numbers, starts, ends, strict=False)
        )

    def _check_text(self, text: str) -> None:
        pages = len(self._pages)
        if pages and (not text or (pages >= 3 and len(_LETTER.findall(text)) < pages)):
            raise UnreadableError(
                "no_text",
                f"it holds no text layer (pages: {pages}); a scan needs OCR before it can be read",
            )
        if not text:
            raise UnreadableError("no_text", "no text in it")


def _stripped(text: str) -> str:
    """Clean ``text``, cut the blanks at line ends and the empty lines around."""
    lines = (line.rstrip() for line in clean(unify_newlines(text)).split("\n"))
    return "\n".join(lines).strip("\n")
