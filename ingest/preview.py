"""Cutting one file as an ingest would, and keeping nothing."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass, replace
from functools import partial
from pathlib import Path

from memctl.ingest.chunking import ChunkRules, joined
from memctl.ingest.document import Problem
from memctl.ingest.embedders import Embedder, get
from memctl.ingest.errors import UsageError
from memctl.ingest.layout import Layout
from memctl.ingest.parsed import Kept, Outcome, Parsed, Result, Task
from memctl.ingest.parsing import Parser
from memctl.ingest.redaction import parsed
from memctl.ingest.settings import Settings, load
from memctl.ingest.store import Store
from memctl.ingest.walk import Entry, Skipped, escaped, resolve


@dataclass(frozen=True, slots=True)
class Preview:
    """What an ingest would make of a file: by which rules, and with which embedder if by meaning.

    ``read`` goes through it; nothing is written, and no vector is kept.
    """

    file: Path
    _: KW_ONLY
    settings: Settings
    embedder: Embedder

    @classmethod
    def of(cls, file: Path, store: Path, *, method: str | None = None) -> Preview:
        """Prepare to read ``file`` by the settings of ``store``, or the defaults where is none.

        ``method`` is to be tried in place of that of the settings.

        Raises:
            SourceError: there is no such file.
            UsageError: it is a folder.
            StoreError: there is a store and it cannot be read.
            SettingsError: the settings, or the method, are wrong.
        """
        found = resolve(file)
        if found.is_dir():
            raise UsageError(
                f"{escaped(str(file))} is a folder", hint="A preview is of one file: name one."
            )
        settings, embedder = _settings(store)
        if method is not None:
            settings = replace(settings, chunking=_by(method, settings.chunking))
        return cls(found, settings=settings, embedder=embedder)

    @property
    def rules(self) -> ChunkRules:
        """The rules that the file is cut by."""
        return self.settings.chunking

    def read(self) -> Generator[Parsed | Skipped]:
        """Yield each document with its chunks, and what was not read; a worker does the reading.

        Raises:
            EmbedderError: the method needs the embedder and it failed.
        """
        entry = _entry(self.file)
        settings = self.settings
        parser = Parser(
            settings.chunking,
            settings.limits,
            workers=1,
            readers=settings.readers,
            redact=parsed(settings.privacy.redact),
        )
        with parser:
            for _, results in parser.parse([Task(entry)]):
                for result in results:
                    yield from self._taken(result, entry)

    def _taken(self, result: Result | Outcome, entry: Entry) -> Iterator[Parsed | Skipped]:
        if isinstance(result, Parsed):
            embed = partial(self.embedder.embed, role="document")
            chunks = joined(result.chunks, self.rules, embed=embed, language=result.language)
            yield replace(result, chunks=tuple(chunks))
        elif isinstance(result, Problem):
            yield Skipped(result.path, result.code, reason=result.reason)
        elif not isinstance(result, Kept) and result.code:
            yield Skipped(entry.path, result.code, reason=result.reason)


def _settings(store: Path) -> tuple[Settings, Embedder]:
    layout = Layout(store)
    with ExitStack() as stack:
        if layout.catalog.exists():
            opened = stack.enter_context(Store.open(store))
            return opened.settings, opened.embedder()
        settings = load(layout.settings) if layout.settings.exists() else Settings()
        return settings, get(settings.embedder.name)


def _by(method: str, rules: ChunkRules) -> ChunkRules:
    """Return the rules with another method, without the overlap where that one has none."""
    overlap = rules.overlap_tokens if method in {"structure", "tokens"} else 0
    return replace(rules, method=method, overlap_tokens=overlap)


def _entry(file: Path) -> Entry:
    facts = file.stat()
    return Entry(
        escaped(file.name),
        file,
        root=escaped(str(file.parent)),
        size=facts.st_size,
        mtime_ns=facts.st_mtime_ns,
        ctime_ns=facts.st_ctime_ns,
    )
