"""The command line that the benchmark scripts share."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from bench.common import DATA, BenchError, SkippedError, talk
from bench.program import Memctl


def parser(description: str | None) -> argparse.ArgumentParser:
    """Return a parser with the options of all scripts; the docstring is the help."""
    made = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument(
        "--data", type=Path, default=DATA, metavar="PATH", help="folder of the sets, only read"
    )
    made.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there")
    made.add_argument(
        "--memctl", type=Path, default=_memctl(), metavar="FILE", help="the program to measure"
    )
    made.add_argument(
        "--embedder", metavar="NAME", help="of new stores; memctl's own choice where not given"
    )
    return made


def _memctl() -> Path:
    beside = Path(sys.executable).parent / "memctl"
    return beside if beside.exists() else Path(shutil.which("memctl") or "memctl")


def folder(path: Path) -> Path:
    """Return ``path``, made absolute.

    Raises:
        SkippedError: there is no such folder.
    """
    if not path.is_dir():
        raise SkippedError(f"no folder {path}")
    return path.resolve()


def memctl_at(store: Path, args: argparse.Namespace) -> Memctl:
    """Return the program that ``args`` name, with a store."""
    return Memctl(args.memctl, store, embedder=args.embedder)


@contextmanager
def workspace(keep: Path | None = None) -> Generator[Path]:
    """Give a temporary folder, or ``keep``, which is made and stays."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="memctl-bench-") as made:
        yield Path(made)


def start(main: Callable[[], int]) -> NoReturn:
    """Run a script: exit 0 where all holds or nothing could be read, 1 on an error, 3 on a miss."""
    try:
        sys.exit(main())
    except SkippedError as reason:
        print(f"skipped: {reason}")
        sys.exit(0)
    except BenchError as error:
        talk(f"bench: {error}")
        sys.exit(1)
