"""What is asked of a lexical index: words in all their stems, phrases, what must not be there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import KW_ONLY, dataclass

from memctl.index.lexical.analysis import alternatives, folded, surfaces, tokens, words_of
from memctl.index.lexical.grammar import GRAMMAR


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """``text`` holds words of which a passage should have some, ``phrases`` what it must have.

    ``excluded`` are words and phrases that it must not have. Phrases are compared as they are
    written, but for case, ё, and the signs between their words.
    """

    text: str
    _: KW_ONLY
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question; ``terms`` is what it is in texts of each of the corpus's languages.

    ``parts`` are those of a compound, which is found whole or by them, whichever counts for more.
    """

    text: str
    terms: tuple[str, ...]
    parts: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A query in terms. A phrase is a sequence of folded words."""

    words: tuple[Word, ...]
    phrases: tuple[tuple[str, ...], ...]
    excluded: tuple[tuple[str, ...], ...]


def asked(query: LexicalQuery, languages: Collection[str]) -> Asked:
    """Return the query in the terms of texts in ``languages``; each word counts once.

    Words of grammar are left out where others are left. Parts without a word, such as lone
    punctuation, ask for nothing.
    """
    found = {word.text: word for token in tokens(query.text) for word in _words(token, languages)}
    telling = [word for text, word in found.items() if text not in GRAMMAR]
    return Asked(
        tuple(telling or found.values()),
        phrases=_phrases(query.phrases),
        excluded=_phrases(query.excluded),
    )


def _words(token: str, languages: Collection[str]) -> Iterator[Word]:
    """Yield the one word that a token is, or its several where only a sign joins them."""
    whole, *rest = words_of(token)
    if rest and whole == folded(token):
        yield Word(
            whole,
            tuple(alternatives(whole, languages)),
            tuple(_word(part, languages) for part in rest),
        )
        return
    yield from (_word(part, languages) for part in (whole, *rest))


def _word(text: str, languages: Collection[str]) -> Word:
    return Word(text, tuple(alternatives(text, languages)))


def _phrases(texts: Collection[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(found for found in (tuple(surfaces(text)) for text in texts) if found)
