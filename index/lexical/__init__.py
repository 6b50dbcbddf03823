"""Search by words: analysed by language, scored by BM25, kept up with the catalog."""

from memctl.index.lexical.analysis import clean, folded, tokens
from memctl.index.lexical.asked import LexicalQuery, Word
from memctl.index.lexical.generation import LexicalManifest
from memctl.index.lexical.index import LexicalIndex, WordFact
from memctl.index.lexical.update import look, update, update_in, verify_words

__all__ = [
    "LexicalIndex",
    "LexicalManifest",
    "LexicalQuery",
    "Word",
    "WordFact",
    "clean",
    "folded",
    "look",
    "tokens",
    "update",
    "update_in",
    "verify_words",
]
