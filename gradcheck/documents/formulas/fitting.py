"""The shape of every node of a formula, under one reading of its names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gradcheck.documents.formulas.sizes import ONE, Reading, Shape, ShapeClash, Size, same, unify
from gradcheck.documents.formulas.tree import (
    Call,
    Cases,
    Condition,
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

REDUCTIONS = frozenset(("sum", "mean", "norm", "tr", "det", "logdet", "logsumexp"))


ALONG = frozenset(("softmax", "log_softmax", "logsumexp"))


class Fitter:
    """Finds the shape of every node of a formula under one reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def equation(self, nodes: Iterable[Node]) -> Shape:
        """The one shape of all sides; a vector may lie as a row on one side and stand as a column on another."""
        shapes = [self.shape(node) for node in nodes]
        for shape in shapes[1:]:
            self._alike(shapes[0], shape)
        return shapes[0]

    def _alike(self, first: Shape, second: Shape) -> None:
        if len(first) != len(second):
            raise ShapeClash("a scalar on one side, an array on the other")
        if first and second:
            if (first[0] is ONE) != (second[0] is ONE):
                second = second[1], second[0]
            unify(first[0], second[0])
            unify(first[1], second[1])

    def shape(self, node: Node) -> Shape:
        """The node's shape; raises ShapeClash."""
        rule = RULES.get(type(node))
        if rule is None:
            raise ShapeClash(f"no shape for {type(node).__name__}")
        return rule(self, node)

    def transposed(self, node: Transposed) -> Shape:
        """Rows for columns."""
        shape = self.shape(node.operand)
        return (shape[1], shape[0]) if shape else ()

    def norm(self, node: Norm) -> Shape:
        """A scalar, of whatever fits together."""
        self.shape(node.operand)
        return ()

    def listed(self, node: Listed) -> Shape:
        """A column of scalars."""
        for entry in node.entries:
            self.must_be_scalar(entry)
        return Size(len(node.entries)), ONE

    def scalar(self, node: Node) -> Shape:
        """No axes; a delta holds the sizes of its indices equal."""
        if isinstance(node, Delta):
            unify(self.reading.index(node.row), self.reading.index(node.column))
        return ()

    def must_be_scalar(self, node: Node) -> None:
        """Raise ShapeClash for an array."""
        if self.shape(node):
            raise ShapeClash("an array where a scalar is needed")

    def name(self, node: Name) -> Shape:
        """A name's shape, or that of its entry."""
        whole = self.reading.shapes.get(node.label, ())
        return self.picked(whole, node.indices) if node.indices else whole

    def picked(self, whole: Shape, indices: tuple[Node, ...]) -> Shape:
        """An entry, or of a matrix with one index the row as a column."""
        if not whole:
            raise ShapeClash("a scalar has no entries")
        places = [size for size in whole if size is not ONE]
        if len(indices) > len(places):
            raise ShapeClash("too many indices")
        for index, size in zip(indices, places, strict=False):
            unify(self.reading.index(index), size)
        return () if len(indices) == len(places) else (places[1], ONE)

    def both(self, left: Shape, right: Shape) -> Shape:
        """The shape of a sum or of a product of entries."""
        if not left or not right:
            return left or right
        unify(left[0], right[0])
        unify(left[1], right[1])
        return left

    def all_of(self, nodes: tuple[Node, ...]) -> Shape:
        """The one shape of several."""
        shape: Shape = ()
        for node in nodes:
            shape = self.both(shape, self.shape(node))
        return shape

    def times(self, node: Times) -> Shape:
        """The shape of a product."""
        left, right = self.shape(node.left), self.shape(node.right)
        if not left or not right:
            return left or right
        if node.sign == "⊙" or (node.sign == "*" and _same_shape(left, right)):
            return self.both(left, right)
        if left[1] is ONE and right[1] is ONE:
            if not node.sign:
                raise ShapeClash("a product of two columns")
            unify(left[0], right[0])
            return ()
        unify(left[1], right[0])
        shape = left[0], right[1]
        return () if shape == (ONE, ONE) else shape

    def over(self, left: Shape, right: Shape) -> Shape:
        """The shape of a quotient."""
        return left if not right else self.both(left, right)

    def power(self, node: Power) -> Shape:
        """The base's shape."""
        self.must_be_scalar(node.exponent)
        shape = self.shape(node.base)
        if shape and is_inverse(node) and shape[1] is not ONE:
            unify(*shape)
        return shape

    def call(self, node: Call) -> Shape:
        """The shape of a function's value."""
        if node.function in ALONG and len(node.arguments) == 1 and (whole := whole_of(node.arguments[0])):
            self.shape(node.arguments[0])
            return () if not node.indices else self.picked(self.shape(whole), node.indices)
        shape = self.all_of(node.arguments)
        if node.function == "mean" and self.reading.counted:
            self._count(shape)
        if node.function in REDUCTIONS:
            if node.function in ("tr", "det", "logdet") and shape:
                unify(*shape)
            shape = ()
        elif node.function == "softmax" and (not shape or shape[1] is not ONE):
            raise ShapeClash("a softmax of a vector is meant")
        return self.picked(shape, node.indices) if node.indices else shape

    def _count(self, shape: Shape) -> None:
        """Hold the size of what a mean is of to be the number that the formula names."""
        if not shape or shape[1] is not ONE:
            raise ShapeClash("it is not known of how many numbers the mean is")
        unify(self.reading.sizes[self.reading.counted], shape[0])

    def total(self, node: SumOver) -> Shape:
        """The shape of what is summed."""
        body, index, upper = node.body, node.index, node.upper
        if not index:
            self.shape(body)
            return ()
        size = self.reading.index(Name(index))
        if isinstance(upper, Name) and upper.label in self.reading.sizes:
            unify(size, self.reading.sizes[upper.label])
        elif isinstance(upper, Number):
            unify(size, Size(int(upper.value)))
        return self.shape(body)

    def within(self, body: Node, *limits: Node) -> Shape:
        """The shape of what a limit or an integral is taken of."""
        for limit in limits:
            self.must_be_scalar(limit)
        return self.shape(body)

    def derivative(self, node: Derivative) -> Shape:
        """The axes of what is differentiated, then those of the variables."""
        for name, value in node.where:
            self._alike(self.reading.shapes.get(name, ()), self.shape(value))
        if node.of is None:
            raise ShapeClash("a derivative of nothing")
        of = self.shape(node.of)
        for by in node.by:
            of = self._by(of, self.shape(by))
        return of

    def _by(self, of: Shape, by: Shape) -> Shape:
        if not of or not by:
            return of or by
        if of[1] is ONE and by[1] is ONE:
            return of[0], by[0]
        if of[0] is ONE and by[1] is ONE:
            return of[1], by[0]
        raise ShapeClash("a derivative with more than two axes")


def _same_shape(left: Shape, right: Shape) -> bool:
    return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))


def whole_of(node: Node) -> Name | None:
    """The vector of softmax(x_i), which is the entry i of the softmax of x."""
    return Name(node.label, (), node.bold) if isinstance(node, Name) and len(node.indices) == 1 else None


def is_inverse(node: Power) -> bool:
    """Whether a power is written with the exponent -1."""
    exponent = node.exponent
    return isinstance(exponent, Negated) and isinstance(exponent.operand, Number) and exponent.operand.value == 1


RULES: dict[type[Node], Callable[[Fitter, Any], Shape]] = {
    Number: lambda fitter, node: fitter.scalar(node),
    Delta: lambda fitter, node: fitter.scalar(node),
    Condition: lambda fitter, node: fitter.scalar(node),
    Name: lambda fitter, node: fitter.name(node),
    Negated: lambda fitter, node: fitter.shape(node.operand),
    Plus: lambda fitter, node: fitter.both(fitter.shape(node.left), fitter.shape(node.right)),
    Times: lambda fitter, node: fitter.times(node),
    Over: lambda fitter, node: fitter.over(fitter.shape(node.left), fitter.shape(node.right)),
    Power: lambda fitter, node: fitter.power(node),
    Transposed: lambda fitter, node: fitter.transposed(node),
    Norm: lambda fitter, node: fitter.norm(node),
    Call: lambda fitter, node: fitter.call(node),
    Entry: lambda fitter, node: fitter.picked(fitter.shape(node.operand), node.indices),
    SumOver: lambda fitter, node: fitter.total(node),
    Cases: lambda fitter, node: fitter.all_of(node.values),
    Listed: lambda fitter, node: fitter.listed(node),
    Derivative: lambda fitter, node: fitter.derivative(node),
    Limit: lambda fitter, node: fitter.within(node.body, node.toward),
    Integral: lambda fitter, node: fitter.within(node.body, node.lower, node.upper),
    Series: lambda fitter, node: fitter.within(node.body, node.lower, *(() if node.upper is None else (node.upper,))),
}
"""The shape of each kind of node."""
