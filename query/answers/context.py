"""How much of the corpus a model is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from memctl.ingest import Store, UsageError
from memctl.query.answers.passages import Passage, numbered, packed
from memctl.query.filters import Filter, to_sql
from memctl.query.hit import Hit, hit_of
from memctl.query.llm import Writer

Kind = Literal["auto", "full", "tokens"]
_HINT = "Write auto, full, or a number of tokens: --context 2000"
_SHARE = 4  # parts of a window, one of which is the most that an answer may take
_FRAME = 40  # tokens around a passage: its marks, its place, its title
_LEAST = 64  # tokens of passages that are worth asking with


@dataclass(frozen=True, slots=True)
class Context:
    """``auto``: what was found, as far as it fits; ``full``: the corpus; or so many ``tokens``.

    Raises:
        UsageError: the number of tokens is not positive.
    """

    kind: Kind = "auto"
    tokens: int = 0

    def __post_init__(self) -> None:
        if (self.kind == "tokens") != (self.tokens > 0):
            raise UsageError(f"a context of {self.tokens} tokens", hint=_HINT)

    @classmethod
    def parse(cls, text: str) -> Context:
        """Read ``auto``, ``full`` or a number.

        Raises:
            UsageError: it is none of these.
        """
        if text.isdecimal() and text.isascii():
            return cls("tokens", int(text))
        if text == "full":
            return cls("full")
        if text != "auto":
            raise UsageError(f"no context {text!r}", hint=_HINT)
        return cls()


@dataclass(frozen=True, slots=True)
class Budget:
    """How the window of a model is shared out, in tokens."""

    passages: int
    answer: int


def budget(writer: Writer, context: Context, *, frame: str, max_tokens: int) -> Budget:
    """Share out a window: what the prompt takes without passages, then the answer, then they.

    Raises:
        UsageError: no room is left for passages.
        LanguageModelError: the model counts its own tokens and cannot be reached.
    """
    answer = min(max_tokens, writer.window // _SHARE)
    room = writer.window - answer - writer.tokens(frame)
    if context.kind == "tokens":
        room = min(room, context.tokens)
    if room < _LEAST:
        raise UsageError(
            f"{writer.name} reads {writer.window:,} tokens, which leaves none for passages",
            hint="Say how much it reads: --window TOKENS; or give a shorter question or prompt.",
        )
    return Budget(room, answer)


def chosen(hits: Sequence[Hit], writer: Writer, room: int) -> list[Passage]:
    """Return the passages of hits that fit into ``room`` tokens.

    Raises:
        LanguageModelError: the model counts its own tokens and cannot be reached.
    """
    return packed(hits, room, lambda text: writer.tokens(text) + _FRAME)


def everything(
    store: Store, together: Sequence[Sequence[Filter]], writer: Writer, room: int
) -> list[Passage]:
    """Return all passages of a store that pass each list of filters, document by document.

    Raises:
        UsageError: they do not fit into ``room`` tokens.
        LanguageModelError: the model counts its own tokens and cannot be reached.
    """
    hits = _all_hits(store, together, most=room // _FRAME + 1)
    used = 0
    for hit in hits:
        used += writer.tokens(hit.chunk.text) + _FRAME
        if used > room:
            raise UsageError(
                f"the documents do not fit into the {room:,} tokens that {writer.name} reads",
                hint="Use --context auto, or a --filter; or say more: --window TOKENS.",
            )
    return numbered(hits)


def _all_hits(store: Store, together: Sequence[Sequence[Filter]], *, most: int) -> list[Hit]:
    """Return all chunks, document by document, as hits; those of ``most`` rows and no more."""
    where, values = to_sql(*together)
    with store.catalog.snapshot():
        rows = list(islice(store.catalog.live_rows(where, values), most))
        found = store.catalog.chunks_at(rows, where, values)
    chunks = sorted(
        (each for held in found.values() for each in held),
        key=lambda each: (each.chunk.document, each.ordinal),
    )
    return [hit_of(each, rank, 0.0) for rank, each in enumerate(chunks, start=1)]
