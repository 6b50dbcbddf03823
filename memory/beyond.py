"""What a question asks for beyond the attribute that it names: which car was sold, not which is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from memctl.memory.asking import Asked
from memctl.memory.attributes import FAVOURITE, OWN, Grammar
from memctl.memory.finding import telling
from memctl.memory.records import Fact


def beyond(asked: Asked, facts: Sequence[Fact], grammar: Grammar) -> set[str]:
    """Return the telling stems of a question that neither its attribute nor the facts explain."""
    attribute, subject = facts[0].attribute, facts[0].subject
    told = " ".join(f"{fact.value} {fact.quote} {fact.text}" for fact in facts)
    names = [grammar.relation_word(subject, language) for language in ("en", "ru")]
    names += [word for word, each in grammar.relations.items() if each.name == subject]
    known = set(telling(told)) | set(telling(" ".join(names)))
    return (
        set(telling(asked.text))
        - set(telling(asked.event))
        - known
        - _asked_with(grammar, attribute)
    )


@lru_cache(maxsize=256)
def _asked_with(grammar: Grammar, attribute: str) -> frozenset[str]:
    """Return the stems that an attribute is asked for with, or told with."""
    words = [attribute.removeprefix(FAVOURITE).removeprefix(OWN)]
    for wording in grammar.get(attribute).wordings.values():
        words.append(wording.label)
        words += [word for parts in wording.questions for part in parts for word in part]
        words += wording.examples
        words += [
            word
            for saying in wording.sayings
            if not saying.ends  # who asks what was sold does not ask what is
            for element in saying.pattern.elements
            for word in element.words
        ]
    # Each by itself: the language of a mixture is nobody's.
    return frozenset(term for word in words for term in telling(word))
