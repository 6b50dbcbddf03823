"""Answer with sentences quoted from the documents: no model writes, so nothing is made up."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import clean, detect, pages_between, sentence_spans
from memctl.query.abstention import Evidence, confidence, threshold
from memctl.query.answer import Answer, Citation, Claim
from memctl.query.filters import Filter
from memctl.query.hit import Hit
from memctl.query.search import Searcher
from memctl.query.terms import stems

MODEL = "extractive"
_COMPARED = 16  # sentences compared by meaning
_LONGEST = 400  # characters of a sentence that can be quoted
_MARKUP = re.compile(r"^(#{1,6}\s|\||[-=*_]{3,}|```|~~~)")
_BULLET = re.compile(r"^(?:[-*+•]|\d{1,3}[.)])\s+")
_ENDING = re.compile(r"[.!?…][\])}»”\"'*_]*$")
# Added to the cosine of a sentence: for all of the question's rare words, for the first hit, and
# for an end that shows it to be a sentence and not a heading or a label.
_WORDS, _RANK, _WHOLE = 0.12, 0.03, 0.04
# A second sentence is quoted too when it is this near to the first one, and holds as many of the
# question's words.
_NEAR = 0.02

_NO_ANSWER = {
    "ru": "В документах нет ответа на этот вопрос.",
    "en": "The documents do not answer this question.",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that may be quoted: its place in the passage of its hit, and how good it is."""

    hit: Hit
    start: int
    _: KW_ONLY
    end: int
    coverage: float = 0.0
    score: float = 0.0

    @property
    def text(self) -> str:
        """The sentence, character for character."""
        return self.hit.passage[self.start : self.end]

    @property
    def place(self) -> tuple[str, int, int]:
        """The document, and the span of the sentence in its text."""
        first = self.hit.passage_start
        return self.hit.document, first + self.start, first + self.end


class Answerer:
    """Answers from the passages that a searcher finds."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def answer(
        self,
        question: str,
        k: int = 8,
        *,
        filters: Sequence[Filter] = (),
        also: Sequence[Filter] = (),
    ) -> Answer:
        """Answer from the best ``k`` passages, or abstain where they do not support an answer.

        The filters are those of a search.

        Raises:
            UsageError: the question is empty, or ``k`` is not positive.
        """
        (hits,) = self._searcher.search([question], k, filters=filters, also=also)
        ranked = self.rank(question, hits)
        evidence = gather(question, hits, ranked)
        sure = confidence(evidence) if evidence else 0.0
        if evidence is None or sure < threshold(evidence):
            return _abstain(question, sure)
        return _compose(question, _chosen(ranked), sure)

    def rank(self, question: str, hits: Sequence[Hit]) -> list[Sentence]:
        """Return the sentences of ``hits`` that fit the question, best first."""
        found = _weighed(question, _distinct(each for hit in hits for each in sentences(hit)))
        found.sort(key=lambda each: (-_prior(each), each.hit.rank, each.start))
        compared = found[:_COMPARED]
        if not compared:
            return []
        embedder = self._searcher.embedder
        query = embedder.embed([question], role="query")[0]
        meanings = embedder.embed([_in_place(each) for each in compared], role="document") @ query
        scored = [
            Sentence(
                each.hit,
                each.start,
                end=each.end,
                coverage=each.coverage,
                score=float(meaning) + _prior(each),
            )
            for each, meaning in zip(compared, meanings, strict=True)
        ]
        return sorted(scored, key=lambda each: (-each.score, each.hit.rank, each.start))


def sentences(hit: Hit) -> Iterator[Sentence]:
    """Yield what can be quoted of a hit: sentences, and the lines of tables and lists."""
    text = hit.passage
    for start, end in sentence_spans(text):
        pieces = [(start, end)] if end - start <= _LONGEST else _lines(text, start, end)
        for left, right in pieces:
            trimmed = _trimmed(text, left, right)
            if trimmed is not None:
                yield Sentence(hit, trimmed[0], end=trimmed[1])


def gather(question: str, hits: Sequence[Hit], ranked: Sequence[Sentence]) -> Evidence | None:
    """Return what speaks for an answer being there; None when nothing was found or asked."""
    wanted = set(stems(question))
    if not ranked or not wanted:
        return None
    held = [set(stems(f"{hit.title} {hit.passage}")) for hit in hits[:3]]
    return Evidence(
        ranked[0].score - _prior(ranked[0]),
        max(len(wanted & own) for own in held) / len(wanted),
        same=detect(question) == ranked[0].hit.chunk.language,
    )


def _distinct(found: Iterable[Sentence]) -> list[Sentence]:
    """Return each sentence once, from its best hit: the passages of two hits may overlap."""
    first: dict[tuple[str, int, int], Sentence] = {}
    for each in found:
        first.setdefault(each.place, each)
    return list(first.values())


def _weighed(question: str, found: Sequence[Sentence]) -> list[Sentence]:
    """Give each sentence the share of the question's words that it holds, rare ones more."""
    held = [set(stems(each.text)) for each in found]
    seen = Counter(stem for stems_ in held for stem in stems_)
    weights = {stem: math.log(1 + len(found) / (1 + seen[stem])) for stem in set(stems(question))}
    total = sum(weights.values()) or 1.0
    return [
        Sentence(
            each.hit,
            each.start,
            end=each.end,
            coverage=sum(weights[stem] for stem in weights.keys() & own) / total,
        )
        for each, own in zip(found, held, strict=True)
    ]


def _prior(sentence: Sentence) -> float:
    whole = _WHOLE if _ENDING.search(sentence.text) else 0.0
    return _WORDS * sentence.coverage + _RANK / sentence.hit.rank + whole


def _in_place(sentence: Sentence) -> str:
    """Return what is embedded for a sentence: it may say "it" of what its heading names."""
    above = sentence.hit.chunk.headings[-1:] or (sentence.hit.title,)
    return "\n".join(part for part in (*above, sentence.text) if part)


def _chosen(ranked: Sequence[Sentence]) -> list[Sentence]:
    """Return the best sentence, and a second one that is nearly as good, in reading order."""
    best = ranked[0]
    near = [
        each for each in ranked[1:] if best.score - each.score <= _NEAR and each.text != best.text
    ]
    chosen = [best, *near[:1]]
    if len({each.hit.document for each in chosen}) == 1:
        chosen.sort(key=lambda each: each.place)
    return chosen


def _compose(question: str, chosen: Sequence[Sentence], sure: float) -> Answer:
    citations = [_citation(n, each) for n, each in enumerate(chosen, start=1)]
    claims = tuple(
        Claim(_shown(each.text), "supported", citations=(citation.n,))
        for each, citation in zip(chosen, citations, strict=True)
    )
    return Answer(
        question,
        " ".join(f"{claim.text} [{claim.citations[0]}]" for claim in claims),
        abstained=False,
        confidence=sure,
        model=MODEL,
        claims=claims,
        citations=tuple(citations),
    )


def _citation(n: int, sentence: Sentence) -> Citation:
    hit = sentence.hit
    _, start, end = sentence.place
    return Citation(
        n,
        hit.document,
        document_id=hit.document_id,
        title=hit.title,
        pages=pages_between(hit.pages, start, end),
        start=start,
        end=end,
        quote=sentence.text,
        sha256=hit.sha256,
    )


def _abstain(question: str, sure: float) -> Answer:
    words = _NO_ANSWER["ru" if detect(question) == "ru" else "en"]
    return Answer(question, words, abstained=True, confidence=sure, model=MODEL)


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    left = start
    while left < end:
        right = text.find("\n", left, end)
        right = end if right < 0 else right + 1
        yield left, right
        left = right


def _trimmed(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the span without white space and list marks; None for what is no sentence."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    piece = piece.strip()
    if bullet := _BULLET.match(piece):
        start += bullet.end()
        piece = piece[bullet.end() :]
    if not 12 <= len(piece) <= 2 * _LONGEST or _MARKUP.match(piece) or piece.count(" ") < 2:
        return None
    return start, start + len(piece)


def _shown(quote: str) -> str:
    return " ".join(clean(quote).split())
