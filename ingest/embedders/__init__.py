"""Embedders: text to unit vectors, behind one seam."""

from memctl.ingest.embedders.base import Embedder, Role, TokenEmbedder
from memctl.ingest.embedders.registry import DEFAULT, NAMES, get

__all__ = ["DEFAULT", "NAMES", "Embedder", "Role", "TokenEmbedder", "get"]
