"""What is asked of a lexical index: words in all their stems, phrases, what must not be there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import KW_ONLY, dataclass, replace

from memctl.index.lexical.analysis import alternatives, folded, surfaces, tokens, words_of
from memctl.index.lexical.grammar import GRAMMAR


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """``text`` holds words of which a passage should have some, ``phrases`` what it must have.

    ``excluded`` are words and phrases that it must not have. Phrases are compared as they are
    written, but for case, ё, and the signs between their words. ``also`` has other wordings of
    words of the text, such as synonyms: one of them counts as much as the word itself.
    """

    text: str
    _: KW_ONLY
    also: tuple[tuple[str, str], ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question; ``terms`` is what it is in texts of each of the corpus's languages.

    ``wordings`` are other ways to say it, each of several words: the parts of a compound, or a
    synonym. Of the word and these the one counts that scores highest.
    """

    text: str
    terms: tuple[str, ...]
    wordings: tuple[tuple[Word, ...], ...] = ()

    @property
    def all_terms(self) -> frozenset[str]:
        """The terms of the word and of its other wordings."""
        inner = (term for words in self.wordings for word in words for term in word.all_terms)
        return frozenset((*self.terms, *inner))


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
    for text, wording in query.also:
        for key in {word.text for token in tokens(text) for word in _words(token, languages)}:
            if key in found:
                found[key] = _with(found[key], wording, languages)
    telling = [word for text, word in found.items() if text not in GRAMMAR]
    return Asked(
        tuple(telling or found.values()),
        phrases=_phrases(query.phrases),
        excluded=_phrases(query.excluded),
    )


def _words(token: str, languages: Collection[str]) -> Iterator[Word]:
    """Yield the one word that a token is, or its several where only a sign joins them.

    A compound has its parts as another wording.
    """
    whole, *rest = words_of(token)
    if rest and whole.isdigit():  # a number by its thousands, which mean nothing by themselves
        yield _word(whole, languages)
        return
    if rest and whole == folded(token):
        yield Word(
            whole,
            tuple(alternatives(whole, languages)),
            (tuple(_word(part, languages) for part in rest),),
        )
        return
    yield from (_word(part, languages) for part in (whole, *rest))


def _with(word: Word, wording: str, languages: Collection[str]) -> Word:
    words = tuple(each for token in tokens(wording) for each in _words(token, languages))
    if len(words) == 1:
        terms = dict.fromkeys((*word.terms, *words[0].terms))
        return replace(word, terms=tuple(terms), wordings=(*word.wordings, *words[0].wordings))
    return replace(word, wordings=(*word.wordings, words)) if words else word


def _word(text: str, languages: Collection[str]) -> Word:
    return Word(text, tuple(alternatives(text, languages)))


def _phrases(texts: Collection[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(found for found in (tuple(surfaces(text)) for text in texts) if found)
