"""A file of synonyms: ``car, automobile`` both ways, ``ИИ => искусственный интеллект`` one way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from memctl.index.lexical import GRAMMAR, lowered, terms_of, tokens
from memctl.ingest import UsageError

_HINT = "A line is: one, two, three — or: one => two, three — or a comment after #."
_LARGEST = 4 << 20  # bytes
_Stems = tuple[tuple[str, ...], ...]  # of each token its own, and those of its parts


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Other wordings, by the folded words of what they stand for."""

    wordings: dict[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    _by_stems: dict[str, Mapping[_Stems, Collection[str]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

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

    def of(self, text: str, languages: Collection[str]) -> tuple[tuple[str, str], ...]:
        """Return pairs of a word in ``text`` and another wording for it.

        Words are compared by their stems in each of ``languages``, as the search by words compares
        them. A wording of several words is found where they stand together; it is the first of
        these that is not mere grammar that the other wording then stands beside.
        """
        found: dict[tuple[str, str], None] = {}
        for language in languages or ("und",):
            found |= dict.fromkeys(self._in(text, language))
        return tuple(found)

    def _in(self, text: str, language: str) -> Iterator[tuple[str, str]]:
        wordings = self._stemmed(language)
        longest = max(map(len, wordings), default=0)
        spoken = tokens(text)
        stems = _stems(text, language)
        for at in range(len(stems)):
            for size in range(1, min(longest, len(stems) - at) + 1):
                for other in wordings.get(stems[at : at + size], ()):
                    yield _telling(spoken[at : at + size]), other

    def _stemmed(self, language: str) -> Mapping[_Stems, Collection[str]]:
        """Return the wordings by the stems of what they stand for; made once for a language."""
        if language not in self._by_stems:
            made: dict[_Stems, dict[str, None]] = {}
            for words, others in self.wordings.items():
                key = tuple(terms_of(word, language) for word in words)
                made.setdefault(key, {}).update(dict.fromkeys(others))
            self._by_stems[language] = made
        return self._by_stems[language]


def _telling(words: Sequence[str]) -> str:
    """Return the first word that is not mere grammar, or else the first, folded."""
    small = [lowered(word) for word in words]
    return next((word for word in small if word not in GRAMMAR), small[0])


def _stems(text: str, language: str) -> _Stems:
    return tuple(terms_of(token, language) for token in tokens(text))


def _listed(text: str) -> list[str]:
    return [each for each in (part.strip() for part in text.split(",")) if _key(each)]


def _key(text: str) -> tuple[str, ...]:
    return tuple(lowered(token) for token in tokens(text))
