"""Text of documents as data: between marks that it cannot know, and without what models obey."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from memctl.ingest import clean

# What chat templates are made of: <|im_start|>, [INST], <<SYS>>, <start_of_turn>, <s> and so on.
_TEMPLATE = re.compile(
    r"<(\|[^<>|\n]{1,40}\|)>|<(/?(?:s|bos|eos|pad|unk|think|tool_call|start_of_turn|end_of_turn"
    r"|start_header_id|end_header_id|eot_id))>|<<(/?SYS)>>|\[(/?(?:INST|SYSTEM_PROMPT|gMASK))\]",
    re.IGNORECASE,
)
# Tags that prompts are often fenced with, and their ends.
_TAG = re.compile(
    r"<(/?(?:context|documents?|passages?|sources?|data|system|user|assistant|instructions?"
    r"|question|answer)\b[^<>\n]{0,80})>",
    re.IGNORECASE,
)
_LINK = re.compile(r"\]\(")
# Characters without a width: they hide words from a reader and not from a model.
_HIDDEN = re.compile("[\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def neutral(text: str) -> str:
    """Return ``text`` without what steers a model: template tokens and tags get other brackets."""
    bare = _HIDDEN.sub("", clean(text))
    return _TAG.sub(r"‹\1›", _TEMPLATE.sub(_bracketed, bare))


def inert(text: str) -> str:
    """Return ``text`` without Markdown's links and images: what stands there stays to be read."""
    return _LINK.sub("] (", text)


def fence_for(texts: Iterable[str]) -> str:
    """Return a word to fence ``texts`` with: none of them holds it, as it is made from all."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(text.encode("utf-8", "replace"))
        digest.update(b"\0")
    return digest.hexdigest()[:16]


def _bracketed(match: re.Match[str]) -> str:
    inside = next(group for group in match.groups() if group is not None)
    return f"‹{inside}›"
