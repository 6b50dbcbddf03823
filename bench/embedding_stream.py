"""Embed a stream of chunks in one process and print its memory at each twentieth, as JSON.

python -m bench.embedding_stream 20000
python -m bench.embedding_stream 1000000 --words 3,8,15    (about an hour)
"""

from __future__ import annotations

import argparse
import json
import random

import psutil

from bench.embedding_texts import EMOJI, SAID
from memctl.ingest.embedders.e5.embedder import E5Embedder

CALL = 64  # chunks a call
PARTS = 20


def main() -> None:
    """Embed as many chunks as asked for, of some lengths in words, a long one now and then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chunks", type=int)
    parser.add_argument("--words", default="5,40,90,200,350", help="lengths of chunks in words")
    asked = parser.parse_args()
    number, choices = asked.chunks, [int(each) for each in asked.words.split(",")]
    rng = random.Random(5)
    words = [*SAID, *EMOJI[:4], *"the harbour froze in January and no ship came in".split()]
    embedder, process = E5Embedder(), psutil.Process()
    seen: list[int] = []
    for done in range(0, number, CALL):
        lengths = [rng.choice(choices) for _ in range(CALL)]
        if done % (50 * CALL) == 0:
            lengths[0] = 20_000
        texts = [" ".join(rng.choices(words, k=length)) for length in lengths]
        embedder.embed(texts, role="document")
        if done * PARTS // number == len(seen):
            seen.append(process.memory_info().rss)
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
