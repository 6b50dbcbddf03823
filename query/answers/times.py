"""How months, days of the week and years are written, without a date around them."""

from __future__ import annotations

import re
from typing import Literal

Time = Literal["month", "weekday", "year"]

TIMES: dict[Time, re.Pattern[str]] = {
    "month": re.compile(
        r"\b(?:январ|феврал|апрел|июн|июл|август|сентябр|октябр|ноябр|декабр)[а-я]{0,2}\b"
        r"|\bмарт[аеу]?\b|\bма[йяюе]\b"
        r"|\b(?:january|february|april|june|july|august|september|october|november|december)\b"
        r"|(?-i:\b(?:March|May)\b)",
        re.IGNORECASE,
    ),
    "weekday": re.compile(
        r"\b(?:понедельник|вторник|четверг)[а-я]{0,2}\b|\b(?:сред|пятниц|суббот)[аыуе]\b"
        r"|\bвоскресень[еяю]\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b",
        re.IGNORECASE,
    ),
    "year": re.compile(r"\b(?:19|20)\d\d\b"),
}
