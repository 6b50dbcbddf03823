"""An evaluation on a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memctl.cli.evaluation.verdict import Verdict, chance
from memctl.cli.output import bold, count, dim, green, paint, safe, wrapped

if TYPE_CHECKING:
    from memctl.query.evaluation import Compared, Report

_HEAD = "measure        value  95 % interval  questions"
_RED = "31"


def table(verdict: Verdict) -> Iterator[str]:
    """Yield the lines of an evaluation: measures, what changed, what was demanded."""
    report, compared = verdict.report, verdict.comparison
    yield bold(_HEAD + ("    before   change  p" if compared else ""))
    for name, total in report.totals().items():
        if not math.isfinite(total.value):
            yield dim(f"{name:<13}      –   {'':>11}  {0:>9}")
            continue
        line = f"{name:<13} {total.value:6.4f}   {total.low:.2f} – {total.high:.2f}"
        line += f"  {total.questions:>9,}"
        beside = compared.of(name) if compared else None
        yield line + (f"    {_beside(beside)}" if beside else "")
    yield from _costs(report)
    if compared is not None:
        yield from _compared(verdict)
    yield from _demands(verdict)


def _beside(compared: Compared) -> str:
    found = compared.difference
    low = found.delta < 0
    text = f"{found.old:.4f}  {found.delta:+.4f}  "
    text += chance(found.p_lower if low else found.p_higher)
    if compared.verdict == "same":
        return text
    word = f"{text} {compared.verdict}"
    return paint(word, _RED) if compared.verdict == "worse" else green(word)


def _costs(report: Report) -> Iterator[str]:
    timings, usage = report.timings, report.usage
    parts = [
        f"{label} {timings[half] * 1000:.1f} ms, p95 {timings[most] * 1000:.1f} ms"
        for label, half, most in (
            ("a search", "p50", "p95"),
            ("an answer", "answer-p50", "answer-p95"),
        )
        if half in timings
    ]
    if usage.get("prompt_tokens"):
        parts.append(
            f"{count(int(usage['prompt_tokens']), 'token')} read, "
            f"{usage['completion_tokens']:,} written"
        )
    if "cost" in usage:
        parts.append(f"cost {usage['cost']:.4f}")
    if parts:
        yield ""
        yield from (dim(line) for line in wrapped("; ".join(parts)))
    if report.judge:
        runs = ", ".join(f"{each:.3f}" for each in report.judge["runs"])
        spread = report.judge["spread"]
        yield dim(f"judged by {safe(report.judge['model'])}: {runs} (spread {spread:.3f})")


def _compared(verdict: Verdict) -> Iterator[str]:
    compared = verdict.comparison
    if compared is None:
        return
    for name, old, new in compared.settings:
        yield dim(safe(f"{name}: {old} before, {new} now"))
    if not verdict.changes:
        return
    yield ""
    yield bold(f"{count(len(verdict.changes), 'question')} that lost most")
    for each in verdict.changes:
        where = f"{each.measure} {each.old:.3f} → {each.new:.3f}"
        yield f"{safe(each.id)}  {dim(where)}"
        yield from wrapped(each.question, indent="    ", lines=2)
        for reason in each.reasons:
            for number, line in enumerate(wrapped(reason, indent="      ")):
                yield line if number else f"    ↳ {line.lstrip()}"


def _demands(verdict: Verdict) -> Iterator[str]:
    if verdict.checked:
        yield ""
    for each in verdict.checked:
        text = f"{each.gate}: {each.value:.4f}"
        yield green(f"holds   {text}") if each.met else paint(f"missed  {text}", _RED)
