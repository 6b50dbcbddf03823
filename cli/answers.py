"""Answers as JSON fields and as lines for people: what is said, and where it stands."""

from __future__ import annotations

import os
import re
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

from memctl.cli.output import bold, dim, safe, warn, width, wrapped, yellow
from memctl.cli.render import page_words

if TYPE_CHECKING:
    from pathlib import Path

    from memctl.query import Answer, Citation, Claim

EXTRACTIVE = "extractive"  # its answers are the words of their sources

Files = Mapping[str, "Path"]

_INDENT = "    "
_TITLE = 16  # columns at least for a title beside its document; else it stands below
_NUMBER = re.compile(r" (?=\[\d+\])")
_STATUS = {
    "partial": "in part",
    "unsupported": "not supported",
    "misattributed": "stands elsewhere",
}


def answer_fields(answer: Answer) -> dict[str, object]:
    """Return an answer as ``memctl.answer/1`` has it, but for its timings."""
    return {
        "question": answer.question,
        **({"asked": answer.asked} if answer.asked else {}),
        "answer": answer.text,
        **({"short": answer.short} if answer.short else {}),
        "abstained": answer.abstained,
        "confidence": round(answer.confidence, 4),
        "claims": [_claim_fields(claim) for claim in answer.claims],
        "citations": [_citation_fields(citation) for citation in answer.citations],
        "model": answer.model,
        "usage": {
            "prompt_tokens": answer.usage.prompt_tokens,
            "completion_tokens": answer.usage.completion_tokens,
        },
        "notes": list(answer.notes),
        **({"incomplete": answer.fault} if answer.fault else {}),
        "injection_suspected": [
            {
                "document": each.document,
                "start": each.start,
                "end": each.end,
                "reason": each.reason,
                "text": each.text,
            }
            for each in answer.suspected
        ],
    }


def _claim_fields(claim: Claim) -> dict[str, object]:
    fields: dict[str, object] = {
        "text": claim.text,
        "status": claim.status,
        "citations": list(claim.citations),
    }
    if claim.reasons:
        fields["reasons"] = list(claim.reasons)
    return fields


def _citation_fields(citation: Citation) -> dict[str, object]:
    fields: dict[str, object] = {
        "n": citation.n,
        "document": citation.document,
        "document_id": citation.document_id,
        "pages": list(citation.pages),
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "sha256": citation.sha256,
    }
    if citation.heading:
        fields["heading"] = citation.heading
    if citation.printed:
        fields["pages_printed"] = list(citation.printed)
    return fields


def answer_lines(answer: Answer, files: Files) -> Iterator[str]:
    """Yield an answer for people, with what is to be known of it, and its sources, beneath.

    ``files`` are where documents lie, for the links of a terminal.
    """
    for line in answer.text.split("\n"):
        # A number stays on the line of the word before it.
        yield from _emphasised(wrapped(_NUMBER.sub("\u00a0", line)) or [""], answer.short)
    yield from beneath(answer, files)


def _emphasised(lines: list[str], words: str) -> Iterator[str]:
    """Yield lines with some words of theirs bold, where they stand on one line."""
    shown = safe(words)
    for line in lines:
        yield line.replace(shown, bold(shown), 1) if shown else line


def beneath(answer: Answer, files: Files) -> Iterator[str]:
    """Yield what stands under the text of an answer."""
    yield from _checked(answer)
    if answer.citations:
        yield ""
    yield from sources(answer, files, full=False)


def sources(answer: Answer, files: Files, *, full: bool) -> Iterator[str]:
    """Yield the sources of an answer, each with its words: ``full``, or their first lines."""
    from memctl.query import inert

    shown: set[int] = set()
    for citation in answer.citations:
        if citation.n not in shown:
            shown.add(citation.n)
            yield _source(citation, files)
        if full or answer.model != EXTRACTIVE:
            lines = None if full else 2
            quoted = wrapped(f"“{inert(citation.quote)}”", indent=_INDENT, lines=lines)
            yield from (dim(line) for line in quoted)


def _checked(answer: Answer) -> Iterator[str]:
    """Yield how many of the sentences are supported, and what is wrong with the others."""
    checked = [claim for claim in answer.claims if claim.status != "unchecked"]
    wrong = [claim for claim in checked if claim.status != "supported"]
    if not wrong:
        return
    yield ""
    good = len(checked) - len(wrong)
    yield yellow(f"{good} of {len(checked)} sentences stand in their sources. The others:")
    for claim in wrong:
        text = textwrap.shorten(safe(claim.text), 100, placeholder=" …")
        reasons = "; ".join(claim.reasons)
        line = f"{_STATUS[claim.status]}: “{text}”" + (f" ({safe(reasons)})" if reasons else "")
        yield from wrapped(line, indent="  ")


def _source(citation: Citation, files: Files) -> str:
    printed = ""
    if citation.printed and citation.printed != tuple(map(str, citation.pages)):
        printed = f" (printed {safe('–'.join(dict.fromkeys(citation.printed)))})"
    where = f"{safe(citation.document)}{page_words(citation.pages)}{printed}"
    number = f"[{citation.n}]"
    room = width() - len(number) - len(where) - 3
    between = "  "
    if room < _TITLE:
        room, between = width() - len(_INDENT), f"\n{_INDENT}"
    titles = dict.fromkeys(part for part in (citation.title, citation.heading) if part)
    title = textwrap.shorten(safe(" › ".join(titles)), max(room, _TITLE), placeholder="…")
    linked = _linked(bold(where), files.get(citation.document), citation.pages)
    return f"{dim(number)} {linked}" + (f"{between}{dim(title)}" if title else "")


def _linked(text: str, file: Path | None, pages: tuple[int, ...]) -> str:
    """Return ``text`` as a link to a file on a terminal (OSC 8), with its page."""
    if file is None or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return text
    address = f"file://{quote(file.as_posix())}" + (f"#page={pages[0]}" if pages else "")
    return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\"


def warn_of(answer: Answer) -> None:
    """Tell the person, beside the answer, what is to be known of how it came about."""
    for note in answer.notes:
        warn(note)
    for each in answer.suspected[:3]:
        warn(f"{each.document} {each.reason}: “{each.text}” (injection suspected)")
    if len(answer.suspected) > 3:
        warn(f"and {len(answer.suspected) - 3} more passages speak to a model")
