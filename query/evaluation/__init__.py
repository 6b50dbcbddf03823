"""Questions whose answers are known, asked of a store, measured, and compared with before."""

from memctl.query.evaluation.answering import share
from memctl.query.evaluation.case import Case, Judgement
from memctl.query.evaluation.cases import read_cases
from memctl.query.evaluation.changes import Change, Tracer, changes, worst
from memctl.query.evaluation.drafts import drafts
from memctl.query.evaluation.gates import (
    Checked,
    Compared,
    Comparison,
    Gate,
    check,
    compare_reports,
    parse_gates,
)
from memctl.query.evaluation.grid import Grid, Setup, read_grid
from memctl.query.evaluation.imports import imported
from memctl.query.evaluation.judge import Judge
from memctl.query.evaluation.kept import evaluate_once
from memctl.query.evaluation.measure import (
    ANSWERS,
    DEFAULT_ANSWERS,
    DEFAULT_RANKING,
    TIMES,
    Measure,
    Unit,
    parse_measures,
)
from memctl.query.evaluation.ranking import measured
from memctl.query.evaluation.report import Entry, Found, Report, Total, load
from memctl.query.evaluation.run import Evaluation, Plan, evaluate
from memctl.query.evaluation.saved import evaluate_run
from memctl.query.evaluation.statistics import Difference, compare, interval
from memctl.query.evaluation.sweep import Sweep, Trial, front, sweep, winner
from memctl.query.evaluation.tally import Tally
from memctl.query.evaluation.trec import qrels_lines, read_qrels, read_run, run_lines

__all__ = [
    "ANSWERS",
    "DEFAULT_ANSWERS",
    "DEFAULT_RANKING",
    "TIMES",
    "Case",
    "Change",
    "Checked",
    "Compared",
    "Comparison",
    "Difference",
    "Entry",
    "Evaluation",
    "Found",
    "Gate",
    "Grid",
    "Judge",
    "Judgement",
    "Measure",
    "Plan",
    "Report",
    "Setup",
    "Sweep",
    "Tally",
    "Total",
    "Tracer",
    "Trial",
    "Unit",
    "changes",
    "check",
    "compare",
    "compare_reports",
    "drafts",
    "evaluate",
    "evaluate_once",
    "evaluate_run",
    "front",
    "imported",
    "interval",
    "load",
    "measured",
    "parse_gates",
    "parse_measures",
    "qrels_lines",
    "read_cases",
    "read_grid",
    "read_qrels",
    "read_run",
    "run_lines",
    "share",
    "sweep",
    "winner",
    "worst",
]
