"""What the library logs, told on stderr: it prints nothing itself."""

from __future__ import annotations

import logging

from memctl.cli.output import talk

_LOGGER = logging.getLogger("memctl")


class _Talk(logging.Handler):
    """Tells each record in a line, to whatever stderr is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print the message."""
        talk(f"memctl: {record.getMessage()}")


def listen() -> None:
    """Tell from now on what the library logs as INFO or worse."""
    if not any(isinstance(each, _Talk) for each in _LOGGER.handlers):
        _LOGGER.addHandler(_Talk())
        _LOGGER.setLevel(logging.INFO)
