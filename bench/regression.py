"""A small logistic regression, and the area under its ROC curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def fit(x: Matrix, y: Matrix, *, weights: Matrix | None = None, penalty: float = 1.0) -> Matrix:
    """Return intercept and slopes (m + 1,) for features (n, m), labels (n,) and weights (n,).

    A ridge on standardised features, by Newton's method.
    """
    centre, spread = x.mean(axis=0), x.std(axis=0) + 1e-9
    z = np.column_stack([np.ones(len(x)), (x - centre) / spread])
    ridge = np.full(z.shape[1], penalty)
    ridge[0] = 0
    each = np.ones(len(x)) if weights is None else weights
    found = np.zeros(z.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-(z @ found)))
        gradient = z.T @ (each * (p - y)) + ridge * found
        found -= np.linalg.solve((z.T * (each * p * (1 - p))) @ z + np.diag(ridge), gradient)
    slopes = found[1:] / spread
    return np.concatenate([[found[0] - slopes @ centre], slopes])


def chance(x: Matrix, weights: Matrix) -> Matrix:
    """Return the estimated probability (n,) of each row of features (n, m)."""
    return np.asarray(1 / (1 + np.exp(-(weights[0] + x @ weights[1:]))))


def matrix_of(rows: Sequence[Sequence[float]]) -> Matrix:
    """Return rows of features as (n, m)."""
    return np.array(rows, dtype=np.float64)


def area(p: Matrix, y: Matrix) -> float:
    """Return the area under the ROC curve: the share of pairs in the right order."""
    yes, no = p[y == 1], p[y == 0]
    above = (yes[:, None] > no[None, :]).sum() + 0.5 * (yes[:, None] == no[None, :]).sum()
    return float(above / (len(yes) * len(no)))
