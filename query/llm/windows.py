"""How much a model reads at once, and how its tokens are counted, where it does not say so."""

from __future__ import annotations

import math

from memctl.ingest.tokens import count

UNKNOWN = 8_192  # tokens: what nearly every model of today reads at least
OLLAMA = 4_096  # what Ollama gives a model unless its own settings say more

# By how a name at OpenAI begins, the longest first: the window, and what one token of o200k_base
# is in tokens of the model. gpt-4 and gpt-3.5 use cl100k_base, which spends more on Russian.
_KNOWN = {
    "gpt-3.5": (16_385, 1.7),
    "gpt-4-turbo": (128_000, 1.7),
    "gpt-4o": (128_000, 1.0),
    "gpt-4.1": (1_000_000, 1.0),
    "gpt-4": (8_192, 1.7),
    "gpt-5": (272_000, 1.0),
    "o1": (200_000, 1.0),
    "o3": (200_000, 1.0),
    "o4": (200_000, 1.0),
}
_STRANGER = 1.7  # the same for a model of which nothing is known: rather too many than too few


def window_of(model: str, default: int = UNKNOWN) -> int:
    """Return the tokens that a model sees at once, by its name, else ``default``."""
    found = _found(model)
    return default if found is None else found[0]


def tokens_of(model: str, text: str) -> int:
    """Return how many tokens ``text`` takes a model, by its name: as tiktoken counts, or more."""
    found = _found(model)
    return math.ceil(count(text) * (_STRANGER if found is None else found[1]))


def reasons(model: str) -> bool:
    """Return whether a model thinks before it writes: it takes no temperature then."""
    name = model.rpartition("/")[2].casefold()
    return name.startswith(("o1", "o3", "o4", "gpt-5"))


def _found(model: str) -> tuple[int, float] | None:
    name = model.rpartition("/")[2].casefold()
    begun = [start for start in _KNOWN if name.startswith(start)]
    return _KNOWN[max(begun, key=len)] if begun else None
