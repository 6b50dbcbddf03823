"""Readers of LlamaIndex that the settings name: a suffix, and where the class for it is.

They are the user's own choice, and run as all readers do: in a worker process, without network.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import SettingsError, UnreadableError
from memctl.ingest.readers import Reader, Source, reader_for
from memctl.ingest.readers.builder import TextBuilder

_NAMED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*:[^\W\d]\w*")
_ANY_NAME = re.compile(r"import\s+\*|\b__getattr__\b")
# What tells where the file lies on this machine, and changes when it is moved.
_OF_THE_FILE = frozenset({"file_path", "file_name", "filename", "file path", "path", "source"})


def find(name: str, head: bytes, named: Mapping[str, str]) -> Reader | None:
    """Return the reader for a file: the one that is named for its suffix before memctl's own.

    Raises:
        UnreadableError: the name says one format, and the first bytes say that it is not.
    """
    suffix = named_suffix(name, named)
    if suffix is None:
        return reader_for(name, head)
    return Reader(named[suffix], (suffix,), read=_read)


def named_suffix(name: str, named: Mapping[str, str]) -> str | None:
    """Return the longest suffix of ``name`` that has a reader in ``named``."""
    lower = name.rpartition("/")[2].lower()
    return max((suffix for suffix in named if lower.endswith(suffix)), key=len, default=None)


def check(named: Mapping[str, str]) -> None:
    """Look for what is named without importing it.

    Raises:
        SettingsError: it is not spelled ``package.module:Class``, or not there.
    """
    for suffix, where in named.items():
        if not _NAMED.fullmatch(where):
            raise SettingsError(
                f"the reader for {suffix} is {where!r}",
                hint='Name a class, as in "llama_index.readers.file:HWPReader".',
            )
        module, _, name = where.partition(":")
        spec = _spec(module)
        if spec is None:
            raise SettingsError(
                f"the reader for {suffix}: there is no module {module}",
                hint=f"Check its spelling, or install the package that holds it{_package(module)}.",
            )
        if not _may_hold(spec, name):
            raise SettingsError(
                f"the reader for {suffix}: there is no {name} in {module}",
                hint="Check the name of the class under [readers] in memctl.toml.",
            )


def _package(module: str) -> str:
    """Name the package of a reader of LlamaIndex, whose packages are called as their modules."""
    if not module.startswith("llama_index.readers."):
        return ""
    return f": pip install {'-'.join(module.replace('_', '-').split('.')[:3])}"


def _spec(module: str) -> ModuleSpec | None:
    """Find a module as an import would, and run no package on the way to it."""
    spec: ModuleSpec | None = None
    places: list[str] | None = None
    name = ""
    for part in module.split("."):
        if name and places is None:
            return None
        name = f"{name}.{part}" if name else part
        spec = PathFinder.find_spec(name, places)
        if spec is None:
            return None
        found = spec.submodule_search_locations
        places = None if found is None else list(found)
    return spec


def _may_hold(spec: ModuleSpec, name: str) -> bool:
    file = Path(spec.origin or "")
    if file.suffix != ".py" or not file.is_file():
        return spec.origin is not None  # compiled: it will show; a mere folder holds no class
    text = file.read_text("utf-8", errors="replace")
    return bool(re.search(rf"\b{name}\b", text) or _ANY_NAME.search(text))


def _read(source: Source) -> Iterator[Document | Problem]:
    """Yield a document for each that the reader makes, and ``FILE#N`` for one of several."""
    suffix = named_suffix(source.name, source.named)
    if suffix is None:
        raise UnreadableError("unsupported", "no reader is named for it")
    module, _, name = source.named[suffix].partition(":")
    with _on_disk(source, suffix) as file:
        reader = getattr(import_module(module), name)()
        loaded: list[Any] = list(reader.load_data(file))
    read = 0
    for number, item in enumerate(loaded, start=1):
        path = source.path if len(loaded) == 1 else f"{source.path}#{number}"
        builder = TextBuilder()
        _describe(builder, item.metadata)
        builder.paragraph(item.text)
        try:
            yield builder.build(source, document_id=path, path=path)
        except UnreadableError as error:
            if error.code != "no_text":
                raise
            continue
        read += 1
    if not read:
        raise UnreadableError("no_text", "no text in it")


def _describe(builder: TextBuilder, metadata: Mapping[str, object]) -> None:
    for name, value in metadata.items():
        if str(name).lower() not in _OF_THE_FILE and value is not None:
            builder.describe(str(name).lower(), str(value))


@contextmanager
def _on_disk(source: Source, suffix: str) -> Generator[Path]:
    """Give the file; for a part of a file, a private copy that goes when it was read."""
    if source.data is None:
        yield source.file
        return
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(folder, f"part{suffix}")
        copy.write_bytes(source.data)
        yield copy
