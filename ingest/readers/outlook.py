"""Letters that Outlook saved (MS-OXMSG): an OLE2 file with a stream for each property."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from memctl.ingest.document import Document, Problem
from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers import rtf
from memctl.ingest.readers.base import Reader, Source
from memctl.ingest.readers.builder import TextBuilder
from memctl.ingest.readers.letter import Envelope, put_html
from memctl.ingest.readers.members import Labels, read_stream
from memctl.ingest.readers.oleprops import Properties
from memctl.ingest.readers.rtfpacked import unpack
from memctl.ingest.readers.textual import raw_text_of

if TYPE_CHECKING:
    import olefile

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_FILES = 200
_DEEPEST = 4
_ONE, _TO, _CC = 0, 1, 2
# Property numbers, as MS-OXPROPS lists them.
_CLASS, _SUBJECT, _SENT, _RECEIVED, _ID = 0x001A, 0x0037, 0x0039, 0x0E06, 0x1035
_SENDER, _SENDER_ADDRESS, _SENDER_SMTP = 0x0C1A, 0x0C1F, 0x5D01
_SHOWN_TO, _SHOWN_CC, _TEXT, _RTF, _HTML = 0x0E04, 0x0E03, 0x1000, 0x1009, 0x1013
_NAME, _ADDRESS, _SMTP, _ROLE = 0x3001, 0x3003, 0x39FE, 0x0C15
_DATA, _FILE, _SHORT_FILE, _MIME = 0x3701, 0x3707, 0x3704, 0x370E


def read(source: Source) -> Iterator[Document | Problem]:
    """Yield the letter and then each file attached to it.

    Raises:
        UnreadableError: ``encrypted``, ``no_text``, or ``bad_format`` where it is no letter.
    """
    import olefile

    data = source.read_bytes()
    try:
        file = olefile.OleFileIO(io.BytesIO(data))
    except (OSError, ValueError, IndexError, TypeError) as error:
        raise UnreadableError("bad_format", "a damaged OLE2 file") from error
    with file:
        if not file.exists("__properties_version1.0"):
            raise UnreadableError("bad_format", "an OLE2 file, but not a letter of Outlook")
        yield from _message(source, file, ())


def _message(
    source: Source, file: olefile.OleFileIO[str], at: tuple[str, ...]
) -> Iterator[Document | Problem]:
    message = Properties(file, at)
    attached = [Properties(file, place) for place in message.below("__attach_version1.0_#")]
    _refuse_sealed(message, attached)
    yield _letter(source, message)
    labels = Labels()
    for number, part in enumerate(attached[:_MOST_FILES], start=1):
        yield from _file(source, file, part, label=labels.take(_file_name(part, number)))
    if len(attached) > _MOST_FILES:
        reason = f"files left out: {len(attached) - _MOST_FILES} (over {_MOST_FILES})"
        yield Problem(f"{source.path}#files", "bomb", reason=reason)


def _refuse_sealed(message: Properties, attached: list[Properties]) -> None:
    kind = message.text(_CLASS).lower()
    mimes = {part.text(_MIME).lower() for part in attached}
    names = {part.text(_FILE).lower() for part in attached}
    smime = kind.startswith("ipm.note.smime") and not kind.endswith("multipartsigned")
    if smime or "application/pgp-encrypted" in mimes or "message.rpmsg" in names:
        raise UnreadableError("encrypted", "the letter opens only with a key")


def _letter(source: Source, message: Properties) -> Document:
    people = [Properties(message.file, place) for place in message.below("__recip_version1.0_#")]
    sender = _person(
        message.text(_SENDER), message.text(_SENDER_SMTP) or message.text(_SENDER_ADDRESS)
    )
    envelope = Envelope(
        message.text(_SUBJECT),
        tuple(filter(None, (sender,))),
        to=_people(people, _TO) or _split(message.text(_SHOWN_TO)),
        cc=_people(people, _CC) or _split(message.text(_SHOWN_CC)),
        date=message.time(_SENT) or message.time(_RECEIVED),
        message_id=message.text(_ID).strip("<>"),
    )
    builder = envelope.begin()
    _put_body(source, builder, message)
    return builder.build(source, title=envelope.subject)


def _put_body(source: Source, builder: TextBuilder, message: Properties) -> None:
    text = message.text(_TEXT)
    if text.strip():
        builder.paragraph(text)
    elif (html := message.binary(_HTML) or message.text(_HTML).encode()).strip():
        decoded, notes = raw_text_of(html, declared=message.codepage)
        for note in notes:
            builder.note(note.code, note.reason)
        put_html(builder, decoded)
    elif packed := message.binary(_RTF):
        try:
            for document in rtf.read(replace(source, data=unpack(packed))):
                builder.paragraph(document.text)
        except UnreadableError as error:
            if error.code != "no_text":
                builder.note(error.code, f"the body of the letter was not read: {error}")


def _people(people: list[Properties], role: int) -> tuple[str, ...]:
    shown = (
        _person(one.text(_NAME), one.text(_SMTP) or one.text(_ADDRESS))
        for one in people
        if one.number(_ROLE) == role
    )
    return tuple(filter(None, shown))


def _person(name: str, address: str) -> str:
    """Join name and address; an address of Exchange's own, which begins with /, says nothing."""
    name, address = name.strip(), address.strip()
    if not address or address.startswith("/") or address == name:
        return name
    return f"{name} <{address}>" if name else address


def _split(names: str) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in names.split(";"))))


def _file_name(part: Properties, number: int) -> str:
    name = part.text(_FILE) or part.text(_SHORT_FILE) or part.text(_NAME)
    if part.holds_message(_DATA):
        return f"{name.replace('/', '_') or f'message {number}'}.msg"
    return name or f"file {number}"


def _file(
    source: Source, file: olefile.OleFileIO[str], part: Properties, *, label: str
) -> Iterator[Document | Problem]:
    if not part.holds_message(_DATA):
        yield from read_stream(source, label, io.BytesIO(part.binary(_DATA)))
        return
    path = f"{source.path}#{label}"
    source.budget.take(0)
    if source.depth + 1 > _DEEPEST:
        yield Problem(path, "bomb", reason=f"it lies in more than {_DEEPEST} files")
        return
    digest = hashlib.sha256(f"{source.sha256}#{label}".encode()).hexdigest()
    inner = replace(source, path=path, sha256=digest, depth=source.depth + 1)
    try:
        yield from _message(inner, file, part.message_at(_DATA))
    except UnreadableError as error:
        if source.budget.spent:
            raise
        yield Problem(path, error.code, reason=str(error))


READER = Reader("outlook", (".msg",), read=read, magic=(_MAGIC,))
