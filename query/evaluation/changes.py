"""Which questions an evaluation answers worse than the baseline, and where they were lost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from memctl.query.evaluation.gates import Comparison
from memctl.query.evaluation.report import Entry, Report
from memctl.query.evaluation.tally import Share
from memctl.query.filters import Filter
from memctl.query.how import How
from memctl.query.search import Searcher
from memctl.query.why import why

_WITHIN = 10  # ranks that a user looks at


@dataclass(frozen=True, slots=True)
class Change:
    """A question that fares worse by a measure, the old and new value, and why, in words."""

    id: str
    question: str
    measure: str
    old: float
    new: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tracer:
    """How the questions were searched for, to follow a document through that search."""

    searcher: Searcher
    how: How
    filters: tuple[Filter, ...] = ()


def changes(
    base: Report, report: Report, comparison: Comparison, *, tracer: Tracer | None, most: int = 10
) -> list[Change]:
    """Return the questions that lost most by each measure that got worse, each question once.

    ``tracer`` tells at which stage a document fell out.
    """
    old = {entry.id: entry for entry in base.entries}
    found: dict[str, Change] = {}
    for compared in comparison.worse:
        losses = sorted(
            (
                (_value(entry, compared.measure) - _value(old[entry.id], compared.measure), entry)
                for entry in report.entries
                if compared.measure in entry.values
            ),
            key=lambda pair: pair[0],
        )
        for loss, entry in losses[:most]:
            if loss < 0 and entry.id not in found:
                before = old[entry.id]
                reasons = tuple(_reasons(before, entry, tracer))
                found[entry.id] = Change(
                    entry.id,
                    entry.question,
                    compared.measure,
                    _value(before, compared.measure),
                    _value(entry, compared.measure),
                    reasons,
                )
    return list(found.values())[:most]


def _value(entry: Entry, measure: str) -> float:
    counts, of = entry.values.get(measure, (0.0, 0.0))
    return _ratio((counts, of))


def _ratio(found: Share) -> float:
    return found[0] / found[1] if found[1] else 0.0


def _reasons(before: Entry, now: Entry, tracer: Tracer | None) -> Iterator[str]:
    for document in dict.fromkeys((*before.evidence, *now.evidence)):
        old, new = before.evidence.get(document), now.evidence.get(document)
        if old is None or old == new or (new is not None and new < old):
            continue
        yield f"{document}: rank {old} before, {_rank(new)} now{_lost(now, document, new, tracer)}"
    yield from _answers(before, now)


def _rank(rank: int | None) -> str:
    return "none" if rank is None else str(rank)


def _lost(entry: Entry, document: str, rank: int | None, tracer: Tracer | None) -> str:
    """Return where the document fell out, where it did."""
    if tracer is None or rank is not None:
        return ""
    found = why(
        tracer.searcher, entry.question, document, k=_WITHIN, filters=tracer.filters, how=tracer.how
    )
    return f": {found.lost}" if found.lost else ""


def _answers(before: Entry, now: Entry) -> Iterator[str]:
    if before.abstained is None or now.abstained is None:
        return
    if now.abstained and not before.abstained:
        yield "it was answered before, and is refused now"
    elif before.abstained and not now.abstained:
        yield "it was refused before, and is answered now"
    elif before.answer != now.answer:
        yield f"it is answered otherwise now: {_short(now.answer)}"


def _short(text: str) -> str:
    return text if len(text) <= 80 else f"{text[:80]}…"


def worst(report: Report, measure: str, most: int = 20) -> Sequence[Entry]:
    """Return the entries with the lowest values of a measure, those that it speaks of."""
    some = [entry for entry in report.entries if entry.values.get(measure, (0.0, 0.0))[1]]
    return sorted(some, key=lambda entry: _value(entry, measure))[:most]
