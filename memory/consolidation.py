"""Consolidation: what lies in memory is merged, settled, let fade and summed up.

Blocks change at different speeds (after nested learning, Behrouz and Mirrokni 2025): what is
working belongs to this session, what is recent fades with a half-life, what is settled stays. The
law: a settled fact is never dropped, so consolidation never makes it unrecallable.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, asdict, dataclass

import numpy as np

from memctl.ingest import Vectors
from memctl.memory.attributes import Grammar
from memctl.memory.book import Book
from memctl.memory.journal import Ledger
from memctl.memory.records import Block, Fact
from memctl.memory.values import same

HALF_LIVES: dict[Block, float] = {"working": 3.0, "recent": 30.0, "settled": 1_000.0}  # sessions
CONFIRMED = 2  # sessions that a fact is told in to be settled
USED = 3  # answers that it was used in
_SENTENCES = 3  # of a summary
_LONGEST = 300  # characters of one of them

Summarise = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Consolidated:
    """What a consolidation did: facts merged, settled and dropped, sessions summed up.

    ``over`` is by how many facts the budget is missed: settled facts are not dropped for it.
    """

    merged: int
    settled: int
    aged: int
    dropped: int
    summaries: int
    _: KW_ONLY
    facts: int
    over: int
    entry: int


def consolidate(
    book: Book, grammar: Grammar, *, budget: int | None = None, summarise: Summarise | None = None
) -> Consolidated:
    """Merge what says the same, settle what has proved itself, drop the faintest over a budget.

    ``budget`` is how many facts are kept. ``summarise`` writes the summary of a session's text;
    without it the sentences that tell the most are taken.

    Raises:
        LanguageModelError: the model that is to summarise cannot be reached; nothing is changed.
    """
    summaries = list(_summaries(book, summarise))
    with book.transaction():
        ledger = Ledger(book, "consolidate")
        merged = _merge(book, ledger)
        settled, aged = _promote(book, ledger)
        dropped, over = _fade(book, ledger, grammar, budget)
        for session, text, model in summaries:
            ledger.insert("summaries", {"session": session, "text": text, "model": model})
        done = Consolidated(
            merged,
            settled,
            aged,
            dropped,
            len(summaries),
            facts=book.count("facts"),
            over=over,
            entry=ledger.entry,
        )
        ledger.note({key: value for key, value in asdict(done).items() if key != "entry"})
    return done


def strength(fact: Fact, grammar: Grammar, clock: int) -> float:
    """Return how firmly a fact is held: it fades by its block's half-life since it was last told.

    ``clock`` is the number of the latest session.
    """
    importance = grammar.get(fact.attribute).importance
    told = 1 + np.log2(fact.confirmations + fact.used)
    age = max(clock - fact.touched, 0)
    return float(importance * told * fact.confidence * 0.5 ** (age / HALF_LIVES[fact.block]))


def _merge(book: Book, ledger: Ledger) -> int:
    """Merge current facts of a slot that say the same into the one that says it most exactly."""
    merged = 0
    slots: dict[tuple[str, str], list[Fact]] = {}
    for fact in book.facts("f.state = 'current'"):
        slots.setdefault((fact.subject, fact.attribute), []).append(fact)
    for facts in slots.values():
        kept: list[Fact] = []
        for fact in sorted(facts, key=lambda each: (-len(each.key), each.number)):
            into = next((each for each in kept if same(each.key, fact.key)), None)
            if into is None:
                kept.append(fact)
                continue
            _join(book, ledger, into, fact)
            merged += 1
    return merged


def _join(book: Book, ledger: Ledger, into: Fact, fact: Fact) -> None:
    names = "confirmations, sessions, used, pinned, touched, block"
    rows = [
        book.db.execute(f"SELECT {names} FROM facts WHERE number = ?", (each.number,)).fetchone()
        for each in (into, fact)
    ]
    sessions = list(dict.fromkeys([*json.loads(rows[0][1]), *json.loads(rows[1][1])]))
    settled = "settled" in {rows[0][5], rows[1][5]}
    ledger.update(
        "facts",
        into.number,
        {
            "confirmations": rows[0][0] + rows[1][0],
            "sessions": json.dumps(sessions, ensure_ascii=False),
            "used": rows[0][2] + rows[1][2],
            "pinned": max(rows[0][3], rows[1][3]),
            "touched": max(rows[0][4], rows[1][4]),
            "block": "settled" if settled else rows[0][5],
        },
    )
    for (telling,) in book.db.execute(
        "SELECT number FROM tellings WHERE fact = ?", (fact.number,)
    ).fetchall():
        ledger.update("tellings", telling, {"fact": into.number})
    ledger.delete("facts", fact.number)


def _promote(book: Book, ledger: Ledger) -> tuple[int, int]:
    """Settle what was confirmed, used or pinned; what was working in a session before is recent."""
    clock = int(book.meta("sessions"))
    settled = aged = 0
    for fact in book.facts("f.block != 'settled'"):
        proved = fact.sessions >= CONFIRMED or fact.used >= USED or fact.pinned
        if proved and fact.state != "denied":
            ledger.update("facts", fact.number, {"block": "settled"})
            settled += 1
        elif fact.block == "working" and fact.touched < clock:
            ledger.update("facts", fact.number, {"block": "recent"})
            aged += 1
    return settled, aged


def _fade(book: Book, ledger: Ledger, grammar: Grammar, budget: int | None) -> tuple[int, int]:
    """Drop the faintest facts over the budget; settled and pinned ones stay, whatever it is."""
    if budget is None:
        return 0, 0
    over = book.count("facts") - budget
    if over <= 0:
        return 0, 0
    clock = int(book.meta("sessions"))
    loose = book.facts("f.block != 'settled' AND f.pinned = 0")
    loose.sort(key=lambda fact: (fact.state == "current", strength(fact, grammar, clock)))
    dropped = loose[:over]
    for fact in dropped:
        for (telling,) in book.db.execute(
            "SELECT number FROM tellings WHERE fact = ?", (fact.number,)
        ).fetchall():
            ledger.delete("tellings", telling)
        ledger.delete("facts", fact.number)
    return len(dropped), over - len(dropped)


def _summaries(book: Book, summarise: Summarise | None) -> Iterable[tuple[str, str, str]]:
    """Yield a summary for each session but the last that has none yet."""
    rows = book.db.execute(
        "SELECT session FROM episodes GROUP BY session ORDER BY max(number)"
    ).fetchall()
    known = {row[0] for row in book.db.execute("SELECT session FROM summaries")}
    for (session,) in rows[:-1]:
        if session in known:
            continue
        if summarise is not None:
            text = "\n".join(
                f"{each.speaker or each.role}: {each.text}"
                for each in book.episodes("session = ?", (session,))
            )
            yield session, summarise(text), "model"
            continue
        told = _extracted(book, session)
        if told:
            yield session, told, "extractive"


def _extracted(book: Book, session: str) -> str:
    """Return sentences of the user for a session: what tells facts, then what is central."""
    from memctl.ingest import sentence_spans

    rows = book.db.execute(
        "SELECT w.vector, w.start, w.end, e.text, e.number FROM windows w"
        " JOIN episodes e ON e.number = w.episode WHERE e.session = ? AND e.role = 'user'"
        " ORDER BY w.number",
        (session,),
    ).fetchall()
    if not rows:
        return ""
    telling = {row[0] for row in book.db.execute("SELECT episode FROM tellings").fetchall()}
    vectors: Vectors = np.stack(
        [np.frombuffer(row[0], dtype=np.float16).astype(np.float32) for row in rows]
    )
    central = (vectors @ vectors.T).mean(axis=1)
    order = sorted(range(len(rows)), key=lambda n: (rows[n][4] not in telling, -float(central[n])))
    chosen = sorted(order[:_SENTENCES])
    sentences: list[str] = []
    for number in chosen:
        text = str(rows[number][3])[rows[number][1] : rows[number][2]]
        spans = list(sentence_spans(text))
        if spans:
            first = max(spans, key=lambda span: span[1] - span[0])
            sentences.append(" ".join(text[first[0] : first[1]].split())[:_LONGEST])
    return " ".join(dict.fromkeys(sentences))


def pin(book: Book, number: int, *, pinned: bool) -> None:
    """Pin a fact, which settles it at the next consolidation, or let it go.

    Raises:
        UsageError: there is no such fact.
    """
    from memctl.ingest import UsageError

    if book.fact(number) is None:
        raise UsageError(f"no fact {number}", hint="Run: memctl memory facts")
    with book.transaction():
        ledger = Ledger(book, "pin" if pinned else "unpin")
        ledger.update("facts", number, {"pinned": int(pinned)})
        ledger.note({"fact": number})
