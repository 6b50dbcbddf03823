"""Search by words: analysed by language, scored by BM25, kept up with the catalog."""

from memctl.index.lexical.analysis import lowered, terms_of, tokens
from memctl.index.lexical.asked import LexicalQuery, Word
from memctl.index.lexical.generation import LexicalManifest
from memctl.index.lexical.grammar import GRAMMAR
from memctl.index.lexical.index import LexicalIndex, WordFact
from memctl.index.lexical.update import look, update, update_in, verify_words

__all__ = [
    "GRAMMAR",
    "LexicalIndex",
    "LexicalManifest",
    "LexicalQuery",
    "Word",
    "WordFact",
    "look",
    "lowered",
    "terms_of",
    "tokens",
    "update",
    "update_in",
    "verify_words",
]
