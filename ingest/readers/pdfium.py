"""PDF by PDFium: the text of a page, what is drawn on it, the outline and the properties."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass
from itertools import islice
from typing import TYPE_CHECKING

from memctl.ingest.readers.pdfdrawn import drawn_on

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

_MOST_BOOKMARKS = 5_000
_LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ"}
_LIGATURE = re.compile("|".join(_LIGATURES))


@dataclass(frozen=True, slots=True)
class PageText:
    """The text of a page, whether an image is on it, and how many letters nobody can see.

    ``objects`` is the number of things drawn on it. The hidden letters are not in ``text``. U+FFFE
    stands for a hyphen at the end of a line.
    """

    text: str
    _: KW_ONLY
    image: bool = False
    hidden: int = 0
    objects: int = 0


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline; ``page`` counts from 0, ``level`` from 1."""

    title: str
    page: int
    _: KW_ONLY
    level: int


class RefusedError(Exception):
    """PDFium cannot open the file, or load a page of it."""


class PdfiumFile:
    """A PDF that PDFium could open."""

    def __init__(self, document: PdfDocument) -> None:
        self._document = document

    def __len__(self) -> int:
        return len(self._document)

    def page(self, at: int) -> PageText:
        """Read the page at ``at``, from 0.

        Raises:
            RefusedError: it cannot be loaded.
        """
        with _told():
            page = self._document.get_page(at)
        try:
            with _told():
                return _read(page)
        finally:
            page.close()

    def outline(self) -> list[Bookmark]:
        """Return the outline in its order, the entries that lead to no page left out."""
        found: list[Bookmark] = []
        for bookmark in islice(self._document.get_toc(max_depth=6), _MOST_BOOKMARKS):
            goal = bookmark.get_dest()
            page = goal.get_index() if goal else None
            if page is not None:
                found.append(Bookmark(bookmark.get_title(), page, level=bookmark.level + 1))
        return found

    def labels(self) -> list[str]:
        """Return what each page calls itself, such as iv or 12, empty where it does not."""
        return [self._document.get_page_label(at) for at in range(len(self._document))]

    def properties(self) -> dict[str, str]:
        """Return what the file says of itself, by the names of PDF: ``Title``, ``CreationDate``."""
        found: dict[str, str] = self._document.get_metadata_dict(skip_empty=True)
        return found


@contextmanager
def opened(data: bytes) -> Generator[PdfiumFile]:
    """Open a PDF that needs no password.

    Raises:
        RefusedError: PDFium does not take it.
    """
    from pypdfium2 import PdfDocument

    with _told():
        document = PdfDocument(data)
    try:
        yield PdfiumFile(document)
    finally:
        document.close()


@contextmanager
def _told() -> Generator[None]:
    from pypdfium2 import PdfiumError

    try:
        yield
    except PdfiumError as error:
        raise RefusedError(str(error)) from error


def _read(page: PdfPage) -> PageText:
    glyphs = page.get_textpage()
    try:
        drawn = drawn_on(page.raw)
        if not drawn.hidden:
            text = _with_ligatures(glyphs, glyphs.get_text_range())
            return PageText(text, image=drawn.image, objects=drawn.objects)
        seen, unseen = _parted(glyphs, drawn.hidden)
        hidden = sum(c.isalnum() for c in unseen)
        return PageText(seen, image=drawn.image, hidden=hidden, objects=drawn.objects)
    finally:
        glyphs.close()


def _with_ligatures(glyphs: PdfTextPage, text: str) -> str:
    """Put back the ligatures that the file has and PDFium took apart: their letters share a box.

    A text is kept as its file has it; where words are compared, ligatures are folded.
    """
    import pypdfium2.raw as api

    def box(at: int) -> tuple[float, ...] | None:
        edges = [ctypes.c_double() for _ in range(4)]
        found = api.FPDFText_GetCharBox(
            glyphs, api.FPDFText_GetCharIndexFromTextIndex(glyphs, at), *edges
        )
        return tuple(edge.value for edge in edges) if found else None

    def whole(match: re.Match[str]) -> str:
        boxes = {box(at) for at in range(*match.span())}
        return _LIGATURES[match.group()] if len(boxes) == 1 and None not in boxes else match.group()

    return _LIGATURE.sub(whole, text)


def _parted(glyphs: PdfTextPage, hidden: frozenset[int]) -> tuple[str, str]:
    """Return the text that can be seen, and the text of the ``hidden`` objects."""
    import pypdfium2.raw as api

    seen: list[str] = []
    unseen: list[str] = []
    before = False
    for at in range(glyphs.count_chars()):
        found = api.FPDFText_GetTextObject(glyphs, at)
        # A blank or a line break that PDFium adds is of no object: it goes with what is before.
        before = ctypes.addressof(found.contents) in hidden if found else before
        (unseen if before else seen).append(chr(api.FPDFText_GetUnicode(glyphs, at)))
    return _paired(seen), _paired(unseen)


def _paired(letters: list[str]) -> str:
    """Join halves of surrogate pairs; a half that is left alone goes."""
    return "".join(letters).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "ignore")
