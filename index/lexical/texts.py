"""The texts of a store as the lexical index has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from memctl.index.lexical.analysis import LANGUAGES, surfaces, terms
from memctl.index.sample import Rows
from memctl.ingest import Store, embedding_text


@dataclass(frozen=True, slots=True)
class Text:
    """What one vector row was made from: title, headings and chunk, as terms and folded words."""

    row: int
    language: str
    terms: list[str]
    surfaces: list[str]


def analysed(store: Store, rows: Rows) -> Iterator[Text]:
    """Yield the texts of ``rows``, which are sorted; a row that is not in use is passed over."""
    if not rows.size:
        return
    wanted = set(rows.tolist())
    for stored in store.catalog.chunks_from(int(rows[0])):
        if stored.row in wanted:
            text = embedding_text(stored.chunk, stored.title)
            language = language_of(stored.chunk.language)
            yield Text(stored.row, language, terms(text, language), surfaces(text))
        if stored.row >= rows[-1]:
            return


def language_of(language: str) -> str:
    """Return the language that a text is analysed in: its own, or ``und`` for one unknown."""
    return language if language in LANGUAGES else "und"
