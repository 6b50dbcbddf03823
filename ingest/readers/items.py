"""What a word processor's file is made of, in reading order, and how it becomes a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass

from memctl.ingest.readers.builder import TextBuilder


@dataclass(frozen=True, slots=True)
class Item:
    """A paragraph, a heading (with its ``level``), a list item, or a table (``rows``)."""

    text: str
    _: KW_ONLY
    level: int = 0
    in_list: bool = False
    rows: tuple[tuple[str, ...], ...] = ()


def put_items(builder: TextBuilder, items: Iterable[Item]) -> None:
    """Hand the items over; list items that follow each other stay together as lines."""
    lines: list[str] = []
    for item in [*items, Item("")]:
        if item.in_list:
            lines.append(item.text)
            continue
        if lines:
            builder.paragraph("\n".join(lines))
            lines = []
        if item.rows:
            builder.table(item.rows)
        elif item.level:
            builder.heading(item.level, item.text)
        else:
            builder.paragraph(item.text)
