"""``memctl doctor``: what was not read, what is doubtful, and what stands twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from memctl.cli.ingested import held
from memctl.cli.options import DEFAULT_STORE, JsonOption, StoreOption
from memctl.cli.output import (
    bold,
    command,
    count,
    dim,
    emit,
    green,
    safe,
    say,
    wrapped,
    yellow,
)

if TYPE_CHECKING:
    from memctl.ingest.checkup import Checkup, Finding
    from memctl.ingest.duplicates import DuplicateGroup
    from memctl.ingest.environment import Check

_SHOWN = 10  # of each kind; --json holds them all


@command
def doctor_cli(
    store: StoreOption = DEFAULT_STORE,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 5 when something was not read.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what is amiss with the machine, what was not read, what is doubtful, what stands twice.

    Of the store it reads the catalog; memctl verify reads every byte. What
    the walk refused (links, special files, folders that cannot be listed, a
    path that another folder has) is told by each memctl ingest.

    Example: memctl doctor --strict
    """
    from memctl.ingest import Layout, Store
    from memctl.ingest.checkup import examine
    from memctl.ingest.environment import look

    checks = look(store)
    if not as_json:
        _show_machine(checks)
    if not Layout(store).catalog.exists():
        if as_json:
            emit("memctl.doctor/1", {"machine": [asdict(each) for each in checks]})
        else:
            say(f"There is no store at {safe(str(store))}. Next: memctl ingest FOLDER")
        return
    with Store.open(store) as opened:
        found = examine(opened.catalog)
    if as_json:
        machine = [asdict(each) for each in checks]
        emit("memctl.doctor/1", {"machine": machine, **_fields(found)})
    else:
        _show(found)
    if strict and found.lost:
        raise typer.Exit(5)


def _show_machine(checks: Sequence[Check]) -> None:
    """Show what is amiss; of the rest a line."""
    amiss = [each for each in checks if each.advice]
    for each in amiss:
        say(f"{yellow(each.name)}: {safe(each.found)}")
        _say_wrapped(each.advice)
    if not amiss:
        said = ", ".join(f"{each.name} {each.found}" for each in checks)
        lines = wrapped(f"is fit: {said}", indent=" " * 8)
        say(f"{green('Machine')} {lines[0].lstrip()}")
        for line in lines[1:]:
            say(line)


def _fields(found: Checkup) -> dict[str, Any]:
    counts = found.counts
    return {
        "files": counts.files,
        "not_read": counts.failed,
        "parts_not_read": counts.parts,
        "partly_read": counts.partial,
        "documents": counts.documents,
        "chunks": counts.chunks,
        "codes": found.codes,
        "findings": [
            {
                "path": each.path,
                "code": each.code,
                "reason": each.reason,
                "advice": each.advice,
                "lost": each.lost,
                "partial": each.partial,
                "pages": each.pages,
            }
            for each in found.findings
        ],
        "duplicates": [
            {
                "document": group.document,
                "same": group.same,
                "similar": [
                    {"document": path, "similarity": round(similarity, 3)}
                    for path, similarity in group.similar
                ],
            }
            for group in found.duplicates
        ],
        "longest": [{"document": path, "chunks": chunks} for path, chunks in found.longest],
    }


def _show(found: Checkup) -> None:
    chunks = found.counts.chunks
    lines = wrapped(f"{held(found.counts)}; {count(chunks, 'chunk')}", indent=" " * 7)
    say(f"{green('Store')}{lines[0][5:]}")
    for line in lines[1:]:
        say(line)
    _show_findings("Not read", [each for each in found.findings if each.lost and not each.partial])
    _show_findings("Partly read", [each for each in found.findings if each.partial])
    _show_findings("To know", [each for each in found.findings if not each.lost])
    _show_duplicates(found.duplicates)
    if chunks:
        _head("Longest")
        for path, held_chunks in found.longest:
            _say_wrapped(f"{safe(path)}: {count(held_chunks, 'chunk')}, {held_chunks / chunks:.0%}")
    if not found.findings and not found.duplicates:
        say()
        say("All was read, and nothing stands twice.")
    if found.lost:
        say()
        say(dim("Links and what else the walk refused are told by each memctl ingest."))


def _show_findings(title: str, findings: Sequence[Finding]) -> None:
    for code, group in groupby(sorted(findings, key=lambda f: (f.code, f.path)), lambda f: f.code):
        alike = list(group)
        _head(f"{title}: {yellow(code)} ({len(alike):,})")
        _say_wrapped(alike[0].advice, indent="")
        for each in alike[:_SHOWN]:
            _say_wrapped(f"{safe(each.path)}{_pages(each.pages)}: {each.reason}")
        _show_rest(len(alike))


def _show_duplicates(groups: Sequence[DuplicateGroup]) -> None:
    if not groups:
        return
    _head(f"Standing twice ({count(len(groups), 'group')})")
    for group in groups[:_SHOWN]:
        _say_wrapped(safe(group.document))
        others = [
            *(f"= {safe(path)}" for path in group.same),
            *(f"{similarity:.2f} {safe(path)}" for path, similarity in group.similar),
        ]
        for other in others[:_SHOWN]:
            _say_wrapped(other, indent="    ")
        _show_rest(len(others), indent="    ")
    _show_rest(len(groups))


def _show_rest(number: int, *, indent: str = "  ") -> None:
    if number > _SHOWN:
        say(dim(f"{indent}… and {number - _SHOWN:,} more; --json lists them all"))


def _head(words: str) -> None:
    say()
    say(bold(words))


def _say_wrapped(text: str, *, indent: str = "  ") -> None:
    for line in wrapped(text, indent=indent):
        say(line)


def _pages(pages: Iterable[int]) -> str:
    """Return ``, pages 1–3, 7`` for the pages that a finding is on."""
    spans: list[list[int]] = []
    for page in pages:
        if spans and page == spans[-1][1] + 1:
            spans[-1][1] = page
        else:
            spans.append([page, page])
    if not spans:
        return ""
    words = ", ".join(f"{low}" if low == high else f"{low}–{high}" for low, high in spans)
    return f", {'page' if words.isdigit() else 'pages'} {words}"
