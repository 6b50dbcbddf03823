"""Facts, episodes and answers of memory, as JSON fields and as lines for people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from memctl.cli.output import bold, count, dim, safe, wrapped

if TYPE_CHECKING:
    from memctl.memory import Episode, Evidence, Fact, Place, Recollection, Told, Written


def fact_fields(fact: Fact) -> dict[str, object]:
    """Return a fact as JSON has it: what is so, since when, how firmly, and who said it where."""
    fields = asdict(fact)
    for name in ("text", "start", "end"):
        del fields[name]
    return fields


def fact_line(fact: Fact) -> str:
    """Return a fact as a line: its number, whom it is about, and what is so."""
    who = "" if fact.subject == "user" else f"{safe(fact.subject)}, "
    marks = {"current": "", "ended": "no more", "denied": "not so"}[fact.state]
    since = f"since {safe(fact.valid_from)}" if fact.valid_from else ""
    until = f"until {safe(fact.valid_to)}" if fact.valid_to else ""
    pinned = "pinned" if fact.pinned else ""
    told = ", ".join(filter(None, (marks, since, until, fact.block, pinned)))
    line = f"{fact.number:>5}  {who}{safe(fact.attribute)}: {bold(safe(fact.value))}"
    return f"{line}  {dim(told)}"


def answer_fields(answer: Recollection, place: Place) -> dict[str, object]:
    """Return an answer from memory in the form of ``memctl.answer/1``, and what it rests on."""
    numbers = list(range(1, len(answer.evidence) + 1))
    claim = {"text": answer.text, "status": "supported", "citations": numbers}
    return {
        "question": answer.question,
        "answer": answer.text,
        "abstained": answer.abstained,
        "confidence": answer.confidence,
        "claims": [] if answer.abstained else [claim],
        "citations": [citation_fields(n, each, place) for n, each in enumerate(answer.evidence, 1)],
        "model": "memory",
        "usage": {"prompt_tokens": 0, "completion_tokens": 0},
        "notes": list(answer.notes),
        "facts": [fact_fields(fact) for fact in answer.facts],
        "episodes": [
            {"rank": rank, "score": score, **episode_fields(episode, place)}
            for rank, (episode, score) in enumerate(answer.episodes, 1)
        ],
    }


def citation_fields(n: int, evidence: Evidence, place: Place) -> dict[str, object]:
    """Return a piece of a turn as a citation; its document is the turn."""
    episode = evidence.episode
    return {
        "n": n,
        **_document(episode, place),
        "pages": [],
        "start": evidence.start,
        "end": evidence.end,
        "quote": evidence.quote,
        "sha256": hashlib.sha256(episode.text.encode("utf-8", "surrogatepass")).hexdigest(),
        **_told(episode),
    }


def episode_fields(episode: Episode, place: Place) -> dict[str, object]:
    """Return an episode as JSON has it."""
    return {**_document(episode, place), **_told(episode), "text": episode.text}


def _document(episode: Episode, place: Place) -> dict[str, object]:
    where = f"{episode.session}:{episode.ordinal or episode.id}"
    return {"document": f"{place.user}#{where}", "document_id": episode.id or where}


def _told(episode: Episode) -> dict[str, object]:
    return {
        "session": episode.session,
        "turn": episode.ordinal,
        "role": episode.role,
        "speaker": episode.speaker,
        "date": episode.said_at,
    }


def answer_lines(answer: Recollection) -> Iterator[str]:
    """Yield an answer for people: what is so, and the turns that say it."""
    yield from wrapped(answer.text)
    for each in answer.evidence:
        yield dim(f"  {turn_words(each.episode)}")
        yield from (dim(line) for line in wrapped(f"“{each.quote}”", indent="    ", lines=2))


def turn_words(episode: Episode) -> str:
    """Return where an episode stands, in words."""
    when = f", {safe(episode.said_at)}" if episode.said_at else ""
    who = f", {safe(episode.speaker or episode.role)}"
    turn = f", turn {episode.ordinal}" if episode.ordinal else ""
    return f"session {safe(episode.session)}{turn}{who}{when}"


def written_fields(written: Written) -> dict[str, object]:
    """Return what writing did, as JSON has it."""
    return {
        "turns": written.turns,
        "known": written.known,
        "outcomes": outcomes(written),
        "passed": written.passed,
        "told": [told_fields(each) for each in written.told],
    }


def told_fields(told: Told) -> dict[str, object]:
    """Return what became of a candidate, with its surprise and the parts of that."""
    each = told.candidate
    return {
        "subject": each.subject,
        "attribute": each.attribute,
        "value": each.value,
        "outcome": told.outcome,
        "fact": told.fact,
        "superseded": list(told.superseded),
        "quote": told.quote,
        "surprise": {name: round(value, 4) for name, value in asdict(told.surprise).items()},
    }


def outcomes(written: Written) -> dict[str, int]:
    """Return how many candidates came to which end."""
    found: dict[str, int] = {}
    for each in written.told:
        found[each.outcome] = found.get(each.outcome, 0) + 1
    return found


def told_line(told: Told) -> str:
    """Return what became of a candidate."""
    each = told.candidate
    who = "" if each.subject == "user" else f"{safe(each.subject)}, "
    return f"  {told.outcome:<9} {who}{safe(each.attribute)}: {bold(safe(each.value))}"


def explained(told: Told) -> Iterator[str]:
    """Yield what became of a candidate, and of what its surprise is made."""
    yield told_line(told)
    parts = asdict(told.surprise)
    score = parts.pop("score")
    shown = ", ".join(f"{name} {value:.2f}" for name, value in parts.items())
    yield from (dim(line) for line in wrapped(f"surprise {score:.2f} ({shown})", indent="      "))
    if told.superseded:
        numbers = ", ".join(map(str, told.superseded))
        yield dim(f"      in place of {numbers}")
    yield from (dim(line) for line in wrapped(f"“{told.quote}”", indent="      ", lines=2))


_WORDS = {
    "stored": "new",
    "confirmed": "confirmed",
    "ended": "ended",
    "denied": "denied",
    "past": "of the past",
    "gated": "passed over",
}


def written_words(written: Written) -> str:
    """Return what writing did, in words."""
    found = outcomes(written)
    facts = ", ".join(f"{found[name]:,} {word}" for name, word in _WORDS.items() if name in found)
    known = f", {written.known:,} known before" if written.known else ""
    return f"{count(written.turns, 'turn')}{known}; facts: {facts or 'none'}"
