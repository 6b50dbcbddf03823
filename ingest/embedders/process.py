"""What is made once in a process, whatever threads and forks there are."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class PerProcess(Generic[T]):
    """Makes a thing when it is first wanted, in one thread while the others wait.

    Threads and connections do not outlive a fork: the child makes a thing of its own. The
    parent's is left alone in it, as an end of it would wait for threads that are not there.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: list[tuple[int, T]] = []
        self._lock = threading.Lock()

    def get(self) -> T:
        """Return the thing of this process."""
        with self._lock:
            if not self._made or self._made[-1][0] != os.getpid():
                self._made.append((os.getpid(), self._make()))
            return self._made[-1][1]
