"""What was read from one input: its text and where in it pages, headings and blocks stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from itertools import pairwise
from typing import Literal, Protocol, TypeVar

BlockKind = Literal["table", "code"]


@dataclass(frozen=True, slots=True)
class Page:
    """A page, numbered from 1 as a viewer counts it, and its span in the text."""

    number: int
    start: int
    _: KW_ONLY
    end: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 6; ``title`` is its wording without markup."""

    level: int
    title: str
    _: KW_ONLY
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Block:
    """A table or a piece of code, which is cut only where it does not fit."""

    kind: BlockKind
    start: int
    _: KW_ONLY
    end: int


@dataclass(frozen=True, slots=True)
class Note:
    """What a user should know of a document, or of its page ``page``, that was read all the same.

    ``code`` is a stable word for programs, as in ``no_text`` for a page that is a scan.
    """

    code: str
    reason: str
    _: KW_ONLY
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of a file that was not read: a member, an attachment, a chapter.

    ``path`` is that of the document that it would have been, as in ``letters.zip#old/scan.pdf``.
    """

    path: str
    code: str
    _: KW_ONLY
    reason: str


@dataclass(frozen=True, slots=True)
class Document:
    """The text of one file, or of one part of it: a row, a message, a member, an attachment.

    ``path`` is the path under the ingested root, ``/``-separated; for a part it is ``FILE#PART``.
    ``id`` is a row's own id, or the path. Offsets count characters (code points) of ``text``.
    Pages, headings and blocks are in order, each kind without overlap, and lie inside the text.
    ``metadata`` maps lower-case names, such as ``author`` or ``tags``, to one or more values.

    Raises:
        ValueError: a span is out of order or outside the text.
    """

    id: str
    path: str
    _: KW_ONLY
    text: str
    sha256: str
    title: str = ""
    language: str = "und"
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    blocks: tuple[Block, ...] = ()
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        for spans in (self.pages, self.headings, self.blocks):
            _check_spans(spans, len(self.text))


class _Span(Protocol):
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


_S = TypeVar("_S", bound=_Span)


def _check_spans(spans: tuple[_S, ...], length: int) -> None:
    for span in spans:
        if not 0 <= span.start <= span.end <= length:
            raise ValueError(f"{span} lies outside a text of {length} characters")
    for before, after in pairwise(spans):
        if after.start < before.end:
            raise ValueError(f"{after} begins before {before} ends")
