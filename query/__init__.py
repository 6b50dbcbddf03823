"""Question to hits to answer."""

from memctl.query.answers.abstention import Evidence, features, gather, threshold
from memctl.query.answers.answer import Answer, Citation, Claim
from memctl.query.answers.asker import Asker, Asking
from memctl.query.answers.context import Context
from memctl.query.answers.extractive import Answerer
from memctl.query.answers.fence import inert
from memctl.query.answers.places import files_of
from memctl.query.answers.prompt import Prompt, Template
from memctl.query.answers.saved import read_hits
from memctl.query.answers.session import Session
from memctl.query.around import AROUND, Around
from memctl.query.batch import (
    Question,
    atomic_lines,
    read_questions,
    search_batch,
    trec_lines,
)
from memctl.query.easy import ask, search
from memctl.query.filters import Filter
from memctl.query.fresh import FreshSearcher
from memctl.query.fusion import Fusion
from memctl.query.hit import Hit, Stage
from memctl.query.how import How
from memctl.query.legs import MODES, Mode
from memctl.query.listing import listed
from memctl.query.llm import LanguageModel, LanguageModelError, Writer, language_model
from memctl.query.remedies import Remedy
from memctl.query.search import Searcher
from memctl.query.why import Why, parse_place, why

__all__ = [
    "AROUND",
    "MODES",
    "Answer",
    "Answerer",
    "Around",
    "Asker",
    "Asking",
    "Citation",
    "Claim",
    "Context",
    "Evidence",
    "Filter",
    "FreshSearcher",
    "Fusion",
    "Hit",
    "How",
    "LanguageModel",
    "LanguageModelError",
    "Mode",
    "Prompt",
    "Question",
    "Remedy",
    "Searcher",
    "Session",
    "Stage",
    "Template",
    "Why",
    "Writer",
    "ask",
    "atomic_lines",
    "features",
    "files_of",
    "gather",
    "inert",
    "language_model",
    "listed",
    "parse_place",
    "read_hits",
    "read_questions",
    "search",
    "search_batch",
    "threshold",
    "trec_lines",
    "why",
]
