"""The interface of the GigaMemory task (AI Journey 2025): write, clear, answer."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from memctl.ingest import clean
from memctl.memory.book import Book
from memctl.memory.place import Place
from memctl.memory.records import Turn
from memctl.memory.remembering import recalling, remember


class ContestMemory:
    """Memories of many dialogues in one store; each dialogue is a user of its own.

    A message is a mapping with ``role`` and ``content``, and ``session_id`` where the caller knows
    it; each call without one is a session.
    """

    def __init__(self, store: Path) -> None:
        self._store = store

    def write_to_memory(self, messages: Sequence[Mapping[str, str]], dialogue_id: str) -> None:
        """Keep the messages of a session.

        Raises:
            StoreError: another process writes to the memory.
        """
        place = Place(self._store, str(dialogue_id))
        session = str(self._sessions(place) + 1)
        turns = [
            Turn(
                str(message.get("role") or "user"),
                clean(str(message.get("content") or "")),
                session=str(message.get("session_id") or session),
                ordinal=ordinal,
            )
            for ordinal, message in enumerate(messages, 1)
        ]
        remember(place, turns, operation="write")

    def clear_memory(self, dialogue_id: str) -> None:
        """Forget all of a dialogue."""
        folder = Place(self._store, str(dialogue_id)).folder
        if folder.exists():
            shutil.rmtree(folder)

    def answer_to_question(self, dialogue_id: str, question: str) -> str:
        """Return a short answer, or that nothing is known.

        Raises:
            StoreError: nothing was ever written of the dialogue.
        """
        with recalling(Place(self._store, str(dialogue_id))) as recall:
            return recall.answer(question).text

    @staticmethod
    def _sessions(place: Place) -> int:
        if not place.book.exists():
            return 0
        with Book.open(place) as book:
            return int(book.meta("sessions"))
