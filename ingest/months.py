"""The months by the first three letters of their names, in Russian and English."""

from __future__ import annotations

_NAMES = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "янв фев мар апр май июн июл авг сен окт ноя дек",
)
MONTHS = {
    name: number for names in _NAMES for number, name in enumerate(names.split(), start=1)
} | dict.fromkeys(("мая", "мае", "маю"), 5)
