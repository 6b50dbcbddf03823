"""What can be typed in the shell after a slash."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.cli.answers import sources
from memctl.cli.output import bold, count, dim, say, talk
from memctl.cli.render import hit_lines
from memctl.cli.shell.opening import open_document
from memctl.cli.shell.saving import save
from memctl.cli.shell.state import Exchange, Shell, changed
from memctl.ingest import UsageError
from memctl.query import MODES, Filter, Mode

if TYPE_CHECKING:
    from memctl.memory import Place


# A line that is one of these alone is what other shells take for a command.
_BARE: dict[str, str] = {
    **dict.fromkeys(("exit", "quit", "выход"), "/quit"),
    **dict.fromkeys(("help", "помощь"), "/help"),
}


class Quit(Exception):  # noqa: N818  no error
    """The shell is to end."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command with what it takes and what it does."""

    run: Callable[[Shell, str], None]
    takes: str
    _: KW_ONLY
    does: str


def is_command(line: str) -> bool:
    """Tell whether a line is no question: it begins with a slash, or is such a word alone."""
    return line.startswith("/") or line.casefold() in _BARE


def obey(shell: Shell, line: str) -> None:
    """Run a line that is a command.

    Raises:
        Quit: the shell is to end.
        UsageError: there is no such command, or what it is given is wrong.
    """
    line = _BARE.get(line.casefold(), line)
    name, _, rest = line[1:].strip().partition(" ")
    found = COMMANDS.get(name)
    if found is None:
        near = difflib.get_close_matches(name, COMMANDS, n=1)
        hint = f"Did you mean /{near[0]}?" if near else "/help lists them."
        raise UsageError(f"no command /{name}", hint=hint)
    found.run(shell, rest.strip())


def _help(shell: Shell, rest: str) -> None:
    del shell, rest
    say("A line without a slash is a question. Esc, then Enter, begins a new line of it.")
    for name, each in COMMANDS.items():
        say(f"  {bold(f'/{name} {each.takes}'.strip()):<22}  {each.does}")


def _sources(shell: Shell, rest: str) -> None:
    del rest
    exchange = _last(shell)
    if not exchange.answer.citations:
        talk("The last answer has no sources.")
    for line in sources(exchange.answer, exchange.files, full=True):
        say(line)


def _open(shell: Shell, rest: str) -> None:
    exchange = _last(shell)
    numbers = sorted({each.n for each in exchange.answer.citations})
    if not rest.isdecimal() or int(rest) not in numbers:
        known = ", ".join(map(str, numbers)) or "none"
        raise UsageError(f"no source {rest or 'named'}", hint=f"There are: {known}.")
    citation = next(each for each in exchange.answer.citations if each.n == int(rest))
    file = exchange.files.get(citation.document)
    if file is None:
        raise UsageError(f"{citation.document} is no longer there", hint="Run: memctl ingest")
    open_document(file)


def _why(shell: Shell, rest: str) -> None:
    exchange = _last(shell)
    if rest:
        from memctl.cli.why import show_why

        show_why(shell.why(exchange.whole, rest))
        return
    _show_hits(shell, exchange)


def _show_hits(shell: Shell, exchange: Exchange) -> None:
    """Show the passages that were looked at, each with how it was found."""
    for hit in exchange.hits:
        words = shell.searcher.matched(exchange.whole, hit)
        for line in hit_lines(hit, full=False, words=words):
            say(line)


def _mode(shell: Shell, rest: str) -> None:
    if not rest:
        say(shell.ways.mode)
        return
    modes: dict[str, Mode] = {mode: mode for mode in MODES}
    if rest not in modes:
        raise UsageError(f"no mode {rest!r}", hint=f"Modes: {', '.join(MODES)}.")
    shell.change(changed(shell.ways, mode=modes[rest]))
    talk(f"Searched by: {rest}")


def _filter(shell: Shell, rest: str) -> None:
    if not rest:
        say(" ".join(map(str, shell.filters)) or "off")
        return
    shell.narrow([] if rest == "off" else [Filter.parse(each) for each in rest.split()])
    talk(f"Looked for in: {' '.join(map(str, shell.filters)) or 'all documents'}")


def _index(shell: Shell, rest: str) -> None:
    if not rest:
        say(shell.index)
        return
    shell.use(rest)


def _llm(shell: Shell, rest: str) -> None:
    if not rest:
        say(shell.ways.llm or "off: sentences of the documents are quoted")
        return
    shell.change(changed(shell.ways, llm="" if rest == "off" else rest))


def _verify(shell: Shell, rest: str) -> None:
    levels = ("strict", "warn", "off")
    if rest and rest not in levels:
        raise UsageError(f"no level {rest!r}", hint=f"Levels: {', '.join(levels)}.")
    if not rest:
        say(shell.ways.verify)
        return
    shell.change(changed(shell.ways, verify=rest))


def _explain(shell: Shell, rest: str) -> None:
    if rest not in {"", "on", "off"}:
        raise UsageError(f"/explain {rest}", hint="Write: /explain on, or /explain off")
    shell.explain = rest == "on" if rest else not shell.explain
    talk(f"How hits come to their places is {'shown' if shell.explain else 'not shown'}.")


def _save(shell: Shell, rest: str) -> None:
    if not rest:
        raise UsageError("/save needs a file", hint="Write: /save notes.md")
    save(shell.log, Path(rest).expanduser())
    talk(f"{count(len(shell.log), 'question')} saved: {rest}")


def _eval(shell: Shell, rest: str) -> None:
    from memctl.cli.shell.trial import trial

    if not rest:
        raise UsageError("/eval needs a file of questions", hint="Write: /eval questions.jsonl")
    for line in trial(shell, Path(rest).expanduser()):
        say(line)


def _new(shell: Shell, rest: str) -> None:
    del rest
    shell.begin_anew()
    talk("A new conversation.")


def _quit(shell: Shell, rest: str) -> None:
    del shell, rest
    raise Quit


def _last(shell: Shell) -> Exchange:
    if shell.last is None:
        raise UsageError("nothing was asked yet", hint="Type a question.")
    return shell.last


def explain(shell: Shell, exchange: Exchange) -> None:
    """Show how the passages of an answer were found, where there are any."""
    if exchange.hits:
        say(dim("How its passages were found:"))
        _show_hits(shell, exchange)


def _remember(shell: Shell, rest: str) -> None:
    from memctl.cli.memory.render import written_words
    from memctl.memory import note, remember

    written = remember(place_of_shell(shell), [note(rest)], operation="add")
    say(f"Remembered: {written_words(written)}" if written.turns else "Known already.")


def _recall(shell: Shell, rest: str) -> None:
    from memctl.cli.memory.render import answer_lines
    from memctl.memory import count_use, recalling

    place = place_of_shell(shell)
    with recalling(place) as recall:
        answer = recall.answer(rest)
    for line in answer_lines(answer):
        say(line)
    count_use(place, [fact.number for fact in answer.facts])


def place_of_shell(shell: Shell) -> Place:
    """Return whose memory the shell is to use: MEMCTL_USER's, or the only one."""
    from memctl.memory import place_of

    return place_of(shell.store, os.environ.get("MEMCTL_USER", ""))


COMMANDS = {
    "sources": Command(_sources, "", does="the sources of the last answer, with their words"),
    "open": Command(_open, "N", does="open source N"),
    "why": Command(_why, "[DOC]", does="how passages were found, or where DOC fell out"),
    "mode": Command(_mode, "[MODE]", does="search by hybrid, dense or lexical"),
    "filter": Command(_filter, "[F:V …]", does="look only there; /filter off"),
    "index": Command(_index, "[NAME]", does="search another index"),
    "llm": Command(_llm, "[SPEC]", does="have answers written by a model; /llm off"),
    "verify": Command(_verify, "[LEVEL]", does="strict, warn or off"),
    "explain": Command(_explain, "[on|off]", does="say how each passage was found"),
    "remember": Command(_remember, "TEXT", does="keep what you say of yourself in memory"),
    "recall": Command(_recall, "QUESTION", does="answer from memory"),
    "save": Command(_save, "FILE", does="write the session as Markdown"),
    "eval": Command(_eval, "FILE", does="ask the questions of a file, and count"),
    "new": Command(_new, "", does="begin another conversation"),
    "help": Command(_help, "", does="this list"),
    "quit": Command(_quit, "", does="leave; so do exit, выход and Ctrl-D"),
}
