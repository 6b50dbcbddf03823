"""What is asked of a lexical index: words in all their stems, phrases, what must not be there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, replace

from memctl.index.lexical.analysis import (
    alternatives,
    is_compound,
    lowered,
    parts_of,
    tokens,
    words_of,
)
from memctl.index.lexical.grammar import GRAMMAR

# A phrase in folded words, and other sequences of them that say the same: one is to stand there.
Phrase = tuple[tuple[str, ...], ...]
Beginning = Callable[[str], Iterable[str]]  # the folded words of the texts that begin so


@dataclass(frozen=True, slots=True)
class LexicalQuery:
    """``text`` holds words of which a passage should have some, ``phrases`` what it must have.

    ``excluded`` are phrases that it must not have, ``unwanted`` words that it must not have in
    any form. Phrases are compared as they are written, but for case, ё, and the signs between their
    words. ``also`` has other wordings of words of the text, such as synonyms: one of them counts as
    much as the word itself.
    """

    text: str
    _: KW_ONLY
    also: tuple[tuple[str, str], ...] = ()
    phrases: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()


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
    """A query in terms. ``excluded`` are phrases, ``unwanted`` words in all their forms."""

    words: tuple[Word, ...]
    phrases: tuple[Phrase, ...] = ()
    excluded: tuple[Phrase, ...] = ()
    unwanted: tuple[Word, ...] = ()


def _nothing(_: str) -> Iterable[str]:
    return ()


def asked(
    query: LexicalQuery, languages: Collection[str], beginning: Beginning = _nothing
) -> Asked:
    """Return the query in the terms of texts in ``languages``; each word counts once.

    ``beginning`` gives the folded words of the texts that begin with one. Words of grammar are left
    out where others are left, unless they have another wording: "it" may be a trade. Parts without
    a word, such as lone punctuation, ask for nothing.
    """
    found = {word.text: word for token in tokens(query.text) for word in _words(token, languages)}
    reworded: set[str] = set()
    for text, wording in query.also:
        keys = {word.text for token in tokens(text) for word in _words(token, languages)}
        for key in keys.intersection(found):
            found[key] = _with(found[key], wording, languages)
            reworded.add(key)
    telling = [word for text, word in found.items() if text not in GRAMMAR or text in reworded]
    unwanted = {text: _unwanted(text, languages) for text in query.unwanted}
    several = [text for text, word in unwanted.items() if word is None]
    return Asked(
        tuple(telling or found.values()),
        phrases=_phrases(query.phrases, beginning),
        excluded=_phrases([*query.excluded, *several], beginning),
        unwanted=tuple(word for word in unwanted.values() if word is not None),
    )


def _words(token: str, languages: Collection[str]) -> Iterator[Word]:
    """Yield the one word that a token is, or its several where only a sign joins them.

    A compound has its parts as another wording.
    """
    whole, *rest = words_of(token)
    if rest and whole.isdigit():  # a number by its thousands, which mean nothing by themselves
        yield _word(whole, languages)
        return
    if is_compound(token):
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


def _unwanted(text: str, languages: Collection[str]) -> Word | None:
    """Return the one word of a text, without its parts; None where it is several, or none."""
    found = tokens(text)
    if len(found) != 1:
        return None
    whole, *rest = words_of(found[0])
    return None if rest and not is_compound(found[0]) else _word(whole, languages)


def _phrases(texts: Iterable[str], beginning: Beginning) -> tuple[Phrase, ...]:
    return tuple(found for found in (_phrase(text, beginning) for text in texts) if found)


def _phrase(text: str, beginning: Beginning) -> Phrase:
    """Return what a phrase may stand as; nothing for a text without a word.

    Names and numbers are held whole: ``2.10.1`` stands in ``2.10.1-rc3`` as its beginning, and of
    a path, a file or an address the parts in their order tell as much.
    """
    found = tokens(text)
    if not found:
        return ()
    *before, last = found
    head = tuple(word for token in before for word in words_of(token))
    made = [(*head, *words_of(last))]
    if is_compound(last):
        made += [(*head, longer) for longer in beginning(lowered(last)) if _goes_on(longer, last)]
        parts = parts_of(last)
        if not head and len(parts) > 1 and not all(part.isdigit() for part in parts):
            made.append(parts)
    return tuple(made)


def _goes_on(longer: str, token: str) -> bool:
    """Tell whether a sign follows the token in a word that begins with it."""
    after = longer[len(lowered(token)) :]
    return bool(after) and not after[0].isalnum()
