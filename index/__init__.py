"""Corpus to searchable: indexes over the vectors of a store, and their manifests."""

from memctl.index.build import Request, build
from memctl.index.certificate import Certificate, Recall
from memctl.index.choose import Wish
from memctl.index.dense import DenseIndex, verify
from memctl.index.errors import IndexDamagedError, IndexNotFoundError, TargetMissedError
from memctl.index.exchange import ServerError, TableError
from memctl.index.export import export, export_to_server
from memctl.index.files import FileFact
from memctl.index.importing import Imported, import_table
from memctl.index.manifest import DEFAULT, Manifest, load, names
from memctl.index.progress import Progress, Silent
from memctl.index.recall import Interval
from memctl.index.retune import Retuned, retune
from memctl.index.sample import LatestVectors, Rows, RowSource
from memctl.index.spec import TYPES, Spec
from memctl.index.sweep import TYPES as PLOTTED
from memctl.index.sweep import Measured, Swept, sweep
from memctl.index.tuning import Point

__all__ = [
    "DEFAULT",
    "PLOTTED",
    "TYPES",
    "Certificate",
    "DenseIndex",
    "FileFact",
    "Imported",
    "IndexDamagedError",
    "IndexNotFoundError",
    "Interval",
    "LatestVectors",
    "Manifest",
    "Measured",
    "Point",
    "Progress",
    "Recall",
    "Request",
    "Retuned",
    "RowSource",
    "Rows",
    "ServerError",
    "Silent",
    "Spec",
    "Swept",
    "TableError",
    "TargetMissedError",
    "Wish",
    "build",
    "export",
    "export_to_server",
    "import_table",
    "load",
    "names",
    "retune",
    "sweep",
    "verify",
]
