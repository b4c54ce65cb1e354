"""Which names are scalars, vectors and matrices: the shapes that make a formula fit together.

Every array has rows and columns; a vector is one column. Sizes are variables that are held equal where the formula
demands it, so that what stays apart can be tried with distinct sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Literal, TypeAlias

from gradcheck.documents.formulas.tree import (
    Call,
    Cases,
    Condition,
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

Axes = Literal["scalar", "vector", "matrix"]
Shape: TypeAlias = tuple[()] | tuple["Size", "Size"]
MOST_READINGS = 60
REDUCTIONS = frozenset(("sum", "mean", "norm", "tr", "det", "logdet", "logsumexp"))
ALONG = frozenset(("softmax", "log_softmax", "logsumexp"))
PREFERENCES: Mapping[tuple[bool, bool], tuple[Axes, ...]] = {
    (False, False): ("scalar",),
    (True, True): ("matrix", "scalar"),
    (True, False): ("vector", "scalar"),
}
"""What a name may be: by whether the formula has arrays at all, and whether the name is a capital letter."""
GREEK_SCALARS = frozenset(["alpha", "gamma", "delta", "epsilon", "eta", "kappa", "lambda", "nu", "rho", "sigma", "tau"])
"""Greek letters that are numbers, as a rule."""


class ShapeClash(Exception):
    """Shapes that do not fit."""


@dataclass(eq=False)
class Size:
    """A size: a number, or unknown; `same` leads to one that it was found equal to."""

    value: int | None = None
    same: Size | None = None

    def root(self) -> Size:
        """The size that stands for all that are equal to this one."""
        size = self
        while size.same is not None:
            size = size.same
        return size


ONE = Size(1)


def unify(a: Size, b: Size) -> None:
    """Hold two sizes equal; raises ShapeClash where they cannot be. An unknown size is never 1."""
    a, b = a.root(), b.root()
    if a is b:
        return
    if a.value is not None and b.value is not None:
        if a.value != b.value:
            raise ShapeClash("sizes differ")
        return
    if ONE in (a, b):
        raise ShapeClash("a vector where a scalar is needed")
    (a if a.value is None else b).same = b if a.value is None else a


def same(a: Size, b: Size) -> bool:
    """Whether two sizes are known to be equal."""
    a, b = a.root(), b.root()
    return a is b or (a.value is not None and a.value == b.value)


@dataclass
class Reading:
    """One way to read the names of a formula: each with its shape; sizes that are named; indices with their size."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    sizes: dict[str, Size] = field(default_factory=dict)
    indices: dict[str, Size] = field(default_factory=dict)

    def index(self, node: Node) -> Size:
        """The size over which an index runs."""
        if isinstance(node, Name) and not node.indices:
            return self.indices.setdefault(node.label, Size())
        return Size()

    @property
    def is_scalar(self) -> bool:
        """Whether no name is an array."""
        return not any(self.shapes.values())


def readings(sides: Iterable[Node], arrays: Iterable[str] = ()) -> Iterator[Reading]:
    """The readings in which every side fits together and all have one shape, the most usual first.

    `arrays` are names that the document says are arrays.
    """
    nodes = tuple(sides)
    indices = index_names(nodes)
    sizes = _size_names(nodes)
    axes = _axes(nodes, indices | sizes, frozenset(arrays))
    for choice in islice(product(*axes.values()), MOST_READINGS):
        reading = _started(dict(zip(axes, choice, strict=True)), sizes)
        try:
            Fitter(reading).equation(nodes)
        except ShapeClash:
            continue
        yield reading


def _started(axes: Mapping[str, Axes], sizes: Iterable[str]) -> Reading:
    reading = Reading(sizes={name: Size() for name in sizes})
    for label, kind in axes.items():
        reading.shapes[label] = {"scalar": (), "vector": (Size(), ONE), "matrix": (Size(), Size())}[kind]
    return reading


def index_names(nodes: Iterable[Node]) -> frozenset[str]:
    """The letters that stand as indices below names, or are summed over."""
    found: set[str] = set()
    for node in (each for root in nodes for each in root.walk()):
        if isinstance(node, SumOver) and node.index:
            found.add(node.index)
        elif isinstance(node, Delta):
            found |= {each.label for each in (node.row, node.column) if isinstance(each, Name)}
        elif isinstance(node, Name | Call | Entry):
            found |= {each.label for each in node.indices if isinstance(each, Name)}
    return frozenset(found)


def _size_names(nodes: Iterable[Node]) -> frozenset[str]:
    return frozenset(
        node.upper.label
        for root in nodes
        for node in root.walk()
        if isinstance(node, SumOver) and isinstance(node.upper, Name)
    )


def _axes(nodes: tuple[Node, ...], known: frozenset[str], arrays: frozenset[str]) -> dict[str, tuple[Axes, ...]]:
    """For every name what it may be, the likeliest first."""
    names = list(dict.fromkeys(node for root in nodes for node in root.walk() if isinstance(node, Name)))
    has_arrays = any(_shows_arrays(node) for root in nodes for node in root.walk())
    found: dict[str, tuple[Axes, ...]] = {}
    for name in names:
        if name.label not in known:
            usual = _usual(name.label, [each for each in names if each.label == name.label], has_arrays, arrays)
            found[name.label] = usual
    return found


def _usual(label: str, uses: list[Name], has_arrays: bool, arrays: frozenset[str]) -> tuple[Axes, ...]:
    capital = label[:1].isupper()
    bold = any(use.bold for use in uses)
    indexed = {len(use.indices) for use in uses if use.indices}
    if indexed:
        rows = bold and not capital and indexed == {1} and all(use.bold for use in uses)
        return ("matrix",) if rows else (("vector",) if indexed == {1} else ("matrix",))
    if bold:
        return ("matrix",) if capital else ("vector",)
    if label in arrays and not has_arrays:
        return ("scalar", "vector")
    if has_arrays and len(label) > 1 and label in GREEK_SCALARS:
        return ("scalar", "vector")
    return PREFERENCES[(True, capital) if has_arrays else (False, False)]


def _shows_arrays(node: Node) -> bool:
    match node:
        case Transposed() | Norm():
            return True
        case Name(bold=bold):
            return bold
        case Times(sign=sign):
            return sign in ("@", "⊙")
        case Call(function=function, arguments=arguments):
            bare = not any(isinstance(each, Name) and each.indices for each in arguments)
            return function in (*ALONG, "tr", "det", "logdet", "norm") and bare
    return False


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
        match node:
            case Number() | Delta() | Condition():
                return self._scalar(node)
            case Name():
                return self._name(node)
            case Negated(operand):
                return self.shape(operand)
            case Plus(left, right):
                return self._both(self.shape(left), self.shape(right))
            case Times():
                return self._times(node)
            case Over(left, right):
                return self._over(self.shape(left), self.shape(right))
            case Power():
                return self._power(node)
            case Transposed(operand):
                shape = self.shape(operand)
                return (shape[1], shape[0]) if shape else ()
            case Norm(operand):
                self.shape(operand)
                return ()
            case Call():
                return self._call(node)
            case Entry(operand, indices):
                return self._picked(self.shape(operand), indices)
            case SumOver(body=body, index=index, upper=upper):
                return self._sum(body, index, upper)
            case Cases(values=values):
                return self._all(values)
            case Listed(entries):
                for entry in entries:
                    self._must_be_scalar(entry)
                return Size(len(entries)), ONE
            case Derivative():
                return self._derivative(node)
        raise ShapeClash(f"no shape for {type(node).__name__}")

    def _scalar(self, node: Node) -> Shape:
        if isinstance(node, Delta):
            unify(self.reading.index(node.row), self.reading.index(node.column))
        return ()

    def _must_be_scalar(self, node: Node) -> None:
        if self.shape(node):
            raise ShapeClash("an array where a scalar is needed")

    def _name(self, node: Name) -> Shape:
        whole = self.reading.shapes.get(node.label, ())
        return self._picked(whole, node.indices) if node.indices else whole

    def _picked(self, whole: Shape, indices: tuple[Node, ...]) -> Shape:
        """An entry, or of a matrix with one index the row as a column."""
        if not whole:
            raise ShapeClash("a scalar has no entries")
        places = [size for size in whole if size is not ONE]
        if len(indices) > len(places):
            raise ShapeClash("too many indices")
        for index, size in zip(indices, places, strict=False):
            unify(self.reading.index(index), size)
        return () if len(indices) == len(places) else (places[1], ONE)

    def _both(self, left: Shape, right: Shape) -> Shape:
        if not left or not right:
            return left or right
        unify(left[0], right[0])
        unify(left[1], right[1])
        return left

    def _all(self, nodes: tuple[Node, ...]) -> Shape:
        shape: Shape = ()
        for node in nodes:
            shape = self._both(shape, self.shape(node))
        return shape

    def _times(self, node: Times) -> Shape:
        left, right = self.shape(node.left), self.shape(node.right)
        if not left or not right:
            return left or right
        if node.sign == "⊙" or (node.sign == "*" and _alike(left, right)):
            return self._both(left, right)
        if left[1] is ONE and right[1] is ONE:
            if not node.sign:
                raise ShapeClash("a product of two columns")
            unify(left[0], right[0])
            return ()
        unify(left[1], right[0])
        shape = left[0], right[1]
        return () if shape == (ONE, ONE) else shape

    def _over(self, left: Shape, right: Shape) -> Shape:
        return left if not right else self._both(left, right)

    def _power(self, node: Power) -> Shape:
        self._must_be_scalar(node.exponent)
        shape = self.shape(node.base)
        if shape and is_inverse(node) and shape[1] is not ONE:
            unify(*shape)
        return shape

    def _call(self, node: Call) -> Shape:
        if node.function in ALONG and len(node.arguments) == 1 and (whole := whole_of(node.arguments[0])):
            self.shape(node.arguments[0])
            return () if not node.indices else self._picked(self.shape(whole), node.indices)
        shape = self._all(node.arguments)
        if node.function in REDUCTIONS:
            if node.function in ("tr", "det", "logdet") and shape:
                unify(*shape)
            shape = ()
        elif node.function == "softmax" and (not shape or shape[1] is not ONE):
            raise ShapeClash("a softmax of a vector is meant")
        return self._picked(shape, node.indices) if node.indices else shape

    def _sum(self, body: Node, index: str, upper: Node | None) -> Shape:
        if not index:
            self.shape(body)
            return ()
        size = self.reading.index(Name(index))
        if isinstance(upper, Name) and upper.label in self.reading.sizes:
            unify(size, self.reading.sizes[upper.label])
        elif isinstance(upper, Number):
            unify(size, Size(int(upper.value)))
        return self.shape(body)

    def _derivative(self, node: Derivative) -> Shape:
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


def _alike(left: Shape, right: Shape) -> bool:
    return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))


def whole_of(node: Node) -> Name | None:
    """The vector of softmax(x_i), which is the entry i of the softmax of x."""
    return Name(node.label, (), node.bold) if isinstance(node, Name) and len(node.indices) == 1 else None


def is_inverse(node: Power) -> bool:
    """Whether a power is written with the exponent -1."""
    exponent = node.exponent
    return isinstance(exponent, Negated) and isinstance(exponent.operand, Number) and exponent.operand.value == 1
