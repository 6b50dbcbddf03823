"""The settings of a store: ``memctl.toml``, written by the first ingest and edited by people."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from memctl.ingest import settingsfile
from memctl.ingest.chunking import ChunkRules
from memctl.ingest.errors import SettingsError

FORMAT = 1
_MODES = ("hybrid", "dense", "lexical")
_MOST = 10_000

_TEMPLATE = """\
# Settings of this memctl store. Written by the first ingest; edit and ingest again.
format = {format}

[chunking]
method = "{chunking.method}"    # structure, tokens, sentences, semantic or parents
max_tokens = {chunking.max_tokens}      # of a chunk, counted as tiktoken's o200k_base does
overlap_tokens = {chunking.overlap_tokens}    # shared by neighbours: structure, tokens
sentence_tokens = {chunking.sentence_tokens}  # short sentences are joined: sentences, semantic
window = {chunking.window}            # on either side, to answer from: sentences
child_tokens = {chunking.child_tokens}     # of what is searched: parents, of max_tokens each
percentile = {chunking.percentile}       # of the drops in likeness, to break over: semantic

[embedder]
name = {embedder}   # another one later: memctl index migrate

[search]                # of query, ask, shell and eval, where the command says nothing else
mode = {mode}         # hybrid, dense (by meaning) or lexical (by words)
fusion = {fusion}     # adaptive, rrf(k=60), linear(dense=0.6)
candidates = {search.candidates}        # that meaning and words each bring
rerank = {rerank}          # judge the first 50 anew

[limits]                # of the reading of one file
seconds = {limits.seconds}            # of processor time
memory_mb = {limits.memory_mb}
file_mb = {limits.file_mb}            # not of what is read in pieces: rows, mailboxes, archives

[privacy]
redact = {redact}             # taken out of what is read: keys, cards, phones, emails, ids, or all

[readers]               # of LlamaIndex, as in ".hwp" = "llama_index.readers.file:HWPReader"
{readers}"""


@dataclass(frozen=True, slots=True)
class EmbedderChoice:
    """Which embedder the store's vectors come from."""

    name: str = "e5-small"


@dataclass(frozen=True, slots=True)
class SearchDefaults:
    """How commands search where they are not told; what the words mean, the search knows."""

    mode: str = "hybrid"
    fusion: str = "adaptive"
    candidates: int = 100
    rerank: bool = False

    def __post_init__(self) -> None:
        if self.mode not in _MODES:
            raise SettingsError(
                f"search.mode is {self.mode!r}", hint=f"It is one of {', '.join(_MODES)}."
            )
        if not 0 < self.candidates <= _MOST:
            raise SettingsError(
                f"search.candidates is {self.candidates}", hint=f"It is from 1 to {_MOST:,}."
            )


@dataclass(frozen=True, slots=True)
class Limits:
    """What the reading of one file may cost."""

    seconds: int = 30
    memory_mb: int = 1024
    file_mb: int = 100

    def __post_init__(self) -> None:
        for name in ("seconds", "memory_mb", "file_mb"):
            if getattr(self, name) < 1:
                raise SettingsError(
                    f"limits.{name} is {getattr(self, name)}", hint="It must be positive."
                )


@dataclass(frozen=True, slots=True)
class Privacy:
    """What is taken out of texts before they are kept; ``redact`` names kinds, or ``all``."""

    redact: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, each with its default."""

    chunking: ChunkRules = field(default_factory=ChunkRules)
    embedder: EmbedderChoice = field(default_factory=EmbedderChoice)
    search: SearchDefaults = field(default_factory=SearchDefaults)
    limits: Limits = field(default_factory=Limits)
    privacy: Privacy = field(default_factory=Privacy)
    readers: Mapping[str, str] = field(default_factory=dict[str, str])

    def to_toml(self) -> str:
        """Return the text of ``memctl.toml``."""
        return _TEMPLATE.format(
            format=FORMAT,
            chunking=self.chunking,
            embedder=json.dumps(self.embedder.name, ensure_ascii=False),  # as TOML quotes
            mode=json.dumps(self.search.mode),
            fusion=json.dumps(self.search.fusion),
            search=self.search,
            rerank=json.dumps(self.search.rerank),
            limits=self.limits,
            redact=json.dumps(self.privacy.redact),
            readers="".join(f'"{name}" = "{where}"\n' for name, where in self.readers.items()),
        )


def load(file: Path) -> Settings:
    """Read ``memctl.toml``.

    Raises:
        SettingsError: it is not TOML in UTF-8, of another format, or holds an unknown name or a
            wrong value.
    """
    try:
        data = tomllib.loads(settingsfile.read(file))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not TOML: {error}", hint="Mend the file.") from error
    version = data.pop("format", FORMAT)  # which one written by hand need not say
    if version != FORMAT:
        raise SettingsError(
            f"{file} has format {version!r}, this memctl reads format {FORMAT}",
            hint="Use the memctl that wrote it, or a newer one.",
        )
    known = {spec.name for spec in fields(Settings)}
    _refuse_unknown(set(data), known, where=str(file))
    return Settings(
        chunking=_section(ChunkRules, data, "chunking", file),
        embedder=_section(EmbedderChoice, data, "embedder", file),
        search=_section(SearchDefaults, data, "search", file),
        limits=_section(Limits, data, "limits", file),
        privacy=_section(Privacy, data, "privacy", file),
        readers=_readers(data, file),
    )


def _readers(data: dict[str, Any], file: Path) -> dict[str, str]:
    """Return the readers by suffix; an ingest looks whether they are there."""
    table = data.get("readers", {})
    if not isinstance(table, dict):
        raise SettingsError(f"readers in {file} is not a table", hint="Write [readers].")
    for suffix, where in table.items():
        if not (suffix.startswith(".") and len(suffix) > 1 and isinstance(where, str)):
            raise SettingsError(
                f"readers.{suffix} is {where!r} in {file}",
                hint='Write a suffix and a class: ".hwp" = "llama_index.readers.file:HWPReader".',
            )
    return {suffix.lower(): where for suffix, where in table.items()}


def _section(kind: type[Any], data: dict[str, Any], name: str, file: Path) -> Any:  # noqa: ANN401  a section of any kind
    table = data.get(name, {})
    if not isinstance(table, dict):
        raise SettingsError(f"{name} in {file} is not a table", hint=f"Write [{name}].")
    specs = {spec.name: spec for spec in fields(kind)}
    _refuse_unknown(set(table), set(specs), where=f"[{name}] of {file}")
    for key, value in table.items():
        wanted = type(getattr(kind(), key))
        if type(value) is not wanted:
            raise SettingsError(
                f"{name}.{key} is {value!r} in {file}",
                hint=f"It must be of type {wanted.__name__}.",
            )
    return kind(**table)


def _refuse_unknown(names: set[str], known: set[str], *, where: str) -> None:
    for name in sorted(names - known):
        near = difflib.get_close_matches(name, known, n=1)
        raise SettingsError(
            f"unknown setting {name!r} in {where}",
            hint=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(known))}.",
        )
