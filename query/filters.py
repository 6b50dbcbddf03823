"""Conditions on documents and chunks: ``file:*.pdf``, ``lang:ru``, ``after:2024``, ``-tag:old``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass

from memctl.ingest import FRESH_NS, Catalog, UsageError, composed, folded
from memctl.ingest.readers.days import iso

# A document's own date, or else that in the name of its file, or else that of its properties, or
# else the day, where this machine is, on which the file was changed; days and months compare as
# text.
_ISO = "[0-9][0-9][0-9][0-9]*"
_OWN, _MODIFIED, _CREATED = (
    f"(SELECT value FROM json_each(d.metadata, '$.{name}') WHERE value GLOB '{_ISO}')"
    for name in ("date", "modified", "created")
)
_CHANGED = (
    "(SELECT date((CASE WHEN f.mtime_ns < -:fresh / 2"
    " THEN f.mtime_ns + :fresh ELSE nullif(f.mtime_ns, -1) END) / 1000000000,"
    " 'unixepoch', 'localtime')"
    " FROM files f WHERE f.path = d.file)".replace(":fresh", str(FRESH_NS))
)
_PROPERTY = f"coalesce({_MODIFIED}, {_CREATED})"
DATE = f"coalesce({_OWN}, dated(d.path, d.file, {_PROPERTY}, {_CHANGED}))"
_SURE_DATE = f"coalesce({_OWN}, {_PROPERTY}, {_CHANGED})"
_SAID = "EXISTS (SELECT 1 FROM json_each(d.metadata, '$.\"{name}\"') WHERE folded(value) GLOB ?)"
_HELD = _SAID.replace("GLOB ?", "GLOB '*' || ? || '*'")

# A path without its folders: SQLite has no function for that.
_NAME = "substr({path}, length(rtrim({path}, replace({path}, '/', ''))) + 1)"

# Each is a condition on c, the chunk, and d, the document, with one value for every mark.
_CONDITIONS = {
    # A pattern with a slash fits no bare name.
    "file": "(d.path GLOB ? OR d.file GLOB ? OR d.file GLOB rtrim(?, '/') || '/*'"
    f" OR {_NAME.format(path='d.path')} GLOB ? OR {_NAME.format(path='d.file')} GLOB ?)",
    "lang": "c.language = ?",
    "page": "EXISTS (SELECT 1 FROM json_each(c.pages) "
    " WHERE value BETWEEN CAST(? AS INTEGER) AND CAST(? AS INTEGER))",
    "after": f"{DATE} >= ?",
    "before": f"{DATE} < ?",
    "date": f"{DATE} GLOB ? || '*'",
    "title": "folded(d.title) GLOB '*' || ? || '*'",
    "heading": "EXISTS (SELECT 1 FROM json_tree(c.headings)"
    " WHERE type = 'text' AND folded(value) GLOB '*' || ? || '*')",
    "id": "d.id = ?",
    "tag": f"({_SAID.format(name='tags')} OR {_SAID.format(name='keywords')})",
}
FIELDS = frozenset(_CONDITIONS)
# Metadata that people write: a part of it is enough, as of a title. All other is meant as a whole.
WRITTEN = frozenset({"author", "cc", "description", "from", "subject", "summary", "to"})
# What else may stand in a question without --filter: common words would be mistaken for fields.
SAID = FIELDS | {"author", "cc", "folder", "from", "message_id", "subject", "to"}
# What a field is called by who thinks of it in Russian.
IN_RUSSIAN = {
    "автор": "author",
    "дата": "date",
    "заголовок": "heading",
    "кому": "to",
    "копия": "cc",
    "название": "title",
    "от": "from",
    "папка": "folder",
    "после": "after",
    "страница": "page",
    "тег": "tag",
    "тема": "subject",
    "файл": "file",
    "язык": "lang",
}

_FORM = re.compile(r"(-?)([^\W\d_][\w.-]*):(.+)", re.DOTALL)
_DAY = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_PAGES = re.compile(r"([1-9]\d{0,8})(?:-([1-9]\d{0,8}))?")
_DATED = frozenset({"after", "before", "date"})
_NAMES = frozenset({"file", "id"})  # which a disk keeps in one of two ways
_DATES = (
    "Write a year, a month or a day, as in FIELD:2024, FIELD:2024-06, FIELD:2024-06-01 or"
    " FIELD:01.06.2024."
)
_CHECKS = {
    "page": (_PAGES, "is no page", "Write a number from 1, or two, as in page:12 or page:3-7."),
    "after": (_DAY, "is no date", _DATES.replace("FIELD", "after")),
    "before": (_DAY, "is no date", _DATES.replace("FIELD", "before")),
    "date": (re.compile(rf"(?:{_DAY.pattern})\*?"), "is no date", _DATES.replace("FIELD", "date")),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition, or with ``negated`` that it does not hold.

    ``field`` is one of ``FIELDS`` or a name of the documents' metadata. For ``file``, titles and
    metadata, ``*`` and ``?`` stand for any characters and any one; a folder stands for all files in
    it, and a name without folders for the files of that name in any. Of titles, headings and what
    people write (``WRITTEN``) a part is enough, other metadata is compared as a whole. A heading
    may stand above a passage or within it. ``after`` takes in the beginning of what it names,
    ``before`` ends there, ``date`` lies within; the date is the document's own, or else that
    in the name of its file, or else that of its properties, or else its file's. A day may be
    written as documents write it, such as 01.06.2024: it is kept as 2024-06-01.
    """

    field: str
    value: str
    _: KW_ONLY
    negated: bool = False

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Read ``field:value`` or ``-field:value``.

        Raises:
            UsageError: it is not of that form, or the value is none for that field.
        """
        match = _FORM.fullmatch(text.strip())
        if match is None:
            raise UsageError(
                f"{text!r} is no filter", hint="Write field:value, such as file:*.pdf or lang:ru."
            )
        minus, field, value = match.groups()
        value = iso(value) if field in _DATED else value
        _check(field, value)
        return cls(field, value.lower() if field == "lang" else value, negated=bool(minus))

    def __str__(self) -> str:
        """Write it as it is parsed."""
        return f"{'-' if self.negated else ''}{self.field}:{self.value}"


def _check(field: str, value: str) -> None:
    pattern, wrong, hint = _CHECKS.get(field, (None, "", ""))
    if pattern is None:
        return
    match = pattern.fullmatch(value)
    if match is None:
        raise UsageError(f"{value!r} {wrong}", hint=hint)
    if field == "page" and match[2] and int(match[2]) < int(match[1]):
        raise UsageError(f"the pages {value} end before they begin", hint=hint)


def check_fields(filters: Iterable[Filter], catalog: Catalog) -> None:
    """Refuse a field that neither memctl nor any document of the catalog has.

    Raises:
        UsageError: there is such a field; the hint has the near names.
    """
    for field in {each.field for each in filters} - FIELDS:
        if catalog.says(field):
            continue
        known = [*sorted(FIELDS), *(name for name in catalog.said() if name not in FIELDS)]
        meant = IN_RUSSIAN.get(field.casefold())
        near = [meant] if meant in known else difflib.get_close_matches(field, known, n=1)
        raise UsageError(
            f"no field {field!r} to filter by",
            hint=f"Did you mean {near[0]!r}?" if near else f"Fields: {', '.join(known)}.",
        )


def alternatives(*together: Sequence[Filter]) -> list[list[Filter]]:
    """Return the filters of each list in groups of one field, of which one is to hold.

    Negated ones of a field are a group as well: none of them is to hold.
    """
    return [
        [each for each in filters if each.field == field and each.negated == negated]
        for filters in together
        for field, negated in dict.fromkeys((each.field, each.negated) for each in filters)
    ]


def to_sql(*together: Sequence[Filter], strict: bool = False) -> tuple[str, list[str]]:
    """Return the WHERE clause of several lists of filters, and its values.

    Filters of one list and field are alternatives; fields, lists, and negated filters, hold
    together. ``strict`` is for what cannot be undone: what people wrote is compared as a whole, and
    the name of a file tells no date.
    """
    groups = alternatives(*together)
    clauses = [
        f"{'NOT ' if group[0].negated else ''}("
        f"{' OR '.join(_condition(each, strict=strict) for each in group)})"
        for group in groups
    ]
    values = [value for group in groups for each in group for value in _values(each)]
    return (f" WHERE {' AND '.join(clauses)}" if clauses else "", values)


def _condition(each: Filter, *, strict: bool = False) -> str:
    # A name of metadata was matched by the form: it holds no quote that could end the text.
    said = _HELD if each.field in WRITTEN and not strict else _SAID
    condition = _CONDITIONS.get(each.field) or said.format(name=each.field)
    if strict:
        condition = condition.replace(DATE, _SURE_DATE)
    if each.field in _NAMES:
        return f"({' OR '.join([condition] * len(composed(each.value)))})"
    return condition


def _values(each: Filter) -> list[str]:
    if each.field == "page":
        first, _, last = each.value.partition("-")
        return [first, last or first]
    if each.field in _NAMES:
        marks = _CONDITIONS[each.field].count("?")
        forms = [form for form in composed(each.value) for _ in range(marks)]
        return [_as_glob(form) for form in forms] if each.field == "file" else forms
    plain = each.field in {"lang", *_DATED}
    value = each.value if plain else _as_glob(folded(each.value))
    return [value] * _condition(each).count("?")


def _as_glob(text: str) -> str:
    """Return the value for SQL: to GLOB a bracket would begin a class of characters."""
    return text.replace("[", "[[]")
