"""An evaluation as it is kept: what was asked, what came of it, and what it is worth."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field
from pathlib import Path
from typing import Any

from memctl.ingest import UsageError
from memctl.query.evaluation.measure import TIMES
from memctl.query.evaluation.statistics import interval
from memctl.query.evaluation.tally import Share, Tally, aligned

SCHEMA = "memctl.eval/1"
_HINT = "Name what memctl eval run --out wrote."


@dataclass(frozen=True, slots=True)
class Found:
    """A hit as a report keeps it: where it is, and how it begins. ``right`` holds evidence."""

    document: str
    _: KW_ONLY
    pages: tuple[int, ...]
    start: int
    end: int
    right: bool
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What came of one question.

    ``values`` are the shares by measure; ``evidence`` are the documents that hold it, each with
    the rank of its first hit, None where there is none. ``answer`` is empty where none was asked
    for, and where it was refused.
    """

    id: str
    question: str
    _: KW_ONLY
    tags: tuple[str, ...] = ()
    values: Mapping[str, Share] = field(default_factory=dict[str, Share])
    evidence: Mapping[str, int | None] = field(default_factory=dict[str, "int | None"])
    hits: tuple[Found, ...] = ()
    answer: str = ""
    abstained: bool | None = None
    right_answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """A measure over all questions that it speaks of, with its 95 % interval."""

    value: float
    low: float
    high: float
    _: KW_ONLY
    questions: int


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation. ``settings`` say how was searched and answered, ``corpus`` in what.

    ``timings`` is all that differs from run to run.
    """

    settings: Mapping[str, Any]
    corpus: Mapping[str, Any]
    _: KW_ONLY
    measures: tuple[str, ...]
    entries: tuple[Entry, ...]
    usage: Mapping[str, float] = field(default_factory=dict[str, float])
    judge: Mapping[str, Any] = field(default_factory=dict[str, Any])
    timings: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def tally(self, measure: str, *, tag: str = "") -> Tally:
        """Return a measure over the questions, or over those with a tag."""
        some = [each for each in self.entries if not tag or tag in each.tags]
        shares = {each.id: each.values[measure] for each in some if measure in each.values}
        return aligned(shares, [each.id for each in some])

    def totals(self) -> dict[str, Total]:
        """Return each measure over all questions; those of the time are in ``timings``."""
        return {name: _total(self.tally(name)) for name in self.measures if name not in TIMES}

    def value(self, measure: str) -> float:
        """Return a measure over all questions; NaN where it speaks of none."""
        if measure in TIMES:
            return float(self.timings.get(measure, math.nan))
        return self.tally(measure).value

    def tags(self) -> list[str]:
        """Return all tags, sorted."""
        return sorted({tag for each in self.entries for tag in each.tags})

    def fields(self) -> dict[str, Any]:
        """Return the report as JSON has it, without what was compared with it."""
        return {
            "settings": self.settings,
            "corpus": self.corpus,
            "measures": {name: _total_fields(total) for name, total in self.totals().items()},
            "tags": {
                tag: {
                    name: _number(self.tally(name, tag=tag).value)
                    for name in self.measures
                    if name not in TIMES
                }
                for tag in self.tags()
            },
            "usage": self.usage,
            **({"judge": self.judge} if self.judge else {}),
            "questions": [_entry_fields(each) for each in self.entries],
            "timings": self.timings,
        }

    def lines(self) -> Iterator[str]:
        """Yield the JSON of the report, a question a line, so that changes are easy to read."""
        fields = {"schema": SCHEMA, **self.fields()}
        last = len(fields) - 1
        yield "{"
        for number, (name, value) in enumerate(fields.items()):
            comma = "," if number < last else ""
            if name != "questions":
                yield f"{_json(name)}: {_json(value)}{comma}"
                continue
            yield f"{_json(name)}: ["
            for place, entry in enumerate(value, start=1):
                yield f"{_json(entry)}{',' if place < len(value) else ''}"
            yield f"]{comma}"
        yield "}"


def load(file: Path) -> Report:
    """Read a report.

    Raises:
        UsageError: it cannot be read, or is none.
    """
    try:
        data = json.loads(file.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}", hint=_HINT) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is not JSON: {error}", hint=_HINT) from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise UsageError(f"{file} is no report of an evaluation", hint=_HINT)
    try:
        return from_fields(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{file} is a damaged report: {error!r}", hint=_HINT) from error


def from_fields(data: Mapping[str, Any]) -> Report:
    """Return the report that JSON holds."""
    timings = data["timings"]
    names = list(data["measures"])
    return Report(
        data["settings"],
        data["corpus"],
        measures=(*names, *(name for name in TIMES if name in timings)),
        entries=tuple(_entry(each) for each in data["questions"]),
        usage=data["usage"],
        judge=data.get("judge", {}),
        timings=timings,
    )


def _entry(data: Mapping[str, Any]) -> Entry:
    return Entry(
        data["_id"],
        data["question"],
        tags=tuple(data["tags"]),
        values={name: _share(value) for name, value in data["values"].items()},
        evidence=data["evidence"],
        hits=tuple(_found(hit) for hit in data["hits"]),
        answer=data.get("answer", ""),
        abstained=data.get("abstained"),
        right_answers=tuple(data.get("right_answers", ())),
    )


def _found(data: Mapping[str, Any]) -> Found:
    return Found(
        data["document"],
        pages=tuple(data["pages"]),
        start=data["start"],
        end=data["end"],
        right=data["right"],
        text=data["text"],
    )


def _entry_fields(entry: Entry) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "_id": entry.id,
        "question": entry.question,
        "tags": list(entry.tags),
        "values": {name: _plain_share(value) for name, value in entry.values.items()},
        "evidence": dict(entry.evidence),
        "hits": [{**asdict(hit), "pages": list(hit.pages)} for hit in entry.hits],
    }
    if entry.abstained is not None:
        fields["answer"] = entry.answer
        fields["abstained"] = entry.abstained
        fields["right_answers"] = list(entry.right_answers)
    return fields


def _plain_share(value: Share) -> float | list[float]:
    """Return a share as a number where it is one of one, else as both of its numbers."""
    counts, of = round(value[0], 6), value[1]
    return counts if of == 1 else [counts, of]


def _share(value: Any) -> Share:  # noqa: ANN401  whatever JSON holds
    counts, of = map(float, value if isinstance(value, list) else (value, 1))
    if not (math.isfinite(counts) and math.isfinite(of)):
        raise ValueError(f"a value is {value}")
    return counts, of


def _total(tally: Tally) -> Total:
    low, high = interval(tally)
    return Total(tally.value, low, high, questions=tally.questions)


def _total_fields(total: Total) -> dict[str, Any]:
    return {
        "value": _number(total.value),
        "low": _number(total.low),
        "high": _number(total.high),
        "questions": total.questions,
    }


def _number(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
