"""Who the user is in a sentence, and who somebody is that they have named."""

from __future__ import annotations

import re
from collections.abc import Sequence

from memctl.memory.attributes import Grammar
from memctl.memory.book import Book
from memctl.memory.language.context import USER, Context
from memctl.memory.language.reading import read
from memctl.memory.records import Fact
from memctl.memory.wording import in_own_words, joined, your

_ABOUT_ME = re.compile(
    r"\b(?:know|remember|tell me|say) (?:\w+ )?about (?:me|myself)\b|^who am i\b"
    r"|\b(?:обо мне|про меня) (?:знаешь|помнишь|известно)\b"
    r"|\b(?:знаешь|помнишь|известно|расскажи|скажи) (?:\w+ )?(?:обо мне|о себе|про меня)\b"
    r"|^кто я\b(?! по)",
    re.IGNORECASE,
)
_WHO_IS = re.compile(
    r"^(?:who is|who's|who was|кто так(?:ой|ая)|кто это|кто) (?P<name>[^\W\d_][\w -]*)\W*$",
    re.IGNORECASE,
)
_MOST = 12  # attributes of a portrait
_HEAD = {"en": "Known of you", "ru": "О вас известно"}


def is_about_me(question: str) -> bool:
    """Return whether a question asks for all that is known of the user."""
    return _ABOUT_ME.search(question) is not None


def portrait(
    book: Book, grammar: Grammar, language: str, people: Sequence[str]
) -> tuple[str, list[Fact]]:
    """Return what matters most of the user in a sentence, and the facts that it tells."""
    subject = people[0] if len(people) == 1 else USER
    facts = book.facts("f.subject = ? AND f.state = 'current'", (subject,))
    by_name: dict[str, list[Fact]] = {}
    for fact in facts:
        if in_own_words(fact):
            continue
        by_name.setdefault(fact.attribute, []).append(fact)
    names = sorted(by_name, key=lambda name: -grammar.get(name).importance)[:_MOST]
    parts = [
        f"{grammar.get(name).label(language)} — "
        + joined([fact.value for fact in by_name[name]], language)
        for name in names
    ]
    told = [fact for name in names for fact in by_name[name]]
    return (f"{_HEAD[language]}: {'; '.join(parts)}." if parts else ""), told


def who_is(
    book: Book, question: str, called: Context, grammar: Grammar, language: str
) -> tuple[str, list[Fact]]:
    """Return who somebody is that a question names, and the facts that tell it; else nothing."""
    match = _WHO_IS.match(question.strip())
    if match is None:
        return "", []
    relation = next(filter(None, map(called.called, read(match["name"]))), "")
    facts = book.facts("f.subject = ? AND f.attribute = 'name'", (relation,)) if relation else []
    named = [fact for fact in facts if set(fact.key.split()) & set(_keys(match["name"]))]
    if not named:
        return "", []
    word = grammar.relation_word(relation, language)
    name, over = named[-1].value, named[-1].state == "ended" or _is_parted(book, relation)
    if language == "ru":
        return f"{name} — {your(word).lower()} {word}{' (раньше)' if over else ''}.", named
    return f"{name} {'was' if over else 'is'} your {word}.", named


def _is_parted(book: Book, relation: str) -> bool:
    """Return whether a marriage with somebody is over."""
    if relation not in {"wife", "husband"}:
        return False
    facts = book.facts("f.subject = ? AND f.attribute = 'marital' AND f.state = 'current'", (USER,))
    return any(fact.value not in _MARRIED for fact in facts)


_MARRIED = frozenset(("married", "engaged", "в браке", "помолвлены"))


def _keys(name: str) -> list[str]:
    return [form for token in read(name) for form in (token.folded, *token.lemmas())]
