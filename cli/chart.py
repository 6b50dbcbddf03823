"""Charts of an index sweep: one drawing, as SVG in a page and as PNG."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from memctl.cli.page import html_page

if TYPE_CHECKING:
    from memctl.index import Measured, Swept

# Told apart by people who do not see red and green alike (Okabe and Ito), each with its own mark.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7f7f7f")
_MARKS = ("o", "s", "^", "D", "v", "P", "X")
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BOTTOM = 640, 400, 60, 16, 16, 52


@dataclass(frozen=True, slots=True)
class Axis:
    """What is drawn from left to right, on a logarithmic scale."""

    title: str
    value: Callable[[Measured], float]


AXES = (
    Axis("milliseconds a query (one thread)", lambda point: point.milliseconds),
    Axis("bytes a vector, on disk", lambda point: point.bytes_on_disk),
    Axis("bytes a vector, in memory", lambda point: point.bytes_in_memory),
)


def page(swept: Swept, title: str) -> str:
    """Return one HTML page that needs nothing else: three charts, and a table of all points."""
    charts = "\n".join(
        f"<figure>{svg(swept, axis)}<figcaption>Recall@10 against {html.escape(axis.title)}"
        "</figcaption></figure>"
        for axis in AXES
    )
    facts = html.escape(
        f"{swept.vectors:,} vectors of {swept.dimension} dimensions, {swept.queries} queries; "
        "bars are 95 % intervals. Up and to the left is better."
    )
    rows = "\n".join(_row(point) for point in swept.points)
    return html_page(title, _BODY.format(facts=facts, charts=charts, rows=rows))


def svg(swept: Swept, axis: Axis) -> str:
    """Return one chart: recall@10 upwards, ``axis`` to the right, a line a type."""
    scale = _Scale.of(swept.points, axis)
    parts = [*_grid(scale, axis)]
    for number, (kind, points) in enumerate(_by_type(swept.points)):
        colour = _COLOURS[number % len(_COLOURS)]
        parts += _line(points, axis, scale, colour=colour, kind=kind)
        parts.append(_legend(kind, number, colour))
    body = "".join(parts)
    label = html.escape(f"Recall@10 against {axis.title}")
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{label}" '
        f'xmlns="http://www.w3.org/2000/svg">{body}</svg>'
    )


def png(swept: Swept, title: str, file: Path) -> None:
    """Draw the three charts into a PNG file; needs matplotlib.

    Raises:
        ImportError: matplotlib is not installed.
        OSError: the file cannot be written.
    """
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(15, 5), layout="constrained", dpi=110)
    drawn: Any = figure.subplots(1, len(AXES), sharey=True)
    for chart, axis in zip(drawn, AXES, strict=True):
        for number, (kind, points) in enumerate(_by_type(swept.points)):
            means = [point.recall.mean for point in points]
            lows = [max(point.recall.mean - point.recall.low, 0) for point in points]
            highs = [max(point.recall.high - point.recall.mean, 0) for point in points]
            chart.errorbar(
                [axis.value(point) for point in points],
                means,
                yerr=[lows, highs],
                label=kind,
                color=_COLOURS[number % len(_COLOURS)],
                marker=_MARKS[number % len(_MARKS)],
                capsize=2,
            )
        chart.set_xscale("log")
        chart.set_xlabel(axis.title)
        chart.grid(alpha=0.3)
    drawn[0].set_ylabel("recall@10")
    drawn[0].legend()
    figure.suptitle(title.replace("$", r"\$"))
    figure.savefig(file, format="png")


@dataclass(frozen=True, slots=True)
class _Scale:
    """From values to places: logarithmic to the right, recall upwards."""

    left: float
    right: float
    low: float

    @classmethod
    def of(cls, points: Sequence[Measured], axis: Axis) -> _Scale:
        values = [max(axis.value(point), 1e-4) for point in points]
        low = min(point.recall.low for point in points)
        return cls(
            math.log10(min(values)) - 0.1,
            math.log10(max(values)) + 0.1,
            max(math.floor(low * 10) / 10 - 0.05, 0) if low < 0.95 else 0.9,
        )

    def x(self, value: float) -> float:
        share = (math.log10(max(value, 1e-4)) - self.left) / max(self.right - self.left, 1e-9)
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, recall: float) -> float:
        share = (recall - self.low) / (1.01 - self.low)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    def ticks(self) -> Iterator[float]:
        """Yield 1, 2 and 5 of each power of ten that is on the axis."""
        for power in range(math.floor(self.left), math.ceil(self.right) + 1):
            for first in (1, 2, 5):
                value = first * 10.0**power
                if self.left <= math.log10(value) <= self.right:
                    yield value


def _by_type(points: Sequence[Measured]) -> list[tuple[str, list[Measured]]]:
    kinds = dict.fromkeys(point.type for point in points)
    return [(kind, [point for point in points if point.type == kind]) for kind in kinds]


def _grid(scale: _Scale, axis: Axis) -> Iterator[str]:
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    step = 0.1 if scale.low < 0.7 else 0.05 if scale.low < 0.85 else 0.02
    for number in range(math.ceil(scale.low / step), round(1 / step) + 1):
        y = scale.y(number * step)
        yield f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{number * step:.2f}</text>'
    for value in scale.ticks():
        x = scale.x(value)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{value:g}</text>'
    middle = (_LEFT + right) / 2
    yield f'<text x="{middle}" y="{_HEIGHT - 10}" text-anchor="middle">{axis.title}</text>'


def _line(
    points: Sequence[Measured], axis: Axis, scale: _Scale, *, colour: str, kind: str
) -> Iterator[str]:
    places = [(scale.x(axis.value(point)), scale.y(point.recall.mean)) for point in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    yield f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{path}"/>'
    for point, (x, y) in zip(points, places, strict=True):
        low, high = scale.y(point.recall.low), scale.y(point.recall.high)
        yield f'<line stroke="{colour}" x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>'
        said = html.escape(f"{kind} {_effort(point)}: {point.recall.mean:.3f}")
        yield f'<circle fill="{colour}" cx="{x:.1f}" cy="{y:.1f}" r="3.5">'
        yield f"<title>{said}</title></circle>"


def _legend(kind: str, number: int, colour: str) -> str:
    y = _HEIGHT - _BOTTOM - 14 - 18 * number
    x = _WIDTH - _RIGHT - 110
    return (
        f'<circle fill="{colour}" cx="{x}" cy="{y - 4}" r="4"/>'
        f'<text x="{x + 10}" y="{y}">{html.escape(kind)}</text>'
    )


def _effort(point: Measured) -> str:
    effort = point.effort
    parts = {"nprobe": effort.nprobe, "k-factor": effort.k_factor, "ef": effort.ef}
    return " ".join(f"{name}={value}" for name, value in parts.items() if value) or "whole"


def _row(point: Measured) -> str:
    recall = point.recall
    cells = (
        point.type,
        point.spec,
        _effort(point),
        f"{recall.mean:.3f} ({recall.low:.3f}–{recall.high:.3f})",
        f"{point.milliseconds:.3f}",
        f"{point.bytes_on_disk:,.0f}",
        f"{point.bytes_in_memory:,.0f}",
        f"{point.build_seconds:.1f}",
    )
    return f"<tr>{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>"


_BODY = """<p>{facts}</p>
<div class="charts">
{charts}
</div>
<div class="table"><table>
<thead><tr><th>type</th><th>spec</th><th>search</th><th>recall@10 (95 %)</th><th>ms</th>
<th>bytes on disk</th><th>in memory</th><th>build CPU s</th></tr></thead>
<tbody>
{rows}
</tbody>
</table></div>"""
