"""PDF, read with pypdf, a page at a time."""

from __future__ import annotations

import logging
import re
import struct
import warnings
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING

from memctl.ingest.document import Document
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.titles import sane_title
from memctl.ingest.text import one_line, unify_newlines

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
_BLANKS = re.compile("[ \t\u00a0]+")
# Glyphs of a font that does not say which characters they are; the third is the blank.
_NAMELESS = re.compile("(?:/g\\d{1,4})+")
_BLANK_GLYPH = re.compile("/g3(?!\\d)")
_NAMELESS_MET = 20
# Sends pypdf looking for the objects themselves in a file that has lost its table of them.
_REBUILD = b"\nstartxref\n0\n%%EOF\n"


def read(source: Source) -> Iterator[Document]:
    """Yield the one document, its pages numbered from 1 as a viewer counts them.

    A damaged page in a good file is left empty; where more than half of them are, the file is
    refused.

    Raises:
        UnreadableError: ``encrypted``, ``bad_format``, or ``no_text`` for a scan.
    """
    data = source.read_bytes()
    with _silence():
        reader, count = _opened(data)
        builder, broken = _pages(reader, count)
        title = _title(reader)
    if len(broken) * 2 > count:
        raise _damaged(broken[0], where=f"{len(broken)} of {count} pages were not read")
    yield builder.build(source, title=title)


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


def _pages(reader: PdfReader, count: int) -> tuple[TextBuilder, list[Exception]]:
    builder = TextBuilder()
    broken: list[Exception] = []
    for at in range(count):
        builder.start_page(at + 1)
        try:
            text = reader.pages[at].extract_text()
        except _errors() as error:
            broken.append(error)
        else:
            builder.paragraph(_folded(text))
    return builder, broken


def _folded(text: str) -> str:
    """Fold the blanks in each line and drop empty lines; nameless glyphs become U+FFFD."""
    if text.count("/g") >= _NAMELESS_MET:
        text = _NAMELESS.sub("\ufffd", _BLANK_GLYPH.sub(" ", text))
    lines = (_BLANKS.sub(" ", line).strip() for line in unify_newlines(text).split("\n"))
    return "\n".join(line for line in lines if line)


def _title(reader: PdfReader) -> str:
    try:
        metadata = reader.metadata
        return sane_title(metadata.title if metadata else "")
    except _errors():
        return ""


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


READER = Reader("pdf", (".pdf",), read=read, magic=(b"%PDF-",))
