"""An evaluation as one HTML page that needs nothing else."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from memctl.cli.evaluation.drawings import Bar, bars, recall_curve, recalls_of
from memctl.cli.evaluation.verdict import Verdict, chance
from memctl.cli.output import count
from memctl.cli.page import html_page
from memctl.cli.render import page_words

if TYPE_CHECKING:
    from memctl.query.evaluation import Entry, Found

_WORST, _TAGGED = 20, 6
_STYLE = """
.bad { color: var(--bad); } .good { color: var(--good); } .soft { color: var(--soft); }
.bar { fill: var(--mark); opacity: .45; } .whisker { stroke: var(--ink); stroke-width: 1.5; }
.before { stroke: var(--bad); stroke-width: 2.5; stroke-dasharray: 4 2; }
.curve { fill: none; stroke: var(--mark); stroke-width: 2; } .dot { fill: var(--mark); }
details { border-top: 1px solid var(--grid); padding: .5rem 0; }
summary { cursor: pointer; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(360px, 100%), 1fr));
  gap: 1.5rem; }
.sides h4 { margin: .6rem 0 .2rem; }
ol { margin: 0; padding-left: 1.4rem; }
li.right { border-left: 3px solid var(--good); padding-left: .5rem; margin-left: -.7rem; }
"""


def page(verdict: Verdict) -> str:
    """Return the page: what was demanded, measures, tags, and the questions that fared worst."""
    parts = [*_head(verdict), *_charts(verdict), *_measures(verdict), *_changes(verdict)]
    parts += [*_tags(verdict), *_worst(verdict), *_settings(verdict)]
    return html_page(f"Evaluation of {verdict.name}", "\n".join(parts), style=_STYLE)


def _text(value: object) -> str:
    return html.escape(str(value))


def _row(cells: Iterable[str], tag: str = "td") -> str:
    return f"<tr>{''.join(f'<{tag}>{cell}</{tag}>' for cell in cells)}</tr>"


def _table(head: Iterable[str], rows: Iterable[str]) -> str:
    body = "\n".join(rows)
    return (
        f'<div class="table"><table><thead>{_row(head, "th")}</thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _head(verdict: Verdict) -> Iterator[str]:
    report = verdict.report
    facts = [count(len(report.entries), "question")]
    facts += [f"{value:,} {name}" for name, value in report.corpus.items()]
    yield f"<p>{_text(', '.join(facts))}. Bars are 95 % intervals.</p>"
    for each in verdict.failures:
        yield f'<p class="bad"><strong>{_text(each)}</strong></p>'
    if not verdict.failures and (verdict.checked or verdict.comparison):
        yield '<p class="good"><strong>All that was demanded holds.</strong></p>'


def _charts(verdict: Verdict) -> Iterator[str]:
    compared = verdict.comparison
    found: list[Bar] = []
    for name, total in verdict.report.totals().items():
        if math.isfinite(total.value) and 0 <= total.value <= 1:
            beside = compared.of(name) if compared else None
            old = beside.difference.old if beside else None
            found.append(Bar(name, total.value, total.low, total.high, old))
    yield '<div class="charts">'
    caption = "Measures" + ("; dashed: before" if compared else "")
    yield f"<figure>{bars(found, caption)}<figcaption>{caption}</figcaption></figure>"
    for unit, run in verdict.evaluation.runs.items():
        recalls = recalls_of(run, verdict.evaluation.qrels[unit])
        if len(recalls) > 1:
            said = f"Recall of {unit}s against candidates"
            yield f"<figure>{recall_curve(recalls, said)}<figcaption>{said}</figcaption></figure>"
    yield "</div>"


def _measures(verdict: Verdict) -> Iterator[str]:
    compared = verdict.comparison
    head = ["measure", "value", "95 % interval", "questions"]
    head += ["before", "change", "p", ""] if compared else []
    rows: list[str] = []
    for name, total in verdict.report.totals().items():
        if not math.isfinite(total.value):
            continue
        cells = [
            _text(name),
            f"{total.value:.4f}",
            f"{total.low:.3f} – {total.high:.3f}",
            f"{total.questions:,}",
        ]
        beside = compared.of(name) if compared else None
        if beside is not None:
            found = beside.difference
            p = found.p_lower if found.delta < 0 else found.p_higher
            kind = {"worse": "bad", "better": "good", "same": "soft"}[beside.verdict]
            word = f'<span class="{kind}">{beside.verdict}</span>'
            cells += [f"{found.old:.4f}", f"{found.delta:+.4f}", _text(chance(p)), word]
        elif compared:
            cells += ["", "", "", ""]
        rows.append(_row(cells))
    yield _table(head, rows)
    yield from _latency(verdict)


def _latency(verdict: Verdict) -> Iterator[str]:
    timings = verdict.report.timings
    rows = [
        _row([label, f"{timings[half] * 1000:.1f}", f"{timings[most] * 1000:.1f}"])
        for label, half, most in (
            ("search", "p50", "p95"),
            ("answer from what was found", "answer-p50", "answer-p95"),
        )
        if half in timings
    ]
    if rows:
        yield "<h2>Latency</h2>"
        yield _table(["of a question", "half under, ms", "95 of 100 under, ms"], rows)
    usage = verdict.report.usage
    if usage.get("prompt_tokens"):
        said = ", ".join(f"{_text(name)} {value:,}" for name, value in usage.items())
        yield f"<p>{said}</p>"
    if verdict.report.judge:
        judge = verdict.report.judge
        yield f"<p>Judged by {_text(judge['model'])}: {_text(judge['runs'])}, spread "
        yield f"{_text(judge['spread'])}.</p><details><summary>its prompt</summary>"
        yield f"<pre>{_text(judge['prompt'])}</pre></details>"


def _changes(verdict: Verdict) -> Iterator[str]:
    if not verdict.changes:
        return
    yield "<h2>Questions that lost most</h2>"
    yield _table(
        ["question", "measure", "before", "now", "why"],
        (
            _row(
                [
                    f'{_text(each.question)} <span class="soft">{_text(each.id)}</span>',
                    _text(each.measure),
                    f"{each.old:.3f}",
                    f"{each.new:.3f}",
                    "<br>".join(map(_text, each.reasons)),
                ]
            )
            for each in verdict.changes
        ),
    )


def _tags(verdict: Verdict) -> Iterator[str]:
    report = verdict.report
    names = [name for name, total in report.totals().items() if math.isfinite(total.value)]
    if not report.tags():
        return
    yield "<h2>By tag</h2>"
    rows: list[str] = []
    for tag in report.tags():
        tallies = [report.tally(name, tag=tag) for name in names[:_TAGGED]]
        number = sum(tag in entry.tags for entry in report.entries)
        values = [f"{each.value:.3f}" if each.questions else "–" for each in tallies]
        rows.append(_row([_text(tag), f"{number:,}", *values]))
    yield _table(["tag", "questions", *map(_text, names[:_TAGGED])], rows)


def _worst(verdict: Verdict) -> Iterator[str]:
    from memctl.query.evaluation import worst

    report = verdict.report
    names = [name for name, total in report.totals().items() if math.isfinite(total.value)]
    if not names:
        return
    before = {entry.id: entry for entry in verdict.base.entries} if verdict.base else {}
    yield f"<h2>Worst questions by {_text(names[0])}</h2>"
    for entry in worst(report, names[0], _WORST):
        yield from _question(entry, before.get(entry.id), names[0])


def _question(entry: Entry, before: Entry | None, measure: str) -> Iterator[str]:
    counts, of = entry.values[measure]
    yield f"<details><summary>{counts / of:.3f} {_text(entry.question)} "
    yield f'<span class="soft">{_text(entry.id)}</span></summary>'
    for document, rank in entry.evidence.items():
        where = f"at rank {rank}" if rank else "not found"
        yield f"<div>evidence: {_text(document)}, {where}</div>"
    if entry.right_answers:
        yield f"<div>right answers: {_text(' | '.join(entry.right_answers))}</div>"
    if entry.abstained is not None:
        yield f"<div>answer: {_text(entry.answer or 'refused')}</div>"
    yield '<div class="sides">'
    for label, side in [("now", entry), ("before", before)] if before else [("hits", entry)]:
        yield f"<div><h4>{label}</h4><ol>"
        yield from map(_hit, side.hits)
        yield "</ol></div>"
    yield "</div></details>"


def _hit(hit: Found) -> str:
    kind = ' class="right"' if hit.right else ""
    where = f"{hit.document}{page_words(hit.pages)}"
    return (
        f'<li{kind}><strong>{_text(where)}</strong><br><span class="soft">{_text(hit.text)}</span>'
    )


def _settings(verdict: Verdict) -> Iterator[str]:
    yield "<h2>Settings</h2>"
    rows = (
        _row([_text(name), _text(value)])
        for name, value in {**verdict.report.settings, **verdict.report.corpus}.items()
    )
    yield _table(["", ""], rows)
