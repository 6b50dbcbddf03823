"""Demands that an evaluation has to meet, alone or beside an earlier one."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import MemctlError, UsageError
from memctl.query.evaluation.measure import Measure, split_at_commas
from memctl.query.evaluation.report import Report
from memctl.query.evaluation.statistics import Difference, compare
from memctl.query.evaluation.tally import aligned

_SIGNS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_GATE = re.compile(r"(.+?)\s*(>=|<=|>|<)\s*([-+.\deE]+)")


@dataclass(frozen=True, slots=True)
class Gate:
    """A demand such as ``nDCG@10>=0.60``."""

    measure: Measure
    sign: str
    limit: float

    def __str__(self) -> str:
        return f"{self.measure}{self.sign}{self.limit:g}"

    @classmethod
    def parse(cls, text: str) -> Gate:
        """Read a demand.

        Raises:
            UsageError: it is none.
        """
        found = _GATE.fullmatch(text.strip())
        try:
            limit = float(found[3]) if found else math.nan
        except ValueError:
            limit = math.nan
        if found is None or not math.isfinite(limit):
            raise UsageError(f"{text!r} is no demand", hint="Write one as nDCG@10>=0.60")
        return cls(Measure.parse(found[1]), found[2], limit)

    def met_by(self, value: float) -> bool:
        """Tell whether a value meets the demand."""
        return _SIGNS[self.sign](value, self.limit)


def parse_gates(text: str) -> tuple[Gate, ...]:
    """Read demands with commas between them.

    Raises:
        UsageError: there is none, or one is none.
    """
    gates = tuple(Gate.parse(each) for each in split_at_commas(text))
    if not gates:
        raise UsageError("--fail-under demands nothing", hint="Write it as nDCG@10>=0.60,RR>0.5")
    return gates


@dataclass(frozen=True, slots=True)
class Checked:
    """A demand and what came of it."""

    gate: Gate
    value: float
    met: bool


def check(report: Report, gates: Sequence[Gate]) -> list[Checked]:
    """Return what came of each demand.

    Raises:
        MemctlError: a measure says nothing of any question: that is no zero, and no pass.
    """
    checked: list[Checked] = []
    for gate in gates:
        value = report.value(str(gate.measure))
        if not math.isfinite(value):
            raise MemctlError(
                f"{gate.measure} cannot be told, and {gate} is demanded of it",
                hint="No question speaks of it: give evidence or answers, or drop the demand.",
            )
        checked.append(Checked(gate, value, gate.met_by(value)))
    return checked


@dataclass(frozen=True, slots=True)
class Compared:
    """A measure beside that of the baseline; ``verdict`` is worse, better or same."""

    measure: str
    difference: Difference
    verdict: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """An evaluation beside an earlier one of the same questions.

    ``settings`` are those that differ, old and new. A measure is worse, or better, when so large a
    difference would come by chance in less than ``alpha`` of cases, and it is ``min_delta`` at
    least. ``measures`` without a value in one of the two stand in ``untold``.
    """

    measures: tuple[Compared, ...]
    _: KW_ONLY
    alpha: float
    min_delta: float
    untold: tuple[str, ...] = ()
    settings: tuple[tuple[str, object, object], ...] = ()

    @property
    def worse(self) -> list[Compared]:
        """The measures that got worse."""
        return [each for each in self.measures if each.verdict == "worse"]

    def of(self, measure: str) -> Compared | None:
        """Return what became of a measure."""
        return next((each for each in self.measures if each.measure == measure), None)


def compare_reports(
    base: Report, report: Report, *, alpha: float = 0.05, min_delta: float = 0.01
) -> Comparison:
    """Compare an evaluation with an earlier one, by the measures that both have.

    Measures of the time are not compared: they differ from run to run.

    Raises:
        UsageError: the questions are not the same.
        MemctlError: both have no measure in common, or one of the two cannot be told.
    """
    _same_questions(base, report)
    order = [entry.id for entry in report.entries]
    shared = [
        each
        for each in report.measures
        if each in base.measures and Measure.parse(each).kind != "time"
    ]
    if not shared:
        raise MemctlError(
            "the baseline has none of the measures", hint="Make it anew, or name its --measures."
        )
    both = {
        name: tuple(
            aligned({e.id: e.values[name] for e in each.entries if name in e.values}, order)
            for each in (base, report)
        )
        for name in shared
    }
    told = [name for name in shared if all(math.isfinite(each.value) for each in both[name])]
    gone = [name for name in shared if math.isfinite(both[name][0].value) and name not in told]
    if gone:
        raise MemctlError(
            f"{gone[0]} had a value in the baseline and cannot be told now",
            hint="Leave it out of --measures, or make the baseline anew.",
        )
    found = compare([both[name][0] for name in told], [both[name][1] for name in told])
    return Comparison(
        tuple(
            Compared(name, each, _verdict(each, alpha=alpha, min_delta=min_delta))
            for name, each in zip(told, found, strict=True)
        ),
        alpha=alpha,
        min_delta=min_delta,
        untold=tuple(name for name in shared if name not in told),
        settings=_changed(base, report),
    )


def _verdict(found: Difference, *, alpha: float, min_delta: float) -> str:
    least = max(min_delta - 1e-9, 1e-12)
    if found.delta <= -least and found.p_lower < alpha:
        return "worse"
    return "better" if found.delta >= least and found.p_higher < alpha else "same"


def _same_questions(base: Report, report: Report) -> None:
    old = {entry.id: entry.question for entry in base.entries}
    new = {entry.id: entry.question for entry in report.entries}
    for id_ in old.keys() ^ new.keys():
        where = "the baseline" if id_ in new else "this run"
        raise UsageError(
            f"question {id_!r} is missing from {where}",
            hint="A baseline is of the same questions: make it anew with --out.",
        )
    for id_, text in old.items():
        if new[id_] != text:
            raise UsageError(
                f"question {id_!r} was another one in the baseline: {text[:60]!r}",
                hint="Make the baseline anew with --out.",
            )


def _changed(base: Report, report: Report) -> tuple[tuple[str, object, object], ...]:
    """Return the settings and facts of the corpus that differ."""
    old = {**base.settings, **base.corpus}
    new = {**report.settings, **report.corpus}
    names = dict.fromkeys([*old, *new])
    return tuple(
        (name, old.get(name), new.get(name)) for name in names if old.get(name) != new.get(name)
    )
