"""The writer of a memory: each candidate is weighed, and what follows is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from memctl.ingest import Vectors
from memctl.memory.attributes import Grammar, Kind
from memctl.memory.book import Book
from memctl.memory.candidate import Candidate
from memctl.memory.gate import Gate
from memctl.memory.journal import Ledger
from memctl.memory.records import Turn
from memctl.memory.rows import stored
from memctl.memory.slots import Held, Slots
from memctl.memory.telling import Telling, Told, Written
from memctl.memory.windows import terms_of

_SURE = 0.6  # a confidence below this replaces nothing


@dataclass(frozen=True, slots=True)
class Ready:
    """A turn that is to be written: its key, the spans of its windows, what it tells."""

    turn: Turn
    key: bytes
    spans: tuple[tuple[int, int], ...]
    candidates: tuple[Candidate, ...]


class Writer:
    """Writes turns within one entry of the journal."""

    def __init__(self, book: Book, ledger: Ledger, grammar: Grammar, written: Written) -> None:
        self._book = book
        self._ledger = ledger
        self._grammar = grammar
        self._written = written
        self._slots = Slots(book)
        self._gate = Gate()
        self._session = ""
        self._clock = int(book.meta("sessions"))

    def write(
        self,
        ready: Sequence[Ready],
        pieces: Sequence[str],
        vectors: Vectors,
        texts: Sequence[str],
        meanings: Vectors,
    ) -> None:
        """Write all; the vectors are those of the windows, the meanings those of the facts."""
        piece = fact = 0
        stored_vectors = stored(vectors)
        for each in ready:
            if each.turn.session != self._session:
                self._begin(each.turn.session)
            number = self._episode(each)
            for start, end in each.spans:
                self._ledger.insert(
                    "windows",
                    {
                        "episode": number,
                        "start": start,
                        "end": end,
                        "terms": terms_of(pieces[piece]),
                        "vector": stored_vectors[piece],
                    },
                )
                piece += 1
            for candidate in each.candidates:
                told = self._take(candidate, each.turn, number, texts[fact], meanings[fact])
                self._written.told.append(told)
                fact += 1
            self._written.turns += 1

    def _begin(self, session: str) -> None:
        """Begin a session: what was working before is recent now."""
        self._session = session
        self._gate.begin()
        known = self._book.db.execute(
            "SELECT 1 FROM episodes WHERE session = ?", (session,)
        ).fetchone()
        if known:
            return
        self._clock += 1
        self._book.put_meta("sessions", str(self._clock))
        rows = self._book.db.execute("SELECT number FROM facts WHERE block = 'working'").fetchall()
        for (number,) in rows:
            self._ledger.update("facts", number, {"block": "recent"})

    def _episode(self, ready: Ready) -> int:
        turn = ready.turn
        row = {
            "key": ready.key,
            "session": turn.session,
            "ordinal": turn.ordinal,
            "role": turn.role,
            "speaker": turn.speaker,
            "said_at": turn.said_at,
            "id": turn.id,
            "text": turn.text,
        }
        return self._ledger.insert("episodes", row)

    def _take(
        self, candidate: Candidate, turn: Turn, episode: int, text: str, vector: Vectors
    ) -> Told:
        """Weigh a candidate, and do what follows."""
        subject = candidate.subject
        if turn.speaker and subject == "user":
            subject = turn.speaker
        attribute = self._grammar.get(candidate.attribute)
        slot = (subject, candidate.attribute)
        kind = self._grammar.kind_of(candidate.attribute, subject)
        current = self._slots.current(*slot) if kind == "one" else []
        known = self._slots.like(*slot, candidate.key)
        if candidate.ends and not known:  # what has ended may be known as something else
            known = self._of_kind(slot, candidate) or [
                held for _, held in self._slots.anywhere(subject, candidate.key)
            ]
        conflict = self._conflicts(candidate, kind, current, known)
        surprise = self._gate.weigh(
            vector,
            self._slots.of(*slot).vectors,
            known=bool(known) and not candidate.ends and candidate.held == "now",
            conflict=conflict,
            new_words=self._new_words(slot, candidate),
            importance=attribute.importance,
            confidence=candidate.confidence,
        )
        told = Telling(self, candidate, turn, episode, text, vector, slot, surprise)
        if candidate.ends:
            return told.end(known, current, kind)
        if candidate.held == "past":
            return told.past(known)
        if known:
            return told.confirm(known[-1])
        guessed = conflict and candidate.confidence < _SURE
        if guessed or (not surprise.passes and not conflict):
            return told.gated([] if guessed else self._slots.current(*slot))
        return told.keep(current)

    def _of_kind(self, slot: tuple[str, str], candidate: Candidate) -> list[Held]:
        """Return what is so now and is called by another word for the same: a pup, a dog."""
        relation = self._grammar.relations.get(candidate.key)
        if relation is None:
            return []
        return [
            held
            for held in self._slots.current(*slot)
            if any(self._grammar.relations.get(word) == relation for word in held.key.split())
        ]

    @staticmethod
    def _conflicts(
        candidate: Candidate, kind: Kind, current: Sequence[Held], known: Sequence[Held]
    ) -> bool:
        if candidate.ends:
            return bool(known)
        return candidate.held == "now" and kind == "one" and bool(current) and not known

    def _new_words(self, slot: tuple[str, str], candidate: Candidate) -> float:
        words = set(candidate.key.split())
        held = self._slots.of(*slot)
        unseen = sum(not held.knows(word) for word in words)
        return unseen / len(words) if words else 0.0

    # What a telling does to the book.

    def store(self, row: dict[str, object]) -> int:
        """Insert a fact."""
        return self._ledger.insert("facts", row)

    def tell(self, fact: int, episode: int, start: int, end: int) -> None:
        """Take down where a fact was told."""
        row = {"fact": fact, "episode": episode, "start": start, "end": end}
        self._ledger.insert("tellings", row)

    def change(self, number: int, changes: dict[str, object]) -> None:
        """Change a fact."""
        self._ledger.update("facts", number, changes)

    def hold(self, slot: tuple[str, str], held: Held) -> None:
        """Take a new fact into its slot."""
        self._slots.of(*slot).add(held)

    @property
    def clock(self) -> int:
        """The number of the session."""
        return self._clock
