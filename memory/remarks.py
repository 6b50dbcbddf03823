"""What the user said in their own words, where no pattern made a fact of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import KW_ONLY, dataclass

from memctl.index.lexical.analysis import terms
from memctl.ingest import detect
from memctl.memory.asking import Asked
from memctl.memory.attributes import FAVOURITE, Grammar
from memctl.memory.book import Book
from memctl.memory.finding import Finder, Ranked, sentences_of, telling
from memctl.memory.language import read
from memctl.memory.language.clauses import Clause, clauses
from memctl.memory.language.context import OPEN, OTHER, USER, Relations
from memctl.memory.language.quoting import own_words
from memctl.memory.records import Episode

_LOOKED_AT = 12  # episodes
_ENOUGH = 0.6  # of the question's telling words, rare ones more, in one sentence
_MORE = 0.75  # where the question asks for something that a pattern would have found
_LONGEST = 400  # characters of a sentence that is an answer


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence of the user's, and how sure it is that it answers."""

    episode: Episode
    start: int
    end: int
    _: KW_ONLY
    confidence: float

    @property
    def text(self) -> str:
        """The sentence."""
        return self.episode.text[self.start : self.end].strip()


class Remarks:
    """Picks sentences of the user's turns."""

    def __init__(self, book: Book, finder: Finder, grammar: Grammar) -> None:
        self._book = book
        self._finder = finder
        self._relations = grammar.relations

    def best(
        self,
        asked: Asked,
        ranked: Ranked,
        *,
        as_of: str = "",
        people: Collection[str] = (),
    ) -> Remark | None:
        """Return the sentence that answers a question, if one says enough of it.

        Of one of the ``people`` who speak in the memory only what they say themselves is looked at.
        """
        liked = any(each.startswith(FAVOURITE) for each in asked.attributes)
        weights = self._finder.weights(asked.text, kinds=not liked)
        person = asked.subject if asked.subject in people else ""
        for term in telling(person):
            weights.pop(term, None)
        total = sum(weights.values())
        if not total or (len(weights) == 1 and asked.attributes and not _noun(asked.text)):
            return None
        found: list[Remark] = []
        for number in ranked.episodes[:_LOOKED_AT].tolist():
            episode = self._book.episode(number)
            if episode is None or episode.role != "user" or (as_of and episode.said_at > as_of):
                continue
            if person and episode.speaker != person:
                continue
            subject = USER if person else asked.subject
            found += self._of(episode, weights, total, subject=subject)
        if not found:
            return None
        top = max(found, key=lambda each: (round(each.confidence, 2), each.episode.number))
        enough = _MORE if asked.attributes or len(weights) < 2 else _ENOUGH
        return top if top.confidence >= enough else None

    def event(self, text: str, ranked: Ranked) -> Remark | None:
        """Return what tells of an event that is named."""
        weights = self._finder.weights(text)
        total = sum(weights.values())
        told: list[Remark] = []
        for number in ranked.episodes[:_LOOKED_AT].tolist():
            episode = self._book.episode(number)
            if episode is not None and episode.role == "user" and total:
                told += self._of(episode, weights, total, questions=True)
        best = max(told, key=lambda each: each.confidence, default=None)
        return best if best is not None and best.confidence > 0 else None

    def _of(
        self,
        episode: Episode,
        weights: dict[str, float],
        total: float,
        *,
        subject: str = USER,
        questions: bool = False,
    ) -> list[Remark]:
        own = own_words(episode.text)
        found: list[Remark] = []
        for start, end in sentences_of(own):
            sentence = own[start:end]
            if not sentence.strip() or (sentence.rstrip().endswith("?") and not questions):
                continue
            if len(sentence) > _LONGEST:
                continue
            if not questions and not _asserts(sentence, self._relations, subject):
                continue
            # In small letters: a slip of the shift key parts no word.
            held = set(terms(sentence.casefold(), detect(sentence)))
            share = sum(weight for term, weight in weights.items() if term in held) / total
            found.append(Remark(episode, start, end, confidence=share))
        return found


def _asserts(sentence: str, relations: Relations, subject: str) -> bool:
    """Return whether a sentence says something of somebody, and does not only ask for it."""
    found, _ = clauses(sentence, relations)
    said = [each for each in found if each.stance in {"said", "past", "wish"}]
    if subject == USER:
        return any(_of_user(each) for each in said)
    return any(subject in {each.subject, each.mentioned} and each.subject != OTHER for each in said)


def _of_user(clause: Clause) -> bool:
    """Return whether a clause is about the user: it names nobody else, or "I" beside them."""
    if clause.subject not in {USER, OPEN}:
        return False
    if not clause.mentioned:
        return True
    return any(token.folded in _SELF for token in clause.tokens)


_SELF = frozenset("я мы меня мне i we 'm me".split())


def _noun(question: str) -> bool:
    """Return whether a question has a noun to look for, beside its verb."""
    return any(
        token.is_word
        and not token.folded.isascii()
        and token.readings[0].pos == "noun"
        and telling(token.text)
        for token in read(question)
    )
