"""What the commands of ``memctl index`` say of an index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memctl.cli.output import count, green, say, size, wrapped

if TYPE_CHECKING:
    from memctl.index import Interval, Manifest, Recall

_LABEL = 8  # columns


def index_fields(manifest: Manifest) -> dict[str, object]:
    """Return what ``memctl.index/1`` says of an index."""
    certificate, costs, effort = manifest.certificate, manifest.costs, manifest.effort
    decisive = certificate.decisive
    return {
        "name": manifest.name,
        "generation": manifest.generation,
        "type": manifest.type,
        "spec": str(manifest.spec),
        "factory": manifest.factory,
        "embedder": manifest.embedder,
        "dimension": manifest.dimension,
        "vectors": manifest.vectors,
        "bytes_per_vector": round(manifest.bytes_per_vector, 1),
        "memory_bytes_per_vector": round(manifest.resident_bytes_per_vector, 1),
        "recall_at_10": decisive.at[10].mean,
        "recall_sample": decisive.sample,
        "target_recall": certificate.target,
        "recall": {
            "vectors": _recall(certificate.vectors),
            "questions": _recall(certificate.questions) if certificate.questions else None,
        },
        "search": {"nprobe": effort.nprobe, "k_factor": effort.k_factor, "ef": effort.ef},
        "training": {
            "points": manifest.training.points,
            "closeness": manifest.training.closeness,
            "imbalance": manifest.training.imbalance,
        },
        "costs": {
            "training_seconds": costs.training_seconds,
            "build_seconds": costs.build_seconds,
            "peak_memory_mb": costs.peak_memory_mb,
            "latency_ms": costs.latency_ms,
            "latency_p95_ms": costs.latency_p95_ms,
        },
    }


def _recall(found: Recall) -> dict[str, object]:
    return {
        "sample": found.sample,
        **{str(k): [value.mean, value.low, value.high] for k, value in found.at.items()},
    }


def show_index(manifest: Manifest, note: str, *, chunks: int | None = None) -> None:
    """Print what an index is, what it costs and what it loses.

    ``chunks`` is the number of those that it stands for, where that is known.
    """
    total = sum(fact.bytes for fact in manifest.files.values())
    costs, certificate = manifest.costs, manifest.certificate
    say_of_index(
        "Index", f"{manifest.name}, {manifest.spec}, generation {manifest.generation} ({note})"
    )
    say_of_index(
        "Holds",
        f"{count(manifest.vectors, 'vector')}{_shared(manifest.vectors, chunks)}, {size(total)}: "
        f"{manifest.bytes_per_vector:.0f} bytes each on disk, "
        f"{manifest.resident_bytes_per_vector:.0f} in memory",
    )
    if certificate.questions is not None:
        say_of_index("Finds", _told(certificate.questions, "question"))
    say_of_index("Finds", _told(certificate.vectors, "vector", " not trained with"))
    say_of_index(
        "Takes",
        f"{costs.latency_ms:.2f} ms a query (95 of 100 under {costs.latency_p95_ms:.2f}), "
        "one thread",
    )


def say_of_index(label: str, text: str) -> None:
    """Print a line of what is said of an index, folded to the terminal."""
    first, *rest = wrapped(text, indent=" " * _LABEL)
    say(f"{green(label)}{first[len(label) :]}")
    for line in rest:
        say(line)


def _shared(vectors: int, chunks: int | None) -> str:
    """Say why there are fewer or more vectors than chunks."""
    if chunks is None or chunks == vectors:
        return ""
    if vectors < chunks:
        return f" of {count(chunks, 'chunk')} (equal texts share one)"
    return f" of {count(chunks, 'chunk')} (the rest are of removed ones, until it is compacted)"


def _told(found: Recall, noun: str, which: str = "") -> str:
    each = ", ".join(f"@{k} {_interval(value)}" for k, value in found.at.items())
    return f"recall {each} ({count(found.sample, noun)}{which})"


def _interval(value: Interval) -> str:
    if value.low == value.high:
        return f"{value.mean:.3f}"
    return f"{value.mean:.3f} [{value.low:.3f}–{value.high:.3f}]"
