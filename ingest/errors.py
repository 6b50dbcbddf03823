"""The error tree: what went wrong, where, and what to do next."""

from __future__ import annotations


class MemctlError(Exception):
    """An error that a user can act on: one line of what and where, one line of what next.

    ``exit_code`` is the status of a command that ends with it: 1 for an error to fix, 2 for a
    wrong command line.
    """

    exit_code = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(MemctlError):
    """The command line, or a value given on it, is wrong."""

    exit_code = 2


class SettingsError(MemctlError):
    """The settings of a store hold something that memctl does not know."""


class StoreError(MemctlError):
    """A store is missing, damaged, of another format, or held by another writer."""


class ReplacedError(StoreError):
    """What was open of a store has been replaced since; opened again it is whole."""


class SourceError(MemctlError):
    """A folder or file to ingest is not there or holds nothing to read."""


class ReaderError(MemctlError):
    """No process can be had to read files in."""


class EmbedderError(MemctlError):
    """An embedder is unknown, not installed, damaged, or gave a wrong vector."""


class UnreadableError(MemctlError):
    """One input was not read; ``code`` is a stable word for programs, the message is for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
