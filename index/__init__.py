"""Corpus to searchable: indexes over the vectors of a store, and their manifests."""

from memctl.index.build import build
from memctl.index.dense import DenseIndex, Rows
from memctl.index.errors import IndexDamagedError, IndexNotFoundError
from memctl.index.manifest import DEFAULT, Certificate, FileFact, Manifest, load, names

__all__ = [
    "DEFAULT",
    "Certificate",
    "DenseIndex",
    "FileFact",
    "IndexDamagedError",
    "IndexNotFoundError",
    "Manifest",
    "Rows",
    "build",
    "load",
    "names",
]
