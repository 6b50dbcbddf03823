from __future__ import annotations

from pathlib import Path

import pytest

from memctl.cli.listening import listen
from memctl.ingest.embedders.e5 import cache


def test_a_model_that_is_built_is_told_once_and_on_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))
    listen()
    listen()  # tells nothing twice
    for _ in range(2):
        cache.obtained("model", lambda: {"маяк.bin": b"1"})
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "memctl: building the model, once: about ten seconds\n"
