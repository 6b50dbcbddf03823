"""Recall: a question answered from what memory holds, in one sentence, with what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from memctl.ingest import Embedder, UsageError, Vectors
from memctl.memory.answering import (
    Evidence,
    Recollection,
    fitting,
    meant,
    told_when,
    unmet,
    whom,
)
from memctl.memory.asking import Asked, asked
from memctl.memory.attributes import FAVOURITE, OWN, Grammar
from memctl.memory.beyond import beyond
from memctl.memory.book import Book
from memctl.memory.finding import Finder, Ranked
from memctl.memory.language.context import USER, Context
from memctl.memory.people import known_people
from memctl.memory.portrait import is_about_me, portrait, who_is
from memctl.memory.prototypes import questions_like
from memctl.memory.records import Episode, Fact
from memctl.memory.remarks import Remark, Remarks
from memctl.memory.validity import chosen
from memctl.memory.wording import NOTHING, SHOWN, quoted, told, yes_or_no

K = 10
_MANY = 200  # facts of a slot that are looked at


class Recall:
    """Answers questions from one book; what it has read of it is kept."""

    def __init__(self, book: Book, embedder: Embedder, grammar: Grammar) -> None:
        self._book = book
        self.embedder = embedder
        self._grammar = grammar
        self.finder = Finder(book)
        rows = book.db.execute("SELECT DISTINCT attribute FROM facts").fetchall()
        self._open = [row[0] for row in rows if row[0].startswith((FAVOURITE, OWN))]
        people = book.db.execute("SELECT DISTINCT speaker FROM episodes WHERE speaker != ''")
        self._people = [row[0] for row in people]
        self._called = Context(people=known_people(book, grammar))
        self._remarks = Remarks(book, self.finder, grammar, self._called, embedder)

    def rank(self, question: str, k: int = K) -> list[tuple[Episode, float]]:
        """Return the k episodes that fit a question best, with their scores."""
        return self._episodes(self._ranked(question), k)

    def answer(self, question: str, *, as_of: str = "", k: int = K) -> Recollection:
        """Answer a question as of a date, or now.

        Raises:
            UsageError: the question is empty.
        """
        if not question.strip():
            raise UsageError("the question is empty", hint="Ask: memctl memory recall QUESTION")
        understood, vector, ranked = self._understood(question, as_of)
        found = self._of_somebody(understood) or self._answer(understood, vector, ranked, as_of)
        answer = found or Recollection(
            question,
            NOTHING[understood.language],
            abstained=True,
            confidence=0.0,
            language=understood.language,
        )
        return replace(answer, episodes=tuple(self._episodes(ranked, k)))

    def _answer(
        self, understood: Asked, vector: Vectors, ranked: Ranked, as_of: str
    ) -> Recollection | None:
        """Return what facts answer, or what the user said; of both what takes up more."""
        by_meaning = understood
        if not understood.attributes:
            found_by = self._by_value(understood) or self._by_meaning(vector)
            by_meaning = replace(understood, attributes=found_by)
        found = self._from_facts(by_meaning)
        more = beyond(understood, found.facts, self._grammar) if found is not None else set[str]()
        if found is None or more:
            remark = self._remarks.best(
                understood, ranked, vector, as_of=as_of, people=self._people
            )
            if remark is not None and (found is None or more & Finder.stems(remark.text)):
                return _quoting(understood, remark)
        if found is not None and unmet(understood, found.facts, self._grammar, more):
            nothing = NOTHING[understood.language]
            return replace(found, text=f"{nothing} {found.text}", abstained=True, facts=())
        return found

    def _of_somebody(self, understood: Asked) -> Recollection | None:
        """Return who the user is, or who somebody is whom they have named, if that is asked."""
        book, language = self._book, understood.language
        if is_about_me(understood.text):
            text, facts = portrait(book, self._grammar, language, self._people)
        else:
            text, facts = who_is(book, understood.text, self._called, self._grammar, language)
        return self._resting(understood, text, facts) if text else None

    def remarks(self, question: str) -> list[Remark]:
        """Return what the user said that may answer a question, each with its chance."""
        understood, vector, ranked = self._understood(question, "")
        return self._remarks.weighed(understood, ranked, vector, people=self._people)

    def _understood(self, question: str, as_of: str) -> tuple[Asked, Vectors, Ranked]:
        """Return a question as it is understood, its vector (dimension,), and what fits it."""
        understood = asked(
            question,
            self._grammar,
            open_attributes=self._open,
            people=self._people,
            called=self._called,
            today=as_of or self._last_day(),
        )
        if as_of:
            understood = replace(understood, time="at", at=as_of)
        (vector,) = self.embedder.embed([question], role="query")
        return understood, vector, self.finder.rank(question, vector)

    def _by_value(self, understood: Asked) -> tuple[str, ...]:
        """Return the attributes of which a yes-or-no question names a value: do I live in Leeds."""
        if not understood.yes_no:
            return ()
        marks = ", ".join("?" * len(understood.words))
        rows = self._book.db.execute(
            f"SELECT DISTINCT attribute FROM facts WHERE subject = ? AND key IN ({marks})",
            (understood.subject, *understood.words),
        )
        return tuple(row[0] for row in rows.fetchall())

    def _by_meaning(self, vector: Vectors) -> tuple[str, ...]:
        """Return the attribute that a question is near to, where its words name none."""
        prototypes = questions_like(self._grammar, self.embedder)
        found = prototypes.asked(vector) if prototypes is not None else ""
        return (found,) if found else ()

    def history(self, fact: Fact) -> list[Fact]:
        """Return all that was ever told of the same of the same, the oldest first."""
        return self._book.facts("f.subject = ? AND f.attribute = ?", (fact.subject, fact.attribute))

    def _ranked(self, question: str) -> Ranked:
        (vector,) = self.embedder.embed([question], role="query")
        return self.finder.rank(question, vector)

    def _episodes(self, ranked: Ranked, k: int) -> list[tuple[Episode, float]]:
        found: list[tuple[Episode, float]] = []
        pairs = zip(ranked.episodes[:k].tolist(), ranked.scores[:k].tolist(), strict=True)
        for number, score in pairs:
            episode = self._book.episode(number)
            if episode is not None:
                found.append((episode, round(score, 4)))
        return found

    def _last_day(self) -> str:
        row = self._book.db.execute("SELECT max(said_at) FROM episodes").fetchone()
        return str(row[0] or "") or date.today().isoformat()

    def _from_facts(self, understood: Asked) -> Recollection | None:
        event = self._event(understood)
        for at, attribute in enumerate(meant(understood.attributes)):
            for subject in self._subjects(understood):
                facts = self._of_slot(subject, attribute, understood.text)
                kind = self._grammar.kind_of(attribute, subject)
                picked = chosen(
                    fitting(facts, understood, attribute, at=at),
                    understood,
                    kind,
                    whole=self._grammar.get(attribute).whole,
                    event=event,
                )
                if picked:
                    since = [each for each in facts if each.state == "current"]
                    return self._told(understood, picked, since if kind == "one" else None)
        return None

    def _of_slot(self, subject: str, attribute: str, question: str) -> list[Fact]:
        """Return the facts of a slot; of many those with words of the question, or the newest."""
        where, slot = "f.subject = ? AND f.attribute = ?", (subject, attribute)
        more = self._book.db.execute(
            f"SELECT 1 FROM facts WHERE subject = ? AND attribute = ? LIMIT 1 OFFSET {_MANY}", slot
        ).fetchone()
        if more is None:
            return self._book.facts(where, slot)
        rows, scores = self.finder.matches(question)
        matched = [row // 2 for row in rows[np.argsort(-scores)].tolist() if row % 2 == 0]
        if matched:
            marks = ", ".join(map(str, matched[:_MANY]))
            found = self._book.facts(f"{where} AND f.number IN ({marks})", slot)
            if found:
                return found
        newest = "SELECT number FROM facts WHERE subject = ? AND attribute = ?"
        return self._book.facts(f"f.number IN ({newest} ORDER BY number DESC LIMIT {_MANY})", slot)

    def _subjects(self, understood: Asked) -> list[str]:
        """Return whom a question may mean: the only one who speaks is the user."""
        if understood.subject == USER and len(self._people) == 1:
            return [USER, *self._people]
        return list(whom(understood.subject))

    def _told(
        self, understood: Asked, facts: Sequence[Fact], since: Sequence[Fact] | None
    ) -> Recollection:
        """Return the answer that some facts are; ``since`` is what is so in their place today."""
        said = told(facts, self._grammar, understood.language, at=understood.at, since=since)
        if understood.yes_no and facts[0].attribute not in _OF_WHAT_IS_NOT:
            whole = self._grammar.get(facts[0].attribute).whole
            said = yes_or_no(facts, understood.words - whole, understood.language) + said
        answer = self._resting(understood, said, facts)
        if understood.when and answer.evidence and facts[0].attribute not in _DATES:
            return replace(answer, text=told_when(answer.evidence[0], facts[0]))
        return answer

    def _resting(self, understood: Asked, said: str, facts: Sequence[Fact]) -> Recollection:
        """Return an answer with the turns that its facts rest on."""
        evidence: list[Evidence] = []
        for fact in facts[-SHOWN:]:
            episode = self._book.episode(fact.episode)
            if episode is not None:
                evidence.append(Evidence(episode, fact.start, fact.end))
        return Recollection(
            understood.text,
            said,
            abstained=False,
            confidence=round(max(fact.confidence for fact in facts), 3),
            language=understood.language,
            facts=tuple(facts),
            evidence=tuple(evidence),
        )

    def _event(self, understood: Asked) -> tuple[str, int] | None:
        """Return when what "before" refers to was: its date, and the episode that tells it."""
        if not understood.event:
            return None
        remark = self._remarks.event(understood.event, self._ranked(understood.event))
        return None if remark is None else (remark.episode.said_at, remark.episode.number)


def _quoting(understood: Asked, remark: Remark) -> Recollection:
    """Return the answer that is what the user said, letter for letter."""
    return Recollection(
        understood.text,
        quoted(remark.text, remark.episode, understood.language),
        abstained=False,
        confidence=round(remark.confidence, 3),
        language=understood.language,
        evidence=(Evidence(remark.episode, remark.start, remark.end),),
    )


_DATES = frozenset(("birthday",))
_OF_WHAT_IS_NOT = frozenset(("avoid", "dislike"))  # who avoids meat does not eat it

__all__ = ["Evidence", "K", "Recall", "Recollection"]
