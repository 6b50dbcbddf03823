"""A sweep as one HTML page: quality against the time of a search and against bytes on disk."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memctl.cli.output import size
from memctl.cli.page import html_page

if TYPE_CHECKING:
    from memctl.query.evaluation import Measure, Trial

_WIDTH, _HEIGHT, _LEFT, _BOTTOM, _TOP, _RIGHT = 640, 380, 60, 52, 20, 40
_STYLE = """
.dot { fill: var(--old); } .front { fill: var(--mark); } .best { fill: var(--bad); }
.whisker { stroke: var(--ink); opacity: .4; }
"""


@dataclass(frozen=True, slots=True)
class _Axis:
    """What is drawn to the right, on a logarithmic scale."""

    title: str
    value: Callable[[Trial], float]
    show: Callable[[float], str]


_AXES = (
    _Axis("milliseconds a search", lambda trial: trial.seconds * 1000, "{:.3g}".format),
    _Axis("bytes of the indexes", lambda trial: float(trial.bytes), size),
)


def swept_page(trials: list[Trial], measure: Measure) -> str:
    """Return the page; blue dots are on the Pareto front, the red one is the best."""
    charts = "".join(
        f"<figure>{_chart(trials, measure, axis)}"
        f"<figcaption>{html.escape(str(measure))} against {axis.title}</figcaption></figure>"
        for axis in _AXES
    )
    body = (
        "<p>Up and to the left is better. Blue: no other is better, faster and smaller. Red: the "
        f'best. Lines are 95 % intervals.</p><div class="charts">{charts}</div>'
        f"{_table(trials, measure)}"
    )
    return html_page(f"Sweep by {measure}", body, style=_STYLE)


def _kinds(trials: list[Trial], measure: Measure) -> dict[int, str]:
    from memctl.query.evaluation import front, winner

    kinds = {id(each): "front" for each in front(trials, measure)}
    return {**kinds, id(winner(trials, measure)): "best"}


def _chart(trials: list[Trial], measure: Measure, axis: _Axis) -> str:
    places = [math.log10(max(axis.value(each), 1e-3)) for each in trials]
    left, right = min(places) - 0.05, max(places) + 0.05
    totals = [each.report.totals()[str(measure)] for each in trials]
    low, high = min(each.low for each in totals), max(each.high for each in totals)
    high = max(high, low + 0.01)

    def x_of(place: float) -> float:
        return _LEFT + (place - left) / (right - left) * (_WIDTH - _LEFT - _RIGHT)

    def y_of(value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    parts: list[str] = []
    for step in range(5):
        value = low + (high - low) * step / 4
        y = y_of(value)
        parts.append(
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:.3f}</text>'
        )
        place = left + (right - left) * step / 4
        parts.append(
            f'<text x="{x_of(place):.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">'
            f"{axis.show(10**place)}</text>"
        )
    kinds = _kinds(trials, measure)
    for trial, place, total in zip(trials, places, totals, strict=True):
        x, ends = x_of(place), (y_of(total.low), y_of(total.high))
        parts.append(
            f'<line class="whisker" x1="{x:.1f}" x2="{x:.1f}" '
            f'y1="{ends[0]:.1f}" y2="{ends[1]:.1f}"/>'
            f'<circle class="dot {kinds.get(id(trial), "")}" cx="{x:.1f}" '
            f'cy="{y_of(total.value):.1f}" r="5"><title>{html.escape(trial.setup.label)}</title>'
            "</circle>"
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 10}" text-anchor="middle">{axis.title}</text>')
    label = html.escape(f"{measure} against {axis.title}")
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def _table(trials: list[Trial], measure: Measure) -> str:
    kinds = _kinds(trials, measure)
    rows: list[str] = []
    for trial in sorted(trials, key=lambda each: -each.value(measure)):
        total = trial.report.totals()[str(measure)]
        cells = (
            trial.setup.label,
            f"{total.value:.4f}",
            f"{total.low:.3f} – {total.high:.3f}",
            f"{trial.seconds * 1000:.1f}",
            size(trial.bytes),
            kinds.get(id(trial), ""),
        )
        rows.append(f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>")
    head = ("setup", str(measure), "95 % interval", "ms a search", "bytes", "")
    names = "".join(f"<th>{html.escape(each)}</th>" for each in head)
    return (
        f'<div class="table"><table><thead><tr>{names}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
