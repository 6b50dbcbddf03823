"""The parts of a letter: which are read as its body, which are files of their own."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message

from memctl.ingest.readers.headers import header, parameter, raw_header

MOST_PARTS = 200
DEEPEST = 50

_CIPHERS = frozenset(
    ("multipart/encrypted", "application/pgp-encrypted", "application/x-microsoft-rpmsg-message")
)
_SMIME = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
# What signs a letter, or tells machines of it.
_PASSED_OVER = frozenset(
    (
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "text/rfc822-headers",
        "message/delivery-status",
        "message/disposition-notification",
    )
)
_MESSAGES = frozenset(("message/rfc822", "message/global"))
_SUFFIXES = {
    "application/msword": ".doc",
    "application/pdf": ".pdf",
    "application/rtf": ".rtf",
    "application/zip": ".zip",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "text/xml": ".xml",
}
_SHORT, _MUCH_LONGER = 200, 20


class Parts:
    """A letter's parts sorted out: ``texts`` of its body, ``files``, and what else was met."""

    def __init__(self, message: Message) -> None:
        self.texts: list[Message] = []
        self.files: list[Message] = []
        self.encrypted = False
        self.left_out = 0
        self._count = 0
        self._take(message, 0, texts=True)

    def _take(self, part: Message, depth: int, *, texts: bool) -> None:
        self._count += 1
        kind = part.get_content_type()
        if depth > DEEPEST or self._count > MOST_PARTS:
            self.left_out += 1
        elif kind in _CIPHERS or _is_sealed(part, kind):
            self.encrypted = True
        elif part.is_multipart() and kind not in _MESSAGES and kind not in _PASSED_OVER:
            for child, readable in _children(part, kind):
                self._take(child, depth + 1, texts=texts and readable)
        else:
            self._sort(part, kind, texts=texts)

    def _sort(self, part: Message, kind: str, *, texts: bool) -> None:
        if kind in _MESSAGES:
            self.files.append(part)
        elif _is_body(part):
            if texts and kind not in _PASSED_OVER:
                self.texts.append(part)
        elif kind not in _PASSED_OVER and not _is_picture_of_page(part, kind):
            self.files.append(part)


def file_name(part: Message, *, number: int) -> str:
    """Return the name of a part that is a file, ending as its kind does where it has no suffix."""
    name = parameter(part, "filename", of="content-disposition") or parameter(part, "name")
    kind = part.get_content_type()
    suffix = _SUFFIXES.get(kind, "")
    if kind in _MESSAGES:
        suffix = ".eml"
        inner = subparts(part)
        name = name or (header(inner[0], "subject") if inner else "")
        name = name.replace("/", "_").replace("\\", "_")
        return name if name.lower().endswith(suffix) else f"{name or f'message {number}'}{suffix}"
    if not name:
        return f"part {number}{suffix}"
    last = name.replace("\\", "/").rpartition("/")[2]
    return name if "." in last.strip(".") else f"{name}{suffix}"


def subparts(part: Message) -> list[Message]:
    """Return the parts directly in ``part``."""
    payload = part.get_payload()
    return [child for child in payload if isinstance(child, Message)] if _is_list(payload) else []


def payload_of(part: Message) -> bytes:
    """Return the bytes of a part that has no parts."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _is_list(payload: object) -> bool:
    return isinstance(payload, list)


def _children(part: Message, kind: str) -> Iterator[tuple[Message, bool]]:
    """Yield the parts of ``part``; of alternatives only one is to be read as text."""
    children = subparts(part)
    chosen = _alternative(children) if kind == "multipart/alternative" else None
    for child in children:
        yield child, chosen is None or child is chosen


def _alternative(children: list[Message]) -> Message | None:
    """Choose plain text before HTML, unless it only says that there is HTML."""
    plain = next((child for child in children if child.get_content_type() == "text/plain"), None)
    rich = next((child for child in reversed(children) if _holds_html(child, 0)), None)
    if plain is None or rich is None:
        return plain or rich
    size = len(payload_of(plain).strip())
    if size < _SHORT and _html_size(rich, 0) > _MUCH_LONGER * size:
        return rich
    return plain


def _holds_html(part: Message, depth: int) -> bool:
    return _html_size(part, depth) > 0


def _html_size(part: Message, depth: int) -> int:
    if part.get_content_type() == "text/html" and not part.is_multipart():
        return len(payload_of(part).strip())
    if depth > DEEPEST or not part.get_content_type().startswith("multipart/"):
        return 0
    return sum(_html_size(child, depth + 1) for child in subparts(part)[:MOST_PARTS])


def _is_body(part: Message) -> bool:
    kind = part.get_content_maintype()
    if kind not in {
        "text",
        "multipart",
    }:  # a multipart without parts is damaged: what it has is text
        return False
    disposition = raw_header(part, "content-disposition").strip().lower()
    if disposition.startswith("attachment"):
        return False
    named = parameter(part, "filename", of="content-disposition") or parameter(part, "name")
    return not named or part.get_content_type() == "text/html"


def _is_sealed(part: Message, kind: str) -> bool:
    if kind not in _SMIME:
        return False
    return "signed" not in parameter(part, "smime-type").lower()


def _is_picture_of_page(part: Message, kind: str) -> bool:
    disposition = raw_header(part, "content-disposition").strip().lower()
    shown = bool(raw_header(part, "content-id")) and not disposition.startswith("attachment")
    return kind.startswith("image/") and shown
