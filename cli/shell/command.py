"""``memctl shell``: one question after the other."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from memctl.cli.answering import Ways, session_in
from memctl.cli.answers import answer_lines, beneath, warn_of
from memctl.cli.asking import (
    ContextOption,
    MaxTokensOption,
    PassagesOption,
    PromptOption,
    SessionOption,
    Verify,
    VerifyOption,
    WindowOption,
    WriterOption,
)
from memctl.cli.options import DEFAULT_STORE, FilterOption, IndexOption, StoreOption
from memctl.cli.output import command, count, flush, say, talk
from memctl.cli.query import warn_if_behind
from memctl.cli.searching import Mode, ModeOption, RerankOption
from memctl.cli.understood import understood
from memctl.cli.waiting import Waiting

if TYPE_CHECKING:
    from memctl.cli.shell.state import Shell

_RED = "31"


@command
def shell_cli(
    k: PassagesOption = 8,
    mode: ModeOption = Mode.hybrid,
    rerank: RerankOption = False,
    filters: FilterOption = None,
    session: SessionOption = None,
    llm: WriterOption = "",
    window: WindowOption = None,
    context: ContextOption = "auto",
    max_tokens: MaxTokensOption = 1024,
    prompt: PromptOption = None,
    verify: VerifyOption = Verify.warn,
    script: Annotated[
        Path | None,
        typer.Option(
            "--script",
            metavar="FILE",
            readable=False,
            help="Take the lines from there (- for stdin) and end.",
        ),
    ] = None,
    index: IndexOption = "default",
    store: StoreOption = DEFAULT_STORE,
) -> None:
    """Ask one question after the other; follow-up questions use the conversation.

    /help in the shell lists its commands. Ctrl-C stops an answer; Ctrl-D, exit and выход leave.

    Example: memctl shell --llm ollama:qwen2.5 --session talk.jsonl
    """
    from memctl.cli.shell.state import Shell
    from memctl.query import Filter

    lines = _shown(_script(script)) if script else None
    ways = Ways(
        llm,
        window,
        k=k,
        mode=mode.value,
        rerank=rerank,
        verify=verify.value,
        context=context,
        max_tokens=max_tokens,
        prompt=prompt,
    )
    chosen = [Filter.parse(each) for each in filters or []]
    opened = Shell(store, index, ways=ways, session=session_in(session), filters=chosen)
    with opened as shell:
        warn_if_behind(shell.searcher, store)
        if lines is None:
            _check_terminal()
            _talk(shell, store)
        elif _run(shell, lines):
            raise typer.Exit(1)


def _talk(shell: Shell, store: Path) -> None:
    """Take lines from the terminal until the person leaves."""
    from memctl.cli.shell.prompting import typed
    from memctl.ingest import Layout

    talk(f"{count(shell.searcher.store.catalog.counts().documents, 'document')}. /help helps.")
    _run(shell, typed(Layout(store).history, lambda: shell.searcher.store.catalog))


def _run(shell: Shell, lines: Iterator[str | None]) -> int:
    """Take each line; return how many went wrong."""
    from memctl.cli.shell.commands import Quit
    from memctl.ingest import MemctlError

    wrong = 0
    for line in lines:
        if line is None or not line.strip():
            continue
        try:
            _take(shell, line.strip())
        except Quit:
            break
        except KeyboardInterrupt:
            talk("Stopped.")
        except MemctlError as error:
            wrong += 1
            talk(error.message, label="memctl:", style=_RED)
            if error.hint:
                talk(f"  {error.hint}")
        flush()
    return wrong


def _take(shell: Shell, line: str) -> None:
    from memctl.cli.shell.commands import explain, is_command, obey
    from memctl.cli.shell.live import showing

    if is_command(line):
        obey(shell, line)
        return
    with showing() as view, Waiting(shell.ways.llm or "searching") as waiting:

        def show(text: str) -> None:
            waiting.over()
            view.put(text)

        exchange = shell.ask(line, show)
    answer = exchange.answer
    if answer.asked:
        talk(f"Asked: {answer.asked}")
    lines = beneath if view.used else answer_lines
    for each in lines(answer, exchange.files):
        say(each)
    say()
    if shell.explain:
        explain(shell, exchange)
    heard = understood(
        shell.searcher,
        exchange.whole,
        shell.asker.asking.how,
        filters=shell.filters,
        found=bool(exchange.hits),
    )
    for told in heard.lines():
        talk(told)
    warn_of(answer)
    if answer.fault:
        talk(f"the answer broke off: {answer.fault}", label="memctl:", style=_RED)


def _script(file: Path) -> Iterator[str]:
    """Return the lines of a script.

    Raises:
        UsageError: it cannot be read.
    """
    from memctl.ingest import UsageError

    if str(file) == "-":
        return (line.rstrip("\n") for line in sys.stdin)
    try:
        return iter(file.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {file}: {error}", hint="Check --script.") from error


def _shown(lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines of a script, each shown as if it were typed before what comes of it."""
    from memctl.cli.shell.prompting import MARK

    for line in lines:
        if line.strip():
            say(f"{MARK}{line.strip()}")
            flush()
        yield line


def _check_terminal() -> None:
    from memctl.ingest import UsageError

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            "the shell needs a terminal", hint="Without one: memctl shell --script FILE"
        )
