from __future__ import annotations

import itertools
import json
import shutil
import sys
from pathlib import Path

import pytest
from support import Run

from memctl.ingest import Chunk, Options, UsageError, ingest
from memctl.query import Filter, Hit, Question, Searcher, trec_lines


def test_a_hit_is_the_text_at_its_span_with_its_place(filled: Run) -> None:
    hit = filled("query", "Сколько птиц прилетает весной на скалы?", "--json").json["hits"][0]
    assert hit["document"] == hit["document_id"] == "ru/чайки.txt"
    assert (hit["rank"], hit["chunk"], hit["start"], hit["end"]) == (1, 1, 0, len(hit["text"]))
    assert hit["language"] == "ru"


def test_a_row_is_named_by_file_and_id(filled: Run) -> None:
    hit = filled("query", "rope of hemp", "--json").json["hits"][0]
    assert (hit["document"], hit["document_id"]) == ("rows.jsonl#a1", "a1")
    assert hit["title"] == "Rope"


def test_scores_fall_and_ranks_count_from_one(filled: Run) -> None:
    hits = filled("query", "the lamp of the tower", "--json", "-k", "6").json["hits"]
    assert [hit["rank"] for hit in hits] == list(range(1, 7))
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_more_hits_than_there_are_chunks_gives_them_all(filled: Run) -> None:
    assert len(filled("query", "lamp", "--json", "-k", "500").json["hits"]) == 6


@pytest.mark.parametrize(
    ("condition", "documents"),
    [
        ("file:en/*", {"en/storm.txt", "en/tower.md"}),
        ("file:rows.jsonl", {"rows.jsonl#a1", "rows.jsonl#b2"}),
        ("lang:ru", {"ru/маяк.md", "ru/чайки.txt", "rows.jsonl#b2"}),
        ("file:nothing", set[str]()),
    ],
)
def test_a_filter_keeps_what_it_says_and_all_of_it(
    filled: Run, condition: str, documents: set[str]
) -> None:
    hits = filled("query", "lamp", "--json", "--filter", condition).json["hits"]
    assert {hit["document"] for hit in hits} == documents


def test_filters_of_one_field_are_alternatives(filled: Run) -> None:
    words = ("query", "lamp", "--json", "--filter", "file:en/storm.txt", "--filter", "file:ru/")
    found = {hit["document"] for hit in filled(*words).json["hits"]}
    assert found == {"en/storm.txt", "ru/маяк.md", "ru/чайки.txt"}


def test_the_filter_of_a_question_narrows_the_one_for_all(filled: Run, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"_id": "a", "text": "lamp", "filter": "file:ru/*"}', encoding="utf-8")
    filled("query", "--batch", source, "--out", out, "--filter", "file:*.md")
    (line,) = out.read_text("utf-8").splitlines()
    assert [hit["document"] for hit in json.loads(line)["hits"]] == ["ru/маяк.md"]


def test_brackets_in_a_name_are_brackets(folder: Path, run: Run) -> None:
    (folder / "Report [final].txt").write_text("The final report of the lamp.", encoding="utf-8")
    run("ingest", folder, "--embedder", "hashing")
    run("index", "build")
    words = ("query", "lamp", "--json", "--filter", "file:Report [final].txt")
    assert len(run(*words).json["hits"]) == 1


def test_equal_scores_keep_their_order_in_a_trec_run() -> None:
    chunk = Chunk("a", 0, end=1, text="a", tokens=1)
    hits = [
        Hit(rank, 0.5, chunk=chunk, ordinal=1, document_id=name, title="", sha256="")
        for rank, name in enumerate("cab", start=1)
    ]
    lines = trec_lines(Question("q", "?"), hits)
    assert [line.split()[2] for line in lines] == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        ([0.9, 0.9, 0.9], ["0.900000", "0.899999", "0.899998"]),
        ([0.9, 0.1, 0.5], ["0.900000", "0.100000", "0.099999"]),
        ([1 / 2001, 1 / 2002, 1 / 2003], ["0.000500", "0.000499", "0.000498"]),
        ([1e-9, 0.0, -1.5], ["0.000000", "-0.000001", "-1.500000"]),
    ],
)
def test_scores_of_a_trec_run_fall_with_the_rank(scores: list[float], told: list[str]) -> None:
    chunk = Chunk("a", 0, end=1, text="a", tokens=1)
    hits = [
        Hit(rank, score, chunk=chunk, ordinal=1, document_id=name, title="", sha256="")
        for rank, (name, score) in enumerate(zip("вab", scores, strict=True), start=1)
    ]
    lines = [line.split() for line in trec_lines(Question("q", "?"), [*hits, hits[0]])]
    assert [line[2:5] for line in lines] == [
        [name, str(rank), score]
        for rank, (name, score) in enumerate(zip("вab", told, strict=True), start=1)
    ]


def test_a_trec_run_has_the_order_that_diversity_made(filled: Run, tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "run.trec"
    source.write_text('{"_id": "a", "text": "the lamp of a tower, лампа"}', encoding="utf-8")
    ways = ("--diversity", "0.9", "-k", "6")
    hits = filled("query", "the lamp of a tower, лампа", *ways, "--json").json["hits"]
    assert [hit["score"] for hit in hits] != sorted((hit["score"] for hit in hits), reverse=True)
    assert filled("query", "--batch", source, "--out", out, *ways).code == 0
    lines = [line.split() for line in out.read_text("utf-8").splitlines()]
    assert [line[2] for line in lines] == list(dict.fromkeys(hit["document_id"] for hit in hits))
    scores = [float(line[4]) for line in lines]
    assert all(one > other for one, other in itertools.pairwise(scores))


@pytest.mark.parametrize(
    ("words", "lacks"),
    [
        (["zzzqqq", "--mode", "lexical"], "has a word of it"),
        (["ыыыфф lang:ru", "--mode", "lexical"], "that passes the filter has a word of it"),
        (["ыыыфф", "--filter", "lang:fr"], "passes the filter"),
        (['"zzz qqq"'], "has the quoted words"),
        (["lang:fr"], "passes the filter"),
    ],
)
def test_where_nothing_is_found_it_says_what_no_passage_does(
    filled: Run, words: list[str], lacks: str
) -> None:
    found = filled("query", *words)
    assert (found.code, found.out) == (0, "")
    assert f"Nothing found: no passage {lacks}." in found.err


@pytest.mark.parametrize(("secret", "typo"), [("криптопротеин", "криптопротиен"), ("opal", "opl")])
def test_what_is_removed_takes_no_place_of_a_hit(
    run: Run, tmp_path: Path, store: Path, secret: str, typo: str
) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(25):
        (folder / f"{number}.txt").write_text(f"Текст о море, sea {number}.", encoding="utf-8")
    (folder / "secret.txt").write_text(f"Here {secret}.", encoding="utf-8")
    run("ingest", folder, "--embedder", "hashing")
    run("index", "build")
    (folder / "secret.txt").unlink()
    run("ingest", folder, "--prune")
    for _ in range(2):  # with an index that is behind, and with one that is not
        for mode in ("hybrid", "dense"):
            found = run("query", typo, "--mode", mode, "-k", "1", "--json").json
            assert len(found["hits"]) == 1
            assert "mended" not in found
        run("index", "build")
    shutil.rmtree(store / "lexical")
    assert len(run("query", typo, "--mode", "dense", "-k", "1", "--json").json["hits"]) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="a device of POSIX")
def test_a_batch_may_be_written_to_a_device(filled: Run, tmp_path: Path) -> None:
    source, link = tmp_path / "in.jsonl", tmp_path / "link.jsonl"
    source.write_text('{"_id": "a", "text": "x"}', encoding="utf-8")
    link.symlink_to("/dev/null")
    assert filled("query", "--batch", source, "--out", link).code == 0
    assert link.is_symlink()
    assert not link.is_file()


def test_filters_hold_together(filled: Run) -> None:
    words = ("query", "lamp", "--json", "--filter", "file:rows*", "--filter", "lang:en")
    assert [hit["document"] for hit in filled(*words).json["hits"]] == ["rows.jsonl#a1"]


def test_a_wrong_filter_names_the_fields(filled: Run) -> None:
    result = filled("query", "lamp", "--filter", "fiel:x")
    assert result.code == 2
    assert "'file'" in result.err
    assert filled("query", "lamp", "--filter", "x").code == 2
    assert filled("query", "lamp", "--filter", "page:0").code == 2


def test_an_equal_text_in_two_documents_is_found_in_both(
    folder: Path, run: Run, store: Path
) -> None:
    (folder / "copy.txt").write_text((folder / "en/storm.txt").read_text("utf-8"), "utf-8")
    ingest([folder], store, options=Options("hashing"))
    run("index", "build")
    hits = run("query", "the storm of 1953", "--json", "-k", "2").json["hits"]
    assert [hit["document"] for hit in hits] == ["copy.txt", "en/storm.txt"]
    words = ("query", "the storm of 1953", "--json", "--filter", "file:en/*", "-k", "1")
    assert run(*words).json["hits"][0]["document"] == "en/storm.txt"


def test_a_removed_document_is_not_found_before_the_index_is_built_again(
    folder: Path, filled: Run
) -> None:
    (folder / "en/storm.txt").unlink()
    assert filled("ingest", folder, "--prune", "--json").json["files"]["removed"] == 1
    hits = filled("query", "the storm of 1953", "--json").json["hits"]
    assert "en/storm.txt" not in {hit["document"] for hit in hits}
    assert len(hits) == 5


def test_an_index_behind_the_corpus_says_so(folder: Path, filled: Run) -> None:
    (folder / "new.txt").write_text("A new entry of the log.", encoding="utf-8")
    filled("ingest", folder)
    assert "lacks 1 new passage" in filled("query", "lamp").err
    assert filled("status", "--json").json["indexes"][0]["behind"] is True
    filled("index", "build")
    assert filled("query", "lamp").err == ""
    assert filled("status", "--json").json["indexes"][0]["behind"] is False


def test_a_batch_answers_as_one_by_one_and_in_its_order(filled: Run, tmp_path: Path) -> None:
    questions = {"q2": "Кто построил маяк?", "q1": "How high is the tower?"}
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    rows = [{"_id": "q2", "text": questions["q2"]}, {"id": "q1", "question": questions["q1"]}]
    source.write_text("\n\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    assert filled("query", "--batch", source, "--out", out).code == 0
    lines = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    assert [line["query_id"] for line in lines] == ["q2", "q1"]
    assert [line["_id"] for line in lines] == ["q2", "q1"]
    for line in lines:
        alone = filled("query", questions[line["query_id"]], "--json").json
        assert line["query"] == alone["query"]
        assert [(hit["document"], hit["start"]) for hit in line["hits"]] == [
            (hit["document"], hit["start"]) for hit in alone["hits"]
        ]


def test_a_trec_run_names_each_document_once_and_its_columns_stay_words(
    filled: Run, tmp_path: Path
) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.trec"
    source.write_text('{"_id": "q 1", "text": "lamp"}', encoding="utf-8")
    filled("query", "--batch", source, "--out", out, "-k", "6")
    rows = [line.split(" ") for line in out.read_text("utf-8").splitlines()]
    assert all(len(row) == 6 for row in rows)
    assert {row[0] for row in rows} == {"q%201"}
    assert [row[3] for row in rows] == [str(rank) for rank in range(1, 7)]
    assert len({row[2] for row in rows}) == 6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"_id": "a", "text": "x"}\n{', "line 2"),
        ('{"text": "x"}', "has no _id"),
        ('{"_id": "a"}', "has no text"),
        ('{"_id": "a", "text": "x"}\n{"_id": "a", "text": "y"}', "stands twice"),
        ("[1]", "not a JSON object"),
        ('{"_id": null, "text": "x"}', "has no _id"),
        ('{"_id": "a", "text": "x", "filter": 5}', "line 1"),
        ('{"_id": "a", "text": "x", "filter": "page:one"}', "line 1"),
        ('{"_id": "a", "text": "кот"}\n{"_id": "b", "text": "after:2030-99 кот"}', "line 2 of"),
        ('{"_id": "a", "text": "cat"}\n{"_id": "b", "text": "cat page:one"}', "line 2 of"),
        ('{"_id": "a", "text": "cat"}\n{"_id": "b", "text": "y", "filter": "moot:x"}', "'b': no"),
        ('{"_id": "a", "text": "кот"}\n{"_id": "ы", "text": "author:Анна кот"}', "'ы': no"),
        (
            '{"_id": "a", "text": "cat"}\n{"_id": "b", "text": "???"}',
            "'b': the question has no word",
        ),
        (
            '{"_id": "a", "text": "кот"}\n{"_id": "ы", "text": "-кот"}',
            "'ы': the question says only",
        ),
        ('{"_id": "a", "text": "%s"}' % ("ы" * 4_001), "'a': the question has 4,001 characters"),
        ("", "no questions"),
    ],
)
def test_a_wrong_batch_names_the_line(filled: Run, tmp_path: Path, text: str, message: str) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(text, encoding="utf-8")
    result = filled("query", "--batch", source, "--out", out)
    assert result.code == 2
    assert message in result.err
    assert not out.exists()


def test_a_batch_is_never_written_over_its_questions(filled: Run, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"_id": "a", "text": "x"}', encoding="utf-8")
    assert filled("query", "--batch", source, "--out", source).code == 2
    assert filled("ask", "--batch", source, "--out", tmp_path / "a.trec").code == 2
    assert source.read_text("utf-8") == '{"_id": "a", "text": "x"}'


def test_a_batch_and_a_question_do_not_go_together(filled: Run, tmp_path: Path) -> None:
    assert filled("query", "lamp", "--batch", tmp_path / "a").code == 2
    assert filled("query", "--out", tmp_path / "a").code == 2


def test_from_python_a_searcher_stays_open(filled: Run, store: Path) -> None:
    del filled
    with Searcher.open(store) as searcher:
        first, second = searcher.search(["storm", "лодка"], 1, filters=[Filter("lang", "ru")])
        assert (first[0].rank, first[0].chunk.language) == (1, "ru")
        assert second[0].document_id == "b2"
        assert searcher.search([], 5) == []
        with pytest.raises(UsageError, match="0 hits"):
            searcher.search(["lamp"], 0)
