"""Rerankers: hits judged anew, behind one seam."""

from memctl.query.rerank.base import Reranker, RerankError, rerank
from memctl.query.rerank.registry import BUILT_IN, reranker

__all__ = ["BUILT_IN", "RerankError", "Reranker", "rerank", "reranker"]
