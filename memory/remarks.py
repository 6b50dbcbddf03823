"""What the user said in their own words, where no pattern made a fact of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import Embedder, Vectors
from memctl.memory.asking import Asked
from memctl.memory.attributes import FAVOURITE, Grammar
from memctl.memory.book import Book
from memctl.memory.finding import Finder, Ranked, sentences_of, telling
from memctl.memory.language.clauses import Clause, clauses
from memctl.memory.language.context import OPEN, OTHER, USER, Context
from memctl.memory.language.quoting import own_words
from memctl.memory.language.subjects import is_anothers
from memctl.memory.likeness import Signs, chance, lacks, signs
from memctl.memory.prototypes import meaning_of
from memctl.memory.records import Episode

_LOOKED_AT = 12  # episodes
_EMBEDDED = 12  # remarks whose meaning is compared: it is what takes the time
ENOUGH = 0.5  # the chance from which on a remark is an answer
_CLOSE = 0.1  # of two as likely as that the later one is the answer
_WHOLE = 160  # characters of a turn that is one remark
_LONGEST = 400  # characters of a sentence that is one


@dataclass(frozen=True, slots=True)
class Remark:
    """A short turn or a sentence of the user's, and how likely it answers."""

    episode: Episode
    start: int
    end: int
    _: KW_ONLY
    confidence: float
    signs: Signs | None = None

    @property
    def text(self) -> str:
        """The words themselves."""
        return self.episode.text[self.start : self.end].strip()


class Remarks:
    """Picks what the user said from their turns."""

    def __init__(
        self, book: Book, finder: Finder, grammar: Grammar, called: Context, embedder: Embedder
    ) -> None:
        self._book = book
        self._finder = finder
        self._grammar = grammar
        self._called = called
        self._embedder = embedder

    def best(
        self,
        asked: Asked,
        ranked: Ranked,
        vector: Vectors,
        *,
        as_of: str = "",
        people: Collection[str] = (),
    ) -> Remark | None:
        """Return what answers a question likeliest, if anything was said; ``vector`` is its own.

        Of one of the ``people`` who speak in the memory only what they say themselves is looked at.
        """
        liked = any(each.startswith(FAVOURITE) for each in asked.attributes)
        weights = self._finder.weights(asked.text, kinds=not liked)
        person = asked.subject if asked.subject in people else ""
        for term in telling(person):
            weights.pop(term, None)
        said = [
            (episode, span, told)
            for episode in self._episodes(ranked, as_of=as_of, speaker=person)
            for span, told in self._said(episode)
            if self._may_answer(asked, episode, span, told, USER if person else asked.subject)
        ]
        if not said:
            return None
        found = self._weighed(asked, said, weights, vector, of_speaker=bool(person))
        likeliest = max(each.confidence for each in found)
        near = [each for each in found if each.confidence >= likeliest - _CLOSE]
        return max(near, key=lambda each: (each.episode.number, each.confidence))

    def event(self, text: str, ranked: Ranked) -> Remark | None:
        """Return what tells of an event that is named."""
        weights = self._finder.weights(text)
        total = sum(weights.values())
        best: Remark | None = None
        for episode in self._episodes(ranked) if total else ():
            for start, end in _spans(episode):
                held = self._finder.stems(episode.text[start:end])
                share = sum(weight for term, weight in weights.items() if term in held) / total
                if share > (best.confidence if best is not None else 0):
                    best = Remark(episode, start, end, confidence=share)
        return best

    def _episodes(self, ranked: Ranked, *, as_of: str = "", speaker: str = "") -> Iterator[Episode]:
        for number in ranked.episodes[:_LOOKED_AT].tolist():
            episode = self._book.episode(number)
            if episode is None or episode.role != "user" or (as_of and episode.said_at > as_of):
                continue
            if not speaker or episode.speaker == speaker:
                yield episode

    def _said(self, episode: Episode) -> Iterator[tuple[tuple[int, int], list[Clause]]]:
        """Yield what is said in a turn, and does not only ask, suppose, or quote."""
        own = own_words(episode.text)
        for start, end in _spans(episode):
            told, _ = clauses(own[start:end], self._grammar.relations, self._called)
            said = [each for each in told if each.stance in {"said", "past", "wish"}]
            if said and not own[start:end].rstrip().endswith("?"):
                yield (start, end), said

    def _may_answer(
        self,
        asked: Asked,
        episode: Episode,
        span: tuple[int, int],
        told: Sequence[Clause],
        subject: str,
    ) -> bool:
        """Return whether what is said may answer a question for a known attribute.

        It has to be said of whom the question is about, as something that is so, and to say more
        than facts of other attributes that were drawn from it.
        """
        if not asked.attributes:
            return True
        stances = {"said", "past", "wish"} if asked.attributes[0] == "plan" else {"said", "past"}
        words = set(telling(asked.text))
        said = [each for each in told if each.stance in stances]
        near = [each for each in said if self._finder.stems(_text(each)) & words]
        if not (_is_about(near or said, subject) or self._is_named(said, subject)):
            return False
        if asked.attributes[0] == "name" and lacks(asked.text, episode.text[slice(*span)]):
            return False
        left = own_words(episode.text)[slice(*span)]
        for fact in self._book.facts("f.episode = ?", (episode.number,)):
            if fact.attribute not in asked.attributes:
                left = left.replace(fact.quote, " ")
                if fact.attribute.startswith(FAVOURITE) and _is_of_a_favourite(asked):
                    return False  # another favourite than the one that is asked for
        return bool(telling(left))

    def _is_named(self, said: Sequence[Clause], subject: str) -> bool:
        """Return whether a relation is named by its word or its name, and is nobody else's."""
        relations = self._grammar.relations
        for clause in said:
            words = [token for token in clause.tokens if token.is_word]
            for at, token in enumerate(words):
                named = {relations[each].name for each in token.lemmas() if each in relations}
                if subject in {*named, self._called.called(token)} and not is_anothers(
                    words, at, relations
                ):
                    return True
        return False

    def _weighed(
        self,
        asked: Asked,
        said: list[tuple[Episode, tuple[int, int], list[Clause]]],
        weights: Mapping[str, float],
        vector: Vectors,
        *,
        of_speaker: bool,
    ) -> list[Remark]:
        texts = [own_words(episode.text)[a:b].strip() for episode, (a, b), _ in said]
        cosines = meaning_of(texts[:_EMBEDDED], vector, self._grammar, self._embedder)
        found: list[Remark] = []
        for at, (episode, (start, end), told) in enumerate(said):
            if cosines is not None and at >= len(cosines):
                break
            seen = signs(
                asked,
                texts[at],
                told,
                weights,
                among=self._finder.rows,
                cosine=None if cosines is None else float(cosines[at]),
                subject=USER if of_speaker else asked.subject,
            )
            found.append(Remark(episode, start, end, confidence=chance(seen), signs=seen))
        return found


def _is_of_a_favourite(asked: Asked) -> bool:
    return asked.attributes[0].startswith(FAVOURITE)


def _text(clause: Clause) -> str:
    return " ".join(token.text for token in clause.tokens)


def _is_about(said: Sequence[Clause], subject: str) -> bool:
    """Return whether any of some clauses is about somebody, and not only about others."""
    if subject == USER:
        return any(_is_of_user(each) for each in said)
    return any(subject in {each.subject, each.mentioned} and each.subject != OTHER for each in said)


def _is_of_user(clause: Clause) -> bool:
    """Return whether a clause is about the user: it names nobody else, or "I" beside them."""
    if clause.subject not in {USER, OPEN}:
        return False
    return not clause.mentioned or any(token.folded in _SELF for token in clause.tokens)


_SELF = frozenset("я мы меня мне i we 'm me".split())


def _spans(episode: Episode) -> Iterator[tuple[int, int]]:
    """Yield a short turn as it is, and of a long one its sentences."""
    text = episode.text
    if len(text) <= _WHOLE and "?" not in text:
        yield 0, len(text)
        return
    for start, end in sentences_of(text):
        if text[start:end].strip() and end - start <= _LONGEST:
            yield start, end
