"""Embedders: text to unit vectors, behind one seam."""

from memctl.ingest.embedders.base import Embedder, Role
from memctl.ingest.embedders.registry import DEFAULT, NAMES, get

__all__ = ["DEFAULT", "NAMES", "Embedder", "Role", "get"]
