"""Files to documents to chunks to vectors, and the store that keeps them.

The ground floor: it owns the words of the house (Document, Chunk), the errors and the store.
"""

from memctl.ingest.catalog import Catalog
from memctl.ingest.chunk import Chunk, Section, Sections, sections_between
from memctl.ingest.chunking import ChunkRules, cut
from memctl.ingest.copying import copy_store
from memctl.ingest.document import Block, Document, Heading, Page
from memctl.ingest.durable import sync_folder
from memctl.ingest.embedders import NAMES as EMBEDDERS
from memctl.ingest.embedders import Embedder, Role, TokenEmbedder
from memctl.ingest.errors import (
    EmbedderError,
    MemctlError,
    ReplacedError,
    SettingsError,
    SourceError,
    StoreError,
    UnreadableError,
    UsageError,
)
from memctl.ingest.forecast import estimate
from memctl.ingest.language import detect
from memctl.ingest.layout import Layout, cache_folder
from memctl.ingest.lock import wait_for_writers, writing
from memctl.ingest.parsed import Parsed
from memctl.ingest.pipeline import ingest
from memctl.ingest.preview import Preview
from memctl.ingest.records import (
    FRESH_NS,
    Counts,
    DocumentRecord,
    FileRecord,
    PageStarts,
    StoredChunk,
    pages_between,
)
from memctl.ingest.sentences import spans as sentence_spans
from memctl.ingest.settings import Settings
from memctl.ingest.store import Store, change_settings, writing_to
from memctl.ingest.summary import Estimate, Options, Progress, Silent, Summary
from memctl.ingest.text import clean, composed, folded, one_line, twins
from memctl.ingest.vectors import VectorFile, Vectors
from memctl.ingest.walk import Skipped
from memctl.ingest.watching import watch
from memctl.ingest.writer import embedding_text

__all__ = [
    "EMBEDDERS",
    "FRESH_NS",
    "Block",
    "Catalog",
    "Chunk",
    "ChunkRules",
    "Counts",
    "Document",
    "DocumentRecord",
    "Embedder",
    "EmbedderError",
    "Estimate",
    "FileRecord",
    "Heading",
    "Layout",
    "MemctlError",
    "Options",
    "Page",
    "PageStarts",
    "Parsed",
    "Preview",
    "Progress",
    "ReplacedError",
    "Role",
    "Section",
    "Sections",
    "Settings",
    "SettingsError",
    "Silent",
    "Skipped",
    "SourceError",
    "Store",
    "StoreError",
    "StoredChunk",
    "Summary",
    "TokenEmbedder",
    "UnreadableError",
    "UsageError",
    "VectorFile",
    "Vectors",
    "cache_folder",
    "change_settings",
    "clean",
    "composed",
    "copy_store",
    "cut",
    "detect",
    "embedding_text",
    "estimate",
    "folded",
    "ingest",
    "one_line",
    "pages_between",
    "sections_between",
    "sentence_spans",
    "sync_folder",
    "twins",
    "wait_for_writers",
    "watch",
    "writing",
    "writing_to",
]
