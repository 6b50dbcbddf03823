"""Question to hits to answer."""

from memctl.query.abstention import Evidence, features, threshold
from memctl.query.answer import Answer, Citation, Claim
from memctl.query.around import AROUND, Around
from memctl.query.batch import (
    Question,
    atomic_lines,
    one_question,
    read_questions,
    search_batch,
    trec_lines,
)
from memctl.query.easy import search
from memctl.query.extractive import Answerer, gather
from memctl.query.filters import Filter
from memctl.query.fusion import Fusion
from memctl.query.hit import Hit, Stage
from memctl.query.how import How
from memctl.query.legs import MODES, Mode
from memctl.query.llm import LanguageModel, LanguageModelError, language_model
from memctl.query.search import Searcher
from memctl.query.why import Remedy, Why, parse_place, why

__all__ = [
    "AROUND",
    "MODES",
    "Answer",
    "Answerer",
    "Around",
    "Citation",
    "Claim",
    "Evidence",
    "Filter",
    "Fusion",
    "Hit",
    "How",
    "LanguageModel",
    "LanguageModelError",
    "Mode",
    "Question",
    "Remedy",
    "Searcher",
    "Stage",
    "Why",
    "atomic_lines",
    "features",
    "gather",
    "language_model",
    "one_question",
    "parse_place",
    "read_questions",
    "search",
    "search_batch",
    "threshold",
    "trec_lines",
    "why",
]
