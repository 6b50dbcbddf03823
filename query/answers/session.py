"""A conversation in a file: what was asked and answered, a JSON line each."""

from __future__ import annotations

import json
import os
from pathlib import Path

from memctl.ingest import UsageError
from memctl.query.answers.answer import Answer
from memctl.query.rewrite import Turn, read_turns


class Session:
    """The turns of a conversation. Each is in the file before it is shown to have been kept."""

    def __init__(self, file: Path | None = None) -> None:
        """Read the turns that ``file`` holds; it is made by the first answer.

        Raises:
            UsageError: it cannot be read or written, or holds something else.
        """
        self.file = file
        self.turns: list[Turn] = []
        if file is None:
            return
        if file.exists():
            self.turns = read_turns(file, option="--session")
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
            with self.file.open("a", encoding="utf-8", newline="\n") as stream:
                stream.write(lines)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise UsageError(
                f"cannot write {self.file}: {error.strerror}", hint="Check --session."
            ) from error
