"""What is drawn on a page of a PDF: an image, and text that nobody can see."""

from __future__ import annotations

import ctypes
from dataclasses import KW_ONLY, dataclass
from typing import Any, Final

_MOST_OBJECTS = 2_000  # a walk over more of them takes longer than to read the page
_TINY = 1.0  # points: nobody reads smaller letters
_WHITE = 250
_GLYPHS_DRAWN = 50  # paths on a page whose letters may be drawn, with invisible text over them

Box = tuple[float, float, float, float]
_Pointer = Any  # of ctypes, to an object on a page


@dataclass(frozen=True, slots=True)
class Drawn:
    """``objects`` is their number, ``hidden`` the addresses of texts that cannot be seen."""

    objects: int
    _: KW_ONLY
    image: bool
    hidden: frozenset[int] = frozenset()


def drawn_on(page: _Pointer) -> Drawn:
    """Look at the objects of a page, but not inside of forms.

    Text is hidden if it is invisible by its mode, smaller than a point, or white with nothing
    coloured behind it. Invisible text on an image, or on a page of drawn glyphs, is what was
    recognised there, and not hidden. On a page of more than 2,000 objects none is looked for.
    """
    import pypdfium2.raw as api

    count = api.FPDFPage_CountObjects(page)
    if count > _MOST_OBJECTS:
        return Drawn(count, image=False)
    objects = [api.FPDFPage_GetObject(page, at) for at in range(count)]
    kinds = [api.FPDFPageObj_GetType(each) for each in objects]
    image = api.FPDF_PAGEOBJ_IMAGE in kinds
    look = _Look()
    faint = [
        at
        for at, kind in enumerate(kinds)
        if kind == api.FPDF_PAGEOBJ_TEXT and look.is_faint(objects[at])
    ]
    if not faint:
        return Drawn(count, image=image)
    drawn = kinds.count(api.FPDF_PAGEOBJ_PATH) >= _GLYPHS_DRAWN
    images = [each for each, kind in zip(objects, kinds, strict=True) if kind == look.image]
    hidden: set[int] = set()
    for at in faint:
        if look.is_invisible(objects[at]):
            seen = drawn or look.is_over(objects[at], images)
        else:
            ground = [o for o, kind in zip(objects[:at], kinds, strict=False) if kind != look.text]
            seen = look.is_tall(objects[at]) and look.is_over(objects[at], ground)
        if not seen:
            hidden.add(ctypes.addressof(objects[at].contents))
    return Drawn(count, image=image, hidden=frozenset(hidden))


class _Look:
    """Questions to PDFium about one object; what it answers into is made once."""

    def __init__(self) -> None:
        import pypdfium2.raw as api

        self._api: Final = api
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._colour_to = [ctypes.byref(part) for part in self._colour]
        self._edges = [ctypes.c_float() for _ in range(4)]
        self._edges_to = [ctypes.byref(edge) for edge in self._edges]
        self._size = ctypes.c_float()
        self._size_to = ctypes.byref(self._size)
        self.text: int = api.FPDF_PAGEOBJ_TEXT
        self.image: int = api.FPDF_PAGEOBJ_IMAGE

    def is_faint(self, text: _Pointer) -> bool:
        """Whether it is worth a second look: most text is not."""
        return self.is_invisible(text) or self._is_white(text) or not self.is_tall(text)

    def is_invisible(self, text: _Pointer) -> bool:
        mode = self._api.FPDFTextObj_GetTextRenderMode(text)
        return bool(mode == self._api.FPDF_TEXTRENDERMODE_INVISIBLE)

    def is_tall(self, text: _Pointer) -> bool:
        """Whether the letters are large enough to be seen."""
        known = self._api.FPDFTextObj_GetFontSize(text, self._size_to)
        size = abs(self._size.value)
        if not known or size > 100 * _TINY:
            return True
        matrix = self._api.FS_MATRIX()
        if not self._api.FPDFPageObj_GetMatrix(text, ctypes.byref(matrix)):
            return True
        return bool(size * max(abs(matrix.c), abs(matrix.d)) >= _TINY)

    def _is_white(self, drawn: _Pointer) -> bool:
        known = self._api.FPDFPageObj_GetFillColor(drawn, *self._colour_to)
        red, green, blue, opacity = (part.value for part in self._colour)
        return bool(known) and (min(red, green, blue) >= _WHITE or opacity == 0)

    def is_over(self, text: _Pointer, ground: list[_Pointer]) -> bool:
        """Whether the middle of the text lies on something of ``ground`` that is not white."""
        left, bottom, right, top = self._box(text)
        x, y = (left + right) / 2, (bottom + top) / 2
        for each in ground:
            left, bottom, right, top = self._box(each)
            if left <= x <= right and bottom <= y <= top and not self._is_blank(each):
                return True
        return False

    def _is_blank(self, drawn: _Pointer) -> bool:
        """Whether it is a path that is filled with white, or not filled."""
        if self._api.FPDFPageObj_GetType(drawn) != self._api.FPDF_PAGEOBJ_PATH:
            return False
        fill, stroke = ctypes.c_int(), ctypes.c_int()
        self._api.FPDFPath_GetDrawMode(drawn, ctypes.byref(fill), ctypes.byref(stroke))
        return fill.value == self._api.FPDF_FILLMODE_NONE or self._is_white(drawn)

    def _box(self, drawn: _Pointer) -> Box:
        self._api.FPDFPageObj_GetBounds(drawn, *self._edges_to)
        left, bottom, right, top = (float(edge.value) for edge in self._edges)
        return left, bottom, right, top
