"""Who was spoken of before a clause: relations by gender, and people by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, replace

from memctl.memory.language.token import Token

USER, OTHER, OPEN = "user", "other", ""
ANAPHORA = {
    "он": "masc",
    "его": "masc",
    "ему": "masc",
    "она": "femn",
    "ее": "femn",
    "ей": "femn",
    "они": "",
    "их": "",
    "he": "masc",
    "his": "masc",
    "him": "masc",
    "she": "femn",
    "her": "femn",
    "they": "",
    "their": "",
    "its": "",
    "it": "",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """Somebody who belongs to the user, by the word that names them."""

    name: str
    _: KW_ONLY
    gender: str = ""


Relations = Mapping[str, Relation]


def relations_by_name(relations: Relations) -> dict[str, Relation]:
    """Return the relations by what they are called in facts."""
    return {each.name: each for each in relations.values()}


@dataclass(frozen=True, slots=True)
class Context:
    """Who was spoken of before: the last relation of each gender.

    ``people`` has the relations of those whose own names are known, by a folded word of the name.
    """

    last: str = ""
    masc: str = ""
    femn: str = ""
    _: KW_ONLY
    people: Mapping[str, str] = field(default_factory=dict[str, str])

    def with_relation(self, relation: Relation) -> Context:
        """Return the context after a relation was named."""
        found = replace(self, last=relation.name)
        if relation.gender == "masc":
            return replace(found, masc=relation.name)
        return replace(found, femn=relation.name) if relation.gender == "femn" else found

    def with_people(self, people: Mapping[str, str]) -> Context:
        """Return the context with more names of people."""
        return replace(self, people={**self.people, **people}) if people else self

    def meant_by(self, pronoun: str) -> str:
        """Return whom a pronoun of the third person means."""
        gender = ANAPHORA[pronoun]
        if gender == "masc":
            return self.masc or self.last or OTHER
        if gender == "femn":
            return self.femn or self.last or OTHER
        return self.last or OTHER

    def called(self, token: Token, *, capital: bool = True) -> str:
        """Return the relation that is called by a word; empty where it is nobody's name."""
        if not self.people or (capital and not token.capital):
            return ""
        forms = (token.folded, *sorted(token.lemmas()))
        return next((self.people[form] for form in forms if form in self.people), "")
