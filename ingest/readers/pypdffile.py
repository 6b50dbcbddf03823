"""PDF by pypdf: slower than PDFium, and at times the one that reads what PDFium cannot."""

from __future__ import annotations

import logging
import re
import struct
import warnings
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from memctl.ingest.errors import UnreadableError
from memctl.ingest.text import one_line

if TYPE_CHECKING:
    from pypdf import PdfReader

# What pypdf lets through where a file is broken ("broken PDF files might cause other
# exceptions", says its module of errors); each was met with damaged files.
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    NotImplementedError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
# Glyphs of a font that does not say which characters they are; the third is the blank.
_NAMELESS = re.compile("/g\\d{1,4}")
_BLANK_GLYPH = re.compile("/g3(?!\\d)")
_NAMELESS_MET = 20
# Sends pypdf looking for the objects themselves in a file that has lost its table of them.
_REBUILD = b"\nstartxref\n0\n%%EOF\n"


class PypdfFile:
    """A PDF that pypdf opened, if need be with the empty password."""

    def __init__(self, data: bytes) -> None:
        """Open the file.

        Raises:
            UnreadableError: ``encrypted`` or ``bad_format``.
        """
        with _silence():
            self._reader, self._count = _opened(data)

    def __len__(self) -> int:
        return self._count

    def page(self, at: int) -> str:
        """Return the text of the page at ``at``, from 0; U+FFFD stands for a nameless glyph.

        Raises:
            UnreadableError: ``bad_format``, the page is damaged.
        """
        try:
            with _silence():
                text = self._reader.pages[at].extract_text()
        except _errors() as error:
            raise _damaged(error, where="a damaged page") from error
        if text.count("/g") >= _NAMELESS_MET:
            return _NAMELESS.sub("\ufffd", _BLANK_GLYPH.sub(" ", text))
        return text

    def properties(self) -> dict[str, str]:
        """Return what the file says of itself, by the names of PDF: ``Title``, ``CreationDate``."""
        try:
            with _silence():
                found = self._reader.metadata
                if found is None:
                    return {}
                return {name.lstrip("/"): str(value) for name, value in found.items()}
        except _errors():
            return {}


def _errors() -> tuple[type[Exception], ...]:
    from pypdf.errors import DependencyError, DeprecationError, PyPdfError

    return (PyPdfError, DependencyError, DeprecationError, *_BROKEN)


def _opened(data: bytes) -> tuple[PdfReader, int]:
    from pypdf.errors import FileNotDecryptedError

    try:
        reader, count = _rebuilt_if_needed(data)
    except FileNotDecryptedError as error:
        raise UnreadableError("encrypted", "it opens only with a password") from error
    except _errors() as error:
        raise _damaged(error, where="a damaged PDF") from error
    if not count:
        raise UnreadableError("bad_format", "a damaged PDF: no page was found in it")
    return reader, count


def _rebuilt_if_needed(data: bytes) -> tuple[PdfReader, int]:
    from pypdf import PdfReader
    from pypdf.errors import FileNotDecryptedError, PdfReadError

    try:
        reader = PdfReader(BytesIO(data))
    except FileNotDecryptedError:
        raise
    except PdfReadError:
        reader = PdfReader(BytesIO(data + _REBUILD))
    if reader.is_encrypted:
        _unlock(reader)
    return reader, len(reader.pages)


def _unlock(reader: PdfReader) -> None:
    """Try the empty password: many files only forbid to print or to change them."""
    from pypdf import PasswordType

    try:
        opened = reader.decrypt("")
    except NotImplementedError as error:
        raise UnreadableError("encrypted", one_line(str(error))) from error
    if opened is PasswordType.NOT_DECRYPTED:
        raise UnreadableError("encrypted", "it opens only with a password")


def _damaged(error: Exception, *, where: str) -> UnreadableError:
    from pypdf.errors import DependencyError

    if isinstance(error, DependencyError):
        return UnreadableError(
            "encrypted", "it is encrypted with AES, which needs the package `cryptography`"
        )
    said = one_line(str(error))[:120] or type(error).__name__
    return UnreadableError("bad_format", f"{where}: {said}")


@contextmanager
def _silence() -> Generator[None]:
    """Keep pypdf's remarks on what it repairs off the terminal."""
    log = logging.getLogger("pypdf")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
