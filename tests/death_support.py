"""A process that dies at its Nth write."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from memctl.ingest.catalog import Catalog


class DeadError(BaseException):
    """The process is gone: nothing is written after it."""


@contextmanager
def dying(monkeypatch: pytest.MonkeyPatch, writes: int) -> Generator[list[int]]:
    """Let so many writes to disk happen, then none for ever; yield how many are left."""
    left = [writes]

    def step() -> None:
        left[0] -= 1
        if left[0] < 0:
            raise DeadError

    def asking(function: Callable[..., Any]) -> Callable[..., Any]:
        def asked(*args: object, **kwargs: object) -> object:
            step()
            return function(*args, **kwargs)

        return asked

    transaction = Catalog.transaction

    @contextmanager
    def begun(self: Catalog) -> Generator[None]:
        step()
        with transaction(self):
            yield
            step()
        step()

    with monkeypatch.context() as patch:
        patch.setattr(Catalog, "transaction", begun)
        patch.setattr(os, "fsync", asking(os.fsync))
        patch.setattr(os, "link", asking(os.link))
        patch.setattr(shutil, "rmtree", asking(shutil.rmtree))
        for name in ("replace", "rename", "unlink"):
            patch.setattr(Path, name, asking(getattr(Path, name)))
        yield left
