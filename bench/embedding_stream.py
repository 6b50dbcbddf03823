"""Embed a stream of chunks in one process and print its memory at each twentieth, as JSON.

python -m bench.embedding_stream 20000
"""

from __future__ import annotations

import json
import random
import sys

import psutil

from bench.embedding_texts import EMOJI, SAID
from memctl.ingest.embedders.e5.embedder import E5Embedder

CALL = 64  # chunks a call
PARTS = 20


def main() -> None:
    """Embed as many chunks as asked for, of 5 to 350 words, a long one now and then."""
    number, rng = int(sys.argv[1]), random.Random(5)
    words = [*SAID, *EMOJI[:4], *"the harbour froze in January and no ship came in".split()]
    embedder, process = E5Embedder(), psutil.Process()
    seen: list[int] = []
    for done in range(0, number, CALL):
        lengths = [rng.choice([5, 40, 90, 200, 350]) for _ in range(CALL)]
        if done % (50 * CALL) == 0:
            lengths[0] = 20_000
        texts = [" ".join(rng.choices(words, k=length)) for length in lengths]
        embedder.embed(texts, role="document")
        if done * PARTS // number == len(seen):
            seen.append(process.memory_info().rss)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
