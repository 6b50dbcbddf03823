"""A conversation in a file: what was asked and answered, a JSON line each."""

from __future__ import annotations

import json
import os
from pathlib import Path

from memctl.ingest import UsageError
from memctl.query.answers.answer import Answer
from memctl.query.rewrite import Turn, turns_in

_BEGIN = b'{"role": "'  # of each line that is written


class Session:
    """The turns of a conversation. Each is in the file before it is shown to have been kept.

    A last line that was cut off as it was written, as by a process that was killed, is left out,
    which ``torn`` tells, and makes way for the next one.
    """

    def __init__(self, file: Path | None = None) -> None:
        """Read the turns that ``file`` holds; it is made by the first answer.

        Raises:
            UsageError: it cannot be read or written, or holds something else.
        """
        self.file = file
        self.turns: list[Turn] = []
        self.torn = False
        if file is None:
            return
        if file.exists():
            held = _read(file)
            whole = _whole(held)
            self.torn = whole < len(held)
            self.turns = turns_in(held[:whole], file)
        elif not file.resolve().parent.is_dir():
            raise UsageError(f"no folder for {file}", hint="Make it first, or name another file.")

    def add(self, answer: Answer) -> None:
        """Keep a question, as it was understood, and its answer.

        Raises:
            UsageError: the file cannot be written.
        """
        turns = [Turn("user", answer.asked or answer.question), Turn("assistant", answer.text)]
        self.turns.extend(turns)
        if self.file is None:
            return
        lines = "".join(
            json.dumps({"role": turn.role, "content": turn.text}, ensure_ascii=False) + "\n"
            for turn in turns
        )
        try:
            _append(self.file, lines.encode())
        except OSError as error:
            raise UsageError(
                f"cannot write {self.file}: {error.strerror}", hint="Check --session."
            ) from error


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(
            f"cannot read {file}: {error.strerror}", hint="Check --session."
        ) from error


def _append(file: Path, lines: bytes) -> None:
    """Write lines behind the whole ones of a file, and have them on the disk."""
    with file.open("a+b") as stream:
        stream.seek(0)
        held = stream.read()
        whole = _whole(held)
        if whole < len(held):
            stream.truncate(whole)
        elif held and not held.endswith(b"\n"):  # a person wrote it
            lines = b"\n" + lines
        stream.write(lines)
        stream.flush()
        os.fsync(stream.fileno())


def _whole(held: bytes) -> int:
    """Return how many bytes of a file are whole: all, or all before a line that was cut off.

    Only what begins as the lines that are written here, and is no JSON, was cut off.
    """
    start = held.rfind(b"\n") + 1
    tail = held[start:]
    begun = tail.startswith(_BEGIN) or (tail and _BEGIN.startswith(tail))
    return start if begun and not _is_json(tail) else len(held)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True
