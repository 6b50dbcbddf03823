"""Charts of an evaluation, as SVG."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 640, 130, 60, 34, 8
CUTOFFS = (1, 2, 3, 5, 10, 20, 50, 100)
_HEIGHT = 300


@dataclass(frozen=True, slots=True)
class Bar:
    """A value from 0 to 1 with the ends of its interval, and what it was before."""

    name: str
    value: float
    low: float
    high: float
    old: float | None = None


def bars(found: Sequence[Bar], label: str) -> str:
    """Return horizontal bars with their intervals; a hollow mark shows the earlier value."""
    height = _TOP + _ROW * len(found) + 24
    parts = [*_scale(height)]
    for number, bar in enumerate(found):
        parts += _bar(bar, _TOP + number * _ROW)
    return _svg(height, label, "".join(parts))


def recall_curve(recalls: Mapping[int, float], label: str) -> str:
    """Return a curve of recall against the number of candidates, on a logarithmic scale."""
    last = math.log10(max(max(recalls), 2))
    places = [
        (_LEFT / 2 + math.log10(k) / last * (_WIDTH - _LEFT / 2 - 24), _y(value), k, value)
        for k, value in recalls.items()
    ]
    parts: list[str] = []
    for tenth in range(0, 11, 2):
        y = _y(tenth / 10)
        parts.append(
            f'<line class="grid" x1="{_LEFT / 2}" x2="{_WIDTH - 24}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT / 2 - 8}" y="{y + 4:.1f}" text-anchor="end">{tenth / 10:.1f}</text>'
        )
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y, _, _ in places)
    parts.append(f'<polyline class="curve" points="{path}"/>')
    for x, y, k, value in places:
        parts.append(
            f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
            f'<text x="{x:.1f}" y="{_HEIGHT - 28}" text-anchor="middle">{k}</text>'
            f'<text x="{x:.1f}" y="{y - 10:.1f}" text-anchor="middle">{value:.2f}</text>'
        )
    middle = _WIDTH / 2
    parts.append(f'<text x="{middle}" y="{_HEIGHT - 8}" text-anchor="middle">candidates</text>')
    return _svg(_HEIGHT, label, "".join(parts))


def recalls_of(
    run: Mapping[str, Mapping[str, float]], qrels: Mapping[str, Mapping[str, int]]
) -> dict[int, float]:
    """Return the mean recall among the first 1, 2, 3, 5, 10 … items, as far as any ranking goes."""
    if not qrels:
        return {}
    longest = max((len(items) for items in run.values()), default=0)
    cutoffs = [k for k in CUTOFFS if k <= max(longest, 10)]
    sums = dict.fromkeys(cutoffs, 0.0)
    for question, judged in qrels.items():
        helpful = {item for item, relevance in judged.items() if relevance > 0}
        scores = run[question]
        order = sorted(scores, key=lambda item: (-scores[item], item))
        for k in cutoffs:
            sums[k] += len(helpful.intersection(order[:k])) / len(helpful)
    return {k: total / len(qrels) for k, total in sums.items()}


def _y(value: float) -> float:
    return _HEIGHT - 48 - value * (_HEIGHT - 48 - 28)


def _x(value: float) -> float:
    return _LEFT + value * (_WIDTH - _LEFT - _RIGHT)


def _scale(height: int) -> Iterator[str]:
    for fifth in range(6):
        x = _x(fifth / 5)
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - 22}"/>'
        yield f'<text x="{x:.1f}" y="{height - 6}" text-anchor="middle">{fifth / 5:.1f}</text>'


def _bar(bar: Bar, top: int) -> Iterator[str]:
    middle = top + _ROW / 2
    yield (
        f'<text x="{_LEFT - 8}" y="{middle + 4:.1f}" text-anchor="end">'
        f"{html.escape(bar.name)}</text>"
    )
    width = max(_x(bar.value) - _LEFT, 0)
    yield f'<rect class="bar" x="{_LEFT}" y="{top + 8}" width="{width:.1f}" height="{_ROW - 16}"/>'
    low, high = _x(bar.low), _x(bar.high)
    yield f'<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}"/>'
    for end in (low, high):
        y = (middle - 5, middle + 5)
        yield f'<line class="whisker" x1="{end:.1f}" x2="{end:.1f}" y1="{y[0]}" y2="{y[1]}"/>'
    if bar.old is not None:
        x = _x(bar.old)
        ends = f'y1="{top + 3}" y2="{top + _ROW - 3}"'
        yield f'<line class="before" x1="{x:.1f}" x2="{x:.1f}" {ends}>'
        yield f"<title>before: {bar.old:.3f}</title></line>"
    yield f'<text x="{_WIDTH - 4}" y="{middle + 4:.1f}" text-anchor="end">{bar.value:.3f}</text>'


def _svg(height: int, label: str, body: str) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{html.escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">{body}</svg>'
    )
