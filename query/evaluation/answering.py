"""What a checked answer is worth, measure by measure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from memctl.query.answers.answer import Answer
from memctl.query.evaluation.agreement import (
    Tokens,
    best,
    contains,
    exact,
    f1,
    rouge_l,
    squad_tokens,
    stem_tokens,
)
from memctl.query.evaluation.case import Case
from memctl.query.evaluation.places import Place
from memctl.query.evaluation.tally import NONE, Share

_MARKER = re.compile(r"\s*\[\d+\]")
_Score = Callable[[Sequence[str], Sequence[str]], float]

# Of the few words that were asked for where the answer names them, and of the whole of it.
_SHORT: dict[str, tuple[_Score, Tokens]] = {
    "EM": (exact, squad_tokens),
    "F1": (f1, squad_tokens),
    "stemEM": (exact, stem_tokens),
    "stemF1": (f1, stem_tokens),
}
_LONG: dict[str, tuple[_Score, Tokens]] = {
    "ROUGE-L": (rouge_l, stem_tokens),
    "Containment": (contains, stem_tokens),
}


def share(name: str, case: Case, answer: Answer, places: Sequence[Place]) -> Share:
    """Return what an answer adds to a measure of answers, other than a judge's.

    ``places`` are those of the evidence. A measure says nothing (``NONE``) of a question that
    lacks what it compares with: right answers, evidence, or whether it can be answered.
    """
    if name in _SHORT or name in _LONG:
        return _agreement(name, case, answer)
    helpful = [place for place in places if place.relevance > 0]
    if name == "CitP":
        return _cited_rightly(answer, helpful)
    if name == "CitR":
        return _evidence_cited(answer, helpful)
    if name == "Supported":
        supported = sum(claim.status == "supported" for claim in answer.claims)
        return float(supported), float(len(answer.claims))
    return _abstention(name, case, abstained=answer.abstained)


def plain(answer: Answer) -> str:
    """Return the text of an answer without the marks of its citations; nothing where it is none."""
    return "" if answer.abstained else _MARKER.sub("", answer.text).strip()


def _agreement(name: str, case: Case, answer: Answer) -> Share:
    if not case.answers or case.answerable is False:
        return NONE
    text = plain(answer)
    if name in _SHORT:
        score, tokens = _SHORT[name]
        return best(score, (answer.short or text) if text else "", case.answers, tokens), 1.0
    score, tokens = _LONG[name]
    return best(score, text, case.answers, tokens), 1.0


def _cited_rightly(answer: Answer, places: Sequence[Place]) -> Share:
    if not places:
        return NONE
    right = sum(
        _holds(each.document, (each.start, each.end), each.pages, places)
        for each in answer.citations
    )
    return float(right), float(len(answer.citations))


def _evidence_cited(answer: Answer, places: Sequence[Place]) -> Share:
    held = sum(
        any(
            _holds(each.document, (each.start, each.end), each.pages, [place])
            for each in answer.citations
        )
        for place in places
    )
    return float(held), float(len(places))


def _holds(
    document: str, span: tuple[int, int], pages: Iterable[int], places: Sequence[Place]
) -> bool:
    return any(place.held_by(document, span, pages) for place in places)


def _abstention(name: str, case: Case, *, abstained: bool) -> Share:
    answerable = True if case.answerable is None and case.answers else case.answerable
    if answerable is None:
        return NONE
    if name == "AbstP":
        return float(abstained and not answerable), float(abstained)
    if name == "AbstR":
        return (float(abstained), 1.0) if not answerable else NONE
    return (float(not abstained), 1.0) if answerable else NONE
