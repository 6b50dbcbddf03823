"""The line that a question is typed into: history, completion, several lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.cli.shell.completing import Names, completions
from memctl.ingest import MemctlError

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import CompleteEvent, Completer
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

MARK = "› "
_MORE = "  "


def typed(history: Path, names: Callable[[], Names]) -> Iterator[str | None]:
    """Yield the lines that are typed, until Ctrl-D; None for one that Ctrl-C took back.

    ``names`` returns what the store says of its documents now.
    """
    session = _session(history, names)
    while True:
        try:
            yield session.prompt()
        except KeyboardInterrupt:
            yield None
        except EOFError:
            return


def _session(history: Path, names: Callable[[], Names]) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory

    return PromptSession(
        MARK,
        history=_history(history),
        completer=_completer(names),
        complete_while_typing=False,
        auto_suggest=AutoSuggestFromHistory(),
        key_bindings=_keys(),
        multiline=True,
        prompt_continuation=_MORE,
        enable_open_in_editor=True,
    )


def _history(file: Path) -> History:
    """Return the history of a store; one that cannot be written to is kept in memory."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    try:
        file.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(file))


def _completer(names: Callable[[], Names]) -> Completer:
    from prompt_toolkit.completion import Completer, Completion

    class Commands(Completer):
        """Completes commands and their values."""

        def get_completions(
            self, document: Document, complete_event: CompleteEvent
        ) -> Iterator[Completion]:
            """Yield the completions of the line up to the cursor."""
            del complete_event
            with suppress(MemctlError):  # of a store that cannot be read the next question tells
                for text, replaced in completions(document.text_before_cursor, names()):
                    yield Completion(text, start_position=-replaced)

    return Commands()


def _keys() -> KeyBindings:
    """Enter sends, Esc and then Enter begins a new line."""
    from prompt_toolkit.key_binding import KeyBindings

    keys = KeyBindings()

    @keys.add("enter")
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _more(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
