"""How far the questions of an evaluation are, on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager


@contextmanager
def questions_done(questions: int) -> Generator[Callable[[int], None]]:
    """Yield what is told how many of the questions are done; it shows a bar on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from memctl.cli.progress import CountProgress

    with CountProgress(questions, "questions") as bar:
        yield bar.done
