"""What the user said in their own words, where no pattern made a fact of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import Embedder, Vectors
from memctl.memory.asking import Asked
from memctl.memory.attributes import FAVOURITE, Grammar
from memctl.memory.book import Book
from memctl.memory.finding import Finder, Ranked, telling
from memctl.memory.language.context import USER, Context
from memctl.memory.likeness import Signs, chance, lacks, signs
from memctl.memory.prototypes import meaning_of
from memctl.memory.records import Episode, Fact
from memctl.memory.said import Said, is_about, said_in, spans_of_turn, text_of
from memctl.memory.when import last_day

ENOUGH = 0.5  # the chance from which on a remark is an answer
_LOOKED_AT = 12  # episodes
_EMBEDDED = 12  # remarks whose meaning is compared: it is what takes the time
_EXACT = frozenset("name age birthday height weight shoe_size".split())  # names and numbers
_CLOSE = 0.1  # of two as likely as that the later one is the answer


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
        self._facts: dict[int, list[Fact]] = {}

    def best(
        self,
        asked: Asked,
        ranked: Ranked,
        vector: Vectors,
        *,
        as_of: str = "",
        people: Collection[str] = (),
    ) -> Remark | None:
        """Return what answers a question likeliest, if it is likely enough.

        ``vector`` is that of the question. Of one of the ``people`` who speak in the memory only
        what they say themselves is looked at.
        """
        found = self.weighed(asked, ranked, vector, as_of=as_of, people=people)
        likeliest = max((each.confidence for each in found), default=0.0)
        if likeliest < ENOUGH:
            return None
        near = [each for each in found if each.confidence >= max(likeliest - _CLOSE, ENOUGH)]
        return max(near, key=_when_said)

    def weighed(
        self,
        asked: Asked,
        ranked: Ranked,
        vector: Vectors,
        *,
        as_of: str = "",
        people: Collection[str] = (),
    ) -> list[Remark]:
        """Return what may answer a question, each with its chance and the signs of it."""
        liked = any(each.startswith(FAVOURITE) for each in asked.attributes)
        weights = self._finder.weights(asked.text, kinds=not liked)
        person = asked.subject if asked.subject in people else ""
        for term in telling(person):
            weights.pop(term, None)
        subject = USER if person else asked.subject
        said = [
            each
            for episode in self._episodes(ranked, as_of=as_of, speaker=person)
            for each in said_in(episode, self._grammar, self._called)
            if self._may_answer(asked, each, subject)
        ]
        said.sort(key=lambda each: -self._share(each.text, weights))
        texts = [each.text for each in said[:_EMBEDDED]]
        cosines = meaning_of(texts, vector, self._grammar, self._embedder)
        found: list[Remark] = []
        for at, each in enumerate(said if cosines is None else said[:_EMBEDDED]):
            seen = signs(
                asked,
                each.text,
                each.clauses,
                weights,
                among=self._finder.rows,
                cosine=None if cosines is None else float(cosines[at]),
                subject=subject,
            )
            made = Remark(each.episode, each.start, each.end, confidence=chance(seen), signs=seen)
            found.append(made)
        return found

    def event(self, text: str, ranked: Ranked) -> Remark | None:
        """Return what tells of an event that is named."""
        weights = self._finder.weights(text)
        total = sum(weights.values())
        best: Remark | None = None
        for episode in self._episodes(ranked) if total else ():
            for start, end in spans_of_turn(episode.text):
                share = self._share(episode.text[start:end], weights) / total
                remark = Remark(episode, start, end, confidence=share)
                if share and (best is None or _likelier(remark, best)):
                    best = remark
        return best

    def _share(self, text: str, weights: Mapping[str, float]) -> float:
        """Return how much of a question's telling words a text has, rare ones more."""
        held = self._finder.stems(text)
        return sum(weight for term, weight in weights.items() if term in held)

    def _episodes(self, ranked: Ranked, *, as_of: str = "", speaker: str = "") -> Iterator[Episode]:
        for number in ranked.episodes[:_LOOKED_AT].tolist():
            episode = self._book.episode(number)
            if episode is None or episode.role != "user":
                continue
            if as_of and episode.said_at > last_day(as_of):
                continue
            if not speaker or episode.speaker == speaker:
                yield episode

    def _facts_of(self, said: Said) -> list[Fact]:
        """Return the facts that were drawn from what is said."""
        number = said.episode.number
        if number not in self._facts:
            self._facts[number] = self._book.facts("f.episode = ?", (number,))
        return [f for f in self._facts[number] if said.start < f.end and f.start < said.end]

    def _may_answer(self, asked: Asked, said: Said, subject: str) -> bool:
        """Return whether what is said may answer a question for a known attribute.

        It has to be said of whom the question is about, as something that is so, and to say more
        than facts of other attributes that were drawn from it.
        """
        if not asked.attributes:
            return True
        wanted, words = asked.attributes[0], set(telling(asked.text))
        stances = {"said", "past", "wish"} if wanted == "plan" else {"said", "past"}
        told = [each for each in said.clauses if each.stance in stances]
        near = [each for each in told if self._finder.stems(text_of(each)) & words]
        if not is_about(near or told, subject, self._grammar, self._called):
            return False
        if wanted in _EXACT and lacks(asked.text, said.text):
            return False
        left = said.text
        for fact in self._facts_of(said):
            if fact.attribute not in asked.attributes:
                begin, end = max(fact.start - said.start, 0), max(fact.end - said.start, 0)
                left = left[:begin] + " " * len(left[begin:end]) + left[end:]
                if fact.attribute.startswith(FAVOURITE) and wanted.startswith(FAVOURITE):
                    return False  # another favourite than the one that is asked for
        return bool(telling(left))


def _when_said(remark: Remark) -> tuple[str, int, float]:
    """Return what remarks are ordered by in time; what has no date stands as it came."""
    return remark.episode.said_at, remark.episode.number, remark.confidence


def _likelier(one: Remark, other: Remark) -> bool:
    """Return whether a remark tells an event better: of two that do the later one is meant."""
    return (one.confidence, *_when_said(one)) > (other.confidence, *_when_said(other))
