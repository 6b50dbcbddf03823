"""Mail as it is sent (RFC 5322 and MIME): the letter, and its attachments as documents."""

from __future__ import annotations

import binascii
import io
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.headers import addresses, header, parameter, raw_header
from memctl.ingest.readers.letter import Envelope, put_html, unfold
from memctl.ingest.readers.members import Labels, read_stream
from memctl.ingest.readers.mimeparts import (
    DEEPEST,
    MOST_PARTS,
    Parts,
    file_name,
    payload_of,
    subparts,
)
from memctl.ingest.readers.textual import raw_text_of
from memctl.ingest.text import unify_newlines

_PGP = "-----BEGIN PGP MESSAGE-----"


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the letter and then each file attached to it.

    The policy that keeps headers as they came is used: Python's newer one stumbles over headers
    that are wrong.

    Raises:
        UnreadableError: ``encrypted``; ``bad_format`` where there is no header, ``no_text`` where
            there is nothing.
    """
    data = source.read_bytes().removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if not data.strip():
        raise UnreadableError("no_text", "no text in it")
    message = BytesParser(policy=compat32).parsebytes(data)
    if not message.keys():
        raise UnreadableError("bad_format", "no mail: it does not begin with headers")
    parts = Parts(message)
    yield _letter(source, message, parts)
    if parts.left_out:
        reason = f"parts left out: {parts.left_out} (over {MOST_PARTS}, or nested over {DEEPEST})"
        yield Problem(f"{source.path}#parts", "bomb", reason=reason)
    labels = Labels()
    for number, part in enumerate(parts.files, start=1):
        label = labels.take(file_name(part, number=number))
        try:
            data = _bytes_of(part)
        except (UnicodeError, LookupError, ValueError):
            yield Problem(f"{source.path}#{label}", "bad_format", reason="a damaged message")
            continue
        yield from read_stream(source, label, io.BytesIO(data))


def _letter(source: Source, message: Message, parts: Parts) -> Document:
    envelope = Envelope(
        header(message, "subject"),
        addresses(message, "from"),
        to=addresses(message, "to"),
        cc=addresses(message, "cc"),
        date=header(message, "date"),
        message_id=header(message, "message-id").strip("<>"),
    )
    builder = envelope.begin()
    sealed = parts.encrypted
    written = False
    for part in parts.texts:
        if _is_sealed(part):
            sealed = True
        else:
            written |= _put(builder, part)
    if sealed and not written:
        raise UnreadableError("encrypted", "the letter opens only with a key")
    if sealed:
        builder.note("encrypted", "a part of the letter opens only with a key")
    return builder.build(source, title=envelope.subject)


def _is_sealed(part: Message) -> bool:
    return payload_of(part).lstrip()[: len(_PGP)] == _PGP.encode()


def _put(builder: TextBuilder, part: Message) -> bool:
    """Add a part of the body; False where it has nothing."""
    data = payload_of(part)
    try:
        text, notes = raw_text_of(data, declared=parameter(part, "charset") or None)
    except UnreadableError as error:
        builder.note(error.code, f"a part of the letter was not read: {error}")
        return False
    for note in notes:
        builder.note(note.code, note.reason)
    text = unify_newlines(text)
    if part.get_content_type() == "text/html":
        put_html(builder, text)
        return True
    if parameter(part, "format").lower() == "flowed":
        text = unfold(text, joined=parameter(part, "delsp").lower() == "yes")
    builder.paragraph(text)
    return bool(text.strip())


def _bytes_of(part: Message) -> bytes:
    """Return the bytes of a file; those of a message in it are written anew from its parts."""
    inner = subparts(part)
    if not inner:
        return payload_of(part)
    data = inner[0].as_bytes(policy=compat32)
    if (
        raw_header(part, "content-transfer-encoding").strip().lower() == "base64"
    ):  # not allowed, met
        return binascii.a2b_base64(data)
    return data


READER = Reader("eml", (".eml",), read=read)
