"""FAISS, imported when it is first needed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, TypeAlias

# What FAISS hands out: the stubs that it ships do not know its Python layer.
FaissObject: TypeAlias = Any


def faiss() -> FaissObject:
    """Return the module ``faiss``."""
    import faiss as module

    return module


@contextmanager
def one_thread() -> Generator[None]:
    """Let FAISS work in the calling thread alone."""
    library = faiss()
    threads = library.omp_get_max_threads()
    library.omp_set_num_threads(1)
    try:
        yield
    finally:
        library.omp_set_num_threads(threads)
