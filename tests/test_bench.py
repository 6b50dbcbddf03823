from __future__ import annotations

import gzip
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # bench is not installed

from bench.ask import Question, Tally, answerable, folded, holds_gold
from bench.bm25 import Bm25
from bench.common import (
    MIB,
    ROOT,
    BenchError,
    Gate,
    Report,
    Run,
    first_seen,
    mean,
    ndcg,
    read_qrels,
    read_rows,
    recall,
    run,
    write_rows,
)
from bench.embedding_openvino import rounded
from bench.embedding_quality import OTHERS, beginning, interval, task
from bench.pages import bm25, coverage, file_of, pages_of, right_pages, success
from bench.program import all_read
from bench.quotes import is_exact, rebuild
from bench.retrieval import rankings
from memctl.ingest.embedders.e5.engine import Window
from memctl.ingest.embedders.e5.tokenizer import EOS


def test_ndcg_agrees_with_a_sum_worked_out_by_hand() -> None:
    judged = {"a": 3, "b": 2, "c": 1, "d": 0}
    # Gains 2, 0, 3 at ranks 1, 2, 3: 2/log2(2) + 3/log2(4) = 3.5.
    # Ideal 3, 2, 1: 3 + 2/log2(3) + 1/log2(4) = 4.7618595071.
    assert ndcg(["b", "x", "a"], judged, k=10) == pytest.approx(3.5 / 4.7618595071, abs=1e-10)


def test_ndcg_cuts_the_ranking_and_the_ideal_at_k() -> None:
    judged = {"a": 1, "b": 1, "c": 1}
    assert ndcg(["x", "a", "b"], judged, k=2) == pytest.approx(
        (1 / math.log2(3)) / (1 + 1 / math.log2(3))
    )


def test_ndcg_is_one_for_an_ideal_ranking_and_zero_where_nothing_is_relevant() -> None:
    assert ndcg(["a", "b", "x"], {"a": 2, "b": 1}, k=10) == 1.0
    assert ndcg(["a"], {"a": 0}, k=10) == 0.0
    assert ndcg([], {"a": 1}, k=10) == 0.0


def test_a_negative_judgement_counts_as_not_relevant() -> None:
    assert ndcg(["a", "b"], {"a": -1, "b": 1}, k=10) == pytest.approx(1 / math.log2(3))
    assert recall(["a", "b"], {"a": -1, "b": 1}, k=1) == 0.0


def test_recall_is_the_share_of_the_relevant_documents_among_the_first_k() -> None:
    judged = {"a": 1, "b": 2, "c": 1, "d": 0}
    assert recall(["a", "d", "b", "c"], judged, k=3) == pytest.approx(2 / 3)
    assert recall(["a", "d", "b", "c"], judged, k=4) == 1.0


def test_a_document_stands_where_its_first_chunk_stands(tmp_path: Path) -> None:
    hits = [{"document_id": name} for name in ("b", "a", "b", "c", "a")]
    file = write_rows(tmp_path / "run.jsonl", [{"query_id": "q", "hits": hits}])
    assert rankings(file, asked=1) == {"q": ["b", "a", "c"]}
    assert first_seen("baab") == ["b", "a"]


def test_a_run_with_a_missing_question_is_refused(tmp_path: Path) -> None:
    file = write_rows(tmp_path / "run.jsonl", [{"query_id": "q", "hits": []}])
    with pytest.raises(BenchError, match="2 questions were asked, 1"):
        rankings(file, asked=2)


def test_rows_are_read_from_gz_and_end_at_line_feeds_only(tmp_path: Path) -> None:
    rows = [{"_id": "1", "text": "one\u2028two\x85three"}, {"_id": "2", "text": "ё"}]
    plain = write_rows(tmp_path / "rows.jsonl", rows)
    packed = tmp_path / "rows.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert list(read_rows(plain)) == rows
    assert list(read_rows(packed)) == rows


def test_qrels_are_read_past_the_header(tmp_path: Path) -> None:
    file = tmp_path / "qrels.tsv"
    file.write_bytes(b"query-id\tcorpus-id\tscore\r\nq1\td1\t2\r\nq1\td2\t0\nq2\td1\t1\n")
    assert read_qrels(file) == {"q1": {"d1": 2, "d2": 0}, "q2": {"d1": 1}}


def test_mean_of_nothing_is_nan_and_meets_no_gate() -> None:
    assert mean([1, 0, 0, 1]) == 0.5
    assert not Gate("empty", mean([]), limit=0).met
    assert not Gate("empty", mean([]), limit=9, at_most=True).met


def test_a_gate_is_met_at_its_limit_and_a_missed_one_gives_exit_code_3(tmp_path: Path) -> None:
    met, missed = Gate("a", 1.5, limit=1.5, at_most=True), Gate("b", 0.79, limit=0.8)
    file = tmp_path / "out.json"
    assert Report("x", ("h",), gates=[met]).finish(None) == 0
    assert Report("x", ("h",), gates=[met, missed], numbers={"n": 1}).finish(file) == 3
    content = json.loads(file.read_text(encoding="utf-8"))
    assert [gate["met"] for gate in content["gates"]] == [True, False]
    assert content["numbers"] == {"n": 1}


def test_a_report_is_a_markdown_table() -> None:
    made = Report("x", ("set", "nDCG@10"), rows=[("a", "0.5")])
    assert made.markdown() == "| set | nDCG@10 |\n| --- | --- |\n| a | 0.5 |"


def test_a_run_counts_the_cpu_and_memory_of_its_children() -> None:
    child = (
        "import time; block = bytearray(b'x') * (64 << 20); end = time.process_time() + 0.2\n"
        "while time.process_time() < end: pass\n"
        "time.sleep(0.3)"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    done = run((sys.executable, "-c", parent), watch_memory=True)
    assert done.cpu_seconds >= 0.2
    assert done.wall_seconds >= 0.5
    assert done.peak_bytes >= 64 * MIB


def test_a_command_that_fails_or_cannot_start_is_an_error() -> None:
    with pytest.raises(BenchError, match=r"exit 7 from: .*\nbroken"):
        run((sys.executable, "-c", "import sys; sys.stderr.write('broken'); sys.exit(7)"))
    assert run((sys.executable, "-c", "raise SystemExit(7)"), ok=(0, 7)).exit_code == 7
    with pytest.raises(BenchError, match="cannot start"):
        run(("no-such-program-here",))


def test_an_ingest_that_left_something_out_is_an_error() -> None:
    said = {"chunks": {"total": 1}, "failures": [{"path": "a.pdf", "code": "x", "reason": "why"}]}
    done = Run(0, json.dumps(said), stderr="", cpu_seconds=0, wall_seconds=0, peak_bytes=0)
    with pytest.raises(BenchError, match=r"1 inputs were not read, the first: a\.pdf: why"):
        all_read(done)


def test_bm25_agrees_with_a_score_worked_out_by_hand() -> None:
    ranker = Bm25({"a": "cats cat dog", "b": "dog", "c": "fish fish"})
    # "cat": in 1 of 3 texts, twice in a; lengths 3, 1, 2, so the mean is 2.
    idf = math.log(1 + 2.5 / 1.5)
    norm = 1.2 * (1 - 0.75 + 0.75 * 3 / 2)
    wanted = idf * 2 * 2.2 / (2 + norm)
    assert ranker.score("Cat", "a", k1=1.2, b=0.75) == pytest.approx(wanted)
    assert ranker.score("cat", "b", k1=1.2, b=0.75) == 0.0
    assert ranker.rank("dogs", "cab", k1=1.2, b=0.75) == ["b", "a", "c"]


def test_bm25_over_pages_stays_in_the_right_file() -> None:
    texts = {"x#p1": "profit", "x#p2": "loss", "y#p1": "loss loss"}
    questions = [{"doc": "x", "text": "loss"}]
    for alone in (True, False):
        for hits in bm25(texts, questions, alone=alone).values():
            assert hits == [[(2,), (1,)]]


def test_a_hit_counts_by_all_its_pages_and_only_the_first_k_hits_count() -> None:
    hits = [(1, 2), (2,), (7,), (), (9, 10), (4,)]
    assert success(hits, {4}, k=5) == 0.0
    assert success(hits, {10, 4}, k=5) == 1.0
    assert coverage(hits, {10, 4, 2}, k=5) == pytest.approx(2 / 3)


def test_evidence_counts_only_in_the_document_of_the_question() -> None:
    row = {"doc": "x", "evidence": [{"doc": "x", "page": 3}, {"doc": "y", "page": 4}]}
    assert right_pages(row) == {3}
    assert right_pages({"doc": "x.pdf", "evidence_pages": [5, 7]}) == {5, 7}
    assert file_of({"doc": "x.pdf"}) == file_of({"doc": "x"}) == "x.pdf"


def test_a_hit_outside_the_filter_is_an_error() -> None:
    assert pages_of([{"document": "x.pdf", "pages": [1]}], file="x.pdf") == [[1]]
    with pytest.raises(BenchError, match=r"y\.pdf passed the filter"):
        pages_of([{"document": "y.pdf", "pages": [1]}], file="x.pdf")


def _line(start: int, text: str, *, document: str = "d") -> dict[str, object]:
    span = {"start": start, "end": start + len(text)}
    return {"document": document, "document_id": "id", "text": text, **span}


def test_documents_are_put_together_from_chunks_in_any_order_with_overlap_and_gaps() -> None:
    lines = [_line(5, "fgh"), _line(0, "abcd"), _line(2, "cde"), _line(10, "kl"), _line(3, "d")]
    sources = rebuild(lines)
    assert sources["d"].text == "abcdefgh\0\0kl"
    assert sources["d"].document_id == "id"


def test_chunks_that_disagree_are_refused() -> None:
    with pytest.raises(BenchError, match="overlap at 2 disagree"):
        rebuild([_line(0, "abcd"), _line(2, "xde")])
    with pytest.raises(BenchError, match="not as long as its span"):
        rebuild([{**_line(0, "abcd"), "end": 5}])


def test_a_citation_is_exact_only_character_for_character() -> None:
    sources = rebuild([_line(0, "Он ещё here")])
    cited = {"document": "d", "start": 3, "end": 6, "quote": "ещё"}
    assert is_exact(cited, sources)
    assert not is_exact({**cited, "quote": "еще"}, sources)
    assert not is_exact({**cited, "start": 2, "end": 5}, sources)
    assert not is_exact({**cited, "document": "other"}, sources)
    assert not is_exact({**cited, "start": 3, "end": 3, "quote": ""}, sources)


def test_a_gold_answer_counts_as_whole_words() -> None:
    assert folded("«Ёлка», 2-я!") == "елка 2 я"
    assert holds_gold("Это — ещё 308 очков.", ["309", "308"])
    assert holds_gold("еще  раз", ["ЕЩЁ РАЗ"])
    assert not holds_gold("3081 points", ["308"])
    assert not holds_gold("anything", ["", "…"])


def test_answers_are_tallied() -> None:
    sources = rebuild([_line(0, "The window holds tokens.", document="f.jsonl#id")])
    cited = {"document": "f.jsonl#id", "start": 4, "end": 10, "quote": "window"}
    known = Question("1", "?", answerable=True, answers=("window",), right=frozenset({"id"}))
    unknown = Question("2", "?", answerable=False, answers=(), right=frozenset())
    tally = Tally()
    good = {"answer": "window", "abstained": False, "citations": [cited]}
    wrong = {"answer": "x", "abstained": False, "citations": [{**cited, "quote": "Window"}]}
    silent = {"answer": None, "abstained": True, "citations": []}
    for question, answer in ((known, good), (known, silent), (unknown, silent), (unknown, wrong)):
        tally.add(question, answer, sources=sources)
    assert tally == Tally(
        questions=4,
        answerable=2,
        citations=2,
        exact=1,
        right_document=1,
        with_gold=2,
        gold_in_answer=1,
        abstained=1,
        abstained_falsely=1,
    )


def test_what_sets_say_of_answerability_is_understood() -> None:
    assert answerable({}) is True
    assert answerable({"answerable": False}) is False
    assert answerable({"answerability": "PARTIAL"}) is True
    assert answerable({"answerability": "UNANSWERABLE"}) is False
    assert answerable({"answerability": "UNDERSPECIFIED"}) is None


@pytest.mark.parametrize(
    "script", [("retrieval",), ("pages",), ("ingest", "--memory"), ("embedding_openvino",)]
)
def test_without_the_data_a_script_says_skipped_and_exits_with_0(
    script: tuple[str, ...], tmp_path: Path
) -> None:
    name, *words = script
    command = [sys.executable, "-m", f"bench.{name}", *words, "--data", str(tmp_path / "none")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "skipped")


def test_a_window_is_rounded_up_to_sixteen_tokens_and_no_further() -> None:
    lengths = [len(rounded(Window(0, [7] * length)).ids) for length in (3, 16, 17, 511, 512)]
    assert lengths == [16, 16, 32, 512, 512]
    assert rounded(Window(5, [7, 8])) == Window(5, [7, 8, *[EOS] * 14])


def _set(folder: Path, *, documents: int) -> Path:
    rows = [{"_id": f"d{n}", "text": f"passage {n}"} for n in range(documents)]
    write_rows(folder / "corpus.jsonl", rows)
    write_rows(folder / "queries.jsonl", [{"_id": f"q{n}", "text": f"{n}?"} for n in range(8)])
    judged = "".join(f"q{n}\td{n}\t{int(n != 3)}\n" for n in range(8))
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}", encoding="utf-8")
    return folder


def test_a_sample_of_a_set_has_what_is_judged_and_the_same_others_each_time(tmp_path: Path) -> None:
    whole = task(_set(tmp_path, documents=200), sample=None)
    assert (len(whole.names), len(whole.ids)) == (7, 200)  # q3 has no relevant passage
    part = task(tmp_path, sample=4)
    assert len(set(part.names)) == 4
    assert {name.replace("q", "d") for name in part.names} <= set(part.ids)
    assert len(part.ids) == 4 * (1 + OTHERS)
    assert part == task(tmp_path, sample=4)


def test_a_sample_larger_than_its_set_is_the_set(tmp_path: Path) -> None:
    part = task(_set(tmp_path, documents=20), sample=50)
    assert (len(part.names), len(part.ids)) == (7, 20)


def test_the_beginning_of_a_text_is_as_long_as_fits() -> None:
    assert beginning("маяк и гавань", lambda text: len(text) <= 20) == "маяк и гавань"
    assert beginning("маяк и гавань", lambda text: len(text) <= 6) == "маяк и"
    assert beginning("a", lambda text: not text) == ""


def test_an_interval_of_paired_differences_is_narrow_where_pairs_agree() -> None:
    values = [0.1, 0.5, 0.9, 0.3] * 25
    low, high = interval(values, [value - 0.01 for value in values])
    assert math.isclose(low, 0.01)
    assert math.isclose(high, 0.01)
    low, high = interval(values, [0.45] * 100)
    assert low < 0 < high
