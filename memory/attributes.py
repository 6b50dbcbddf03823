"""What memory looks for: attributes, their patterns and questions, read from data files.

A user's own file ``attributes.toml`` adds to them: the same tables as in ``data/``, in the folder
of the memory; patterns under ``[attributes.NAME.en]`` or ``.ru`` tables of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal, cast

from memctl.ingest import SettingsError
from memctl.memory.language.context import Relation
from memctl.memory.language.patterns import Pattern
from memctl.memory.language.reading import folded

Kind = Literal["one", "many"]
LANGUAGES = ("en", "ru")
_OPEN_IMPORTANCE = 0.4
FAVOURITE = "favourite "
_ONLY = frozenset("wife husband partner girlfriend boyfriend mother father boss".split())
_OF_EACH = frozenset(("name", "breed"))
OWN = "my "  # of an attribute that no file knows: what a user calls it follows


@dataclass(frozen=True, slots=True)
class Saying:
    """A pattern that tells a value; ``ends`` says that it tells the end of one.

    ``implied`` says that it only lets one be guessed: who speaks of a wife is most likely married.
    ``past`` says that it tells what was so before.
    """

    pattern: Pattern
    _: KW_ONLY
    ends: bool = False
    implied: bool = False
    past: bool = False


@dataclass(frozen=True, slots=True)
class Wording:
    """An attribute in one language: what it is called, said by, and asked for.

    ``sentence`` is what the user is told, ``{}`` for the values and ``{a}`` for them with articles;
    without it one is made of the label. ``none`` is told of what is denied, ``{}`` for the value,
    in Russian in the genitive; ``said`` has whole sentences by the value. ``examples`` are
    questions, and ``like`` sentences, of which the meaning counts.
    """

    label: str
    _: KW_ONLY
    sentence: str = ""
    none: str = ""
    said: Mapping[str, str] = field(default_factory=dict[str, str])
    sayings: tuple[Saying, ...] = ()
    questions: tuple[tuple[frozenset[str], ...], ...] = ()
    examples: tuple[str, ...] = ()
    like: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that can be so of somebody: with one value at a time, or with several.

    ``whole`` are the words for all of its values at once, such as pet and animal; ``changing`` says
    that a value told long ago is most likely another by now.
    """

    name: str
    _: KW_ONLY
    kind: Kind
    importance: float
    whole: frozenset[str] = frozenset()
    changing: bool = False
    wordings: Mapping[str, Wording] = field(default_factory=dict)

    def label(self, language: str) -> str:
        """Return what it is called in a language, or in any that has a word for it."""
        wording = self.wordings.get(language) or next(iter(self.wordings.values()), None)
        return wording.label if wording else self.name.removeprefix(OWN).removeprefix(FAVOURITE)

    def wording(self, language: str) -> Wording:
        """Return how it is told in a language; nothing but its label where no file says."""
        return self.wordings.get(language) or Wording(self.label(language))


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """All that is looked for, in both languages."""

    attributes: Mapping[str, Attribute]
    _: KW_ONLY
    relations: Mapping[str, Relation]
    lists: Mapping[str, frozenset[str]]
    called: Mapping[str, Mapping[str, str]]  # a relation's name, by language

    def get(self, name: str) -> Attribute:
        """Return an attribute; one that no file knows has one value at a time."""
        return self.attributes.get(name) or _open(name)

    def kind_of(self, name: str, subject: str) -> Kind:
        """Return whether somebody has one value of an attribute at a time, or several.

        Of relations that there can be several of, such as friends, so are names and breeds.
        """
        several = subject in self.called and subject not in _ONLY
        return "many" if several and name in _OF_EACH else self.get(name).kind

    def relation_word(self, name: str, language: str) -> str:
        """Return what a relation is called in a language; a person's own name is itself."""
        return self.called.get(name, {}).get(language, name)


@cache
def built_in() -> Grammar:
    """Return what comes with memctl."""
    return _grammar([_packaged(name) for name in ("kinds", *LANGUAGES)])


def grammar_of(file: Path) -> Grammar:
    """Return what comes with memctl and what a user's file adds.

    Raises:
        SettingsError: the file cannot be read, or something in it is no pattern.
    """
    if not file.exists():
        return built_in()
    try:
        own = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"cannot read {file}: {error}", hint="Mend it, or move it.") from error
    parts = [_packaged(name) for name in ("kinds", *LANGUAGES)]
    mine = [("kinds", {"kinds": own.get("kinds", {})})]
    mine += [(name, own[name]) for name in LANGUAGES if isinstance(own.get(name), dict)]
    try:
        return _grammar([*parts, *mine])
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"{file} is not as memory/data has it: {error!r}", hint="Compare it with en.toml."
        ) from error


def _packaged(name: str) -> tuple[str, dict[str, Any]]:
    text = files("memctl.memory").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    return name, tomllib.loads(text)


def _grammar(parts: Sequence[tuple[str, Mapping[str, Any]]]) -> Grammar:
    kinds: dict[str, Attribute] = {}
    wordings: dict[str, dict[str, Wording]] = {}
    relations: dict[str, Relation] = {}
    lists: dict[str, frozenset[str]] = {}
    called: dict[str, dict[str, str]] = {}
    for language, part in parts:
        for name, each in part.get("kinds", {}).items():
            kinds[name] = Attribute(
                name,
                kind=_kind(name, each["kind"]),
                importance=float(each["importance"]),
                whole=frozenset(each.get("whole", "").split()),
                changing=bool(each.get("changing", False)),
            )
        for name, each in part.get("relations", {}).items():
            words = each["words"].split()
            called.setdefault(name, {}).setdefault(language, words[0])
            made = Relation(name, gender=each.get("gender", ""))
            relations.update({folded(word): made for word in words})
        for name, text in part.get("lists", {}).items():
            entries = frozenset(folded(each.strip()) for each in text.split(","))
            lists[name] = lists.get(name, frozenset()) | entries
        for name, each in part.get("attributes", {}).items():
            before = wordings.setdefault(name, {}).get(language)
            wordings[name][language] = _wording(each, before)
    attributes = {
        name: replace(kinds.get(name) or _open(name), wordings=wordings.get(name, {}))
        for name in (*wordings, *(each for each in kinds if each not in wordings))
    }
    return Grammar(attributes, relations=relations, lists=lists, called=called)


def _open(name: str) -> Attribute:
    return Attribute(name, kind="one", importance=_OPEN_IMPORTANCE)


def _kind(name: str, kind: str) -> Kind:
    if kind not in {"one", "many"}:
        raise SettingsError(f"the kind of {name} is {kind!r}", hint="Write one or many.")
    return cast("Kind", kind)


def _wording(table: Mapping[str, Any], before: Wording | None) -> Wording:
    found = Wording(
        table.get("label", before.label if before else ""),
        sentence=table.get("sentence", before.sentence if before else ""),
        none=table.get("none", before.none if before else ""),
        said={**(before.said if before else {}), **table.get("said", {})},
        sayings=tuple(_saying(text) for text in table.get("say", ())),
        questions=tuple(_question(text) for text in table.get("ask", ())),
        examples=tuple(table.get("examples", ())),
        like=tuple(table.get("like", ())),
    )
    if before is None:
        return found
    return replace(
        found,
        sayings=(*before.sayings, *found.sayings),
        questions=(*before.questions, *found.questions),
        examples=(*before.examples, *found.examples),
        like=(*before.like, *found.like),
    )


def _saying(text: str) -> Saying:
    text = text.rstrip()
    bare, mark = (text[:-1], text[-1]) if text.endswith(("!", "?", "<")) else (text, "")
    return Saying(Pattern.parse(bare), ends=mark == "!", implied=mark == "?", past=mark == "<")


def _question(text: str) -> tuple[frozenset[str], ...]:
    return tuple(
        frozenset(folded(word).removeprefix("=") for word in part.removeprefix("=").split("|"))
        for part in text.split()
    )
