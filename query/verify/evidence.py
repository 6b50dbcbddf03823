"""The sentences of the cited passages that a statement can rest on."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import sentence_spans
from memctl.query.terms import stems
from memctl.query.verify.base import Source

_CONTRACTED = re.compile(r"n['’]t\b")
_HEADING = re.compile(r"\s*#{1,6}\s[^\n]*$")
_MOST = 3  # sentences that one statement is put together from
_WORTH = 0.08  # share of a statement's words that one more sentence must bring


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage; ``stems`` are its words of meaning."""

    n: int
    start: int
    _: KW_ONLY
    end: int
    text: str
    stems: frozenset[str]


class Evidence:
    """The sentences of all given passages, and how rare their words are among them."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = {source.n: source for source in sources}
        self.sentences = [each for source in sources for each in _sentences(source)]
        self._seen = Counter(word for each in self.sentences for word in each.stems)
        self._titles = {source.n: frozenset(stems(source.title)) for source in sources}

    def weights(self, text: str) -> dict[str, float]:
        """Return the words of meaning of a statement with their weights: rare ones weigh more."""
        total = len(self.sentences) + 1
        return {
            word: math.log(1 + total / (1 + self._seen[word]))
            for word in dict.fromkeys(stems(_CONTRACTED.sub(" not", text)))
            if not word[0].isdigit()  # numbers are facts, and compared as such
        }

    def of(self, cited: Collection[int]) -> list[int]:
        """Return the places of the sentences of some passages."""
        return [at for at, each in enumerate(self.sentences) if each.n in cited]

    def held(self, weights: Mapping[str, float], words: Collection[str]) -> float:
        """Return the share, from 0 to 1, of a statement's words that ``words`` hold."""
        total = sum(weights.values())
        return sum(weights[word] for word in weights.keys() & set(words)) / total if total else 0.0

    def titled(self, cited: Collection[int]) -> frozenset[str]:
        """Return the words of the titles of passages."""
        return frozenset().union(*(self._titles[n] for n in cited))

    def chosen(self, weights: Mapping[str, float], places: Sequence[int]) -> list[int]:
        """Return the sentences that together hold the most of a statement, the best one first."""
        left = dict(weights)
        found: list[int] = []
        total = sum(weights.values()) or 1.0
        while len(found) < _MOST:
            best = max(
                (at for at in places if at not in found),
                key=lambda at: sum(left.get(word, 0.0) for word in self.sentences[at].stems),
                default=None,
            )
            if best is None:
                break
            gain = sum(left.pop(word, 0.0) for word in self.sentences[best].stems)
            if found and gain / total < _WORTH:
                break
            found.append(best)
        return found


def _sentences(source: Source) -> Iterator[Sentence]:
    for start, end in sentence_spans(source.text):
        text = source.text[start:end]
        if text.strip() and not _HEADING.match(text) and text.strip() not in source.title:
            yield Sentence(source.n, start, end=end, text=text, stems=frozenset(stems(text)))
