"""The entry point: ``memctl`` and ``python -m memctl.cli``."""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper


def main() -> None:
    """Run the command line; Ctrl-C and a closed pipe end it without a traceback from the start."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # data is UTF-8, whatever the locale of a pipe is
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")
    try:
        from memctl.cli.app import app
        from memctl.cli.listening import listen

        listen()
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read has read enough. What is still buffered must not fail again at the exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        sys.exit(141)


if __name__ == "__main__":
    main()
