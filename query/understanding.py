"""What a question asks for besides its words: what was meant by them, and other wordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from memctl.index.lexical import LexicalIndex, LexicalQuery
from memctl.ingest import folded
from memctl.query.dictionary import is_word
from memctl.query.glossary import beside
from memctl.query.how import How
from memctl.query.longnumbers import otherwise_written
from memctl.query.syntax import Query
from memctl.query.typos import (
    Correction,
    all_relaid,
    as_meant,
    corrections,
    initials,
    relaid,
    retyped,
)

_SHORT = 2  # letters that stand in a text by chance


class Understanding:
    """Reads questions with the words of the texts at hand; without these it mends none."""

    def __init__(self, lexical: LexicalIndex | None) -> None:
        self._lexical = lexical

    def understood(self, query: Query, how: How) -> Query:
        """Return the query with other wordings: synonyms, what was meant, long numbers, measures.

        Phrases that no text has keep nothing out where there are other words. What was typed on
        the other keyboard layout is read as it was meant, and as nothing else.
        """
        query = self._loosened(query)
        query, elsewhere, found = self._mended(query) if how.mend else (query, [], [])
        numbers = self._numbers(query)
        return replace(
            query,
            also=(
                *how.synonyms.of(query.text, self._languages),
                *((each.word, each.meant) for each in found),
                *numbers,
            ),
            preferred=(*query.preferred, *(form for _, form in numbers)),
            mended=tuple((each.word, each.meant) for each in (*elsewhere, *found)),
            meant=as_meant(query.text, found),
            beside=beside(query.text) if how.glossary else "",
        )

    @property
    def _languages(self) -> tuple[str, ...]:
        return self._lexical.languages if self._lexical is not None else ()

    def _numbers(self, query: Query) -> list[tuple[str, str]]:
        """Return the long numbers of a query with how the texts write them otherwise."""
        return list(otherwise_written(query.text, self._lexical)) if self._lexical else []

    def _loosened(self, query: Query) -> Query:
        """Return the query with phrases preferred that no text has, if it has other words too."""
        if self._lexical is None or not query.phrases or query.strict:
            return query
        if len(query.text.split()) <= sum(len(each.split()) for each in query.phrases):
            return query
        if self._lexical.having(LexicalQuery("", phrases=query.phrases)).size:
            return query
        preferred = (*query.preferred, *query.phrases)
        return replace(query, phrases=(), preferred=preferred, absent=query.phrases)

    def meant(self, query: Query) -> str:
        """Return the text of a query with what was meant by its words; empty if it is as it was."""
        read, _, found = self._mended(query)
        meant = as_meant(read.text, found) or read.text
        return meant if meant != query.text else ""

    def _mended(self, query: Query) -> tuple[Query, list[Correction], list[Correction]]:
        """Return the query on the layout that it was meant on, what was so, and what else was."""
        found = self.corrections(query)
        if not self._mistyped(query, found):
            return query, [], found
        read = replace(query, text=retyped(query.text, found))
        return read, found, self.corrections(read)

    def _mistyped(self, query: Query, found: Sequence[Correction]) -> bool:
        """Tell whether the whole question was typed on the other keyboard layout.

        So it is where that alone mends it, and no word of it stands in a text, or in a
        dictionary, as it was typed.
        """
        if self._lexical is None or query.quoted or not all_relaid(found):
            return False
        languages = self._lexical.languages
        return not any(
            fact.documents or (len(fact.text) > _SHORT + 1 and is_word(fact.text, languages))
            for fact in self._lexical.words(query.text)
            if fact.text.isalpha() and len(fact.text) > _SHORT
        )

    def corrections(self, query: Query) -> list[Correction]:
        """Return what was meant by words of a query that no text holds; names in quotes stay."""
        if self._lexical is None:
            return []
        named = {word for phrase in query.quoted for word in folded(phrase).split()}
        named |= initials(query.text)
        unknown = [fact.text for fact in self._lexical.words(query.text) if not fact.documents]
        other = relaid(query.text, self._lexical)
        pieces = " ".join(each.word for each in other)
        left = [word for word in unknown if word not in named and word not in pieces]
        return [*other, *corrections(left, self._lexical)]
