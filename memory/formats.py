"""The formats of dialogues: GigaMemory's, LoCoMo's, and the chats of many programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from memctl.ingest import UsageError, clean, one_line
from memctl.memory.records import ROLES, Turn
from memctl.memory.when import told_date
from memctl.memory.windows import SEARCHED

_HUMAN = frozenset("user human me you я пользователь".split())
_MACHINE = frozenset("assistant bot ai model gpt chatgpt ассистент".split())
_PREFIX = 80  # characters in which a row of a corpus says when and who
_MESSAGE = frozenset("role from speaker content text value message".split())
_EXPORTED = frozenset(("fact", "lesson", "summary", "example", "journal"))
Row = Mapping[str, Any]


@dataclass(slots=True)
class Dialogue:
    """All that one person said, with whom they talked; ``faults`` are what is to be known of it.

    ``odd_dates`` are those that say no day that there is, or not which.
    """

    id: str
    turns: list[Turn] = field(default_factory=list)
    _: KW_ONLY
    faults: list[str] = field(default_factory=list)
    odd_dates: list[str] = field(default_factory=list)


def gigamemory(rows: list[Row], file: Path) -> Iterator[Dialogue]:
    """Yield the dialogues of the contest: sessions of messages, a dialogue a line."""
    for number, row in enumerate(rows, 1):
        sessions = row.get("sessions")
        if not isinstance(sessions, list):
            raise UsageError(
                f"{file}, dialogue {number} has no sessions",
                hint='A line is {"id", "sessions": [{"id", "messages"}]}.',
            )
        dialogue = Dialogue(str(row.get("id", number)))
        for at, session in enumerate(sessions, 1):
            _session(dialogue, session, at)
        yield dialogue


def _session(dialogue: Dialogue, session: object, at: int) -> None:
    """Add the messages of a session, whatever of it is missing."""
    if not isinstance(session, dict) or not isinstance(session.get("messages"), list):  # pyright: ignore[reportUnknownMemberType]
        dialogue.faults.append(f"session {at} has no messages")
        return
    row = cast("Row", session)
    name, day = str(row.get("id", at)), _day(row, dialogue)
    messages = cast("list[object]", row["messages"])
    for ordinal, message in enumerate(messages, 1):
        if not isinstance(message, dict):
            dialogue.faults.append(f"session {name}, message {ordinal} is no object")
            continue
        _add(dialogue, cast("Row", message), name, ordinal, day)


def _add(dialogue: Dialogue, message: Row, session: str, ordinal: int, day: str) -> None:
    where = f"session {session}, message {ordinal}"
    text = _content(message)
    if text is None or not text.strip():
        dialogue.faults.append(f"{where} has no text")
        return
    role, speaker = _role(message)
    if role not in ROLES:
        dialogue.faults.append(
            f"{where} has the role {one_line(role)[:40]!r}: nothing is drawn from it"
        )
    if len(text) > SEARCHED:
        dialogue.faults.append(
            f"{where} is {len(text):,} characters long: kept whole, found by its first {SEARCHED:,}"
        )
    dialogue.turns.append(
        Turn(
            role,
            clean(text),
            session=session,
            ordinal=ordinal,
            speaker=speaker,
            said_at=_day(message, dialogue) or day,
            id=str(message.get("_id") or message.get("id") or message.get("dia_id") or ""),
        )
    )


def _content(message: Row) -> str | None:
    for name in ("content", "text", "value", "message"):
        value = message.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, list):  # the parts of newer interfaces
            parts = [_part(each) for each in cast("list[object]", value)]
            return "\n".join(part for part in parts if part)
    return None


def _part(part: object) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, dict):
        return str(cast("Row", part).get("text") or "")
    return ""


def _role(message: Row) -> tuple[str, str]:
    """Return the role of who speaks, and their name where it is a name."""
    told = str(message.get("role") or message.get("from") or "").strip()
    speaker = str(message.get("speaker") or "").strip()
    if told.casefold() in _HUMAN:
        return "user", speaker
    if told.casefold() in _MACHINE:
        return "assistant", speaker
    if not told and speaker:
        return "user", speaker  # people among themselves
    return (told.casefold() or "unknown"), speaker


def _day(row: Row, dialogue: Dialogue) -> str:
    """Return the day that a row bears, under whatever name and in whatever form; empty for none."""
    for name in ("date", "timestamp", "time", "created_at", "create_time", "said_at", "datetime"):
        value = row.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _from_clock(float(value))
        if isinstance(value, str) and value.strip():
            day, whole = told_date(value)
            if not whole:
                dialogue.odd_dates.append(value.strip())
            return day
    return ""


def _from_clock(seconds: float) -> str:
    try:
        moment = datetime.fromtimestamp(seconds if seconds < 1e11 else seconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return ""
    return moment.date().isoformat()


def locomo(rows: list[Row], file: Path) -> Iterator[Dialogue]:
    """Yield conversations of two people, as published or as rows of turns."""
    if all("conversation" in row for row in rows):
        for number, row in enumerate(rows, 1):
            yield _conversation(row, number, file)
        return
    found: dict[str, Dialogue] = {}
    for number, row in enumerate(rows, 1):
        name = str(row.get("conv") or "")
        if not name or _content(row) is None:
            raise UsageError(
                f"{file}, row {number} has no conversation or no text",
                hint='A row is {"_id", "conv", "session", "speaker", "date", "text"}.',
            )
        dialogue = found.setdefault(name, Dialogue(name))
        session = str(row.get("session") or row.get("batch") or 1)
        bare = {**row, "text": _bare(str(row.get("text")), row)}
        _add(dialogue, bare, session, len(dialogue.turns) + 1, "")
    yield from found.values()


def _bare(text: str, row: Row) -> str:
    """Return a row's text without the date and the speaker that stand before it."""
    who = str(row.get("speaker") or row.get("role") or "")
    at = text.find(f"{who}: ") if who else -1
    return text[at + len(who) + 2 :] if 0 <= at < _PREFIX else text


def _conversation(row: Row, number: int, file: Path) -> Dialogue:
    """Read a conversation as LoCoMo has it: session_1, session_1_date_time, and so on."""
    held = row.get("conversation")
    if not isinstance(held, dict):
        raise UsageError(f"{file}, conversation {number} is no object", hint="Check the file.")
    told = cast("Row", held)
    dialogue = Dialogue(str(row.get("sample_id") or row.get("id") or number))
    sessions = sorted(
        (int(name.removeprefix("session_")), name)
        for name in told
        if name.startswith("session_") and name.removeprefix("session_").isdecimal()
    )
    for session, name in sessions:
        day = _day({"date": told.get(f"{name}_date_time", "")}, dialogue)
        turns = told[name]
        for ordinal, turn in enumerate(turns if isinstance(turns, list) else [], 1):
            if isinstance(turn, dict):
                _add(dialogue, cast("Row", turn), str(session), ordinal, day)
    return dialogue


def chat(rows: list[Row], file: Path) -> Iterator[Dialogue]:
    """Yield the one dialogue of a file of messages, of sessions, or of a program's export."""
    dialogue = Dialogue("")
    loose: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        if row.get("kind") in _EXPORTED:
            continue  # of memctl's own export: facts are drawn anew
        if isinstance(row.get("mapping"), dict):
            _session(dialogue, _exported(row, number), number)
        elif "messages" in row:
            _session(dialogue, row, number)
        elif _MESSAGE & row.keys():
            day = _day(row, Dialogue(""))  # its faults are told with the message
            session = str(row.get("session") or row.get("conversation_id") or day or 1)
            loose[session] = loose.get(session, 0) + 1
            _add(dialogue, row, session, loose[session], "")
        else:
            raise UsageError(
                f"{file}, row {number} has neither a text nor messages",
                hint='A row is {"role", "content"}, or {"messages": [...]} for a session.',
            )
    yield dialogue


def _exported(row: Row, number: int) -> Row:
    """Return a conversation of ChatGPT's export as a session: its longest branch, in order."""
    nodes = cast("dict[str, Row]", row["mapping"])
    at: str | None = str(row.get("current_node") or "") or None
    messages: list[Row] = []
    seen: set[str] = set()
    while at in nodes and at not in seen:
        seen.add(at)
        node = nodes[at]
        told = node.get("message")
        if isinstance(told, dict):
            message = cast("Row", told)
            content = message.get("content")
            parts = cast("Row", content).get("parts") if isinstance(content, dict) else None
            author = message.get("author")
            role = cast("Row", author).get("role") if isinstance(author, dict) else ""
            if isinstance(parts, list) and role in {"user", "assistant"}:
                messages.append(
                    {"role": role, "content": parts, "date": message.get("create_time")}
                )
        parent = node.get("parent")
        at = str(parent) if parent else None
    name = str(row.get("conversation_id") or row.get("id") or row.get("title") or number)
    return {"id": name, "date": row.get("create_time"), "messages": messages[::-1]}
