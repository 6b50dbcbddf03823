"""PDF: PDFium reads it, pypdf what PDFium cannot, a page at a time.

Measured on 38 reports and papers of 2,886 pages, against their text as MuPDF reads it: PDFium has
an F1 of .997 of the words at 340 pages a CPU-second, pypdf .989 at 22. PDFium tears some pages
into single letters and cannot open some damaged files: there pypdf gives the better text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.quality import GARBLED, Quality, assess
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.pagelines import BREAK, Pages, with_whole_words, without_running_lines
from memctl.ingest.readers.pdfbombs import refuse_bombs
from memctl.ingest.readers.pdfium import Bookmark, PageText, PdfiumFile, RefusedError, opened
from memctl.ingest.readers.pdfoutline import add_page, by_page, describe
from memctl.ingest.readers.pypdffile import PypdfFile
from memctl.ingest.readers.titles import sane_title
from memctl.ingest.text import unify_newlines

_MOST_PAGES = 5_000
_COSTLY = 50_000  # objects on a page; a page of text in single letters has 5,000
_REPEATED = 10
_MOST_TRIED_AGAIN = 200  # pages that pypdf reads after PDFium: it is slow
_IN_VAIN = 5  # of them, until no other page is tried
_LINE_ENOUGH = 20  # letters and digits of a line that is saved from a garbled page
_LONGEST_WORD = 25
_BLANKS = re.compile("[ \t\u00a0]+")
_BROKEN_LINE = re.compile(f"{BREAK}\n?")
# Controls that are no white space: glyphs without a character. U+FFFE is a broken word.
_NAMELESS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\uffff\ufffd]")
_NAMELESS_RUN = re.compile("\ufffd{2,}")


@dataclass(slots=True)
class _Found:
    """The pages of a file, what is to be noted on each, and what the file says of itself.

    ``repeated`` counts the costly pages that are as the ``last`` one.
    """

    pages: Pages = field(default_factory=list[list[str]])
    notes: list[tuple[str, str, int]] = field(default_factory=list[tuple[str, str, int]])
    broken: list[UnreadableError] = field(default_factory=list[UnreadableError])
    outline: list[Bookmark] = field(default_factory=list[Bookmark])
    labels: list[str] = field(default_factory=list[str])
    properties: dict[str, str] = field(default_factory=dict[str, str])
    last: PageText | None = None
    repeated: int = 0


def read(source: Source) -> Iterator[Document]:
    """Yield the one document, its pages numbered from 1 as a viewer counts them.

    A page that is damaged, garbled or a scan is left empty and noted; where more than half of the
    pages are damaged, the file is refused.

    Raises:
        UnreadableError: ``encrypted``, ``bad_format``, ``bomb``, ``too_large``, ``garbled``, or
            ``no_text`` for a scan.
    """
    data = source.read_bytes()
    refuse_bombs(data)
    found = _read(data)
    count = len(found.pages)
    if len(found.broken) * 2 > count:
        where = f"{len(found.broken)} of {count} pages were not read"
        raise UnreadableError("bad_format", f"{where}: {found.broken[0]}")
    _refuse_garbled(found)
    yield _built(source, found)


def _read(data: bytes) -> _Found:
    second = _Second(data)
    with ExitStack() as stack:
        try:
            first = stack.enter_context(opened(data))
        except RefusedError:
            return _by_pypdf(second.file())
        _refuse_long(len(first))
        found = _Found(properties=first.properties())
        for at in range(len(first)):
            _take(first, second, at, found=found)
        found.outline, found.labels = first.outline(), first.labels()
    return found


def _by_pypdf(file: PypdfFile) -> _Found:
    _refuse_long(len(file))
    found = _Found(properties=file.properties())
    for at in range(len(file)):
        text = ""
        try:
            text = _told(file.page(at))
        except UnreadableError as error:
            found.broken.append(error)
            found.notes.append(("damaged", str(error), at + 1))
        _add(found, PageText(text), assess(text))
    return found


def _refuse_long(count: int) -> None:
    if count > _MOST_PAGES:
        raise UnreadableError("too_large", f"{count:,} pages; the limit is {_MOST_PAGES:,}")


class _Second:
    """pypdf, for the pages that PDFium reads badly, as long as that is of use."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._file: PypdfFile | None = None
        self._tried = 0
        self._in_vain = 0

    def file(self) -> PypdfFile:
        """Return the file, opened once.

        Raises:
            UnreadableError: pypdf cannot open it either.
        """
        if self._file is None:
            self._file = PypdfFile(self._data)
        return self._file

    def page(self, at: int, *, of: int) -> str:
        """Return the text of a page, or nothing where it is not worth the time to try.

        Nor where pypdf does not see as many pages: which of them it would be is not known.

        Raises:
            UnreadableError: the page is damaged.
        """
        if self._tried >= _MOST_TRIED_AGAIN or self._in_vain >= _IN_VAIN:
            return ""
        self._tried += 1
        self._in_vain += 1
        return self.file().page(at) if len(self.file()) == of else ""

    def helped(self) -> None:
        """Say that the last page was better so."""
        self._in_vain = 0


def _take(first: PdfiumFile, second: _Second, at: int, *, found: _Found) -> None:
    """Read one page with PDFium, and again with pypdf where that gave nothing of use."""
    page = _first_read(first, at)
    _refuse_repeated(page, found)
    text = _told(page.text) if page else ""
    quality = assess(text)
    if quality.score < GARBLED or not (text.strip() or (page and (page.image or page.hidden))):
        again = ""
        try:
            again = _told(second.page(at, of=len(first)))
            _refuse_nothing(page, again)
        except UnreadableError as error:
            found.broken.append(error)
            found.notes.append(("damaged", str(error), at + 1))
        if _worth(again) > _worth(text):
            second.helped()
            text, quality = again, assess(again)
    _add(found, replace(page or PageText(""), text=text), quality)


def _refuse_repeated(page: PageText | None, found: _Found) -> None:
    """Refuse a file of one costly page again and again: it may be small, and take hours."""
    costly = page is not None and page.objects >= _COSTLY and page == found.last
    found.repeated = found.repeated + 1 if costly else 0
    found.last = page
    if found.repeated >= _REPEATED:
        raise UnreadableError("bomb", "one costly page stands in it again and again")


def _first_read(first: PdfiumFile, at: int) -> PageText | None:
    try:
        return first.page(at)
    except RefusedError:
        return None


def _refuse_nothing(page: PageText | None, again: str) -> None:
    if page is None and not again.strip():
        raise UnreadableError("bad_format", "a damaged page")


def _worth(text: str) -> tuple[bool, int]:
    """Return whether a page can be read, and how many words of it."""
    lines = text.split("\n")
    good = bool(text.strip()) and assess(text).score >= GARBLED
    return good, sum(len(line.split()) for line in lines if good or _is_legible(line))


def _add(found: _Found, page: PageText, quality: Quality) -> None:
    """Add a page: its lines, or those of them that can be read where the page is garbled."""
    number = len(found.pages) + 1
    lines = [_BLANKS.sub(" ", line).strip() for line in page.text.split("\n")]
    if quality.score < GARBLED:
        lines = [line for line in lines if _is_legible(line)]
        left = "most of it left out" if lines else "left out"
        found.notes.append(("garbled", f"{left}: {quality.reason}", number))
    elif page.image and not page.text.strip():
        found.notes.append(("no_text", "an image and no text on it: a scan needs OCR", number))
    if page.hidden:
        hidden = f"left out: {page.hidden} letters that cannot be seen"
        found.notes.append(("hidden_text", hidden, number))
    found.pages.append([_NAMELESS_RUN.sub("\ufffd", line) for line in lines if line])


def _told(text: str) -> str:
    """Give each nameless glyph U+FFFD, and each broken line its end, which PDFium drops."""
    return _NAMELESS.sub("\ufffd", _BROKEN_LINE.sub(BREAK + "\n", unify_newlines(text)))


def _is_legible(line: str) -> bool:
    """Whether a line of a garbled page has words in it, and little else."""
    letters = sum(c.isalnum() for c in line)
    if letters < _LINE_ENOUGH or line.count("\ufffd") * 4 > letters:
        return False
    return max(map(len, line.split())) <= _LONGEST_WORD and assess(line).score >= GARBLED


def _refuse_garbled(found: _Found) -> None:
    garbled = [reason for code, reason, _ in found.notes if code == "garbled"]
    if garbled and not any(found.pages):
        raise UnreadableError(
            "garbled", f"its text cannot be read: {garbled[0].partition(': ')[2]}"
        )


def _built(source: Source, found: _Found) -> Document:
    builder = TextBuilder()
    for note in found.notes:
        builder.note(note[0], note[1], page=note[2])
    outline = by_page(found.outline)
    pages = with_whole_words(without_running_lines(found.pages))
    for at, lines in enumerate(pages):
        builder.start_page(at + 1)
        add_page(builder, lines, outline.get(at, []))
    describe(builder, found.properties)
    builder.label_pages(found.labels)
    return builder.build(source, title=sane_title(found.properties.get("Title", "")))


READER = Reader("pdf", (".pdf",), read=read, magic=(b"%PDF-",))
