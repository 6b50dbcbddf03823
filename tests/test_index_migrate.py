from __future__ import annotations

import json
import random
import shutil
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
from embedders_support import Provider, good, provided, status
from migration_support import check_vectors, hits, narrow, served
from support import FILES, Run

from memctl.index import DenseIndex
from memctl.index.comparison import compare, overlap
from memctl.index.cutover import accept, rollback
from memctl.index.judged import named, worth
from memctl.index.migration import migrate
from memctl.index.recall import Trial
from memctl.ingest import Layout, SettingsError, Store, StoreError, writing
from memctl.ingest.settingslines import renamed
from memctl.query import How, Searcher

NEW = "Новый маяк выше старого. The new one is taller.\n"


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Generator[Provider]:
    yield from provided(monkeypatch)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the embedder ``narrow`` has embedded."""
    return narrow(monkeypatch)


# --- what comes out


def test_an_accepted_store_is_as_one_that_was_ingested_with_the_new_embedder(
    filled: Run, folder: Path, store: Path, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh"
    filled("ingest", folder, "--embedder", "e5-small", at=fresh)
    filled("index", "build", at=fresh)
    assert filled("index", "migrate", "--embedder", "e5-small").code == 0
    assert filled("index", "migrate", "--accept").code == 0
    assert hits(store) == hits(fresh)
    with Store.open(store) as one, Store.open(fresh) as other:
        assert one.layout.vectors.read_bytes() == other.layout.vectors.read_bytes()
        assert one.fingerprint == other.fingerprint
    assert filled("dump").out == filled("dump", at=fresh).out
    assert Layout(store).settings.read_bytes() == Layout(fresh).settings.read_bytes()


def test_a_rollback_brings_every_byte_back(filled: Run, store: Path, made: list[str]) -> None:
    before, found, dumped = served(store), hits(store), filled("dump").out
    filled("index", "migrate", "--embedder", "narrow")
    assert served(store) == before
    filled("index", "migrate", "--accept")
    assert hits(store) != found
    assert served(store) != before
    embedded = len(made)
    result = filled("index", "rollback", "--json").json
    assert (result["serving"]["embedder"], result["embedded"]) == ("hashing", 0)
    assert served(store) == before
    assert (hits(store), filled("dump").out) == (found, dumped)
    assert filled("index", "migrate", "--accept").code == 0  # the shadow was kept
    assert len(made) == embedded


def test_what_was_ingested_since_is_embedded_at_the_cutover_both_ways(
    filled: Run, folder: Path, store: Path, made: list[str]
) -> None:
    filled("index", "migrate", "--embedder", "narrow")
    (folder / "new.txt").write_text(NEW, encoding="utf-8")
    filled("ingest", folder)
    assert filled("status", "--json").json["beside"]["lacking"] == 1
    assert "lacks 1 passage" in filled("status").out
    assert filled("index", "migrate", "--accept", "--json").json["embedded"] == 1
    assert sorted(made) == sorted(set(made))
    check_vectors(store)
    (folder / "newer.txt").write_text("Третий маяк, third.\n", encoding="utf-8")
    filled("ingest", folder)
    assert "lacks 1 passage: memctl index rollback" in filled("status").out
    check_vectors(store)
    back = filled("index", "rollback", "--json").json
    assert back["embedded"] == 1
    check_vectors(store)
    assert filled("query", "Третий маяк", "--json").json["hits"][0]["document"] == "newer.txt"
    assert "up to date" in filled("index", "info").out


def test_a_text_that_came_back_after_its_row_was_passed_over_is_embedded_anew(
    filled: Run, folder: Path, store: Path, made: list[str]
) -> None:
    gone = folder / "ru" / "чайки.txt"
    text = gone.read_text("utf-8")
    gone.unlink()
    filled("ingest", folder, "--prune")
    filled("index", "migrate", "--embedder", "narrow")
    assert not any("чайки" in each for each in made)
    gone.write_text(text, encoding="utf-8")
    filled("ingest", folder)
    assert filled("index", "migrate", "--accept").code == 0
    check_vectors(store)
    assert filled("index", "rollback").code == 0
    check_vectors(store)
    assert filled("query", "чайки", "--json").json["hits"][0]["document"] == "ru/чайки.txt"


def test_rounds_of_change_and_cutovers_never_bring_back_what_was_removed(
    filled: Run, folder: Path, store: Path, made: list[str]
) -> None:
    dice = random.Random(3)
    other = {"hashing": "narrow", "narrow": "hashing"}
    for turn in range(16):
        file = folder / f"{dice.randrange(5)}.txt"
        if file.exists():
            file.unlink()
        else:
            file.write_text(f"Буй {file.stem} качается. The buoy {file.stem} rocks.", "utf-8")
        filled("ingest", folder, "--prune")
        state = filled("status", "--json").json
        step = dice.choice(["migrate", "accept", "rollback", "discard"])
        words = [step] if step == "rollback" else ["migrate", f"--{step}"]
        if step == "migrate":
            words = ["migrate", "--embedder", other[state["embedder"]["name"]]]
        kept = (state["beside"] or {}).get("state")
        possible = {"migrate": kept != "previous", "discard": kept is not None}
        possible |= {"accept": kept == "shadow", "rollback": kept == "previous"}
        assert (filled("index", *words).code == 0) == possible[step], (turn, step, kept)
        filled("index", "build")
        check_vectors(store)
        there = {path.name for path in folder.glob("?.txt")}
        with Searcher.open(store) as searcher:
            (found,) = searcher.search(["Буй качается"], 20)
        assert {hit.document for hit in found if len(hit.document) == 5} == there, turn
    assert made


# --- what is told


def test_an_embedder_shares_every_neighbour_with_itself(filled: Run, store: Path) -> None:
    assert filled("status").code == 0
    with Store.open(store) as one, Store.open(store) as two:
        found = compare(one, two, index="default", exam=None)
    share = found.vectors.share
    assert (share.mean, share.low, share.high, found.vectors.sample) == (1, 1, 1, 6)


def test_overlap_is_the_share_of_the_first_ten_neighbours_in_any_order() -> None:
    def made(*lines: list[int]) -> Trial:
        rows = np.array(lines, dtype=np.int64)
        nothing = np.zeros((len(lines), 1), dtype=np.float32)
        return Trial(nothing, rows[:, 0], rows=rows, cosines=nothing)

    first, second = list(range(12)), [*range(9, -1, -1), 90, 91]
    third = [*range(3, 10), 70, 71, 72, 0, 1]
    assert overlap(made(first, first), made(second, third)).share.mean == 0.85
    assert overlap(made([1, 2, 3]), made([3, 9, 8])).share.mean == 0.3333


def test_measures_of_a_ranking_are_those_of_the_book() -> None:
    gold = frozenset({"a", "b"})
    none, a, b = frozenset[str](), frozenset({"a"}), frozenset({"b"})
    assert worth([a, b], gold) == (1, 1, 1)
    recall, reciprocal, ndcg = worth([none, a, none, b], gold)
    assert (recall, reciprocal) == (1, 0.5)
    assert ndcg == pytest.approx((0.63092975 + 0.43067656) / 1.63092975)
    assert worth([none] * 10 + [a, b], gold) == (0, 0, 0)
    # A second part of a file that is gold as a whole finds nothing new.
    assert worth([a, a], gold) == (0.5, 1, pytest.approx(1 / 1.63092975))


def test_gold_documents_are_named_by_path_id_or_file() -> None:
    documents = [("rows.jsonl#1", "a1", "rows.jsonl"), ("ru/маяк.md", "ru/маяк.md", "ru/маяк.md")]
    held, unknown = named(documents, ["rows.jsonl", "a1", "ru/маяк.md", "gone.txt"])
    assert held["rows.jsonl#1"] == {"rows.jsonl", "a1"}
    assert held["ru/маяк.md"] == {"ru/маяк.md"}
    assert unknown == {"gone.txt"}


def test_questions_tell_what_changes_and_whether_it_is_clear(
    filled: Run, tmp_path: Path, made: list[str]
) -> None:
    rows = [
        {"text": "чайки на скалах", "gold": ["ru/чайки.txt"]},
        {"question": "a rope of hemp", "relevant": "b2"},
        {"text": "gull tower", "evidence": [{"document": "en/tower.md"}, {"document": "x.md"}]},
        {"text": "nobody knows"},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    words = ("index", "migrate", "--embedder", "narrow", "--questions", file)
    found = filled(*words, "--json").json
    assert (found["judged"], found["unknown_gold"]) == (3, ["x.md"])
    assert found["overlap_at_10"]["questions"]["sample"] == 4
    # Six documents are all found; what differs is where.
    recall = found["changes"]["recall@10"]
    assert (recall["old"], recall["new"], recall["difference"]) == (0.8333, 0.8333, [0, 0, 0])
    assert (found["old"]["dimension"], found["new"]["dimension"]) == (256, 64)
    assert (found["old"]["vector_bytes"], found["new"]["vector_bytes"]) == (3072, 768)
    out = filled("index", "migrate", "--questions", file).out
    assert "recall@10  0.833 → 0.833 +0.000 [+0.000, +0.000] no clear change" in out
    assert "1 gold document not in the store: 'x.md'" in out
    assert max(map(len, out.splitlines())) <= 80
    assert len(made) == 6


def test_a_dry_run_changes_nothing_and_sends_nothing(
    filled: Run, store: Path, provider: Provider, made: list[str]
) -> None:
    before = served(store)
    told = filled("index", "migrate", "--embedder", "narrow", "--dry-run", "--json").json
    assert (told["passages"], told["vector_bytes"], told["seconds"]) == (6, None, None)
    filled("index", "migrate", "--embedder", "narrow")
    told = filled("index", "migrate", "--dry-run").out
    assert "embed nothing: narrow has every passage" in told
    filled("index", "migrate", "--discard")
    told = filled("index", "migrate", "--embedder", "openai:m", "--dry-run").out
    assert "nothing was sent to it" in told
    assert not provider.inputs
    assert served(store) == before
    assert filled("status", "--json").json["beside"] is None
    assert len(made) == 6


def test_status_and_info_tell_what_is_kept(filled: Run, made: list[str]) -> None:
    assert "Shadow" not in filled("status").out + filled("index", "info").out
    filled("index", "migrate", "--embedder", "narrow")
    for words in (("status",), ("index", "info")):
        told = filled(*words).out
        assert "narrow, 64 dimensions: memctl index migrate --accept" in told
        kept = filled(*words, "--json").json["beside"]
        assert (kept["embedder"], kept["state"], kept["lacking"]) == ("narrow", "shadow", 0)
    filled("index", "migrate", "--accept")
    assert "hashing, 256 dimensions: memctl index rollback" in filled("status").out
    assert filled("status", "--json").json["embedder"]["name"] == "narrow"
    filled("index", "migrate", "--discard")
    assert filled("status", "--json").json["beside"] is None
    assert len(made) == 6


# --- what goes on meanwhile


def test_who_has_the_store_open_reads_on_through_the_cutover(
    filled: Run, folder: Path, store: Path, made: list[str]
) -> None:
    filled("index", "migrate", "--embedder", "narrow")
    before = hits(store)
    question = ["How high is the gull tower?"]
    with Searcher.open(store) as searcher, Store.open(store) as early:
        (first,) = searcher.search(question, 5, how=How("dense"))
        filled("index", "migrate", "--accept")
        (folder / "new.txt").write_text(NEW, encoding="utf-8")
        filled("ingest", folder)
        (second,) = searcher.search(question, 5, how=How("dense"))
        assert [hit.document for hit in first] == [hit.document for hit in second]
        assert [hit.score for hit in first] == pytest.approx([hit.score for hit in second])
        # What was opened before, but not yet read from, is one generation still.
        assert (early.rows, early.fingerprint) == (6, "hashing-1/256")
        assert early.vectors.map(early.rows).shape == (6, 256)
        with Store.open(store) as late:
            assert (late.rows, late.fingerprint) == (7, "narrow-1/64")
        filled("index", "rollback")
        filled("index", "migrate", "--discard")
        gone = Store(
            store, catalog=early.catalog, settings=early.settings, generation=late.generation
        )
        with pytest.raises(StoreError, match="have been replaced since"):
            assert gone.rows
        with pytest.raises(StoreError, match="have been replaced since"):
            DenseIndex.open(gone)
    assert len(hits(store)) == len(before)
    assert made


def test_nobody_ingests_while_a_migration_runs(
    filled: Run, folder: Path, store: Path, made: list[str]
) -> None:
    with writing(Layout(store).lock):
        for words in (["ingest", folder], ["index", "migrate", "--embedder", "narrow"]):
            result = filled(*words)
            assert result.code == 1
            assert "another memctl is writing" in result.err
        assert filled("query", "маяк").code == 0
    assert not made


def test_an_endpoint_that_dies_is_paid_once_for_each_text(
    run: Run, tmp_path: Path, store: Path, provider: Provider
) -> None:
    file = tmp_path / "rows.jsonl"
    lines = [f'{{"_id": "{n}", "text": "строка {n} of the log"}}' for n in range(400)]
    file.write_text("\n".join(lines), encoding="utf-8")
    run("ingest", file, "--embedder", "hashing")
    run("index", "build")
    provider.plan = [*[good] * 4, status(400)]
    stopped = run("index", "migrate", "--embedder", "openai:m")
    assert stopped.code == 1
    assert len(provider.inputs) <= 5 + 3  # those that were on their way by then
    lacking = run("status", "--json").json["beside"]["lacking"]
    assert lacking == 400 - 3 * 32  # the first call asked for the dimension
    assert run("query", "строка 7").code == 0
    provider.inputs = []
    assert run("index", "migrate", "--json").json["embedded"] == lacking
    sent = [text for texts in provider.inputs for text in texts]
    assert len(sent) == len(set(sent)) == lacking
    provider.inputs = []
    assert run("index", "migrate", "--accept").code == 0
    assert not provider.inputs
    check_vectors(store)


def test_an_endpoint_that_is_not_ready_leaves_no_shadow(
    filled: Run, store: Path, provider: Provider
) -> None:
    before = sorted(store.rglob("*"))
    provider.plan = [status(401, "bad key")]
    result = filled("index", "migrate", "--embedder", "openai:m")
    assert (result.code, "status 401: bad key" in result.err) == (1, True)
    assert sorted(store.rglob("*")) == before
    assert filled("status", "--json").json["beside"] is None


# --- the settings


def test_the_settings_keep_all_that_was_written_into_them(
    filled: Run, folder: Path, store: Path, made: list[str]
) -> None:
    settings = Layout(store).settings
    text = "# mine\n" + settings.read_text("utf-8").replace("max_tokens = 480", "max_tokens = 481")
    settings.write_text(text, encoding="utf-8")
    filled("index", "migrate", "--embedder", "narrow")
    filled("index", "migrate", "--accept")
    assert settings.read_text("utf-8") == text.replace('name = "hashing"', 'name = "narrow"')
    assert filled("ingest", folder).code == 0
    assert made


def test_a_cutover_that_was_killed_before_the_settings_is_settled_by_the_next_command(
    filled: Run, folder: Path, store: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled("index", "migrate", "--embedder", "narrow")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("memctl.ingest.beside.settle", killed)
        assert filled("index", "migrate", "--accept").code == 130
    assert 'name = "hashing"' in Layout(store).settings.read_text("utf-8")
    assert filled("status", "--json").json["embedder"]["name"] == "narrow"
    assert hits(store)
    assert filled("ingest", folder).code == 0
    assert 'name = "narrow"' in Layout(store).settings.read_text("utf-8")
    assert made


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ("format = 1\n", 'format = 1\n\n[embedder]\nname = "é"\n'),
        ("[embedder]\r\nname='a' # x\r\n", '[embedder]\r\nname="é" # x\r\n'),
        ('[limits]\nname = "b"\n[ embedder ] # e\n  name = "a"\n', None),
        ('embedder = {name = "a"}\n', ""),
        ('embedder.name = "a"\n', ""),
        ("[embedder\n", ""),
    ],
)
def test_the_line_of_the_embedder_is_changed_and_no_other(
    tmp_path: Path, text: str, changed: str | None
) -> None:
    file = tmp_path / "memctl.toml"
    file.write_bytes(text.encode())
    if changed == "":
        with pytest.raises(SettingsError, match=r"line of its own|not TOML"):
            renamed(file, "é")
    else:
        assert renamed(file, "é") == (changed or text.replace('"a"', '"é"'))


def test_settings_that_cannot_be_changed_stop_the_cutover_before_it(
    filled: Run, store: Path, made: list[str]
) -> None:
    filled("index", "migrate", "--embedder", "narrow")
    Layout(store).settings.write_text('embedder = {name = "hashing"}\n', encoding="utf-8")
    result = filled("index", "migrate", "--accept")
    assert result.code == 1
    assert "on a line of its own" in result.err
    assert filled("status", "--json").json["embedder"]["name"] == "hashing"
    assert made


def test_what_cannot_be_done_is_told_with_the_next_step(
    filled: Run, folder: Path, tmp_path: Path, made: list[str]
) -> None:
    bare = tmp_path / "bare"
    filled("ingest", folder, "--embedder", "hashing", at=bare)
    none = tmp_path / "none.jsonl"
    none.write_text('{"text": "x", "gold": "away.md"}', encoding="utf-8")
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"text": "x"}\n{"text": "y", "gold": [3]}', encoding="utf-8")
    to_narrow: list[object] = ["migrate", "--embedder", "narrow"]
    steps: list[tuple[list[object], int, str]] = [
        (["migrate"], 2, "no shadow was begun"),
        (["migrate", "--accept"], 1, "no shadow to accept"),
        (["migrate", "--discard"], 1, "nothing to discard"),
        (["rollback"], 1, "nothing to roll back to"),
        (["migrate", "--embedder", "hashing"], 1, "embedded with 'hashing' as it is"),
        (["migrate", "--embedder", "hasing"], 1, "Did you mean 'hashing'?"),
        (["migrate", "--embedder", "onnx:nowhere"], 1, "nowhere"),
        (["migrate", "--accept", "--discard"], 2, "give one of"),
        ([*to_narrow, "--accept"], 2, "Leave out --embedder"),
        ([*to_narrow, "--questions", tmp_path / "no"], 2, "Check --questions."),
        ([*to_narrow, "--questions", wrong], 2, "line 2 of"),
        ([*to_narrow, "--questions", none], 2, "'away.md' is not"),
        (to_narrow, 0, ""),
        (["migrate", "--embedder", "e5-small"], 1, "a shadow by 'narrow' is there"),
        (["rollback"], 1, "nothing to roll back to"),
        (["migrate", "--accept"], 0, ""),
        (["migrate", "--embedder", "e5-small"], 1, "'hashing' is kept to roll back to"),
        (["migrate", "--embedder", "hashing"], 1, "Run: memctl index rollback"),
        (["migrate", "--accept"], 1, "no shadow to accept"),
    ]
    for words, code, told in steps:
        result = filled("index", *words)
        assert (result.code, told in result.err) == (code, True), (words, result.err)
    refused = filled("index", *to_narrow, at=bare)
    assert (refused.code, "no index in" in refused.err) == (1, True)
    missing = filled("index", *to_narrow, at=tmp_path / "nothing")
    assert (missing.code, "no store at" in missing.err) == (1, True)
    assert len(made) == 6


def test_an_index_that_the_new_dimension_does_not_allow_is_refused_before_hours_of_work(
    filled: Run, folder: Path, made: list[str]
) -> None:
    rows = folder / "more.jsonl"
    rows.write_text("\n".join(f'{{"_id": "{n}", "text": "row {n}"}}' for n in range(40)), "utf-8")
    filled("ingest", folder)
    words = ("--type", "pq-fs", "--pq-m", "128", "--target-recall", "0.2")
    assert filled("index", "build", *words).code == 0
    result = filled("index", "migrate", "--embedder", "narrow")
    assert result.code == 2
    assert "cannot be built of 64 dimensions" in result.err
    assert not made


@pytest.mark.parametrize("harm", ["cut", "gone", "zero", "index"])
def test_a_damaged_shadow_never_serves(
    filled: Run, store: Path, made: list[str], harm: str
) -> None:
    filled("index", "migrate", "--embedder", "narrow")
    file = Layout(store, 2).vectors
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-1])
    elif harm == "gone":
        file.unlink()
    elif harm == "zero":
        file.write_bytes(file.read_bytes()[:-128] + bytes(128))
    else:
        (codes,) = Layout(store, 2).indexes.glob("default/gen-*/codes.faiss")
        data = bytearray(codes.read_bytes())
        data[-3] ^= 1
        codes.write_bytes(data)
    result = filled("index", "migrate", "--accept")
    if harm == "index":  # that is made of the vectors, and is made again
        assert result.code == 0
        assert filled("index", "verify").code == 0
    else:
        assert result.code == 1
        assert "drop it, then migrate again" in result.err
        assert filled("status", "--json").json["embedder"]["name"] == "hashing"
        assert filled("index", "migrate", "--discard").code == 0
        assert filled("index", "migrate", "--embedder", "narrow").code == 0
        assert filled("index", "migrate", "--accept").code == 0
    check_vectors(store)
    assert hits(store)
    assert made


def test_an_embedder_that_has_changed_since_the_shadow_was_begun_is_refused(
    filled: Run, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    filled("index", "migrate", "--embedder", "narrow")
    monkeypatch.setattr("migration_support.Narrow.fingerprint", "narrow-2/64")
    result = filled("index", "migrate")
    assert result.code == 1
    assert "is of narrow-1/64, here is narrow-2/64" in result.err
    assert "Run: memctl index migrate --discard" in result.err
    assert len(made) == 6


def test_a_store_whose_embedder_has_a_new_version_can_migrate_to_that(
    filled: Run, store: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memctl.ingest.embedders.hashing.HashingEmbedder.fingerprint", "hashing-2")
    assert "embed it again" in filled("query", "маяк").err
    assert filled("index", "migrate", "--embedder", "hashing").code == 0
    assert filled("index", "migrate", "--accept").code == 0
    assert filled("query", "маяк").code == 0
    check_vectors(store)
    assert not made


def test_a_copied_store_migrates_as_the_one_it_was_copied_from(
    filled: Run, store: Path, tmp_path: Path, made: list[str]
) -> None:
    migrate(store, "narrow")
    copy = tmp_path / "copy"
    shutil.copytree(store, copy)
    accept(store)
    assert accept(copy).serving.embedder == "narrow"
    assert hits(copy) == hits(store)
    assert rollback(copy).serving.embedder == "hashing"
    assert filled("status", at=copy).code == 0
    assert len(made) == len(FILES) + 1
