"""What a user should know of a store: what was not read, or only in part, and what stands twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

from memctl.ingest.catalog import Catalog
from memctl.ingest.duplicates import DuplicateGroup, Signed, find_duplicates
from memctl.ingest.records import BAD_ROWS, Counts, NoteRecord

_LONGEST = 5

_AGAIN = "then: memctl ingest FOLDER --retry"
# What to do about it, by code.
_ADVICE = {
    "bad_format": "Open it in the program that made it and save it again.",
    "bad_rows": "Correct the rows; the others were read.",
    "bomb": "Leave it out: it unpacks into more than any document holds.",
    "crashed": "Save it anew, or in another format; its parser died of it.",
    "damaged": "Save it again with the program that made it.",
    "doubtful": "Look at it with memctl show; if it is bad, save it anew or run OCR.",
    "duplicate_path": "Rename one of the two.",
    "encoded": "Nothing is missing but pictures or files that were written out as letters.",
    "encoding": "Save it as UTF-8.",
    "encrypted": "Save a copy without the password.",
    "forbidden": "Leave it out: its reader tried what readers must not do.",
    "garbled": "Run OCR over it: its letters cannot be told from what the file says of them.",
    "hidden_text": "Look at it: somebody, or a program, put text there that nobody sees.",
    "io": "Check the disk; the next memctl ingest reads it again.",
    "killed": "The next memctl ingest reads it again.",
    "memory": f"Part the file, or raise limits.memory_mb in memctl.toml, {_AGAIN}",
    "missing_part": "Restore the part that the file refers to.",
    "no_text": "There is no text in it; a scan needs OCR before it can be read.",
    "not_regular": "Leave it out: it is a pipe, a socket or a device.",
    "permission": "Give yourself permission to read it.",
    "redacted": "Nothing: it was asked for with --redact.",
    "symlink": "Pack what the link leads to; links in archives are not followed.",
    "time": f"Part the file, or raise limits.seconds in memctl.toml, {_AGAIN}",
    "too_large": f"Part the file, or raise limits.file_mb in memctl.toml, {_AGAIN}",
    "unsupported": "Convert it, or leave it out with .memctlignore.",
    "vanished": "The next memctl ingest reads it again.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A file, a part of one or some pages of one that want attention.

    ``lost`` says that something in it was not read. ``pages`` is empty where all of it is meant.
    """

    path: str
    code: str
    _: KW_ONLY
    reason: str
    lost: bool
    pages: tuple[int, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether the rest of it was read: pages were left out of a document, rows of a file."""
        return self.lost and (self.code == BAD_ROWS or bool(self.pages))

    @property
    def advice(self) -> str:
        """What to do about it, in a sentence; empty where nothing is known."""
        return _ADVICE.get(self.code, "")


@dataclass(frozen=True, slots=True)
class Checkup:
    """The state of a store; ``longest`` holds the documents with the most text and their chunks."""

    counts: Counts
    _: KW_ONLY
    findings: tuple[Finding, ...]
    duplicates: tuple[DuplicateGroup, ...]
    longest: tuple[tuple[str, int], ...]

    @property
    def codes(self) -> dict[str, int]:
        """The number of findings of each code, the commonest first."""
        counted = Counter(finding.code for finding in self.findings)
        return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))

    @property
    def lost(self) -> bool:
        """Whether there is something that was not read."""
        return any(finding.lost for finding in self.findings)


def examine(catalog: Catalog) -> Checkup:
    """Look through the catalog; the files themselves are not opened."""
    signed: list[Signed] = []
    sizes: list[tuple[int, str]] = []
    for record in catalog.documents():
        signed.append(Signed(record.path, record.signature, characters=record.characters))
        sizes.append((-record.characters, record.path))
    lengths = {each.path: each.characters for each in signed}

    def text_of(path: str) -> str:
        return catalog.text_between(path, 0, lengths[path])

    return Checkup(
        catalog.counts(),
        findings=tuple(sorted(_findings(catalog), key=lambda f: (not f.lost, f.path, f.code))),
        duplicates=tuple(find_duplicates(signed, text_of)),
        longest=_longest(catalog, [path for _, path in sorted(sizes)[: 4 * _LONGEST]]),
    )


def _longest(catalog: Catalog, paths: list[str]) -> tuple[tuple[str, int], ...]:
    """Return the documents of most chunks among those of most characters."""
    counted = sorted((-catalog.chunks_in(path), path) for path in paths)
    return tuple((path, -chunks) for chunks, path in counted[:_LONGEST])


def _findings(catalog: Catalog) -> Iterator[Finding]:
    for root in sorted(catalog.roots()):
        for file in catalog.files(root=root):
            if file.code:
                yield Finding(file.path, file.code, reason=file.reason, lost=True)
    pages: dict[tuple[str, str], list[NoteRecord]] = {}
    for note in catalog.notes():
        pages.setdefault((note.path, note.code), []).append(note)
    for (path, code), notes in pages.items():
        yield Finding(
            path,
            code,
            reason=notes[0].reason,
            lost=any(note.lost or note.left_out for note in notes),
            pages=tuple(sorted({note.page for note in notes if note.page is not None})),
        )
