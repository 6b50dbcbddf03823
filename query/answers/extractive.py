"""Answer with sentences quoted from the documents: no model writes, so nothing is made up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from memctl.ingest import clean, detect
from memctl.query.answers.abstention import Evidence, confidence, gather, threshold
from memctl.query.answers.answer import Answer, Citation, Claim
from memctl.query.answers.asked import dated
from memctl.query.answers.check import citation_of
from memctl.query.answers.choice import Chosen, chosen, ranked_by_words
from memctl.query.answers.marks import about
from memctl.query.answers.passages import Passage
from memctl.query.answers.places import printed_pages
from memctl.query.answers.prompt import NO_ANSWER
from memctl.query.answers.sentences import Sentence
from memctl.query.answers.spans import short_span
from memctl.query.hit import Hit
from memctl.query.search import Searcher
from memctl.query.verify import CALIBRATED

MODEL = "extractive"
# A second sentence is quoted too when it is nearly as likely to answer as the first one.
_NEAR = 0.6


class Answerer:
    """Answers from passages that a searcher found."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def answer_from(self, question: str, hits: Sequence[Hit], *, across: float = 0.0) -> Answer:
        """Answer from ``hits``, or abstain where they do not support an answer.

        ``across`` is the least confidence of an answer in another language than the question's.
        """
        ranked, evidence = self.weigh(question, hits)
        sure = confidence(evidence) if evidence else 0.0
        least = 0.0 if evidence is None or evidence.same else across
        if evidence is None or sure < max(threshold(evidence), least):
            return abstained(question, sure, MODEL)
        found = _best(ranked)
        paged = (each.hit.document for each in found if each.hit.pages)
        labels = printed_pages(paged, self._searcher.store.catalog)
        citations = [_citation(n, each, labels) for n, each in enumerate(found, start=1)]
        return _composed(
            question, [dated(question, each.told, each.heading) for each in found], citations, sure
        )

    def weigh(self, question: str, hits: Sequence[Hit]) -> tuple[list[Chosen], Evidence | None]:
        """Return the sentences that could answer, best first, and what speaks for an answer.

        A question that names a code has none but in documents that hold it.
        """
        question = self._searcher.meant(question)
        embedder = self._searcher.embedder
        if embedder.name not in CALIBRATED or not hits:
            ranked = ranked_by_words(question, about(question, hits))
            return ranked, gather(question, hits, ranked, None)
        meaning = self._searcher.meaning(question)
        ranked = chosen(question, about(question, hits), embedder, meaning)
        return ranked, gather(question, hits, ranked, self._searcher.vectors(hits) @ meaning)


def abstained(question: str, sure: float, model: str) -> Answer:
    """Return the word that the documents hold no answer, in the language of the question."""
    words = NO_ANSWER["ru" if detect(question) == "ru" else "en"]
    return Answer(question, words, abstained=True, confidence=sure, model=model)


def _best(ranked: Sequence[Chosen]) -> list[Sentence]:
    """Return the best sentence, and a second one that is nearly as good.

    Those of one section stand in reading order, others have the best one first.
    """
    best = ranked[0]
    near = [
        each.sentence
        for each in ranked[1:]
        if each.chance >= _NEAR * best.chance and each.sentence.text != best.sentence.text
    ]
    found = [best.sentence, *near[:1]]
    if len({(each.hit.document, each.heading) for each in found}) == 1:
        found.sort(key=lambda each: each.place)
    return found


def _composed(
    question: str, told: Sequence[str], citations: Sequence[Citation], sure: float
) -> Answer:
    claims: list[Claim] = []
    text = ""
    for said, citation in zip(map(_shown, told), citations, strict=True):
        piece = f"{said} [{citation.n}]"
        start = len(text) + 1 if text else 0
        text = f"{text} {piece}" if text else piece
        claims.append(
            Claim(
                said,
                "supported",
                citations=(citation.n,),
                start=start,
                end=len(text),
            )
        )
    span = short_span(question, claims[0].text) if len(claims) == 1 else None
    return Answer(
        question,
        text,
        abstained=False,
        short=claims[0].text[slice(*span)] if span else "",
        confidence=sure,
        model=MODEL,
        claims=tuple(claims),
        citations=tuple(citations),
    )


def _citation(n: int, sentence: Sentence, labels: Mapping[str, Sequence[str]]) -> Citation:
    hit = sentence.hit
    passage = Passage(n, hit, start=hit.passage_start, text=hit.passage)
    return citation_of(passage, sentence.start, sentence.end, labels.get(hit.document, ()))


def _shown(told: str) -> str:
    return " ".join(clean(told).split())
