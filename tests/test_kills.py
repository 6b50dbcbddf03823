from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support import Run

# Embeds slowly, and notes each text whose vector it has made. It commits as often as it can: a
# pause that grows with what a commit takes would make what a kill costs a matter of the disk.
NOTING = """
import hashlib, os, sys, time
from memctl.ingest import writer
from memctl.ingest.embedders.hashing import HashingEmbedder
writer._SECONDS = writer._SHARE = 0
log = os.open(sys.argv.pop(1), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
at_once = HashingEmbedder.embed
def embed(self, texts, *, role):
    time.sleep(0.004 * len(texts))
    marks = (hashlib.sha1(text.encode()).hexdigest() + "\\n" for text in texts)
    os.write(log, "".join(marks).encode())
    return at_once(self, texts, role=role)
HashingEmbedder.embed = embed
from memctl.cli.__main__ import main
main()
"""
BATCH = 32


def _folder(root: Path) -> Path:
    dice = random.Random(5)
    words = "gull lamp fog rope маяк чайка туман канат".split()
    root.mkdir()
    for number in range(24):
        parts = (" ".join(dice.choices(words, k=120)) + f" {number}.{n}." for n in range(25))
        (root / f"{number:02}.txt").write_text("\n\n".join(parts), encoding="utf-8")
    return root


def _command(log: Path, folder: Path, store: Path) -> list[str]:
    words = ["ingest", str(folder), "--store", str(store), "--embedder", "hashing"]
    return [sys.executable, "-c", NOTING, str(log), *words]


@pytest.mark.skipif(sys.platform == "win32", reason="a process group is killed")
def test_a_kill_costs_the_embedding_of_a_few_batches_and_leaves_the_store_as_it_would_be(
    tmp_path: Path, run: Run, store: Path
) -> None:
    folder, log = _folder(tmp_path / "many"), tmp_path / "log"
    whole = tmp_path / "whole"
    subprocess.run(_command(tmp_path / "calm", folder, whole), check=True, capture_output=True)
    needed = (tmp_path / "calm").read_text("ascii").split()
    assert len(needed) == len(set(needed)) > 10 * BATCH
    kills = 0
    for wanted in (200, 400, 560):
        kills += _kill_at(wanted, _command(log, folder, store), log=log)
    subprocess.run(_command(log, folder, store), check=True, capture_output=True)
    made = log.read_text("ascii").split()
    assert kills >= 2
    assert set(made) == set(needed)
    # While a slow disk takes one batch, the embedder may be done with one and two that waited:
    # that is all that a kill can cost. Were nothing kept, it would be all that was made before.
    assert len(made) - len(set(made)) <= kills * 4 * BATCH < 560
    assert run("dump", at=store).out == run("dump", at=whole).out
    vectors = "vectors-0001.f16"
    assert (store / vectors).read_bytes() == (whole / vectors).read_bytes()


def _kill_at(wanted: int, command: list[str], *, log: Path) -> bool:
    """Kill the command when so many vectors are made; False if it was done before."""
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    while process.poll() is None:
        if log.exists() and log.stat().st_size // 41 >= wanted:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return True
        time.sleep(0.002)
    return False
