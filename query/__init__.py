"""Question to hits to answer."""

from memctl.query.abstention import Evidence, features, threshold
from memctl.query.answer import Answer, Citation, Claim
from memctl.query.batch import (
    Question,
    atomic_lines,
    one_question,
    read_questions,
    search_batch,
    trec_lines,
)
from memctl.query.extractive import Answerer, gather
from memctl.query.filters import Filter
from memctl.query.hit import Hit
from memctl.query.search import Searcher

__all__ = [
    "Answer",
    "Answerer",
    "Citation",
    "Claim",
    "Evidence",
    "Filter",
    "Hit",
    "Question",
    "Searcher",
    "atomic_lines",
    "features",
    "gather",
    "one_question",
    "read_questions",
    "search_batch",
    "threshold",
    "trec_lines",
]
