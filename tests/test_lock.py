from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from support import Run

from memctl.ingest import Store

HOLDING = """
import sys, time
from pathlib import Path
from memctl.ingest import Store
with Store.write(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


def test_who_writes_is_named_and_leaves_nothing_behind(filled: Run, store: Path) -> None:
    with Store.write(store):
        refused = filled("index", "build", "--force")
    assert refused.code == 1
    assert f": process {os.getpid()} on " in refused.err
    assert ", since 20" in refused.err
    assert "--wait SECONDS" in refused.err
    assert not list(store.glob("*.holder"))
    assert filled("index", "build", "--force").code == 0


def test_a_writer_waits_for_another_one_that_ends(filled: Run, store: Path) -> None:
    ended = threading.Event()

    def hold() -> None:
        with Store.write(store):
            ended.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    while not list(store.glob("*.holder")):
        time.sleep(0.01)
    threading.Timer(0.5, ended.set).start()
    done = filled("index", "build", "--force", "--wait", "30")
    holder.join()
    assert done.code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_writer_that_was_killed_holds_nobody_up(filled: Run, store: Path) -> None:
    words = [sys.executable, "-c", HOLDING, str(store)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        waited = filled("index", "build", "--force", "--wait", "0.3")
        assert f": process {process.pid} on " in waited.err
        assert waited.code == 1
        process.send_signal(signal.SIGKILL)
    assert list(store.glob("*.holder"))  # what it said of itself, which nobody believes
    assert filled("index", "build", "--force").code == 0
    assert not list(store.glob("*.holder"))
