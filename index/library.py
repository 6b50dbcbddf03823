"""FAISS, imported when it is first needed."""

from __future__ import annotations

from typing import Any


def faiss() -> Any:  # noqa: ANN401  the stubs that it ships do not know its Python layer
    """Return the module ``faiss``."""
    import faiss as module

    return module
