"""What ``memctl index migrate`` says of a shadow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from memctl.cli.output import count, green, say, size, wrapped

if TYPE_CHECKING:
    from memctl.index.comparison import Change, Comparison, Overlap, Side
    from memctl.index.migration import Migration
    from memctl.index.recall import Interval

_LABEL = 11  # columns


def migration_fields(done: Migration) -> dict[str, Any]:
    """Return what ``memctl.migrate/1`` says of a shadow."""
    found = done.comparison
    return {
        "shadow": asdict(done.shadow),
        "indexes": list(done.indexes),
        "embedded": done.embedded,
        "seconds": round(done.seconds, 3),
        "overlap_at_10": {
            "passages": _overlap_fields(found.vectors),
            "questions": _overlap_fields(found.questions) if found.questions else None,
        },
        "judged": found.judged,
        "unknown_gold": list(found.unknown),
        "changes": {
            each.measure: {
                "old": each.old,
                "new": each.new,
                "difference": _interval_fields(each.difference),
            }
            for each in found.changes
        },
        "old": asdict(found.old),
        "new": asdict(found.new),
    }


def _overlap_fields(found: Overlap) -> dict[str, object]:
    return {"sample": found.sample, "share": _interval_fields(found.share)}


def _interval_fields(found: Interval) -> list[float]:
    return [found.mean, found.low, found.high]


def show_migration(done: Migration) -> None:
    """Print what the shadow is, and what it changes."""
    found = done.comparison
    shadow = done.shadow
    _say("Shadow", f"{shadow.embedder}, {shadow.dimension} dimensions, {_embedded(done)}")
    _say("Overlap@10", _overlap(found.vectors, "passage"))
    if found.questions is not None:
        _say("", _overlap(found.questions, "question"))
    for change in found.changes:
        _say(change.measure, _change(change))
    if found.changes:
        _say("", f"by exact search, {count(found.judged, 'question')} with gold documents")
    if found.unknown:
        some = ", ".join(repr(name) for name in found.unknown[:3])
        more = ", …" if len(found.unknown) > 3 else ""
        _say(
            "Unknown",
            f"{count(len(found.unknown), 'gold document')} not in the store: {some}{more}",
        )
    for label, text in _costs(found):
        _say(label, text)


def _embedded(done: Migration) -> str:
    if not done.embedded:
        return "every passage embedded"
    speed = done.embedded / max(done.seconds, 0.001)
    passages = count(done.embedded, "passage")
    return f"{passages} in {done.seconds:.1f} s, {speed:,.0f}/s"


def _overlap(found: Overlap, noun: str) -> str:
    share = found.share
    interval = f" [{share.low:.3f}–{share.high:.3f}]" if share.low != share.high else ""
    return f"{share.mean:.3f}{interval} of the neighbours of {count(found.sample, noun)} stay"


def _change(change: Change) -> str:
    found = change.difference
    return (
        f"{change.old:.3f} → {change.new:.3f}  {found.mean:+.3f} "
        f"[{found.low:+.3f}, {found.high:+.3f}]  {change.verdict}"
    )


def _costs(found: Comparison) -> Iterator[tuple[str, str]]:
    old, new = found.old, found.new
    yield "Vectors", f"{size(old.vector_bytes)} → {size(new.vector_bytes)}"
    yield (
        "Index",
        f"{size(old.index_bytes)} → {size(new.index_bytes)} on disk, "
        f"{size(old.memory_bytes)} → {size(new.memory_bytes)} in memory",
    )
    yield (
        "A search",
        f"{old.search_ms:.2f} → {new.search_ms:.2f} ms in the index{_asking(old, new)}",
    )


def _asking(old: Side, new: Side) -> str:
    if old.question_ms is None or new.question_ms is None:
        return ""
    return f", {old.question_ms:.1f} → {new.question_ms:.1f} ms to embed the question"


def _say(label: str, text: str) -> None:
    first, *rest = wrapped(text, indent=" " * _LABEL)
    say(f"{green(label)}{first[len(label) :]}")
    for line in rest:
        say(line)
