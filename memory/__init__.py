"""Long-term memory of one user: what was said, what is so, and since when.

It stands between the index and the search of documents: turns of dialogues become episodes and
facts, weighed by how much they surprise, and questions are answered from them.
"""

from memctl.memory.book import Book, users
from memctl.memory.contest import ContestMemory
from memctl.memory.dialogues import FORMATS, Format, read_dialogues
from memctl.memory.formats import Dialogue
from memctl.memory.place import DEFAULT_USER, Place
from memctl.memory.recall import Evidence, Recall, Recollection
from memctl.memory.records import BLOCKS, Episode, Fact, Turn
from memctl.memory.remembering import count_use, grammar_for, note, place_of, recalling, remember
from memctl.memory.telling import Told, Written

__all__ = [
    "BLOCKS",
    "DEFAULT_USER",
    "FORMATS",
    "Book",
    "ContestMemory",
    "Dialogue",
    "Episode",
    "Evidence",
    "Fact",
    "Format",
    "Place",
    "Recall",
    "Recollection",
    "Told",
    "Turn",
    "Written",
    "count_use",
    "grammar_for",
    "note",
    "place_of",
    "read_dialogues",
    "recalling",
    "remember",
    "users",
]
