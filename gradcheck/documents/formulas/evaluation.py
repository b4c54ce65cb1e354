"""The value of a tree, over SymPy's expressions or over torch's tensors: one walk, two ways to differentiate.

Arrays have rows and columns, so that a vector is one column; scalars have no axes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from typing import Any

from gradcheck.documents.formulas.fitting import ALONG, is_inverse, whole_of
from gradcheck.documents.formulas.tree import (
    INFINITY,
    Call,
    Cases,
    Delta,
    Derivative,
    Entry,
    Integral,
    Limit,
    Listed,
    Name,
    Negated,
    Node,
    Norm,
    Number,
    Over,
    Plus,
    Power,
    Series,
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
    def limit(self, node: Limit) -> Any:
        """A limit."""

    @abstractmethod
    def integral(self, node: Integral) -> Any:
        """An integral."""

    @abstractmethod
    def series(self, node: Series) -> Any:
        """A sum to infinity."""

    @abstractmethod
    def collapse(self, value: Any) -> Any:
        """The one entry of an array of one row and one column."""

    def value(self, node: Node) -> Any:
        """The node's value; raises CannotEvaluate."""
        rule = RULES.get(type(node))
        if rule is None:
            raise CannotEvaluate(f"{type(node).__name__} has no value")
        return rule(self, node)

    def transposed(self, node: Transposed) -> Any:
        """A transpose; a scalar's is the scalar."""
        found = self.value(node.operand)
        return found.T if found.shape else found

    def same(self, node: Delta) -> Any:
        """Kronecker's delta."""
        return self.number(Number(Fraction(self.place(node.row) == self.place(node.column))))

    def name(self, node: Name) -> Any:
        """A name's value, or that of its entry."""
        if node.label in self.values:
            whole = self.values[node.label]
            return self.pick(whole, node.indices) if node.indices else whole
        if node.label in self.sizes:
            return self.number(Number(Fraction(self.sizes[node.label])))
        if node.label in self.indices:
            raise CannotEvaluate("an index as a number")
        if node == INFINITY:
            raise CannotEvaluate("infinity is no number, and what grows without bound is not worked out")
        if node.label in CONSTANTS:
            return self.constant(node.label)
        raise CannotEvaluate(f"{node.label} is not known")

    def place(self, index: Node) -> int:
        """The number of an index, counted from 0."""
        if isinstance(index, Number):
            return int(index.value) - 1
        if isinstance(index, Name) and not index.indices and index.label in self.indices:
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

    def times(self, node: Times) -> Any:
        """A product: of matrices, of entries, or of two columns the inner one."""
        left, right = self.value(node.left), self.value(node.right)
        a, b = left.shape, right.shape
        if not a or not b or node.sign == "⊙" or (node.sign == "*" and a == b):
            return left * right
        if a[1] == 1 and b[1] == 1 and a[0] == b[0] and a[0] != 1:
            return self.collapse(left.T @ right)
        found = left @ right
        return self.collapse(found) if tuple(found.shape) == (1, 1) else found

    def power(self, node: Power) -> Any:
        """A power of entries, or a matrix's inverse."""
        if isinstance(node.base, Name) and node.base.label == "e" and "e" not in self.values:
            return self.apply("exp", [self.value(node.exponent)])
        base = self.value(node.base)
        if len(base.shape) == 2 and base.shape[1] > 1 and is_inverse(node):
            return self.whole("inverse", base)
        return base ** self.value(node.exponent)

    def call(self, node: Call) -> Any:
        """A function's value, or an entry of it."""
        if node.function in ALONG and len(node.arguments) == 1 and (whole := whole_of(node.arguments[0])):
            found = self.whole(node.function, self.value(whole))
            argument = node.arguments[0]
            indices = node.indices or (argument.indices if isinstance(argument, Name) else ())
            return self.pick(found, indices) if found.shape else found
        arguments = [self.value(argument) for argument in node.arguments]
        if node.function in WHOLE:
            found = self.whole(node.function, arguments[0])
        else:
            found = self.apply(node.function, arguments)
        return self.pick(found, node.indices) if node.indices else found

    def total(self, node: SumOver) -> Any:
        """A sum over an index, or over all entries."""
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

RULES: dict[type[Node], Callable[[Evaluator, Any], Any]] = {
    Number: lambda oracle, node: oracle.number(node),
    Name: lambda oracle, node: oracle.name(node),
    Negated: lambda oracle, node: -oracle.value(node.operand),
    Plus: lambda oracle, node: oracle.value(node.left) + oracle.value(node.right),
    Over: lambda oracle, node: oracle.value(node.left) / oracle.value(node.right),
    Times: lambda oracle, node: oracle.times(node),
    Power: lambda oracle, node: oracle.power(node),
    Transposed: lambda oracle, node: oracle.transposed(node),
    Norm: lambda oracle, node: oracle.whole("norm" if node.order == 2 else "norm1", oracle.value(node.operand)),
    Call: lambda oracle, node: oracle.call(node),
    Entry: lambda oracle, node: oracle.pick(oracle.value(node.operand), node.indices),
    SumOver: lambda oracle, node: oracle.total(node),
    Delta: lambda oracle, node: oracle.same(node),
    Cases: lambda oracle, node: oracle.choose(node),
    Listed: lambda oracle, node: oracle.stack([oracle.value(entry) for entry in node.entries]),
    Derivative: lambda oracle, node: oracle.differentiate(node),
    Limit: lambda oracle, node: oracle.limit(node),
    Integral: lambda oracle, node: oracle.integral(node),
    Series: lambda oracle, node: oracle.series(node),
}
"""The value of each kind of node."""
