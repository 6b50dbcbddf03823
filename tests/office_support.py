"""Files of office programs, made in memory."""

from __future__ import annotations

import zipfile
from io import BytesIO
from typing import Protocol

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LOCKED = OLE2 + bytes(2_000) + "EncryptedPackage".encode("utf-16-le")
NAMES = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


class _Saves(Protocol):
    def save(self, target: BytesIO, /) -> object: ...


def saved(document: _Saves) -> bytes:
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def zipped(parts: dict[str, str | bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


def rezipped(data: bytes, changes: dict[str, str | bytes | None]) -> bytes:
    """Put other parts into an archive; one that becomes None is taken out."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts: dict[str, str | bytes | None] = {n: archive.read(n) for n in archive.namelist()}
    return zipped({n: part for n, part in (parts | changes).items() if part is not None})


def related(**targets: str) -> str:
    """Return relations; the id is the kind, but for digits at its end, which tell kinds apart."""
    return (
        "<Relationships>"
        + "".join(
            f'<Relationship Id="{name}" Type="http://x/{name.rstrip("0123456789")}"'
            f' Target="{target}"/>'
            for name, target in targets.items()
        )
        + "</Relationships>"
    )
