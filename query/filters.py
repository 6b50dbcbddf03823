"""Conditions on documents and chunks: ``file:*.pdf``, ``lang:ru``, ``page:12``."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from memctl.ingest import UsageError

# Each is a condition on c, the chunk, and d, the document, with one value for every mark.
_CONDITIONS = {
    "file": "(d.path GLOB ? OR d.file GLOB ? OR d.file GLOB rtrim(?, '/') || '/*')",
    "lang": "c.language = ?",
    "page": "EXISTS (SELECT 1 FROM json_each(c.pages) WHERE CAST(value AS TEXT) = ?)",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition. For ``file``, ``*`` and ``?`` stand for any characters and any one.

    A folder stands for all files in it.
    """

    field: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read ``field:value``.

        Raises:
            UsageError: it is not of that form, or there is no such field.
        """
        field, colon, value = text.partition(":")
        if not colon or not value:
            raise UsageError(
                f"{text!r} is no filter", hint="Write field:value, such as file:*.pdf or lang:ru."
            )
        if field not in _CONDITIONS:
            near = difflib.get_close_matches(field, _CONDITIONS, n=1)
            raise UsageError(
                f"no field {field!r} to filter by",
                hint=f"Did you mean {near[0]!r}?" if near else f"Fields: {', '.join(_CONDITIONS)}.",
            )
        if field == "page" and not (value.isdecimal() and int(value)):
            raise UsageError(f"{value!r} is no page", hint="Write a number from 1, as in page:12.")
        return cls(field, value.lower() if field == "lang" else value)


def to_sql(*together: Sequence[Filter]) -> tuple[str, list[str]]:
    """Return the WHERE clause of several lists of filters, and its values.

    Filters of one list and field are alternatives; fields, and lists, hold together.
    """
    groups = [
        [each for each in filters if each.field == field]
        for filters in together
        for field in dict.fromkeys(each.field for each in filters)
    ]
    clauses = [f"({' OR '.join(_CONDITIONS[each.field] for each in group)})" for group in groups]
    values = [
        value
        for group in groups
        for each in group
        for value in [_as_glob(each)] * _CONDITIONS[each.field].count("?")
    ]
    return (f" WHERE {' AND '.join(clauses)}" if clauses else "", values)


def _as_glob(each: Filter) -> str:
    """Return the value for SQL: to GLOB a bracket would begin a class of characters."""
    return each.value.replace("[", "[[]") if each.field == "file" else each.value
