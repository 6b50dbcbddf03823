"""How documents are cut: the method, and the numbers that it goes by."""

from __future__ import annotations

import difflib
from dataclasses import KW_ONLY, dataclass

from memctl.ingest.errors import SettingsError

# Each method with what it reads beside its name and ``max_tokens``.
_READS = {
    "structure": ("overlap_tokens",),
    "tokens": ("overlap_tokens",),
    "sentences": ("sentence_tokens", "window"),
    "semantic": ("sentence_tokens", "percentile"),
    "parents": ("child_tokens",),
}
METHODS = tuple(_READS)
_LEAST = 16  # tokens that hold any one character with its marks, but for freaks


@dataclass(frozen=True, slots=True)
class ChunkRules:
    """The method and its numbers; all tokens are o200k_base's.

    ``max_tokens`` limits a chunk, and the context that is kept with it. ``overlap_tokens`` is what
    the next chunk may repeat, in ``structure`` and ``tokens``. In ``sentences`` and ``semantic``
    sentences are joined until they have ``sentence_tokens``. ``window`` is how many of these
    ``sentences`` keeps as context on either side. ``child_tokens`` limits a chunk of ``parents``,
    whose context then is a parent of ``max_tokens``. ``semantic`` breaks at the drops in likeness
    over the ``percentile`` of the document's.

    Raises:
        SettingsError: the method is unknown, or a number has no meaning for it.
    """

    max_tokens: int = 256
    overlap_tokens: int = 0
    _: KW_ONLY
    method: str = "structure"
    sentence_tokens: int = 32
    window: int = 3
    child_tokens: int = 96
    percentile: int = 75

    def __post_init__(self) -> None:
        if self.method not in _READS:
            near = difflib.get_close_matches(self.method, METHODS, n=1)
            raise SettingsError(
                f"chunking.method is {self.method!r}",
                hint=f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(METHODS)}.",
            )
        if self.max_tokens < _LEAST:
            raise SettingsError(
                f"chunking.max_tokens is {self.max_tokens}", hint=f"It must be {_LEAST} or more."
            )
        for name in dict.fromkeys((*_READS[self.method], "window", "percentile")):
            low, high, why = _range(name, self.max_tokens)
            if not low <= getattr(self, name) <= high:
                raise SettingsError(
                    f"chunking.{name} is {getattr(self, name)}",
                    hint=f"It must be from {low} to {high}{why}.",
                )
        if self.overlap_tokens and "overlap_tokens" not in _READS[self.method]:
            raise SettingsError(
                f"chunking.overlap_tokens is {self.overlap_tokens}",
                hint=f'With method = "{self.method}" it must be 0: its chunks do not overlap.',
            )

    @property
    def recipe(self) -> str:
        """Everything in the rules that the chunks of a document depend on."""
        return ":".join(
            map(str, (self.method, self.max_tokens, *(getattr(self, n) for n in self._reads)))
        )

    @property
    def _reads(self) -> tuple[str, ...]:
        return _READS[self.method]


def _range(name: str, most: int) -> tuple[int, int, str]:
    """Return the least and the greatest value of a number, and what the greatest one is."""
    return {
        "overlap_tokens": (0, most // 2, ", half of max_tokens"),
        "sentence_tokens": (1, most, ", which is max_tokens"),
        "window": (0, 100, ""),
        "child_tokens": (_LEAST, most, ", which is max_tokens"),
        "percentile": (1, 99, ""),
    }[name]
