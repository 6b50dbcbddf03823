"""Titles that a file's metadata give: believed only where somebody wrote them."""

from __future__ import annotations

import re

from memctl.ingest.text import one_line

_MADE_BY_PROGRAM = re.compile(
    r"(?:untitled|без (?:имени|названия)|(?:новый |new )?(?:document|документ))[\s_-]*\d*"
    r"|microsoft (?:word|powerpoint|excel)\b.*"
    r"|(?:word|powerpoint) (?:document|presentation)|презентация powerpoint"
    r"|title|\(anonymous\)|(?:slide|слайд) \d+|scan\w*"
    r"|.*\.(?:docx?|docm|dotx?|od[tpsg]|rtf|pdf|tex|dvi|e?ps|txt|html?|pptx?|xlsx?|indd|qxd|pages|md)"
    r"|(?:file|https?):.*|[a-z]:\\.*|/.*|[\W\d_]*",
    re.IGNORECASE,
)
_LONGEST = 300


def sane_title(title: str | None) -> str:
    """Return ``title`` in one line, or nothing for a file name, a path or a program's filler."""
    folded = one_line(title or "")
    return "" if len(folded) > _LONGEST or _MADE_BY_PROGRAM.fullmatch(folded) else folded
