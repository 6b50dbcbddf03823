"""Where the evidence of questions lies in the documents of a store."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from functools import lru_cache

from memctl.ingest import Catalog, PageStarts, UsageError, folded, pages_between
from memctl.query.evaluation.case import Case, Judgement

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Place:
    """Evidence where it lies: in a document, and where that is known on pages and in a span."""

    document: str
    document_id: str
    _: KW_ONLY
    relevance: int
    pages: frozenset[int] = frozenset()
    span: tuple[int, int] | None = None

    def held_by(self, document: str, span: tuple[int, int], pages: Iterable[int]) -> bool:
        """Tell whether a passage with this span holds the evidence, as far as it is known.

        Of two spans half of the shorter one has to lie in the other.
        """
        if document != self.document:
            return False
        if self.span is not None:
            shared = min(span[1], self.span[1]) - max(span[0], self.span[0])
            shorter = min(span[1] - span[0], self.span[1] - self.span[0])
            return shared > 0 and 2 * shared >= shorter
        return not self.pages or not self.pages.isdisjoint(pages)


def locate(
    cases: Sequence[Case],
    catalog: Catalog,
    *,
    lenient: bool = False,
    once: Collection[str] = (),
) -> dict[str, tuple[Place, ...]]:
    """Return the places of the evidence of each case, by its id.

    ``lenient`` takes a document that is not in the store for one that cannot be found, and a quote
    that is not in its document for the whole of it; so are those taken that were there ``once``.

    Raises:
        UsageError: a document is not in the store, or a quote not in its document.
    """
    named = {each.document for case in cases for each in case.judgements}
    with catalog.snapshot():
        finder = _Finder(catalog, _known(catalog, named), named if lenient else once)
        return {
            case.id: tuple(place for each in case.judgements for place in finder.places(each))
            for case in cases
        }


def _known(catalog: Catalog, named: set[str]) -> dict[str, list[tuple[str, str]]]:
    """Return the path and id of each document by what it is named: its path, its id, its file."""
    by: tuple[dict[str, list[tuple[str, str]]], ...] = ({}, {}, {})
    for path, id_, file in catalog.document_names():
        for names, name in zip(by, (path, id_, file), strict=True):
            if name in named:
                names.setdefault(name, []).append((path, id_))
    return {**by[2], **by[1], **by[0]}


class _Finder:
    """Finds places in the documents of one catalog."""

    def __init__(
        self,
        catalog: Catalog,
        known: Mapping[str, list[tuple[str, str]]],
        excused: Collection[str],
    ) -> None:
        self._catalog = catalog
        self._known = known
        self._excused = excused
        self._read = lru_cache(maxsize=64)(self._document)

    def places(self, judged: Judgement) -> list[Place]:
        documents = self._known.get(judged.document)
        if documents is None:
            if judged.document not in self._excused:
                raise UsageError(
                    f"{judged.where}: no document {judged.document!r} is in the store",
                    hint="memctl list shows what is; --allow-missing counts it as not found.",
                )
            documents = [(judged.document, judged.document)]
        found = [self._place(judged, path, id_) for path, id_ in documents]
        if not judged.quote or judged.document not in self._known:
            return found
        quoted = [place for place in found if place.span is not None]
        if not quoted and judged.document not in self._excused:
            raise UsageError(
                f"{judged.where}: the quote is not in {judged.document!r}: {judged.quote[:60]!r}",
                hint="Mend the question; --allow-missing takes the whole document instead.",
            )
        return quoted or found

    def _place(self, judged: Judgement, path: str, id_: str) -> Place:
        span = judged.span
        pages = frozenset(() if judged.page is None else (judged.page,))
        if judged.document in self._known and (judged.quote or span):
            text, starts = self._read(path)
            span = span or _quoted(text, starts, judged.quote, judged.page)
            if span is not None and not pages:
                pages = frozenset(pages_between(starts, *span))
        return Place(path, id_, relevance=judged.relevance, pages=pages, span=span)

    def _document(self, path: str) -> tuple[str, PageStarts]:
        chunks = list(self._catalog.chunks_of(path))
        end = max((each.chunk.end for each in chunks), default=0)
        return self._catalog.text_between(path, 0, end), chunks[0].pages if chunks else ()


def _quoted(text: str, starts: PageStarts, quote: str, page: int | None) -> tuple[int, int] | None:
    """Return where a quote stands in a text, on ``page`` where that is given and it stands there.

    Words are compared without case and ё, and whatever stands between them.
    """
    said = _WORD.findall(folded(quote))
    if not said:
        return None
    pattern = re.compile(r"\W+".join(_loose(word) for word in said), re.IGNORECASE)
    spans = [found.span() for found in pattern.finditer(text)]
    on_page = [span for span in spans if page in pages_between(starts, *span)]
    return next(iter(on_page or spans), None)


def _loose(word: str) -> str:
    return "".join("[её]" if letter == "е" else re.escape(letter) for letter in word)
