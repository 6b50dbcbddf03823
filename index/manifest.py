"""The manifest of an index: what it is, and the sha256 of each file that it is made of."""

from __future__ import annotations

from dataclasses import KW_ONLY, asdict, dataclass
from pathlib import Path
from typing import Any

from memctl.index.certificate import Certificate
from memctl.index.choose import Wish, resident_bytes
from memctl.index.effort import Effort
from memctl.index.errors import IndexDamagedError, IndexNotFoundError
from memctl.index.files import CODES, ROWS, FileFact, complete
from memctl.index.spec import Spec, from_mapping
from memctl.index.training import Training
from memctl.ingest import Layout, MemctlError
from memctl.ingest.durable import put_checked, read_checked

FORMAT = 3
_CHECKED = 3  # the first format that says of itself whether it is whole; else it is as 2
_OLDEST = 2
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Costs:
    """What a build and a search took where it was built; the only figures that may differ.

    ``latency_ms`` is the median of single queries on one thread, ``latency_p95_ms`` what 95 of a
    hundred stay under.
    """

    training_seconds: float
    build_seconds: float
    _: KW_ONLY
    peak_memory_mb: int
    latency_ms: float
    latency_p95_ms: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation of an index. Holds no clock and no absolute path.

    ``wish`` is what was asked for, so that the next build asks for the same. ``trained_on`` is the
    number of vectors that the index held when it was trained. ``revision`` is the corpus's when
    the index was built: where it differs now, the index is behind.
    """

    name: str
    generation: int
    _: KW_ONLY
    spec: Spec
    wish: Wish
    effort: Effort
    embedder: str
    dimension: int
    vectors: int
    trained_on: int
    training: Training
    revision: int
    files: dict[str, FileFact]
    certificate: Certificate
    costs: Costs

    @property
    def type(self) -> str:
        """The name of the type."""
        return self.spec.type

    @property
    def factory(self) -> str:
        """FAISS's word for the type."""
        refine = "" if self.spec.refine == "none" else f" + {self.spec.refine}"
        return self.spec.base + refine

    @property
    def bytes_per_vector(self) -> float:
        """What a vector takes on disk, with its id."""
        total = sum(fact.bytes for fact in self.files.values())
        return total / self.vectors if self.vectors else 0.0

    @property
    def resident_bytes(self) -> float:
        """What the index takes in memory while it is open; what is mapped not counted."""
        if self.spec.type == "factory":
            return float(self.files[CODES].bytes + self.files[ROWS].bytes)
        return self.vectors * resident_bytes(self.spec, self.dimension)

    @property
    def resident_bytes_per_vector(self) -> float:
        """What a vector takes in memory while the index is open; what is mapped not counted."""
        return self.resident_bytes / self.vectors if self.vectors else 0.0

    @property
    def folder(self) -> str:
        """The name of the folder that holds this generation."""
        return f"gen-{self.generation:04d}"

    def complete(self, folder: Path) -> bool:
        """Tell whether each file is there, of its size; opening it compares every byte."""
        return complete(folder / self.folder, self.files)

    def write(self, folder: Path) -> None:
        """Put the manifest in place: the commit point of a build."""
        put_checked(manifest_file(folder), {"format": FORMAT, **asdict(self)})


def manifest_file(folder: Path) -> Path:
    """Return where the manifest of the index in ``folder`` lies."""
    return folder / "manifest.json"


def names(layout: Layout) -> list[str]:
    """Return the names of the indexes of a store, sorted."""
    return sorted(file.parent.name for file in layout.indexes.glob("*/manifest.json"))


def load(layout: Layout, name: str = DEFAULT) -> Manifest:
    """Read the manifest of the index ``name``.

    Raises:
        IndexNotFoundError: there is none.
        IndexDamagedError: the manifest is not one, or of another format.
    """
    file = manifest_file(layout.indexes / name)
    try:
        data = read_checked(file, since=_CHECKED, newest=FORMAT)
    except FileNotFoundError:
        raise _missing(layout, name) from None
    except OSError as error:
        raise _unreadable(file, error.strerror or str(error)) from error
    except ValueError as error:
        raise _unreadable(file, str(error)) from error
    version = data.pop("format")
    if version > FORMAT:
        raise IndexDamagedError(
            f"{file} has format {version}, this memctl reads format {FORMAT}",
            hint="Use the memctl that wrote it, or a newer one.",
        )
    if version < _OLDEST:
        raise _unreadable(file, f"its format is {version}, not {FORMAT}")
    try:
        return _from_json(data)
    except (KeyError, TypeError, AttributeError, ValueError, MemctlError) as error:
        raise _unreadable(file, f"it lacks or has too much: {error}") from error


def _from_json(data: dict[str, Any]) -> Manifest:
    made: dict[str, Any] = {
        "spec": from_mapping(data.pop("spec")),
        "wish": Wish(**data.pop("wish")),
        "effort": Effort(**data.pop("effort")),
        "training": Training(**data.pop("training")),
        "files": {key: FileFact(**fact) for key, fact in data.pop("files").items()},
        "certificate": Certificate.from_json(data.pop("certificate")),
        "costs": Costs(**data.pop("costs")),
    }
    return Manifest(**data, **made)


def _missing(layout: Layout, name: str) -> IndexNotFoundError:
    others = names(layout)
    if others:
        return IndexNotFoundError(
            f"no index {name!r} in {layout.root}", hint=f"There are: {', '.join(others)}."
        )
    return IndexNotFoundError(f"no index in {layout.root}", hint="Run: memctl index build")


def _unreadable(file: Path, why: str) -> IndexDamagedError:
    return IndexDamagedError(f"{file} cannot be read: {why}", hint="Run: memctl index build")
