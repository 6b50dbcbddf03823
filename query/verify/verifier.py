"""Whether cited passages say what a statement says, by its facts, its words and its meaning."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace

import numpy as np

from memctl.ingest import Embedder, Vectors, detect
from memctl.query.verify.base import Source, Statement, Status, Verdict
from memctl.query.verify.evidence import Evidence
from memctl.query.verify.facts import Faults, Near, faults
from memctl.query.verify.weights import CALIBRATED, PART, SUPPORTED, Signs, chance

_CLOSE = 0.5  # share of a statement's words in one sentence that is in nearly the same words
_EMBEDDED = 24  # sentences at most whose meaning is compared
_EACH = 4  # of one statement
_PART = 0.6  # share of the words of a statement with a wrong fact that still stand there
_FOREIGN = "in another language: only numbers and names were compared"
_NO_CITATION = "no citation"


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found of a statement: signs, faults, and the place of its best sentence."""

    signs: Signs
    faults: Faults
    _: KW_ONLY
    at: int | None


class Verifier:
    """Checks statements; without the built-in embedder by their facts and words alone.

    What a cosine means is another thing with each embedder: the estimate knows that one.
    """

    def __init__(self, embedder: Embedder | None) -> None:
        known = embedder is not None and embedder.name in CALIBRATED
        self._embedder = embedder if known else None

    def verify(self, statements: Sequence[Statement], sources: Sequence[Source]) -> list[Verdict]:
        """Return a verdict for each statement.

        One without a citation is compared with all sources and is at best ``partial``; so is one
        that cites what is not among the ``sources``.
        """
        if not statements:
            return []
        evidence = Evidence(sources)
        meanings = self._meanings(statements, evidence)
        return [
            self._verdict(statement, evidence, meaning)
            for statement, meaning in zip(statements, meanings, strict=True)
        ]

    def measure(self, statement: Statement, sources: Sequence[Source]) -> Measured:
        """Return what a verdict on a statement rests on; for fitting and for looking at."""
        evidence = Evidence(sources)
        (meaning,) = self._meanings([statement], evidence)
        return _measured(statement.text, evidence, set(evidence.sources), meaning)

    def _meanings(
        self, statements: Sequence[Statement], evidence: Evidence
    ) -> list[Mapping[int, float]]:
        """Return for each statement the cosines of the sentences that are most like it."""
        if self._embedder is None or not evidence.sentences:
            return [{} for _ in statements]
        wanted = [_likely(statement, evidence) for statement in statements]
        places = list(dict.fromkeys(at for some in _in_turn(wanted) for at in some))[:_EMBEDDED]
        texts = [each.text for each in statements]
        texts += [evidence.sentences[at].text for at in places]
        vectors: Vectors = self._embedder.embed(texts, role="document")
        said, there = vectors[: len(statements)], vectors[len(statements) :]
        cosines = np.asarray(said @ there.T)
        return [dict(zip(places, row.tolist(), strict=True)) for row in cosines]

    def _verdict(
        self, statement: Statement, evidence: Evidence, meaning: Mapping[int, float]
    ) -> Verdict:
        cited = [n for n in statement.cited if n in evidence.sources]
        unknown = tuple(f"[{n}] was not given" for n in statement.cited if n not in cited)
        if not cited:
            found = _judged(statement.text, evidence, set(evidence.sources), meaning)
            status: Status = (
                "unsupported" if unknown or found.status == "unsupported" else "partial"
            )
            reasons = (*(unknown or (_NO_CITATION,)), *found.reasons)
            return replace(found, status=status, reasons=reasons)
        found = _judged(statement.text, evidence, set(cited), meaning)
        if found.status != "supported":
            others = set(evidence.sources) - set(cited)
            other = _judged(statement.text, evidence, others, meaning) if others else found
            if other.status == "supported" and other.span is not None:
                reason = f"passage {other.span[0]} says it"
                return replace(other, status="misattributed", reasons=(reason,))
        elif unknown:
            return replace(found, status="partial", reasons=unknown)
        return found


def _judged(
    text: str, evidence: Evidence, cited: Collection[int], meaning: Mapping[int, float]
) -> Verdict:
    measured = _measured(text, evidence, cited, meaning)
    p = chance(measured.signs)
    span = None
    if measured.at is not None:
        best = evidence.sentences[measured.at]
        span = best.n, best.start, best.end
    wrong = measured.faults
    if wrong.hard:
        status: Status = "partial" if measured.signs.together >= _PART else "unsupported"
        return Verdict(status, min(p, PART), reasons=(*wrong.hard, *wrong.soft), span=span)
    if not measured.signs.same_language and measured.signs.cosine is None:
        return Verdict("partial", PART, reasons=(_FOREIGN,), span=span)
    if p >= SUPPORTED:
        return Verdict("supported", p, span=span)
    reasons = wrong.soft or ("the passage does not say it in so many words",)
    return Verdict("partial" if p >= PART else "unsupported", p, reasons=reasons, span=span)


def _measured(
    text: str, evidence: Evidence, cited: Collection[int], meaning: Mapping[int, float]
) -> Measured:
    weights, places = evidence.weights(text), evidence.of(cited)
    chosen = evidence.chosen(weights, places)
    titled = evidence.titled(cited)
    sentences = evidence.sentences
    cosines = {at: meaning[at] for at in places if at in meaning}
    best = evidence.held(weights, sentences[chosen[0]].stems) if chosen else 0.0
    together = evidence.held(weights, titled.union(*(sentences[at].stems for at in chosen)))
    language = detect(text)
    sources = [evidence.sources[n] for n in sorted(cited)]
    theirs = detect(" ".join(source.text for source in sources))
    same = language == theirs or "und" in {language, theirs}
    if not same and cosines:
        chosen = sorted(cosines, key=lambda at: -cosines[at])[:1]
    near = Near(
        sentences[chosen[0]].text if chosen else "",
        close=best >= _CLOSE,
        chosen=tuple(sentences[at].text for at in chosen),
        texts=tuple(sentences[at].text for at in _with_neighbours(chosen, places)),
        whole=tuple(source.text for source in sources),
        title=" ".join(source.title for source in sources),
    )
    found = faults(text, near, same_language=same)
    signs = Signs(
        together,
        best,
        max(cosines.values(), default=None),
        soft=bool(found.soft),
        same_language=same,
    )
    return Measured(signs, found, at=chosen[0] if chosen else None)


def _likely(statement: Statement, evidence: Evidence) -> list[int]:
    """Return the sentences that share the most words with a statement, and the first ones."""
    weights = evidence.weights(statement.text)
    cited = [n for n in statement.cited if n in evidence.sources] or list(evidence.sources)
    places = evidence.of(cited)
    return sorted(places, key=lambda at: -evidence.held(weights, evidence.sentences[at].stems))[
        :_EACH
    ]


def _in_turn(wanted: Sequence[Sequence[int]]) -> Iterable[list[int]]:
    """Yield the first of each, then the second of each, and so on."""
    longest = max(map(len, wanted), default=0)
    return ([some[rank] for some in wanted if rank < len(some)] for rank in range(longest))


def _with_neighbours(chosen: Sequence[int], places: Sequence[int]) -> list[int]:
    near = {at + step for at in chosen for step in (-1, 0, 1)}
    return sorted(near.intersection(places))
