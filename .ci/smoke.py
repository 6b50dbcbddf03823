"""Run ingest, index, query and ask on the sample corpus and compare their JSON with expected.json.

smoke.py --memctl PATH --corpus sample_corpus            compares
smoke.py --memctl PATH --corpus sample_corpus --write    writes expected.json anew
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

EXPECTED = Path(__file__).with_name("expected.json")
QUERIES = (
    "Why do models lose what stands in the middle of a long context?",
    "Как «Титаны» решают, что запомнить?",
    "How many bits does a PQ code take?",
)
QUESTIONS = (
    "What is a KV cache?",
    "Что такое RAG?",
    "How long should I boil a soft egg?",
)
TOLD = ("Я живу в Казани и работаю учителем.", "I moved to Lisbon; I'm allergic to peanuts.")
RECALLED = ("Где я живу?", "What am I allergic to?", "What is my blood type?")
# Another processor adds in another order; the last digits of a score are not part of the deal.
TOLERANCE = 0.005


def main() -> None:
    """Compare, or write what is to be compared with."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memctl", required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = observe(args.memctl, args.corpus, Path(folder) / "store")
    if args.write:
        text = json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        EXPECTED.write_text(text, encoding="utf-8")
        return
    wrong = list(differences(json.loads(EXPECTED.read_text(encoding="utf-8")), found, ""))
    if wrong:
        sys.exit("smoke: " + "\nsmoke: ".join(wrong))
    print("smoke: the wheel ingests, indexes, finds and answers as expected")


def observe(memctl: str, corpus: Path, store: Path) -> dict[str, Any]:
    """Do the main job and return what came out, without what differs from run to run."""

    def run(*words: str) -> tuple[int, Any]:
        done = subprocess.run(
            [memctl, *words, "--store", str(store), "--json"],
            stdout=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
        fields = json.loads(done.stdout)
        for unstable in ("seconds", "timings", "costs", "store"):
            fields.pop(unstable, None)
        return done.returncode, fields

    found: dict[str, Any] = {
        "ingest": run("ingest", str(corpus), "--strict"),
        "again": run("ingest", str(corpus), "--strict"),
        "index": run("index", "build"),
        "status": run("status"),
        "query": [run("query", question, "-k", "1") for question in QUERIES],
        "ask": [run("ask", question) for question in QUESTIONS],
        "remember": [run("memory", "add", text, "--date", "2024-05-31") for text in TOLD],
        "recall": [run("memory", "recall", question) for question in RECALLED],
    }
    found["status"][1].pop("bytes")
    return json.loads(json.dumps(found))


def differences(expected: Any, found: Any, path: str) -> Any:
    """Yield a line for each place where ``found`` is not what was expected."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key in sorted(expected.keys() | found.keys()):
            yield from differences(expected.get(key), found.get(key), f"{path}/{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for number, (left, right) in enumerate(zip(expected, found, strict=True)):
            yield from differences(left, right, f"{path}/{number}")
    elif isinstance(expected, float) and isinstance(found, float):
        if abs(expected - found) > TOLERANCE:
            yield f"{path}: {found} instead of {expected}"
    elif expected != found:
        yield f"{path}: {found!r} instead of {expected!r}"


if __name__ == "__main__":
    main()
