"""Front matter: what stands in YAML or TOML above a text, as metadata."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import cast

from memctl.ingest.readers.days import dated
from memctl.ingest.text import one_line

_YAML = re.compile(r"---[ \t]*\n((?:[^\n]*\n){0,300}?)(?:---|\.\.\.)[ \t]*(?:\n+|\Z)")
_TOML = re.compile(r"\+\+\+[ \t]*\n((?:[^\n]*\n){0,300}?)\+\+\+[ \t]*(?:\n+|\Z)")
_LONGEST = 50_000
_LONGEST_VALUE = 1_000
_DEEPEST = 20
_MOST_VALUES = 100
_BRACKETS = re.compile(r"(?:[\[{][^\[\]{}]{0,40}){20}")  # they take the parser quadratic time
_NAME = re.compile(r"[^\W\d][\w .-]{0,60}")
# Names for the same thing, as programs that publish notes have them.
_SAME = {
    "authors": "author",
    "tag": "tags",
    "category": "categories",
    "keyword": "keywords",
    "lang": "language",
    "updated": "modified",
    "lastmod": "modified",
    "last_modified": "modified",
    "автор": "author",
    "дата": "date",
    "теги": "tags",
    "название": "title",
    "заголовок": "title",
}

Metadata = dict[str, tuple[str, ...]]


def split(text: str) -> tuple[Metadata, str]:
    """Return the front matter by lower-case names, and the text below it.

    A value is what stands there, or each item of a list; tags may be parted by commas. What is
    not YAML or TOML of names and values is text.
    """
    match = _YAML.match(text) or _TOML.match(text)
    if not match or not match[1].strip() or len(match[1]) > _LONGEST:
        return {}, text
    loaded = _yaml(match[1]) if text.startswith("-") else _toml(match[1])
    if not loaded:
        return {}, text
    return _metadata(loaded), text[match.end() :]


def _yaml(text: str) -> dict[object, object]:
    """Load YAML without objects of Python and without aliases, which can swell without end."""
    import yaml

    if _BRACKETS.search(text):
        return {}
    try:
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            return {}
        loaded: object = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    return cast("dict[object, object]", loaded) if isinstance(loaded, dict) else {}


def _toml(text: str) -> dict[object, object]:
    try:
        return cast("dict[object, object]", tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def _metadata(loaded: dict[object, object]) -> Metadata:
    found: Metadata = {}
    for key, value in loaded.items():
        name = str(key).strip().lower()
        name = _SAME.get(name, name)
        values = dated(name, dict.fromkeys(_values(value, 0)))[:_MOST_VALUES]
        if name in {"tags", "keywords", "categories"} and len(values) == 1:
            values = tuple(filter(None, (word.strip() for word in values[0].split(","))))
        if values and _NAME.fullmatch(name):
            found[name] = (*found.get(name, ()), *values)
    return found


def _values(value: object, depth: int) -> Iterator[str]:
    """Yield each plain value in ``value`` as it is written."""
    if depth > _DEEPEST or value is None:
        return
    if isinstance(value, bool):
        yield str(value).lower()
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _values(item, depth + 1)
    elif isinstance(value, dict):
        for item in cast("dict[object, object]", value).values():
            yield from _values(item, depth + 1)
    elif text := one_line(str(value))[:_LONGEST_VALUE]:
        yield text
