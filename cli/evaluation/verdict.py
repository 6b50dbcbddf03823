"""What an evaluation came to: the report, what was demanded of it, and what changed."""

from __future__ import annotations

from dataclasses import KW_ONLY, asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from memctl.query.evaluation import Change, Checked, Comparison, Evaluation, Report


@dataclass(frozen=True, slots=True)
class Verdict:
    """An evaluation with its demands, and beside its baseline where there is one.

    ``strict`` says that a measure that got worse is a failure.
    """

    evaluation: Evaluation
    _: KW_ONLY
    name: str
    checked: tuple[Checked, ...] = ()
    base: Report | None = None
    comparison: Comparison | None = None
    changes: tuple[Change, ...] = ()
    strict: bool = True

    @property
    def report(self) -> Report:
        """The report."""
        return self.evaluation.report

    @property
    def failures(self) -> list[str]:
        """What is not as it was demanded, a line each."""
        found = [
            f"{each.gate} is demanded, {each.gate.measure} is {each.value:.4f}"
            for each in self.checked
            if not each.met
        ]
        if self.comparison is not None and self.strict:
            found += [
                f"{each.measure} got worse: {each.difference.old:.4f} before, "
                f"{each.difference.new:.4f} now (p {chance(each.difference.p_lower)})"
                for each in self.comparison.worse
            ]
        return found

    def fields(self) -> dict[str, Any]:
        """Return all of it as ``memctl.eval/1`` has it; ``timings`` stand last."""
        fields = self.report.fields()
        timings = fields.pop("timings")
        compared = self.comparison
        fields["gates"] = [
            {"gate": str(each.gate), "value": round(each.value, 6), "met": each.met}
            for each in self.checked
        ]
        if compared is not None:
            fields["comparison"] = {
                "alpha": compared.alpha,
                "min_delta": compared.min_delta,
                "measures": {
                    each.measure: {
                        "old": round(each.difference.old, 6),
                        "new": round(each.difference.new, 6),
                        "delta": round(each.difference.delta, 6),
                        "p_worse": round(each.difference.p_lower, 6),
                        "p_better": round(each.difference.p_higher, 6),
                        "verdict": each.verdict,
                    }
                    for each in compared.measures
                },
                "settings": {name: [old, new] for name, old, new in compared.settings},
                "changes": [asdict(each) for each in self.changes],
            }
        return {**fields, "timings": timings}


def chance(p: float) -> str:
    """Return a probability for people."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"
