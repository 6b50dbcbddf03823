"""What the library logs, told on stderr: it prints nothing itself."""

from __future__ import annotations

import logging

from memctl.cli.output import safe, talk

_LOGGER = logging.getLogger("memctl")


class _Talk(logging.Handler):
    """Tells each record in a line, to whatever stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the message; what is told for debugging says where it comes from."""
        where = f" {record.name}" if record.levelno < logging.INFO else ""
        talk(safe(f"memctl{where}: {record.getMessage()}"))


def listen(level: str = "info") -> None:
    """Tell from now on what the library logs at this level or worse.

    Only ``debug`` tells questions and the text of documents.
    """
    if not any(isinstance(each, _Talk) for each in _LOGGER.handlers):
        _LOGGER.addHandler(_Talk())
    _LOGGER.setLevel(level.upper())
