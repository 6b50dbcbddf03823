"""Rich Text Format, read by memctl's own parser.

striprtf has no headings, tables and lists, believes a wrong code page, and takes 25 times as long
to pass over pictures.
"""

from __future__ import annotations

from collections.abc import Iterator

from memctl.ingest import cyrillic
from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.items import put_items
from memctl.ingest.readers.ooxml import people
from memctl.ingest.readers.rtfparse import Parsed, parse
from memctl.ingest.readers.titles import sane_title

_ENOUGH = 20  # bytes outside ASCII, to see that the code page is a wrong one
_SAMPLE = 100_000


def read(source: Source) -> Iterator[Document]:
    """Yield the one document; notes, headers and footers stand after its text.

    Hidden and deleted text is left out. Where the bytes read as Russian in another code page than
    the document says, that one is taken.

    Raises:
        UnreadableError: ``bad_format``, ``too_large`` or ``no_text``.
    """
    data = source.read_bytes()
    parsed = parse(data)
    if page := _other_page(parsed):
        parsed = parse(data, page)
    builder = TextBuilder()
    put_items(builder, parsed.items)
    _describe(builder, parsed)
    yield builder.build(source, title=sane_title(parsed.said.get("title")))


def _other_page(parsed: Parsed) -> str:
    """Return the code page in which the bytes read as Russian, where it is not the declared one."""
    sample = b" ".join(parsed.raw)[:_SAMPLE]
    if sum(byte > 0x7F for byte in sample) < _ENOUGH:
        return ""
    try:
        best = cyrillic.best_encoding(sample)
    except UnreadableError:
        return ""
    return best if best and best != parsed.page else ""


def _describe(builder: TextBuilder, parsed: Parsed) -> None:
    builder.describe("author", *people(parsed.said.get("author", "")))
    builder.describe("subject", parsed.said.get("subject", ""))
    builder.describe("keywords", *parsed.said.get("keywords", "").split(","))
    for name, time in parsed.times.items():
        if time.get("yr", 0) > 1900:
            builder.describe(name, f"{time['yr']:04}-{time.get('mo', 1):02}-{time.get('dy', 1):02}")
    if parsed.replaced:
        builder.note(
            "encoding", f"bytes that are not in its code page were replaced: {parsed.replaced}"
        )


READER = Reader("rtf", (".rtf",), read=read, magic=(b"{\\rtf",))
