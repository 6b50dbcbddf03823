"""A file of synonyms: ``car, automobile`` both ways, ``ИИ => искусственный интеллект`` one way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from memctl.index.lexical import folded, tokens
from memctl.ingest import UsageError

_HINT = "A line is: one, two, three — or: one => two, three — or a comment after #."
_LARGEST = 4 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Other wordings, by the folded words of what they stand for."""

    wordings: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def load(cls, file: Path) -> Synonyms:
        """Read a file of UTF-8 lines.

        Raises:
            UsageError: it cannot be read, or a line, which is named, is none.
        """
        try:
            data = file.read_bytes()
        except OSError as error:
            raise UsageError(
                f"cannot read {file}: {error.strerror}", hint="Check --synonyms."
            ) from error
        if len(data) > _LARGEST:
            raise UsageError(f"{file} is larger than {_LARGEST >> 20} MiB", hint=_HINT)
        try:
            lines = data.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError as error:
            raise UsageError(f"{file} is not UTF-8", hint="Save it as UTF-8.") from error
        return cls.parse(lines, where=str(file))

    @classmethod
    def parse(cls, lines: Iterable[str], *, where: str = "synonyms") -> Synonyms:
        """Read lines; words on both sides of ``=>`` are kept apart, those of a list are equals.

        Raises:
            UsageError: a line, which is named, is none.
        """
        found: dict[tuple[str, ...], dict[str, None]] = {}
        for number, line in enumerate(lines, start=1):
            said = line.partition("#")[0].strip()
            if not said:
                continue
            left, arrow, right = said.partition("=>")
            keys, values = _listed(left), _listed(right)
            if not keys or (arrow and not values) or (not arrow and len(keys) < 2):
                raise UsageError(f"line {number} of {where} has no synonyms", hint=_HINT)
            for key in keys:
                others = values if arrow else [each for each in keys if each != key]
                found.setdefault(_key(key), {}).update(dict.fromkeys(others))
        return cls({key: tuple(values) for key, values in found.items()})

    def of(self, text: str) -> tuple[tuple[str, str], ...]:
        """Return pairs of a wording in ``text`` and another one for it.

        A wording of several words is found where they stand together; it is its first word that
        the other wording then stands beside.
        """
        words = [folded(token) for token in tokens(text)]
        longest = max((len(key) for key in self.wordings), default=0)
        return tuple(
            (words[at], other)
            for at in range(len(words))
            for size in range(1, min(longest, len(words) - at) + 1)
            for other in self.wordings.get(tuple(words[at : at + size]), ())
        )


def _listed(text: str) -> list[str]:
    return [each for each in (part.strip() for part in text.split(",")) if _key(each)]


def _key(text: str) -> tuple[str, ...]:
    return tuple(folded(token) for token in tokens(text))
