"""The words of made dialogues, read from their files."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from functools import cache
from pathlib import Path

Value = dict[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Topic:
    """What users can tell of themselves; a value has the forms that the templates name."""

    name: str
    kind: str
    _: KW_ONLY
    group: str
    values: Sequence[Value]
    says: Sequence[str]
    questions: Sequence[str]
    changes: Sequence[str] = ()
    ends: Sequence[str] = ()
    misleading: Sequence[str] = ()

    def answer(self, value: Value) -> str:
        """Return what an answer must hold."""
        return value.get("stem", value["v"])


@dataclass(frozen=True, slots=True)
class Talk:
    """What is said that tells nothing."""

    user: Sequence[str]
    assistant: Sequence[str]
    openers: Sequence[str]
    closers: Sequence[str]


@cache
def words(language: str) -> tuple[tuple[Topic, ...], Talk]:
    """Return the topics and the small talk of a language: en or ru."""
    file = Path(__file__).with_name(f"dialogues_{language}.toml")
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    return tuple(Topic(**topic) for topic in told["topics"]), Talk(**told["talk"])
