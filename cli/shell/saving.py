"""A session as a Markdown file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from memctl.cli.output import safe
from memctl.cli.render import page_words
from memctl.cli.shell.state import Exchange
from memctl.ingest import UsageError

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|])")


def save(log: Sequence[Exchange], file: Path) -> None:
    """Write a session, each question with its answer and sources, to a file that is not there yet.

    Raises:
        UsageError: it is there, or cannot be written.
    """
    text = "\n".join(line for exchange in log for line in _lines(exchange))
    try:
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise UsageError(f"{file} is there already", hint="Name another file.") from error
    except OSError as error:
        raise UsageError(f"cannot write {file}: {error.strerror}", hint="Name another.") from error


def _lines(exchange: Exchange) -> Iterator[str]:
    answer = exchange.answer
    yield f"## {_quoted(answer.question)}\n"
    yield f"{answer.text}\n"
    for claim in answer.claims:
        if claim.status not in {"supported", "unchecked"}:
            reasons = "; ".join(claim.reasons)
            yield f"> {claim.status}: {_quoted(claim.text)}" + (f" ({reasons})" if reasons else "")
            yield ""
    for citation in answer.citations:
        where = f"{_quoted(citation.document)}{page_words(citation.pages)}"
        yield f"- \\[{citation.n}\\] {where}: “{_quoted(citation.quote)}”"
    yield ""


def _quoted(text: str) -> str:
    """Return text of a document as one line that is no markup."""
    return _MARKUP.sub(r"\\\1", safe(text))
