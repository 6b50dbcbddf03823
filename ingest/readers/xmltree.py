"""The tree of an XML text, bounded in size and depth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from memctl.ingest.errors import UnreadableError
from memctl.ingest.readers.xmlevents import Events, feed_text, local_of

_DEEPEST = 150
_MOST = 2_000_000  # elements: some 200 bytes each


@dataclass(slots=True)
class Element:
    """An element by its local name, with the text and the elements in it, in order."""

    tag: str
    attributes: dict[str, str]
    parts: list[str | Element] = field(default_factory=list["str | Element"])

    @property
    def children(self) -> Iterator[Element]:
        """The elements directly in it."""
        return (part for part in self.parts if isinstance(part, Element))

    @property
    def is_mixed(self) -> bool:
        """Whether text stands directly in it."""
        return any(isinstance(part, str) and part.strip() for part in self.parts)

    def find(self, *tags: str) -> Element | None:
        """Return the first element directly in it that has one of these names."""
        return next((child for child in self.children if child.tag in tags), None)

    def every(self, *tags: str) -> Iterator[Element]:
        """Yield the elements of these names below it, at any depth but not in one another."""
        for child in self.children:
            if child.tag in tags:
                yield child
            else:
                yield from child.every(*tags)


class _Tree(Events):
    def __init__(self) -> None:
        self.top = Element("", {})
        self._open = [self.top]
        self._left = _MOST

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._left -= 1
        if len(self._open) > _DEEPEST:
            raise UnreadableError("bad_format", "it is nested too deeply")
        if self._left < 0:
            raise UnreadableError("too_large", f"more than {_MOST:,} elements")
        element = Element(local_of(tag), attributes)
        self._open[-1].parts.append(element)
        self._open.append(element)

    def end(self, tag: str) -> None:
        del tag
        if len(self._open) > 1:
            self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].parts.append(text)

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """A document type may stand; what it names is not read."""


def parse(text: str) -> tuple[Element, str]:
    """Return the element at the root, and what is wrong where the text is not well formed.

    Raises:
        UnreadableError: ``bomb`` where it declares entities, ``bad_format`` where it is nested
            too deep or holds no element, ``too_large`` for too many of them.
    """
    tree, wrong = feed_text(text, _Tree, name="it")
    root = next(tree.top.children, None)
    if root is None:
        raise UnreadableError("bad_format", "no XML in it")
    return root, wrong
