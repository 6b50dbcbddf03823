"""The index of words over a store: what it finds, and how it keeps up with the catalog."""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from support import HASHING, Run

from memctl.index import IndexDamagedError, IndexNotFoundError, Rows, build
from memctl.index.lexical import LexicalIndex, LexicalQuery, Word, update
from memctl.index.lexical.asked import Asked
from memctl.index.lexical.delta import Delta, Statistics
from memctl.ingest import Options, Store, ingest

TEXTS = {
    "a.txt": "Маяк построили в 1911 году. Ёлки стоят у берега.",
    "b.txt": "The lighthouse keeper wrote getUserName in version 1.2.3 of report-2024.pdf.",
    "c.txt": "A lamp and another lamp shine far over the sea, said the keeper of the lamp.",
    "d.txt": "Смотритель маяка прожил там тридцать лет; лампа светит далеко.",
    "e.txt": "東京の灯台は古いです。",
}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def words(texts: Path, store: Path) -> Path:
    ingest([texts], store, options=HASHING)
    update(store)
    return store


def found(store: Path, query: LexicalQuery, *, allowed: Rows | None = None) -> list[str]:
    """Return the documents that are found, best first."""
    with Store.open(store) as opened:
        rows, scores = LexicalIndex.open(opened).search(query, 50, allowed=allowed)
        assert (np.diff(scores) <= 0).all()
        chunks = opened.catalog.chunks_at(rows.tolist())
        return [chunks[row][0].chunk.document for row in rows.tolist()]


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("маяки", {"a.txt", "d.txt"}),
        ("ЁЛКА", {"a.txt"}),
        ("елка", {"a.txt"}),
        ("keepers of lighthouses", {"b.txt", "c.txt"}),
        ("user name", {"b.txt"}),
        ("getUserName()", {"b.txt"}),
        ("1.2.3", {"b.txt"}),
        ("report 2024", {"b.txt"}),
        ("灯台", {"e.txt"}),
        ("Where is the лампа?", {"d.txt"}),
        ("xyzzy", set[str]()),
        ("?!…", set[str]()),
    ],
)
def test_a_text_is_found_by_the_forms_of_its_words(
    words: Path, question: str, documents: set[str]
) -> None:
    assert set(found(words, LexicalQuery(question))) == documents


@pytest.mark.parametrize("typed", ["E10", "Е10", "e10", "A441KX", "А441КХ"])
def test_a_code_is_found_by_letters_of_the_other_alphabet(
    tmp_path: Path, store: Path, typed: str
) -> None:
    folder = tmp_path / "codes"
    folder.mkdir()
    code = typed.upper().translate(str.maketrans("EAKX", "ЕАКХ"))  # as Russians write it
    (folder / "ru.txt").write_text(f"Ошибка {code}: не работает насос.\n", encoding="utf-8")
    (folder / "other.txt").write_text("Ошибка Е77: нет пламени.\n", encoding="utf-8")
    ingest([folder], store, options=HASHING)
    update(store)
    assert found(store, LexicalQuery(typed))[0] == "ru.txt"


def test_more_of_a_rare_word_is_better(words: Path) -> None:
    assert found(words, LexicalQuery("keeper lamp"))[0] == "c.txt"


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        (LexicalQuery("", phrases=("another lamp",)), {"c.txt"}),
        (LexicalQuery("", phrases=("lamp another",)), set[str]()),
        (LexicalQuery("", phrases=("lamps",)), set[str]()),
        (LexicalQuery("", phrases=("МАЯК ПОСТРОИЛИ",)), {"a.txt"}),
        (LexicalQuery("keeper", excluded=("lighthouse",)), {"c.txt"}),
        (LexicalQuery("keeper", excluded=("another lamp",)), {"b.txt"}),
        (LexicalQuery("keeper", phrases=("the sea",)), {"c.txt"}),
        (LexicalQuery("маяк", excluded=("ёлки",)), {"d.txt"}),
        (LexicalQuery("маяк", excluded=("ёлка",)), {"a.txt", "d.txt"}),
        (LexicalQuery("маяк", unwanted=("ёлка",)), {"d.txt"}),
        (LexicalQuery("keeper", unwanted=("lamps",)), {"b.txt"}),
        (LexicalQuery("keeper", unwanted=("user",)), {"c.txt"}),
        (LexicalQuery("", phrases=("1.2",)), {"b.txt"}),
        (LexicalQuery("", phrases=("version 1.2",)), {"b.txt"}),
        (LexicalQuery("", phrases=("2.3",)), set[str]()),
        (LexicalQuery("", phrases=("report-2024",)), {"b.txt"}),
        (LexicalQuery("", phrases=("2024.pdf",)), {"b.txt"}),
        (LexicalQuery("keeper", excluded=("report-2024",)), {"c.txt"}),
    ],
)
def test_phrases_stand_as_they_are_and_excluded_words_do_not(
    words: Path, query: LexicalQuery, documents: set[str]
) -> None:
    assert set(found(words, query)) == documents


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        (LexicalQuery("report-2024.pdf"), {"report-2024.pdf.txt", "b.txt"}),
        (LexicalQuery("report-2024.pdf", phrases=("lighthouse",)), {"b.txt"}),
        (LexicalQuery("keeper report-2024.pdf", excluded=("туман",)), {"b.txt", "c.txt"}),
        (LexicalQuery("keeper report-2024.pdf", unwanted=("тумана",)), {"b.txt", "c.txt"}),
    ],
)
def test_phrases_hold_for_a_file_that_is_named_as_well(
    words: Path, texts: Path, query: LexicalQuery, documents: set[str]
) -> None:
    (texts / "report-2024.pdf.txt").write_text("Туман над берегом.", encoding="utf-8")
    ingest([texts], words, options=HASHING)
    for _ in range(2):  # held in memory, and on disk
        assert set(found(words, query)) == documents
        update(words)


def test_rows_that_have_all_are_found_however_many_have_one(words: Path, texts: Path) -> None:
    for number in range(20):
        text = "keeper keeper lamp" if number else "The far storm: a keeper, one of many."
        (texts / f"{number:02}.txt").write_text(text, encoding="utf-8")
    ingest([texts], words, options=HASHING)
    update(words)
    with Store.open(words) as opened:
        rows = LexicalIndex.open(opened).having(
            LexicalQuery("", phrases=("far", "keeper"), unwanted=("lamps",))
        )
        chunks = opened.catalog.chunks_at(rows.tolist())
    assert [chunks[row][0].chunk.document for row in chunks] == ["00.txt"]


def test_only_allowed_rows_are_found_whatever_their_rank(words: Path) -> None:
    with Store.open(words) as opened:
        index = LexicalIndex.open(opened)
        rows, scores = index.search(LexicalQuery("keeper lamp маяк 灯台"), 50)
        for row, score in zip(rows.tolist(), scores.tolist(), strict=True):
            alone, its = index.search(
                LexicalQuery("keeper lamp маяк 灯台"), 50, allowed=np.array([row])
            )
            assert (alone.tolist(), its.tolist()) == ([row], pytest.approx([score]))
        none, _ = index.search(LexicalQuery("keeper"), 50, allowed=np.empty(0, dtype=np.int64))
        assert none.size == 0


def test_a_filter_of_any_size_gives_what_is_left_of_the_whole_ranking(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(5)
    some = ["маяк", "лампа", "sea", "keeper", "rope", "берег", "storm"]
    lines = [
        json.dumps({"_id": str(n), "text": " ".join(chance.choices(some, k=6)) + f" {n}"})
        for n in range(400)
    ]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    ingest([tmp_path / "rows.jsonl"], store, options=HASHING)
    update(store)
    with Store.open(store) as opened:
        index = LexicalIndex.open(opened)
        query = LexicalQuery("маяк keeper storm")
        rows, scores = index.search(query, 400)
        for limit in (4_000, 3):  # by a set in the query, and by reading the ranking down
            monkeypatch.setattr("memctl.index.lexical.engine._SET", limit)
            for size in (1, 20, 200, 400):
                allowed = np.sort(np.array(chance.sample(range(400), size), dtype=np.int64))
                kept = np.isin(rows, allowed)
                got, its = index.search(query, 10, allowed=allowed)
                assert got.tolist() == rows[kept][:10].tolist()
                assert its.tolist() == pytest.approx(scores[kept][:10].tolist())


def test_what_the_index_lacks_is_found_all_the_same_and_what_is_gone_is_not(
    words: Path, texts: Path
) -> None:
    (texts / "new.txt").write_text(
        "The keeper mends a lamp in the storm 2.10.1-rc3.", encoding="utf-8"
    )
    (texts / "c.txt").unlink()
    ingest([texts], words, options=Options("hashing", prune=True))
    behind = found(words, LexicalQuery("keepers lamp"))
    assert set(behind) == {"new.txt", "b.txt"}
    assert found(words, LexicalQuery("", phrases=("the storm",))) == ["new.txt"]
    assert found(words, LexicalQuery("keeper", excluded=("storm",))) == ["b.txt"]
    assert found(words, LexicalQuery("keeper", unwanted=("storms",))) == ["b.txt"]
    assert found(words, LexicalQuery("", phrases=("2.10.1",))) == ["new.txt"]
    update(words)
    assert found(words, LexicalQuery("keepers lamp")) == behind


def test_new_texts_are_scored_as_if_they_were_in_the_index(tmp_path: Path, store: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for n in range(150):
        text = f"The keeper {'lamp' if n % 3 else 'маяк'} stands at the sea, number {n}."
        (folder / f"{n}.txt").write_text(text, encoding="utf-8")
    ingest([folder], store, options=HASHING)
    update(store)
    (folder / "new.txt").write_text("The keeper mends a lamp in report-2024.pdf.", encoding="utf-8")
    ingest([folder], store, options=HASHING)
    query = LexicalQuery("keepers lamp report-2024.pdf")
    scores: list[float] = []
    for _ in range(2):
        with Store.open(store) as opened:
            rows, its = LexicalIndex.open(opened).search(query, 9)
            assert rows[0] == 150
            scores.append(float(its[0]))
        update(store)
    assert scores[0] == pytest.approx(scores[1], rel=0.02)  # tantivy's lengths have 256 steps


def test_who_holds_a_term_is_asked_once_for_all_new_texts() -> None:
    texts = [(row, ["маяк", "lamp", f"n{row}"], ["маяк", "lamp", f"n{row}"]) for row in range(50)]
    delta = Delta([*texts, (50, ["lamp", "lamp"], ["lamps", "lamps"])])
    seen: list[str] = []

    def documents_with(term: str) -> int:
        seen.append(term)
        return delta.documents_with(term)

    words = tuple(Word(text, (text,)) for text in ("маяк", "lamp", "n7", "none"))
    statistics = Statistics(51, 3.0, documents_with=documents_with)
    rows, scores = delta.search(Asked(words), statistics, allowed=None)
    assert sorted(seen) == sorted(word.text for word in words)
    assert [delta.documents_with(term) for term in ("маяк", "lamp", "n7", "none")] == [50, 51, 1, 0]
    assert delta.vocabulary["lamps"] == 1
    assert delta.length == 152
    assert sorted(rows.tolist()) == list(range(51))
    assert rows[scores.argmax()] == 7


def test_rounds_of_change_end_as_an_index_made_anew(tmp_path: Path, store: Path) -> None:
    chance = random.Random(3)
    some = ["маяк", "лампы", "sea", "keepers", "rope", "берега", "storm", "ёлка"]
    folder = tmp_path / "many"
    folder.mkdir()
    (folder / "first.txt").write_text("keeper", encoding="utf-8")
    for turn in range(12):
        for _ in range(6):
            file = folder / f"{chance.randrange(40)}.txt"
            if file.exists() and chance.random() < 0.4:
                file.unlink()
            else:
                file.write_text(f"{' '.join(chance.choices(some, k=8))} {turn}", encoding="utf-8")
        ingest([folder], store, options=Options("hashing", prune=True))
        update(store)
        living = {path.name for path in folder.iterdir()}
        query = LexicalQuery("keeper маяка storms ёлки")
        assert set(found(store, query)) <= living
        assert set(found(store, query)) == set(found(_anew(store), query))


def _anew(store: Path) -> Path:
    update(store, anew=True)
    return store


def test_an_index_that_is_up_to_date_is_left_alone(words: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in (words / "lexical").rglob("*")}
    update(words)
    assert before == {file: file.stat().st_mtime_ns for file in (words / "lexical").rglob("*")}


def test_a_change_shares_what_is_not_changed_and_keeps_no_old_generation(
    words: Path, texts: Path
) -> None:
    old = {file.name for file in (words / "lexical/gen-0001").iterdir()}
    (texts / "new.txt").write_text("A storm.", encoding="utf-8")
    ingest([texts], words, options=HASHING)
    manifest = update(words)
    assert [path.name for path in (words / "lexical").glob("gen-*")] == ["gen-0002"]
    assert manifest.generation == 2
    assert {name for name in old if name.endswith(".term")} < set(manifest.files)


def test_a_file_that_is_not_what_was_written_is_an_error_and_a_build_mends_it(words: Path) -> None:
    (file,) = (words / "lexical").glob("gen-*/*.term")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with Store.open(words) as opened, pytest.raises(IndexDamagedError) as caught:
        LexicalIndex.open(opened)
    assert caught.value.hint.startswith("Run: memctl index build")
    build(words)
    assert set(found(words, LexicalQuery("маяк"))) == {"a.txt", "d.txt"}
    file = next((words / "lexical").glob("gen-*/*.term"))
    file.write_bytes(file.read_bytes()[:-1])
    update(words)
    assert set(found(words, LexicalQuery("маяк"))) == {"a.txt", "d.txt"}


def test_without_an_index_of_words_there_is_an_error_with_the_next_step(
    texts: Path, store: Path
) -> None:
    ingest([texts], store, options=HASHING)
    with Store.open(store) as opened, pytest.raises(IndexNotFoundError, match="words"):
        LexicalIndex.open(opened)


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "cannot be read"), ("[]", "cannot be read"), ('{"format": 9}', "another memctl")],
)
def test_a_manifest_that_is_none_is_an_error(words: Path, text: str, said: str) -> None:
    (words / "lexical/manifest.json").write_text(text, encoding="utf-8")
    with Store.open(words) as opened, pytest.raises(IndexDamagedError, match=said):
        LexicalIndex.open(opened)


def test_a_half_written_generation_is_swept_by_the_next(words: Path, texts: Path) -> None:
    (words / "lexical/building").mkdir()
    (words / "lexical/building/debris").write_bytes(b"x")
    (words / "lexical/gen-0007").mkdir()
    (texts / "new.txt").write_text("A storm.", encoding="utf-8")
    ingest([texts], words, options=HASHING)
    assert update(words).generation == 8
    assert [path.name for path in (words / "lexical").iterdir() if path.is_dir()] == ["gen-0008"]


def test_words_are_known_by_how_many_texts_hold_them(words: Path) -> None:
    with Store.open(words) as opened:
        index = LexicalIndex.open(opened)
        facts = {fact.text: fact.documents for fact in index.words("Маяками keeper xyzzy the")}
        assert facts == {"маяками": 2, "keeper": 2, "xyzzy": 0}
        assert index.idf(0) > index.idf(1) > index.idf(5) > 0
        assert index.languages == ("en", "ru", "und")


def test_near_words_are_those_within_so_many_edits(words: Path) -> None:
    with Store.open(words) as opened:
        index = LexicalIndex.open(opened)
        assert index.near("keepr", 1) == [("keeper", 2)]
        assert index.near("Мяак", 1) == [("маяк", 1)]
        assert index.near("keepr", 0) == []


@pytest.mark.parametrize(
    ("secret", "typo"), [("криптопротеин", "криптопротиен"), ("cryptoprotein", "cryptoprotien")]
)
def test_a_word_of_removed_texts_alone_is_neither_known_nor_near(
    words: Path, texts: Path, secret: str, typo: str
) -> None:
    for number in range(20):
        (texts / f"{number}.txt").write_text(f"Берег, coast {number}.", encoding="utf-8")
    for name in ("secret.txt", "other.txt"):
        (texts / name).write_text(f"{secret} {name}", encoding="utf-8")
    for removed, known in ((None, True), ("secret.txt", True), ("other.txt", False)):
        if removed:
            (texts / removed).unlink()
        ingest([texts], words, options=Options("hashing", prune=True))
        for _ in range(2):  # with an index that is behind, and with one that is not
            with Store.open(words) as opened:
                index = LexicalIndex.open(opened)
                assert bool(index.documents(secret)) is known
                assert [word for word, _ in index.near(typo, 2)] == [secret] * known
                assert index.documents("coast") == 20
            update(words)


def test_matched_words_are_shown_as_they_stand(words: Path) -> None:
    with Store.open(words) as opened:
        index = LexicalIndex.open(opened)
        text = "Маяки и «Ёлка» у маяка; user_name"
        assert index.matched("маяк ёлки name", text, "ru") == (
            "Маяки",
            "Ёлка",
            "маяка",
            "user_name",
        )


def test_ingest_and_build_keep_the_words_up(run: Run, folder: Path) -> None:
    assert run("ingest", folder, "--embedder", "hashing").code == 0
    hits = run("query", "лампы", "--mode", "lexical", "--json").json["hits"]
    assert [hit["document"] for hit in hits] == ["ru/маяк.md"]


def test_every_byte_of_the_words_is_verified(filled: Run, store: Path) -> None:
    words = filled("index", "verify", "--json").json["words"]
    assert words["files"] > 5
    (file,) = (store / "lexical").glob("gen-*/rows.i64")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    result = filled("index", "verify")
    assert result.code == 1
    assert "rows.i64" in result.err


def test_opening_and_searching_write_nothing_into_the_store(words: Path) -> None:
    for lock in (words / "lexical").rglob("*.lock"):
        lock.unlink()
    before = {file: file.stat().st_mtime_ns for file in words.rglob("*")}
    assert set(found(words, LexicalQuery("маяк"))) == {"a.txt", "d.txt"}
    assert before == {file: file.stat().st_mtime_ns for file in words.rglob("*")}


def test_an_open_index_outlives_its_generation(words: Path, texts: Path) -> None:
    with Store.open(words) as opened:
        index = LexicalIndex.open(opened)
        (texts / "new.txt").write_text("A keeper.", encoding="utf-8")
        ingest([texts], words, options=HASHING)
        update(words)
        assert not (words / "lexical/gen-0001").exists()
        rows, _ = index.search(LexicalQuery("keeper lamp"), 9)
        assert len(rows) == 3


@pytest.mark.parametrize("written", ["1 450 рублей", "1\u00a0450 рублей", "1450 рублей"])
@pytest.mark.parametrize("asked", ["1450", "1 450", "1,450", '"1450"'])
def test_a_number_is_found_however_its_thousands_stand(
    run: Run, tmp_path: Path, written: str, asked: str
) -> None:
    notes = {"tree": f"Ёлка за {written}.", "part": "Страница 450, глава 1.", "none": "Рублей нет."}
    for name, text in notes.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    assert run("ingest", tmp_path, "--embedder", "hashing").code == 0
    assert run("index", "build").code == 0
    hits = run("query", asked, "--mode", "lexical", "--json").json["hits"]
    assert hits[0]["document"] == "tree.txt"


_HOLDS = """
import sys, time
from pathlib import Path
from memctl.index.lexical.view import View
view = View(Path(sys.argv[1]))
print(view.folder, flush=True)
time.sleep(600)
"""


@contextmanager
def _holding(words: Path, temporary: Path) -> Generator[tuple[subprocess.Popen[str], Path]]:
    """Run a process that holds a view, and return it with the view."""
    (folder,) = (words / "lexical").glob("gen-*")
    environment = {**os.environ, "TMPDIR": str(temporary), "TEMP": str(temporary)}
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDS, folder], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="links are not for everybody there")
def test_views_of_killed_processes_are_swept_and_those_of_living_ones_stay(
    words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "временные"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    strange = temporary / "memctl-words-0"  # one without a lock, which another program may hold
    strange.mkdir()
    with _holding(words, temporary) as (killed, left), _holding(words, temporary) as (_, held):
        killed.kill()
        killed.wait(60)
        assert (left / "meta.json").is_file()
        with Store.open(words) as opened:
            index = LexicalIndex.open(opened)
            rows, _ = index.search(LexicalQuery("keeper"), 5)
            assert rows.size == 2
            assert not left.exists()
            assert (held / "meta.json").is_file()
            assert len(list(temporary.iterdir())) == 5  # two views with their locks, and another's
            del index
            gc.collect()
        assert sorted(temporary.iterdir()) == [strange, held, held.with_name(f"{held.name}.lock")]


@pytest.mark.skipif(sys.platform == "win32", reason="links are not for everybody there")
def test_a_link_to_another_folder_is_never_swept(
    words: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary, kept = tmp_path / "temporary", tmp_path / "kept"
    temporary.mkdir()
    kept.mkdir()
    (kept / "letter.txt").write_text("Письмо", encoding="utf-8")
    link = temporary / "memctl-words-1"
    link.symlink_to(kept)
    (temporary / "memctl-words-1.lock").touch()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    assert found(words, LexicalQuery("keeper"))
    assert (link / "letter.txt").read_text("utf-8") == "Письмо"
