"""PowerPoint presentations: each slide a page, its title a heading.

Read as a stream of XML events like Word documents: python-pptx keeps all parts in memory, and
one damaged slide costs it the presentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.archive import Archive, open_archive
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.ooxml import describe, main_part, parts_by_kind, relations
from memctl.ingest.readers.slidexml import Chart, Presentation, Remarks, Slide
from memctl.ingest.readers.xmlevents import E, feed

_TITLES = {"ctrTitle": 1, "title": 2}
# The date and the number of a slide say nothing of it.
_LEFT_OUT = frozenset(("dt", "sldNum", "hdr", "sldImg"))


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the one document, and a Problem for each part of it that is missing or damaged.

    Charts, diagrams, the notes of a slide and the comments on it stand after its text, hidden
    slides in their places; a footer is read once.

    Raises:
        UnreadableError: ``bomb``, ``encrypted``, ``bad_format`` or ``no_text``.
    """
    with open_archive(source) as archive:
        main = main_part(archive, "ppt/presentation.xml", kind="a PowerPoint presentation")
        deck = _Deck(archive)
        for number, slide in enumerate(_slides(archive, main), 1):
            deck.builder.start_page(number)
            for reason in deck.add(slide):
                path = f"{source.path}#slide {number}"
                yield Problem(path, "missing_part", reason=f"a part was not read: {reason}")
        title = describe(archive, deck.builder)
    yield deck.builder.build(source, title=title)


def _slides(archive: Archive, main: str) -> list[str]:
    """Return the parts of the slides in their order, each once."""
    presentation = Presentation()
    feed(archive.read(main), presentation, name=main)
    targets = {relation.id: relation.target for relation in relations(archive, main)}
    return list(dict.fromkeys(targets.get(slide, slide) for slide in presentation.slides))


class _Deck:
    """Puts slides into a text, each part of the archive once."""

    def __init__(self, archive: Archive) -> None:
        self.builder = TextBuilder()
        self._archive = archive
        self._done: set[str] = set()
        self._footers: set[str] = set()

    def add(self, slide: str) -> Iterator[str]:
        """Add a slide with what belongs to it, and yield what is wrong with parts of it."""
        yield from self._try(self._slide, slide)
        try:
            parts = parts_by_kind(self._archive, slide)
        except UnreadableError as error:
            yield str(error)
            return
        for kind, put in (
            ("chart", self._chart),
            ("diagramData", self._slide),
            ("notesSlide", self._notes),
            ("comments", self._remarks),
        ):
            for part in parts.get(kind, []):
                yield from self._try(put, part)

    def _try(self, put: Callable[[str], None], part: str) -> Iterator[str]:
        if part in self._done:
            return
        self._done.add(part)
        try:
            put(part)
        except UnreadableError as error:
            if error.code not in {"bad_format", "missing_part"}:
                raise
            yield str(error)

    def _load(self, part: str, events: E) -> E:
        if part not in self._archive.names:
            raise UnreadableError("missing_part", f"{part} is not in the archive")
        feed(self._archive.read(part), events, name=part)
        return events

    def _slide(self, part: str) -> None:
        shapes = self._load(part, Slide()).finish()
        for shape in shapes:
            if shape.role in _TITLES:
                self.builder.heading(_TITLES[shape.role], shape.text)
        for shape in shapes:
            if shape.role in _TITLES or shape.role in _LEFT_OUT:
                continue
            if shape.role == "ftr" and shape.text in self._footers:
                continue
            if shape.role == "ftr":
                self._footers.add(shape.text)
            self.builder.table(shape.rows)
            self.builder.paragraph(shape.text)

    def _chart(self, part: str) -> None:
        chart = self._load(part, Chart())
        self.builder.paragraph(chart.title)
        self.builder.table(chart.rows())

    def _notes(self, part: str) -> None:
        for shape in self._load(part, Slide()).finish():
            if shape.role not in _LEFT_OUT and shape.role != "ftr":
                self.builder.paragraph(shape.text)

    def _remarks(self, part: str) -> None:
        for text in self._load(part, Remarks()).texts:
            self.builder.paragraph(text)


READER = Reader(
    "pptx",
    (".pptx", ".pptm", ".ppsx"),
    read=read,
    # A presentation with a password, and one of the old format, begin as an OLE2 file.
    magic=(b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
)
