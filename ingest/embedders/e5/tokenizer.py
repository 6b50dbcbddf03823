"""The tokenizer of multilingual-e5-small, from the vocabulary that its weights come with.

Two ways to the same ids: SentencePiece, which takes a third of a second to load and is fast
after, and a search for the best path in Python over a table on disk, which is there at once and
serves the first questions of a process.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from memctl.ingest.embedders.base import prepared
from memctl.ingest.embedders.e5.weights import Vocabulary

RECIPE = "unigram-1/nfc"
BOS, PAD, EOS, UNKNOWN = 0, 1, 2, 3
SPACE = "\u2581"
_PENALTY = 10.0  # of an unknown character under the worst piece, as SentencePiece has it
_SLOTS = 1 << 19

Encode = Callable[[str], list[int]]


def normalised(text: str, replacements: Mapping[int, str]) -> str:
    """Return ``text`` as the model saw its training texts, and without what UTF-8 cannot encode.

    NFC; then each character that ``replacements`` knows is replaced (NFKC and more, by code
    point); then white space is folded.
    """
    return " ".join(prepared(text).translate(replacements).split())


def control(vocabulary: Vocabulary) -> frozenset[int]:
    """Return the ids of markup: no text has them, even where it spells ``</s>``."""
    return frozenset((BOS, PAD, EOS, UNKNOWN, len(vocabulary) - 1))  # the last one is <mask>


def model(vocabulary: Vocabulary) -> bytes:
    """Return the serialised SentencePiece model of ``vocabulary``, for normalised text."""
    protobuf: Any = import_module("sentencepiece.sentencepiece_model_pb2")
    made = protobuf.ModelProto()
    kinds = made.SentencePiece
    special = dict.fromkeys(control(vocabulary), kinds.CONTROL) | {UNKNOWN: kinds.UNKNOWN}
    for number, score in enumerate(vocabulary.scores):
        kind = special.get(number, kinds.NORMAL)
        made.pieces.add(piece=vocabulary[number].decode(), score=score, type=kind)
    trained = made.trainer_spec
    trained.model_type = trained.UNIGRAM
    trained.vocab_size = len(vocabulary)
    trained.bos_id, trained.pad_id, trained.eos_id, trained.unk_id = BOS, PAD, EOS, UNKNOWN
    made.normalizer_spec.name = "identity"
    made.normalizer_spec.add_dummy_prefix = True
    made.normalizer_spec.remove_extra_whitespaces = True
    made.normalizer_spec.escape_whitespaces = True
    serialised: bytes = made.SerializeToString(deterministic=True)
    return serialised


def sentencepiece(file: Path) -> Encode:
    """Load ``model`` from a file; what comes back turns normalised text into ids."""
    from sentencepiece import SentencePieceProcessor

    processor = SentencePieceProcessor(model_proto=file.read_bytes())

    def encode(text: str) -> list[int]:
        ids: list[int] = processor.encode(text, out_type=int)
        return ids

    return encode


def table(vocabulary: Vocabulary) -> bytes:
    """Return the hash table that finds a piece's id: uint32 slots, id + 1 or 0, linear probing."""
    slots = np.zeros(_SLOTS, dtype="<u4")
    for number in range(len(vocabulary)):
        if number in control(vocabulary):
            continue
        slot = zlib.crc32(vocabulary[number]) % _SLOTS
        while slots[slot]:
            slot = (slot + 1) % _SLOTS
        slots[slot] = number + 1
    return slots.tobytes()


class Lattice:
    """The best path through the pieces of a text (Viterbi), as SentencePiece takes it.

    Scores are added in float32 and the first of equal paths stands, so that the ids are the same.
    """

    def __init__(self, vocabulary: Vocabulary, slots: bytes) -> None:
        self._vocabulary = vocabulary
        self._slots = memoryview(slots).cast("I")
        self._unknown = float(np.asarray(vocabulary.scores).min()) - _PENALTY
        self._longest = int(np.diff(np.asarray(vocabulary.bounds)).max())

    def encode(self, text: str) -> list[int]:
        """Return the ids of normalised ``text``."""
        marked = (SPACE + text.replace(" ", SPACE)).encode()
        bounds = [at for at, byte in enumerate(marked) if byte & 0xC0 != 0x80] + [len(marked)]
        best = array("f", [0.0]) * len(bounds)
        came: list[tuple[int, int] | None] = [None] * len(bounds)
        for start in range(len(bounds) - 1):
            single = False
            for end in range(start + 1, len(bounds)):
                if bounds[end] - bounds[start] > self._longest:
                    break
                number = self._find(marked[bounds[start] : bounds[end]])
                if number is None:
                    continue
                single |= end == start + 1
                _offer(best, came, (start, end, number), self._vocabulary.scores[number])
            if not single:
                _offer(best, came, (start, start + 1, UNKNOWN), self._unknown)
        return _walked(came)

    def _find(self, piece: bytes) -> int | None:
        slot = zlib.crc32(piece) % _SLOTS
        while found := self._slots[slot]:
            if self._vocabulary[found - 1] == piece:
                return found - 1
            slot = (slot + 1) % _SLOTS
        return None


def _offer(
    best: array[float],
    came: list[tuple[int, int] | None],
    step: tuple[int, int, int],
    score: float,
) -> None:
    """Keep ``step`` (start, end, id) if no path to its end is as good."""
    start, end, number = step
    before = best[end]
    best[end] = best[start] + score  # the array rounds to float32
    if came[end] is not None and best[end] <= before:
        best[end] = before
    else:
        came[end] = (start, number)


def _walked(came: list[tuple[int, int] | None]) -> list[int]:
    """Return the ids of the best path; a run of unknown characters is one."""
    ids: list[int] = []
    at = len(came) - 1
    while (step := came[at]) is not None:
        at, number = step
        if not (number == UNKNOWN and ids and ids[-1] == UNKNOWN):
            ids.append(number)
    return ids[::-1]
