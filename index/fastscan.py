"""Merged fast-scan lists, made the same bytes as lists that were filled at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from memctl.index.library import FaissObject, faiss

Bytes = NDArray[np.uint8]


def clear_padding(index: FaissObject) -> None:
    """Set to zero what no code uses in the last block of each list.

    A block holds 32 codes. FAISS leaves in the rest of one, after a merge, whatever the memory
    held before: two builds would differ, and a file could tell what it must not.
    """
    library = faiss()
    ivf = library.try_extract_index_ivf(index)
    if ivf is None:
        return
    lists = library.downcast_InvertedLists(ivf.invlists)
    if not isinstance(lists, library.BlockInvertedLists):
        return
    packer = lists.packer
    used = _masks(packer)
    for number in range(ivf.nlist):
        size = lists.list_size(number)
        rest = size % packer.nvec
        if rest:
            blocks = size // packer.nvec + 1
            codes = library.rev_swig_ptr(lists.get_codes(number), blocks * packer.block_size)
            codes[-packer.block_size :] &= used[rest]


def _masks(packer: FaissObject) -> Bytes:
    """Return (codes a block + 1, bytes a block): the bits that the first n codes of a block use."""
    masks: Bytes = np.zeros((packer.nvec + 1, packer.block_size), dtype=np.uint8)
    code = np.full(packer.code_size, 255, dtype=np.uint8)
    for at in range(packer.nvec):
        block = masks[at].copy()
        packer.pack_1(code, at, block.reshape(1, -1))
        masks[at + 1] = block
    return masks
