"""Whether the passages that an answer cites say what it says; no language model is asked."""

from memctl.query.verify.base import Source, Statement, Status, Verdict
from memctl.query.verify.verifier import Verifier
from memctl.query.verify.weights import CALIBRATED

__all__ = ["CALIBRATED", "Source", "Statement", "Status", "Verdict", "Verifier"]
