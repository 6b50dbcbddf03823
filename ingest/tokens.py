"""Counting tokens as tiktoken's o200k_base does, from a table on this machine and never the net.

tiktoken itself would fetch the table. llama-index-core ships it, so it is read from there, checked
against its known digest, and no module of llama-index is imported. o200k_base spends on Russian
little more than on English.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib.util
import re
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from memctl.ingest.errors import MemctlError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import tiktoken

# The file is named by tiktoken: the SHA-1 of the address that it would be fetched from.
_TABLE = Path("core", "_static", "tiktoken_cache", "fb374d419588a4632f3f557e76b4b70aebbca790")
_TABLE_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
_PATTERN = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
_HINT = "Reinstall it: python -m pip install --force-reinstall --no-deps llama-index-core"

# The encoder is slow, or gives up, on very long runs of one kind: they are cut before it.
_RUN = 1_000
_LONG_WHITE = re.compile(rf"(?<!\s)\s{{{_RUN + 1},}}")
_LONG_RUN = re.compile(rf"(?<!\S)\S{{{_RUN + 1},}}|{_LONG_WHITE.pattern}")
_BLOCK = 1 << 16


def count(text: str) -> int:
    """Count the tokens of ``text``; the names of special tokens are ordinary text.

    A run of more than 1,000 characters without white space, or of white space alone, is counted
    as pieces of 1,000.
    """
    encode = _encoding()[0].encode_ordinary
    if len(text) <= _RUN:
        return len(encode(text))
    return sum(len(encode(piece)) for piece in _pieces(text))


def ends(text: str) -> array[int]:
    """Return, for each token of ``text``, the offset of the character after it.

    A token that ends inside a character counts to the whole of it. Between two offsets there are
    as many tokens as ends, give or take the few that change where a text is cut.
    """
    result = array("Q")
    offset = 0
    for block in _blocks(text):
        for piece in _pieces(block):
            result.frombytes((_piece_ends(piece) + offset).tobytes())
            offset += len(piece)
    return result


def _piece_ends(piece: str) -> npt.NDArray[np.uint64]:
    import numpy as np

    encoding, lengths = _encoding()
    # encode_to_numpy is slower, as it looks for special tokens.
    numbers = np.frombuffer(array("I", encoding.encode_ordinary(piece)), dtype=np.uintc)
    after = np.cumsum(np.frombuffer(lengths, dtype=np.uint8)[numbers], dtype=np.uint64)
    if piece.isascii():
        return after
    data = np.frombuffer(piece.encode("utf-8"), dtype=np.uint8)
    begun: npt.NDArray[np.uint64] = np.cumsum((data & 0xC0) != 0x80, dtype=np.uint64)
    return begun.take(after - 1)


def _blocks(text: str) -> Iterator[str]:
    """Cut ``text`` so that the work on one block takes little memory."""
    start = 0
    while len(text) - start > _BLOCK:
        end = text.rfind(" ", start + _BLOCK // 2, start + _BLOCK)
        end = start + _BLOCK if end < 0 else end
        yield text[start:end]
        start = end
    yield text[start:]


def _pieces(text: str) -> Iterator[str]:
    """Cut ``text`` where a run is too long for the encoder."""
    longest = max(map(len, text.split()), default=0)  # quicker than the search
    if longest <= _RUN and not _LONG_WHITE.search(text):
        yield text
        return
    start = 0
    for run in _LONG_RUN.finditer(text):
        for at in range(run.start() + _RUN, run.end(), _RUN):
            yield text[start:at]
            start = at
    yield text[start:]


@functools.cache
def _encoding() -> tuple[tiktoken.Encoding, bytes]:
    """The encoding, and the length in bytes of each of its tokens, by the token's number."""
    import tiktoken

    ranks: dict[bytes, int] = {}
    for line in table().splitlines():
        token, rank = line.split()
        ranks[base64.b64decode(token)] = int(rank)
    lengths = bytearray(max(ranks.values()) + 1)
    for bytes_of_token, number in ranks.items():
        lengths[number] = len(bytes_of_token)
    encoding = tiktoken.Encoding(
        "o200k_base", pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens={}
    )
    return encoding, bytes(lengths)


def table() -> bytes:
    """Read the table of o200k_base: a token in base64 and its number a line.

    Raises:
        MemctlError: it is not there, or not the known one.
    """
    package = importlib.util.find_spec("llama_index")
    folders = package.submodule_search_locations if package else None
    for folder in folders or ():
        file = Path(folder) / _TABLE
        if file.is_file():
            data = file.read_bytes()
            if hashlib.sha256(data).hexdigest() != _TABLE_SHA256:
                raise MemctlError(f"the token table {file} is damaged", hint=_HINT)
            return data
    raise MemctlError("the token table o200k_base of llama-index-core is missing", hint=_HINT)
