"""The value of a tree, over SymPy's expressions or over torch's tensors: one walk, two ways to differentiate.

Arrays have rows and columns, so that a vector is one column; scalars have no axes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from itertools import product
from typing import Any

from gradcheck.documents.formulas.shapes import ALONG, is_inverse, whole_of
from gradcheck.documents.formulas.tree import (
    Call,
    Cases,
    Delta,
    Derivative,
    Entry,
    Listed,
    Name,
    Negated,
    Node,
    Norm,
    Number,
    Over,
    Plus,
    Power,
    SumOver,
    Times,
    Transposed,
)

CONSTANTS = ("e", "pi")


class CannotEvaluate(Exception):
    """A formula that an oracle has no value for; the message says why."""


class Evaluator(ABC):
    """Walks a tree; `values` are the names', `indices` the numbers of the indices in force, counted from 0."""

    def __init__(self, values: Mapping[str, Any], sizes: Mapping[str, int], ranges: Mapping[str, int]) -> None:
        self.values, self.sizes, self.ranges = dict(values), dict(sizes), dict(ranges)
        self.indices: dict[str, int] = {}

    @abstractmethod
    def number(self, node: Number) -> Any:
        """A number."""

    @abstractmethod
    def constant(self, label: str) -> Any:
        """e or π."""

    @abstractmethod
    def apply(self, function: str, arguments: list[Any]) -> Any:
        """A function of entries."""

    @abstractmethod
    def whole(self, function: str, argument: Any) -> Any:
        """A function of a whole array."""

    @abstractmethod
    def choose(self, node: Cases) -> Any:
        """The case that holds."""

    @abstractmethod
    def stack(self, entries: list[Any]) -> Any:
        """A column of scalars."""

    @abstractmethod
    def differentiate(self, node: Derivative) -> Any:
        """The derivative; its axes are those of what is differentiated, then those of the variable."""

    @abstractmethod
    def collapse(self, value: Any) -> Any:
        """The one entry of an array of one row and one column."""

    def value(self, node: Node) -> Any:
        """The node's value; raises CannotEvaluate."""
        match node:
            case Number():
                return self.number(node)
            case Name():
                return self._name(node)
            case Negated(operand):
                return -self.value(operand)
            case Plus(left, right):
                return self.value(left) + self.value(right)
            case Times():
                return self._times(node)
            case Over(left, right):
                return self.value(left) / self.value(right)
            case Power():
                return self._power(node)
            case Transposed(operand):
                found = self.value(operand)
                return found.T if found.shape else found
            case Norm(operand, order):
                return self.whole("norm" if order == 2 else "norm1", self.value(operand))
            case Call():
                return self._call(node)
            case Entry(operand, indices):
                return self.pick(self.value(operand), indices)
            case SumOver():
                return self._sum(node)
            case Delta(row, column):
                return self.number(Number(1 if self.place(row) == self.place(column) else 0))
            case Cases():
                return self.choose(node)
            case Listed(entries):
                return self.stack([self.value(entry) for entry in entries])
            case Derivative():
                return self.differentiate(node)
        raise CannotEvaluate(f"{type(node).__name__} has no value")

    def _name(self, node: Name) -> Any:
        if node.label in self.values:
            whole = self.values[node.label]
            return self.pick(whole, node.indices) if node.indices else whole
        if node.label in self.sizes:
            return self.number(Number(self.sizes[node.label]))
        if node.label in self.indices:
            raise CannotEvaluate("an index as a number")
        if node.label in CONSTANTS:
            return self.constant(node.label)
        raise CannotEvaluate(f"{node.label} is not known")

    def place(self, index: Node) -> int:
        """The number of an index, counted from 0."""
        if isinstance(index, Number):
            return int(index.value) - 1
        if isinstance(index, Name) and index.label in self.indices:
            return self.indices[index.label]
        raise CannotEvaluate("an index that is no letter and no number")

    def pick(self, whole: Any, indices: tuple[Node, ...]) -> Any:
        """An entry of an array; of a matrix with one index the row, as a column."""
        places = [self.place(index) for index in indices]
        if len(whole.shape) != 2:
            raise CannotEvaluate("a scalar has no entries")
        if len(places) == 2:
            return whole[places[0], places[1]]
        if whole.shape[1] == 1:
            return whole[places[0], 0]
        return whole[0, places[0]] if whole.shape[0] == 1 else whole[places[0]].reshape(-1, 1)

    def _times(self, node: Times) -> Any:
        left, right = self.value(node.left), self.value(node.right)
        a, b = left.shape, right.shape
        if not a or not b or node.sign == "⊙" or (node.sign == "*" and a == b):
            return left * right
        if a[1] == 1 and b[1] == 1 and a[0] == b[0] and a[0] != 1:
            return self.collapse(left.T @ right)
        found = left @ right
        return self.collapse(found) if tuple(found.shape) == (1, 1) else found

    def _power(self, node: Power) -> Any:
        if isinstance(node.base, Name) and node.base.label == "e" and "e" not in self.values:
            return self.apply("exp", [self.value(node.exponent)])
        base = self.value(node.base)
        if len(base.shape) == 2 and base.shape[1] > 1 and is_inverse(node):
            return self.whole("inverse", base)
        return base ** self.value(node.exponent)

    def _call(self, node: Call) -> Any:
        if node.function in ALONG and len(node.arguments) == 1 and (whole := whole_of(node.arguments[0])):
            found = self.whole(node.function, self.value(whole))
            indices = node.indices or node.arguments[0].indices  # type: ignore[attr-defined]
            return self.pick(found, indices) if found.shape else found
        arguments = [self.value(argument) for argument in node.arguments]
        if node.function in WHOLE:
            found = self.whole(node.function, arguments[0])
        else:
            found = self.apply(node.function, arguments)
        return self.pick(found, node.indices) if node.indices else found

    def _sum(self, node: SumOver) -> Any:
        if not node.index:
            return self.whole("sum", self.value(node.body))
        if node.index in self.indices:
            raise CannotEvaluate("one index is summed over twice")
        first = 0 if node.lower is None else self._first(node.lower)
        if node.index not in self.ranges:
            raise CannotEvaluate(f"the sum over {node.index} has no size")
        total: Any = None
        for place in range(first, self.ranges[node.index]):
            self.indices[node.index] = place
            term = self.value(node.body)
            total = term if total is None else total + term
        self.indices.pop(node.index, None)
        if total is None:
            raise CannotEvaluate("an empty sum")
        return total

    def _first(self, lower: Node) -> int:
        if isinstance(lower, Number) and lower.value in (0, 1):
            return 0
        raise CannotEvaluate("a sum that begins elsewhere than at 1")

    def combinations(self, free: list[str]) -> list[dict[str, int]]:
        """Every choice of the free indices."""
        ranges = [range(self.ranges[name]) for name in free]
        return [dict(zip(free, choice, strict=True)) for choice in product(*ranges)]


WHOLE = frozenset(("sum", "mean", "norm", "tr", "det", "logdet", "softmax", "log_softmax", "logsumexp"))
"""Functions of a whole array."""
