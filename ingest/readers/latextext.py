"""A stretch of LaTeX as a reader sees it: letters for accents, wording for commands."""

from __future__ import annotations

import re
import unicodedata

from memctl.ingest.readers.lightmarkup import shield, unshield

# No formula begins inside of one: what is not closed is soon found not to be.
_FORMULA = re.compile(
    r"\\verb\*?([^\w\s*])([^\n]{0,500}?)\1"
    r"|(?<!\\)\$\$[^$]{1,5000}\$\$|(?<!\\)\$(?:[^$\\]|\\.){1,2000}\$"
    r"|\\\((?:[^\\]|\\(?![()])){1,2000}\\\)|(?<!\\)\\\[(?:[^\\]|\\(?![\[\]])){1,5000}\\\]"
    r"|\\begin\{((?:equation|align|gather|multline|eqnarray|displaymath|math)\*?)\}"
    r"(?:[^\\]|\\(?!end\{\3\}|begin\{\3\})){0,5000}\\end\{\3\}"
)
_ACCENTS = {
    "`": "\u0300",
    "'": "\u0301",
    "^": "\u0302",
    "~": "\u0303",
    '"': "\u0308",
    "=": "\u0304",
    ".": "\u0307",
    "u": "\u0306",
    "v": "\u030c",
    "H": "\u030b",
    "c": "\u0327",
    "k": "\u0328",
    "r": "\u030a",
    "d": "\u0323",
    "b": "\u0331",
}
_ACCENT = re.compile(
    r"\\(?:([`'^~\"=.])\s{0,3}|([uvHckrdb])(?:\s{1,3}|(?=\{)))(?:\{\\?([^\W\d_])\}|\\?([^\W\d_]))"
)
_NAMES = (
    "ss ae AE oe OE o O aa AA l L i j S P dots ldots textendash textemdash cdash "
    "textquotedblleft textquotedblright guillemotleft guillemotright copyright pounds texteuro "
    "euro textdegree textregistered texttrademark No dag textbackslash textasciitilde textbar "
    "textless textgreater LaTeX TeX"
)
_SIGNS = "ß æ Æ œ Œ ø Ø å Å ł Ł i j § ¶ … … – — — “ ” « » © £ € € ° ® ™ № † \\ ~ | < > LaTeX TeX"
_SYMBOLS = {
    **dict(zip(_NAMES.split(), _SIGNS.split(), strict=True)),
    **dict.fromkeys(("newline", "par"), "\n"),
    **dict.fromkeys(("quad", "qquad"), " "),
}
_SYMBOL = re.compile(
    rf"\\({'|'.join(sorted(_SYMBOLS, key=len, reverse=True))})(?![A-Za-z])(?:\{{\}}| ?)"
)
_PASSES = (
    # What is of use to the typesetter alone, with all it is given.
    (
        re.compile(
            r"\\(?:label|bibliographystyle|bibliography|usepackage|documentclass|input|include"
            r"|includegraphics|[vh]space|pagestyle|thispagestyle|setlength|addtolength|setcounter"
            r"|hypersetup|graphicspath|index|addbibresource|rule|fontsize|nocite|addcontentsline"
            r"|pagenumbering|selectlanguage|renewcommand)\*?[ \t]*(?:\[[^\]]{0,500}\])?"
            r"(?:\{[^{}]{0,500}\})+"
        ),
        "",
    ),
    # Places in the text and in the bibliography, which are numbers on paper.
    (
        re.compile(
            r"[ ~]?\\(?:cite\w{0,12}|(?:eq|page|auto|name|c|C|v)?ref|footnotemark)\*?"
            r"(?:\[[^\]]{0,200}\]){0,2}\{[^{}]{0,500}\}"
        ),
        "",
    ),
    # Commands of which the last argument alone is text.
    (
        re.compile(
            r"\\(?:href|textcolor|color|colorbox|hypertarget|hyperlink|parbox|raisebox|foreignlanguage"
            r"|texorpdfstring)(?:\[[^\]]{0,200}\]){0,2}[ \t]*\{[^{}]{0,500}\}"
        ),
        "",
    ),
    (re.compile(r"\\footnote(?:text)?(?:\[[^\]]{0,40}\])?[ \t]*\{"), " {"),
    (re.compile(r"\\item[ \t]*\[([^\]\n]{0,200})\]\s*"), r"\n- \1: "),
    (re.compile(r"\\item\b\s*"), r"\n- "),
    (re.compile(r"\\(?:begin|end)[ \t]*\{[\w* ]{1,40}\}(?:\[[^\]\n]{0,200}\])?"), "\n"),
    (re.compile(r"\\\\(?:\[[^\]\n]{0,40}\])?"), "\n"),
    (re.compile(r"\\[A-Za-z@]+\*?(?:\[[^\]\n]{0,200}\])?[ \t]?"), ""),
    (re.compile(r"\\[,;:! /-]"), " "),
    (re.compile(r"[{}]"), ""),
    (re.compile("---"), "—"),
    (re.compile(r"(?<=[\w\s])--(?=[\w\s])"), "–"),
    (re.compile(r"``|''|\"`|\"'"), '"'),
    (re.compile("<<"), "«"),
    (re.compile(">>"), "»"),
    (re.compile("~"), "\u00a0"),
    (re.compile(r"[ \t]+"), " "),
)
_ESCAPED = re.compile(r"\\([%&_#$])")
_BRACE = {"{": "\U000f007b", "}": "\U000f007d"}


def plain(text: str) -> str:
    """Return the wording of ``text``; formulas and what is verbatim stay as they are written."""
    text = _FORMULA.sub(lambda m: shield(m[2] if m[1] else m[0]), text)
    text = _ESCAPED.sub(lambda match: shield(match[1]), text)
    text = re.sub(r"\\([{}])", lambda match: _BRACE[match[1]], text)
    text = _SYMBOL.sub(lambda match: _SYMBOLS[match[1]], text)
    text = _ACCENT.sub(_accented, text)
    for pattern, replacement in _PASSES:
        text = pattern.sub(replacement, text)
    lines = (line.strip() for line in unshield(text).split("\n"))
    return "\n".join(line for line in lines if line)


def _accented(match: re.Match[str]) -> str:
    letter = match[3] or match[4]
    return unicodedata.normalize("NFC", letter + _ACCENTS[match[1] or match[2]])
