"""Matrices whose entries are chosen by cases."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np

from gradcheck.symbolic.matrices.nodes import Matrix, Shape, Values

COMPARISONS: dict[str, Any] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
    "and": np.logical_and,
    "or": np.logical_or,
}
"""What two matrices of one shape are joined by to a condition on each entry."""


@dataclass(frozen=True)
class Condition(Matrix):
    """For each entry, whether a comparison holds between two matrices, or two conditions hold together."""

    left: Matrix
    sign: str
    right: Matrix

    @property
    def shape(self) -> Shape:
        return self.left.shape

    def value(self, values: Values) -> Any:
        return COMPARISONS[self.sign](self.left.value(values), self.right.value(values))


@dataclass(frozen=True)
class Choice(Matrix):
    """Each entry from the first of the branches whose condition holds there, else from the last matrix."""

    branches: tuple[Matrix, ...]
    conditions: tuple[Matrix, ...]
    otherwise: Matrix

    @property
    def shape(self) -> Shape:
        return self.otherwise.shape

    def value(self, values: Values) -> Any:
        branches = [branch.value(values) for branch in self.branches]
        conditions = [condition.value(values) for condition in self.conditions]
        return np.select(conditions, branches, self.otherwise.value(values))


def joined(sign: str, conditions: list[Matrix]) -> Matrix:
    """Several conditions joined by "and" or "or"."""
    return reduce(lambda left, right: Condition(left, sign, right), conditions)
