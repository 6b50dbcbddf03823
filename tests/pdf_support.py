"""PDFs made by hand, an object at a time."""

from __future__ import annotations

import zlib
from io import BytesIO

from memctl.ingest.document import Document


def pdf(*pages: str, title: str = "", broken: tuple[int, ...] = ()) -> bytes:
    """Make a PDF by hand: a page a text, in a font that says which characters its codes are.

    The pages at ``broken`` are listed and are not there.
    """
    letters = sorted({c for page in pages for c in page if c != "\n"})
    code = {c: f"{at:02x}" for at, c in enumerate(letters, 0x21)}  # glyphs that have a width
    pairs = "".join(f"<{code[c]}> <{ord(c):04x}>\n" for c in letters)
    cmap = (
        "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> "
        f"endcodespacerange {len(letters)} beginbfchar\n{pairs}endbfchar endcmap end"
    )
    kids = " ".join(f"{999 if at in broken else 5 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 4 0 R >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
    ]
    for at, page in enumerate(pages):
        lines = "".join(
            f"<{''.join(code[c] for c in line)}> Tj 0 -14 Td\n" for line in page.split("\n")
        )
        content = f"BT /F1 12 Tf 72 720 Td\n{lines}ET" if page else ""
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {6 + 2 * at} 0 R >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    return assembled(objects, title)


def assembled(objects: list[str], title: str, info: str = "") -> bytes:
    objects = [*objects, f"<< /Title <feff{title.encode('utf-16-be').hex()}> {info} >>"]
    out = b"%PDF-1.4\n"
    offsets: list[int] = []
    for at, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{at} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\n"
    head = f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}"
    return out + head.encode() + f"startxref\n{len(out)}\n%%EOF\n".encode()


def drawn(*pages: str, catalog: str = "", more: tuple[str, ...] = (), info: str = "") -> bytes:
    """Make a PDF whose pages have these content streams; F1 is Helvetica, I1 an image.

    The objects ``more`` are numbered from 100 on; ``info`` is put into that of the properties.
    """
    kids = " ".join(f"{5 + 2 * at} 0 R" for at in range(len(pages)))
    image = "/Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8"
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        f"<< /Type /XObject {image} /Length 1 >>\nstream\n0\nendstream",
    ]
    for at, content in enumerate(pages):
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources "
            f"<< /Font << /F1 3 0 R >> /XObject << /I1 4 0 R >> >> /Contents {6 + 2 * at} 0 R >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    objects += ["null"] * (99 - len(objects)) + list(more)
    return assembled(objects, "", info)


def shown(text: str, state: str = "0 g", *, at: int = 700) -> str:
    return f"BT {state} /F1 12 Tf 72 {at} Td ({text}) Tj ET\n"


IMAGE = "q 612 0 0 792 0 0 cm /I1 Do Q\n"


def of_pages(document: Document) -> list[str]:
    return [document.text[page.start : page.end].strip() for page in document.pages]


def locked(data: bytes, user: str) -> bytes:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=BytesIO(data))
    writer.encrypt(user, "owner", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def outlined(*entries: tuple[str, int], text: str) -> bytes:
    """Make a PDF of two pages of ``text``, a line an entry, with an outline of one level."""
    lines = [shown(line, at=700 - 20 * at) for at, line in enumerate(text.split("\n"))]
    last = 100 + len(entries)
    items = [
        f"<< /Title ({title}) /Parent 100 0 R /Dest [{5 + 2 * page} 0 R /Fit]"
        + (f" /Next {101 + at + 1} 0 R" if at + 1 < len(entries) else "")
        + " >>"
        for at, (title, page) in enumerate(entries)
    ]
    root = f"<< /Type /Outlines /First 101 0 R /Last {last} 0 R /Count {len(entries)} >>"
    return drawn("".join(lines), "".join(lines), catalog="/Outlines 100 0 R", more=(root, *items))


SENTENCE = "The keeper of the lighthouse counted the gulls that nested on the northern cliffs. "


def nameless(text: str) -> str:
    return "".join(chr(0xF000 + ord(c)) if c.isalpha() else c for c in text)


def packed(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = zlib.compress(data, 9)
    names = b"/FlateDecode " * times
    head = b"%%PDF-1.4\n1 0 obj\n<< /Filter [%s] /Length %d >>\nstream\n" % (names, len(data))
    return head + data + b"\nendstream\nendobj\n"
