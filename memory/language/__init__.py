"""Words and their grammar, in Russian and English."""

from memctl.memory.language.reading import read
from memctl.memory.language.token import Reading, Token

__all__ = ["Reading", "Token", "read"]
