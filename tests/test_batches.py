from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest

from memctl.ingest import EmbedderError, Vectors
from memctl.ingest.batches import Batches
from memctl.ingest.embedders.hashing import HashingEmbedder


class _Held(HashingEmbedder):
    """Embeds when it is let, and says in which thread and what."""

    def __init__(self) -> None:
        self.let = threading.Event()
        self.seen: list[tuple[str, ...]] = []
        self.threads: set[int] = set()

    def embed(self, texts: Sequence[str], *, role: str) -> Vectors:  # noqa: ARG002  part of the seam
        assert self.let.wait(10)
        self.seen.append(tuple(texts))
        self.threads.add(threading.get_ident())
        if "bad" in texts:
            raise EmbedderError("no vector for that")
        return super().embed(texts, role="document")


def test_batches_are_embedded_in_order_in_another_thread() -> None:
    embedder = _Held()
    embedder.let.set()
    with Batches(embedder) as batches:
        made = [batches.put([f"text {n}", f"текст {n}"]) for n in range(9)]
        vectors = [future.result() for future in made]
    assert embedder.seen == [(f"text {n}", f"текст {n}") for n in range(9)]
    assert embedder.threads.isdisjoint({threading.get_ident()})
    expected = HashingEmbedder().embed(["text 8", "текст 8"], role="document")
    assert np.array_equal(vectors[8], expected)


def test_only_two_batches_wait_behind_the_running_one() -> None:
    embedder = _Held()
    with Batches(embedder) as batches:
        made = [batches.put([str(n)]) for n in range(3)]
        fourth = threading.Thread(target=batches.put, args=(["3"],))
        fourth.start()
        fourth.join(0.2)
        assert fourth.is_alive()
        embedder.let.set()
        fourth.join(10)
        assert not fourth.is_alive()
        assert all(future.result().shape == (1, 256) for future in made)


def test_an_error_comes_with_its_own_batch_and_spares_the_others() -> None:
    embedder = _Held()
    embedder.let.set()
    with Batches(embedder) as batches:
        good, bad, other = (batches.put([text]) for text in ("good", "bad", "other"))
        assert good.result().shape == other.result().shape == (1, 256)
        with pytest.raises(EmbedderError, match="no vector"):
            bad.result()


def test_what_has_not_begun_is_given_up_and_the_running_batch_is_waited_for() -> None:
    embedder = _Held()
    with Batches(embedder) as batches:
        running, waiting = batches.put(["1"]), batches.put(["2"])
        while not running.running():
            time.sleep(0.01)
        threading.Timer(0.1, embedder.let.set).start()
        batches.stop()
        assert running.result().shape == (1, 256)
        assert waiting.cancelled()
