"""Matrix expressions as a small typed tree: what a textbook writes without indices.

Every node is a matrix with a row count and a column count; a vector is one column, a scalar is 1 by 1. Functions of
rows act on each row of a matrix, and on all entries of a column.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.symbolic import sizes
from gradcheck.symbolic.kernels import NUMPY

Shape = tuple[sp.Expr, sp.Expr]
SCALAR: Shape = (sp.S.One, sp.S.One)
Values = Mapping[str, Any]
"""Name -> two-dimensional array for a variable, integer for a size."""


@dataclass(frozen=True)
class Matrix(ABC):
    """Any matrix expression."""

    @property
    @abstractmethod
    def shape(self) -> Shape:
        """Rows and columns."""

    @property
    def parts(self) -> tuple[Matrix, ...]:
        """The expressions it is built from."""
        values = (getattr(self, field.name) for field in fields(self))
        found = (value if isinstance(value, tuple) else (value,) for value in values)
        return tuple(part for each in found for part in each if isinstance(part, Matrix))

    @abstractmethod
    def value(self, values: Values) -> Any:
        """Its value as a two-dimensional array; raises KeyError for a name without a value."""

    def walk(self) -> Iterator[Matrix]:
        """This node and all nodes below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True)
class Named(Matrix):
    """A variable."""

    label: str
    rows: sp.Expr
    columns: sp.Expr

    @property
    def shape(self) -> Shape:
        return self.rows, self.columns

    def value(self, values: Values) -> Any:
        return values[self.label]


@dataclass(frozen=True)
class Number(Matrix):
    """A scalar made of numbers, sizes and scalar variables."""

    number: sp.Expr

    @property
    def shape(self) -> Shape:
        return SCALAR

    def value(self, values: Values) -> Any:
        known = {symbol: values[symbol.name] for symbol in self.number.free_symbols}
        return np.array(
            [[float(self.number.xreplace({s: sp.Float(np.asarray(v).item(), 17) for s, v in known.items()}))]]
        )


@dataclass(frozen=True)
class Ones(Matrix):
    """A column of ones."""

    size: sp.Expr

    @property
    def shape(self) -> Shape:
        return self.size, sp.S.One

    def value(self, values: Values) -> Any:
        return np.ones((_length(self.size, values), 1))


@dataclass(frozen=True)
class Identity(Matrix):
    """The identity matrix."""

    size: sp.Expr

    @property
    def shape(self) -> Shape:
        return self.size, self.size

    def value(self, values: Values) -> Any:
        return np.eye(_length(self.size, values))


@dataclass(frozen=True)
class OneHot(Matrix):
    """One row for each class index: 1 in the column of that class, else 0."""

    label: str
    rows: sp.Expr
    columns: sp.Expr

    @property
    def shape(self) -> Shape:
        return self.rows, self.columns

    def value(self, values: Values) -> Any:
        return np.eye(_length(self.columns, values))[np.asarray(values[self.label]).ravel()]


@dataclass(frozen=True)
class Call(Matrix):
    """A matrix function of one argument, by its name in `CALLS`."""

    kind: str
    argument: Matrix

    @property
    def shape(self) -> Shape:
        rows, columns = self.argument.shape
        return CALLS[self.kind][0](rows, columns)

    def value(self, values: Values) -> Any:
        return CALLS[self.kind][1](self.argument.value(values))


@dataclass(frozen=True)
class Apply(Matrix):
    """A function of entries; arguments of fewer axes broadcast."""

    function: type
    arguments: tuple[Matrix, ...]

    @property
    def shape(self) -> Shape:
        return max((argument.shape for argument in self.arguments), key=lambda shape: shape != SCALAR)

    def value(self, values: Values) -> Any:
        return NUMPY[self.function.__name__](*(argument.value(values) for argument in self.arguments))


@dataclass(frozen=True)
class Power(Matrix):
    """Each entry raised to a power; of a scalar, the power."""

    base: Matrix
    exponent: sp.Expr

    @property
    def shape(self) -> Shape:
        return self.base.shape

    def value(self, values: Values) -> Any:
        return self.base.value(values) ** Number(self.exponent).value(values)


@dataclass(frozen=True)
class Product(Matrix):
    """A product of at least two matrices, from left to right."""

    factors: tuple[Matrix, ...]

    @property
    def shape(self) -> Shape:
        return self.factors[0].shape[0], self.factors[-1].shape[1]

    def value(self, values: Values) -> Any:
        return np.linalg.multi_dot([factor.value(values) for factor in self.factors])


@dataclass(frozen=True)
class Hadamard(Matrix):
    """An entrywise product of matrices of one shape."""

    factors: tuple[Matrix, ...]

    @property
    def shape(self) -> Shape:
        return self.factors[0].shape

    def value(self, values: Values) -> Any:
        return np.prod([factor.value(values) for factor in self.factors], axis=0)


@dataclass(frozen=True)
class Quotient(Matrix):
    """An entrywise quotient of two matrices of one shape."""

    numerator: Matrix
    denominator: Matrix

    @property
    def shape(self) -> Shape:
        return self.numerator.shape

    def value(self, values: Values) -> Any:
        return self.numerator.value(values) / self.denominator.value(values)


@dataclass(frozen=True)
class Scaled(Matrix):
    """A coefficient times scalars, over scalars, times a matrix; without a matrix it is itself a scalar."""

    coefficient: sp.Expr
    scalars: tuple[Matrix, ...]
    divisors: tuple[Matrix, ...]
    body: Matrix | None

    @property
    def shape(self) -> Shape:
        return SCALAR if self.body is None else self.body.shape

    def value(self, values: Values) -> Any:
        total = Number(self.coefficient).value(values)
        for factor in (*self.scalars, *filter(None, [self.body])):
            total = total * factor.value(values)
        for divisor in self.divisors:
            total = total / divisor.value(values)
        return total


@dataclass(frozen=True)
class Total(Matrix):
    """A sum of matrices of one shape."""

    terms: tuple[Matrix, ...]

    @property
    def shape(self) -> Shape:
        return self.terms[0].shape

    def value(self, values: Values) -> Any:
        return sum(term.value(values) for term in self.terms)


def _length(size: sp.Expr, values: Values) -> int:
    return sizes.value(size, values)


def _softmax(x: Any) -> Any:
    axis = 0 if x.shape[1] == 1 else 1
    weights = np.exp(x - x.max(axis=axis, keepdims=True))
    return weights / weights.sum(axis=axis, keepdims=True)


def _logsumexp(x: Any) -> Any:
    axis = 0 if x.shape[1] == 1 else 1
    largest = x.max(axis=axis, keepdims=True)
    return largest + np.log(np.exp(x - largest).sum(axis=axis, keepdims=True))


CALLS: dict[str, tuple[Any, Any]] = {
    "transpose": (lambda rows, columns: (columns, rows), np.transpose),
    "inverse": (lambda rows, columns: (columns, rows), np.linalg.inv),
    "det": (lambda *_: SCALAR, lambda x: np.linalg.det(x).reshape(1, 1)),
    "tr": (lambda *_: SCALAR, lambda x: np.trace(x).reshape(1, 1)),
    "expm": (lambda rows, columns: (rows, columns), NUMPY["exponential"]),
    "chol": (lambda rows, columns: (rows, columns), NUMPY["cholesky"]),
    "norm": (lambda *_: SCALAR, lambda x: np.sqrt(np.sum(x * x)).reshape(1, 1)),
    "diag": (lambda rows, _: (rows, rows), lambda x: np.diag(x[:, 0])),
    "diagonal": (lambda rows, _: (rows, sp.S.One), lambda x: np.diag(x)[:, None]),
    "softmax": (lambda rows, columns: (rows, columns), _softmax),
    "logsumexp": (lambda rows, columns: SCALAR if columns == 1 else (rows, sp.S.One), _logsumexp),
}
"""How each matrix function changes the shape, and its value."""
