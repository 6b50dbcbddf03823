"""An evaluation as Markdown, for the summary of a CI job."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from memctl.cli.evaluation.verdict import Verdict, chance
from memctl.cli.output import safe

if TYPE_CHECKING:
    from memctl.query.evaluation import Comparison, Report

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|!~$@&])")


def markdown(verdict: Verdict) -> Iterator[str]:
    """Yield the lines of a Markdown page; nothing in it is markup of a document."""
    report, compared = verdict.report, verdict.comparison
    mark = "❌" if verdict.failures else "✅"
    yield f"## {mark} Evaluation of {escaped(verdict.name)}"
    yield ""
    for failure in verdict.failures:
        yield f"- **{escaped(failure)}**"
    if verdict.failures:
        yield ""
    yield from _measures(report, compared)
    if verdict.changes:
        yield from ("", "### Questions that lost most", "")
        yield "| question | measure | before | now | why |"
        yield "| --- | --- | --- | --- | --- |"
        for each in verdict.changes:
            why = "; ".join(each.reasons)
            cells = (f"{each.question} ({each.id})", each.measure, f"{each.old:.3f}")
            yield _row(*map(escaped, (*cells, f"{each.new:.3f}", why)))
    yield from _tags(report)


def escaped(text: str) -> str:
    """Return text of a document as words that Markdown leaves alone."""
    return _MARKS.sub(r"\\\1", safe(text))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _measures(report: Report, compared: Comparison | None) -> Iterator[str]:
    head = ["measure", "value", "95 % interval", "questions"]
    head += ["before", "change", "p", ""] if compared else []
    yield _row(*head)
    yield _row(*("---" for _ in head))
    for name, total in report.totals().items():
        if not math.isfinite(total.value):
            continue
        cells = [
            escaped(name),
            f"{total.value:.4f}",
            f"{total.low:.3f} – {total.high:.3f}",
            f"{total.questions:,}",
        ]
        beside = compared.of(name) if compared else None
        if compared:
            cells += ["", "", "", ""]
        if beside is not None:
            found = beside.difference
            p = found.p_lower if found.delta < 0 else found.p_higher
            word = "" if beside.verdict == "same" else f"**{beside.verdict}**"
            cells[-4:] = [f"{found.old:.4f}", f"{found.delta:+.4f}", escaped(chance(p)), word]
        yield _row(*cells)


def _tags(report: Report) -> Iterator[str]:
    tags = report.tags()
    names = [name for name, total in report.totals().items() if math.isfinite(total.value)][:4]
    if not tags or not names:
        return
    yield from ("", "### By tag", "")
    yield _row("tag", "questions", *map(escaped, names))
    yield _row(*("---" for _ in range(len(names) + 2)))
    for tag in tags:
        values = [report.tally(name, tag=tag) for name in names]
        number = sum(tag in entry.tags for entry in report.entries)
        shown = [f"{each.value:.3f}" if each.questions else "–" for each in values]
        yield _row(escaped(tag), str(number), *shown)
