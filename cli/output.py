"""Data to stdout, talk to stderr, and no byte of a document that could steer the terminal."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import typer

from memctl.cli.options import DEFAULT_STORE

if TYPE_CHECKING:
    from memctl.ingest import MemctlError

P = ParamSpec("P")


class _WriteError(OSError):
    """Stdout takes no more: a full disk, most often."""


# JSON leaves these as they are, a terminal obeys them.
_STEERING = re.compile(
    "[\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_DEEPEST = 32  # columns that a line of a document may be indented by
_BOLD, _DIM, _GREEN, _YELLOW, _RED = "1", "2", "32", "33", "31"


def command(function: Callable[P, None]) -> Callable[P, None]:
    """Make a command end with one line of what went wrong, one of what next, and its exit code."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            function(*args, **kwargs)
            flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise typer.Exit(141) from None
        except (MemoryError, OSError, ImportError) as error:
            _tell_of_system(error)
            raise typer.Exit(1) from error
        except KeyboardInterrupt:
            talk("memctl: interrupted")
            raise typer.Exit(130) from None
        except _memctl_error() as error:
            hint = _for_store(error.hint, kwargs.get("store"))
            if kwargs.get("as_json"):
                fault = {"message": error.message, "hint": hint}
                with suppress(_WriteError):  # the first error is the one to tell
                    emit("memctl.error/1", {"error": fault, "exit_code": error.exit_code})
            talk(error.message, label="memctl:", style=_RED)
            if hint:
                talk(f"  {hint}")
            raise typer.Exit(error.exit_code) from error

    return run


def _tell_of_system(error: MemoryError | OSError | ImportError) -> None:
    """Tell what the system had no room for, or refused.

    Raises:
        ImportError: it is a fault of the installation, to be seen whole.
    """
    no_memory = getattr(error, "errno", None) == errno.ENOMEM or "map segment" in str(error)
    if isinstance(error, MemoryError) or no_memory:
        talk("memctl: not enough memory")
        talk("  Close other programs, or raise the limit. What was committed before is whole.")
    elif isinstance(error, ImportError):
        raise error
    elif isinstance(error, _WriteError):
        talk(f"memctl: cannot write the output: {error}")
        talk("  Check the disk and the redirection.")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    else:
        where = f": {error.filename}" if error.filename else ""
        talk(f"memctl: the system refused it: {error.strerror or error}{where}")
        talk("  Check the disk and its permissions. What was committed before is whole.")


def command_for(words: str, store: Path) -> str:
    """Return a command to type next, with the store that this one was given."""
    if store == DEFAULT_STORE or os.environ.get("MEMCTL_STORE") == str(store):
        return words
    return f"{words} --store {shlex.quote(str(store))}"


def _for_store(hint: str, store: object) -> str:
    """Give the command of a hint the store that this one was given."""
    if hint.startswith("Run: memctl ") and isinstance(store, Path):
        return command_for(hint, store)
    return hint


def _memctl_error() -> type[MemctlError]:
    """Return the class to catch; only asked for when something was raised, so --help is spared."""
    from memctl.ingest import MemctlError

    return MemctlError


def emit(schema: str, fields: Mapping[str, Any]) -> None:
    """Print one JSON object to stdout: the schema first, then ``fields`` in their order."""
    say(to_json({"schema": schema, **fields}, indent=2))


def to_json(value: Any, *, indent: int | None = None) -> str:  # noqa: ANN401  whatever JSON can hold
    """Return ``value`` as JSON in its own letters, what steers a terminal as escapes."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _STEERING.sub(lambda match: json.dumps(match.group())[1:-1], text)


def say(line: str = "") -> None:
    """Print a line of data to stdout."""
    _write(_plain(line) + "\n")


def say_part(text: str) -> None:
    """Print a part of a line to stdout, at once."""
    _write(_plain(text))
    flush()


def _write(text: str) -> None:
    if sys.stdout is None:  # it was closed before memctl began
        raise _WriteError("it is closed")
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _WriteError(error.strerror) from error


def talk(line: str = "", *, label: str = "", style: str = _YELLOW) -> None:
    """Print a line for the person to stderr, its ``label`` coloured; a terminal has it folded."""
    text = _plain(f"{label} {line}" if label else line)
    lines = _folded(text) if sys.stderr.isatty() else [text]
    lines[0] = paint(label, style, stderr=True) + lines[0][len(label) :] if label else lines[0]
    with suppress(OSError):  # where nothing can be said, the exit code says it
        sys.stderr.write("\n".join(lines) + "\n")
        sys.stderr.flush()


def _folded(text: str) -> list[str]:
    """Fold text at its blanks; a word that is too long, such as a path, stays whole."""
    indent = " " * (len(text) - len(text.lstrip(" ")) + 2)
    lines = textwrap.wrap(
        text,
        width=width(),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [text]


def warn(line: str) -> None:
    """Print a warning to stderr."""
    talk(line, label="memctl:")


def flush() -> None:
    """Let a write fail here, where it is told, and not when Python ends."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _WriteError(error.strerror) from error


def bold(text: str) -> str:
    """Return ``text`` bold, where the terminal shows it."""
    return paint(text, _BOLD)


def dim(text: str) -> str:
    """Return ``text`` dim, where the terminal shows it."""
    return paint(text, _DIM)


def green(text: str) -> str:
    """Return ``text`` green, where the terminal shows it."""
    return paint(text, _GREEN)


def yellow(text: str) -> str:
    """Return ``text`` yellow, where the terminal shows it."""
    return paint(text, _YELLOW)


def paint(text: str, style: str, *, stderr: bool = False) -> str:
    """Return ``text`` in an SGR style when its stream is a terminal that wants colours."""
    stream = sys.stderr if stderr else sys.stdout
    if (
        stream is None
        or not stream.isatty()
        or "NO_COLOR" in os.environ
        or os.environ.get("TERM") == "dumb"
    ):
        return text
    return f"\x1b[{style}m{text}\x1b[0m"


def safe(text: str) -> str:
    """Return text from a document or a file name as one line that steers nothing."""
    from memctl.ingest import one_line

    return one_line(text)


def wrapped(text: str, *, indent: str = "", lines: int | None = None) -> list[str]:
    """Return safe ``text`` folded to the terminal's width, at most ``lines`` lines of it."""
    return textwrap.wrap(
        safe(text),
        width=width(),
        initial_indent=indent,
        subsequent_indent=indent,
        max_lines=lines,
        placeholder=" …",
    )


def laid_out(text: str, *, indent: str = "") -> Iterable[str]:
    """Yield safe ``text`` with its own lines and indents, each line folded to the width."""
    for line in text.strip("\n").split("\n"):
        own = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" "))
        yield from wrapped(line, indent=indent + " " * min(own, _DEEPEST)) or [""]


def width() -> int:
    """Return the columns to write in: the terminal's, 20 to 100, and 80 where there is none."""
    import shutil

    return max(20, min(shutil.get_terminal_size((80, 24)).columns, 100))


def count(number: int, noun: str) -> str:
    """Return ``1 file``, ``2,000 files``."""
    from memctl.ingest.amounts import counted

    return counted(number, noun)


def size(number: float) -> str:
    """Return a number of bytes for people."""
    for unit in ("B", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}" if unit == "B" else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"


def _plain(line: str) -> str:
    """Return ``line`` without what no encoding has: a lone surrogate becomes a mark."""
    return line.encode("utf-8", "replace").decode("utf-8")
