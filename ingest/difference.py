"""What is different between two stores, or between a store and a snapshot of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, asdict, dataclass
from typing import Any

from memctl.ingest.store import Store


@dataclass(frozen=True, slots=True)
class SettingChange:
    """A setting by its table and name, as it was and as it is."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """Documents by their paths; ``recut`` have the same text in other chunks, or read anew."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    _: KW_ONLY
    changed: tuple[str, ...]
    recut: tuple[str, ...]
    chunks: tuple[int, int]
    settings: tuple[SettingChange, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether the two are alike."""
        return not (self.added or self.removed or self.changed or self.recut or self.settings)


def difference(old: Store, new: Store) -> Difference:
    """Compare the documents and the settings of two open stores."""
    before, after = _documents(old), _documents(new)
    both = sorted(set(before) & set(after))
    return Difference(
        tuple(sorted(set(after) - set(before))),
        tuple(sorted(set(before) - set(after))),
        changed=tuple(each for each in both if before[each][0] != after[each][0]),
        recut=tuple(
            each
            for each in both
            if before[each][0] == after[each][0] and before[each] != after[each]
        ),
        chunks=(old.catalog.chunks_known, new.catalog.chunks_known),
        settings=tuple(_settings(old, new)),
    )


def _documents(store: Store) -> dict[str, tuple[str, str]]:
    return {each.path: (each.sha256, each.recipe) for each in store.catalog.documents()}


def _settings(old: Store, new: Store) -> Iterator[SettingChange]:
    before, after = dict(_flat(asdict(old.settings))), dict(_flat(asdict(new.settings)))
    before["vectors.embedder"], after["vectors.embedder"] = old.fingerprint, new.fingerprint
    for name in sorted(set(before) | set(after)):
        if before.get(name) != after.get(name):
            yield SettingChange(name, before.get(name), after.get(name))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
