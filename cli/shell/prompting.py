"""The line that a question is typed into: history, completion, several lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.cli.shell.commands import COMMANDS
from memctl.query import MODES

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import CompleteEvent, Completer
    from prompt_toolkit.document import Document
    from prompt_toolkit.history import History
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

MARK = "› "
_MORE = "  "
_VALUES = {
    "mode": MODES,
    "verify": ("strict", "warn", "off"),
    "explain": ("on", "off"),
    "filter": ("off", "lang:ru", "lang:en", "file:", "page:", "after:", "before:", "title:"),
    "llm": ("off", "openai:", "ollama:", "llamacpp:", "llama-index:"),
}


def typed(history: Path) -> Iterator[str | None]:
    """Yield the lines that are typed, until Ctrl-D; None for one that Ctrl-C took back."""
    session = _session(history)
    while True:
        try:
            yield session.prompt()
        except KeyboardInterrupt:
            yield None
        except EOFError:
            return


def _session(history: Path) -> PromptSession[str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.auto_suggest import AutoSuggestFromHistory

    return PromptSession(
        MARK,
        history=_history(history),
        completer=_completer(),
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


def completions(text: str) -> Iterator[tuple[str, int]]:
    """Yield what a line could go on with, and how many of its last characters that replaces."""
    if not text.startswith("/"):
        return
    name, blank, rest = text[1:].partition(" ")
    if not blank:
        yield from ((f"/{each}", len(text)) for each in COMMANDS if each.startswith(name))
        return
    word = rest.rpartition(" ")[2]
    yield from ((each, len(word)) for each in _VALUES.get(name, ()) if each.startswith(word))


def _completer() -> Completer:
    from prompt_toolkit.completion import Completer, Completion

    class Commands(Completer):
        """Completes commands and their values."""

        def get_completions(
            self, document: Document, complete_event: CompleteEvent
        ) -> Iterator[Completion]:
            """Yield the completions of the line up to the cursor."""
            del complete_event
            for text, replaced in completions(document.text_before_cursor):
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
