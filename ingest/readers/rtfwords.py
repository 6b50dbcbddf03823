"""What the control words of Rich Text Format stand for."""

from __future__ import annotations

import codecs

# What a font's character set and a code page's number are called in Python; the sets 0 and 1
# are the document's. https://learn.microsoft.com/windows/win32/intl/code-page-identifiers
_SETS = (
    "2 symbol, 77 mac-roman, 78 cp932, 128 cp932, 129 cp949, 130 johab, 134 gb18030, 136 cp950, "
    "161 cp1253, 162 cp1254, 163 cp1258, 177 cp1255, 178 cp1256, 186 cp1257, 204 cp1251, "
    "222 cp874, 238 cp1250, 255 cp850"
)
CHARSETS = {int(number): name for number, name in map(str.split, _SETS.split(","))}
_PAGES = {936: "gb18030", 10000: "mac-roman", 10007: "mac-cyrillic", 65001: "utf-8"}
MACHINES = {"mac": "mac-roman", "pc": "cp437", "pca": "cp850"}

WORDS = {
    **dict.fromkeys(("line", "lbr", "softline"), "\n"),
    **dict.fromkeys(("emspace", "enspace", "qmspace"), " "),
    "tab": "\t",
    "emdash": "—",
    "endash": "–",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
}
SIGNS = {b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}"}
ENDS = frozenset(("par", "sect", "page", "column"))

# Groups that are no text: pictures, tables of what is used, entries of indexes, copies for
# other programs. So are all that begin with \*, but for those in READ.
SKIPPED = frozenset(
    "colortbl pict objdata fldinst filetbl listtable revtbl rsidtbl template sp shprslt "
    "nonshppict xe tc tcn rxe txe pntxta pntxtb ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn "
    "upr pgdsctbl private bkmkstart bkmkend".split()
)
READ = frozenset(("shpinst", "ud"))
LISTED = frozenset(("listtext", "pntext"))
ASIDE = frozenset(
    "shptxt footnote header headerl headerr headerf footer footerl footerr footerf".split()
)
TARGETS = {"fonttbl": "font", "stylesheet": "style", "info": "info", "ud": "text"}
SAID = frozenset("title author subject keywords".split())
TIMES = {"creatim": "created", "revtim": "modified"}
PARTS = frozenset(("yr", "mo", "dy"))
CELLS = frozenset(("cell", "nestcell"))
ROWS = frozenset(("row", "nestrow"))
_OTHER = frozenset(
    "u pard plain intbl f v deleted s outlinelevel uc ilvl fcharset cpg deff sbasedon "
    "ansicpg".split()
)
# All that mean something here: of a hundred words, some ninety say how the text looks.
KNOWN = frozenset().union(
    *(WORDS, ENDS, SKIPPED, READ, LISTED, ASIDE, TARGETS, SAID, TIMES, PARTS),
    *(CELLS, ROWS, MACHINES, _OTHER),
)


def codec(page: int) -> str:
    """Return the codec of a code page, or nothing where Python has none."""
    name = _PAGES.get(page, f"cp{page}")
    try:
        codecs.lookup(name)
    except LookupError:
        return ""
    return name
