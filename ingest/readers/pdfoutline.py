"""What a PDF says of itself: its outline, put on its headings, and its properties."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.pdfium import Bookmark

_LINES = 3  # that a heading may take
_SHORTEST = 2  # letters and digits of a heading
_DATE = re.compile(r"(?:D:)?((?:19|20)\d\d)(\d\d)?(\d\d)?")
_ISO = re.compile(r"(?:19|20)\d\d-\d\d-\d\d")
_NUMBER = re.compile(r"^[\d.\s]+")
_LISTED = re.compile(r"[;,]")


def add_page(builder: TextBuilder, lines: Sequence[str], outline: Sequence[Bookmark]) -> None:
    """Add the lines of a page; those that an entry of the outline names become headings."""
    waiting = list(outline)
    plain: list[str] = []
    at = 0
    while at < len(lines):
        found = _heading(lines, at, waiting)
        if found is None:
            plain.append(lines[at])
            at += 1
            continue
        bookmark, length = found
        waiting = waiting[waiting.index(bookmark) + 1 :]
        builder.paragraph("\n".join(plain))
        plain = []
        builder.heading(bookmark.level, " ".join(lines[at : at + length]))
        at += length
    builder.paragraph("\n".join(plain))


def by_page(outline: Sequence[Bookmark]) -> dict[int, list[Bookmark]]:
    """Sort the entries by page; they go down a level where several are at the top.

    So only what stands over all the others can be the title.
    """
    down = sum(bookmark.level == 1 for bookmark in outline) > 1
    found: dict[int, list[Bookmark]] = {}
    for bookmark in outline:
        lower = replace(bookmark, level=bookmark.level + down)
        found.setdefault(bookmark.page, []).append(lower)
    return found


def _heading(
    lines: Sequence[str], at: int, waiting: Sequence[Bookmark]
) -> tuple[Bookmark, int] | None:
    """Return the entry that the lines from ``at`` on are the heading of, and their number."""
    for bookmark in waiting:
        title = _folded(bookmark.title)
        if len(title) < _SHORTEST:
            continue
        bare = _folded(_NUMBER.sub("", bookmark.title))
        for length in range(1, min(_LINES, len(lines) - at) + 1):
            line = " ".join(lines[at : at + length])
            if _folded(line) == title or (bare and _folded(_NUMBER.sub("", line)) == bare):
                return bookmark, length
    return None


def _folded(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def describe(builder: TextBuilder, properties: dict[str, str]) -> None:
    """Add the properties of a PDF as metadata; a date as far as it is given, as in 2024-05-17."""
    builder.describe("author", *properties.get("Author", "").split(";"))
    builder.describe("subject", properties.get("Subject", ""))
    builder.describe("keywords", *_LISTED.split(properties.get("Keywords", "")))
    builder.describe("created", _date(properties.get("CreationDate", "")))
    builder.describe("modified", _date(properties.get("ModDate", "")))


def _date(value: str) -> str:
    iso = _ISO.match(value.strip())
    if iso:
        return iso.group()
    found = _DATE.match(value.strip())
    if found is None:
        return ""
    year, month, day = found.groups()
    parts = [year]
    if month and 1 <= int(month) <= 12:
        parts.append(month)
        if day and 1 <= int(day) <= 31:
            parts.append(day)
    return "-".join(parts)
