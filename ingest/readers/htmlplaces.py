"""What an element of a page is to its reader: hidden, a menu, a banner, the main part."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_PLACES = frozenset("main article form header aside footer nav".split())
_ROLES = {
    "main": "main",
    "article": "article",
    "banner": "header",
    "complementary": "aside",
    "contentinfo": "footer",
    **dict.fromkeys("navigation menu menubar search dialog alertdialog toolbar".split(), "nav"),
}
# What the class or the id of an element says where its tag does not.
_BESIDE = re.compile(
    r"(?:^|(?<!\bhas)(?<!\bwith)(?<!\bno)[\s_-])(?:nav|navbar|navbox|navigation|menu|submenu|dropdown"
    r"|breadcrumbs?|toc|sidebar|cookies?|cookie-?(?:banner|notice|consent)|consent|gdpr|share|sharing"
    r"|social|pagination|pager|newsletter|subscribe|adverts?|advertisement|ads|promo|related"
    r"|interlanguage|langlinks|catlinks|printfooter|site-?(?:header|footer)|popup|modal)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"(?:^|\s)(?:mw-editsection|mw-cite-backlink|mw-jump-link|headerlink|anchor-?link|anchorjs-link"
    r"|noprint|copybtn)(?:$|\s)"
)
_HIDING = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)


def is_hidden(node: LexborNode) -> bool:
    """Say whether an element is not shown, or only marks a place for those who edit."""
    attributes = node.attrs
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if (names := attributes.get("class")) and _MARKS.search(names):
        return True
    style = attributes.get("style")
    return bool(style and _HIDING.search(style))


def place_of(node: LexborNode, tag: str) -> str:
    """Return which part of the page an element is, by its role, its tag, or its class and id."""
    attributes = node.attrs
    place = _ROLES.get(attributes.get("role") or "") or (tag if tag in _PLACES else "")
    if place or tag in {"html", "body"}:
        return place
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return "beside" if _BESIDE.search(names) else ""
