"""Tensors in index notation: a base with entries, indices that run over dimensions, sums that bind fresh indices.

Every index runs from 0 to its dimension minus one. Each sum binds a dummy of its own, because SymPy's `diff`
with respect to `x[k]` is silently wrong where `k` is already bound.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits


def dimension(names: str) -> Any:
    """Symbolic sizes, one for each space-separated name.

    >>> dimension("n").is_positive
    True
    """
    return sp.symbols(names, integer=True, positive=True)


def index(names: str) -> Any:
    """Index symbols, one for each space-separated name.

    >>> index("i j")
    (i, j)
    """
    return sp.symbols(names, integer=True, nonnegative=True)


def scalar(name: str) -> sp.Symbol:
    """A real scalar variable."""
    return sp.Symbol(name, real=True)


def tensor(name: str, *shape: sp.Expr) -> sp.IndexedBase:
    """A real tensor of the given shape; `tensor("X", m, n)[i, j]` is one entry."""
    return sp.IndexedBase(name, shape=shape, real=True)


def integer_tensor(name: str, *shape: sp.Expr) -> sp.IndexedBase:
    """A tensor of integers, such as class indices; nothing is differentiated with respect to it."""
    return sp.IndexedBase(name, shape=shape, integer=True, nonnegative=True)


def delta(i: sp.Expr, j: sp.Expr) -> sp.Expr:
    """Kronecker's delta: 1 where the indices are equal, else 0."""
    return sp.KroneckerDelta(i, j)


def fresh_index() -> sp.Dummy:
    """An index no other expression holds."""
    return sp.Dummy("k", integer=True, nonnegative=True)


class BindsIndices(ExprWithLimits):
    """Something that binds indices and remembers which symbols are free in it.

    SymPy asks for them whenever it wants to know a sign, and rebuilds the body for each answer.
    """

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """The symbols that are not bound, found once."""
        return set(self._free_symbols)

    @cached_property
    def _free_symbols(self) -> frozenset[sp.Symbol]:
        inside = self.function.free_symbols.difference(self.bound_symbols)
        return frozenset(inside.union(*(bound.free_symbols for _, *bounds in self.limits for bound in bounds)))


class Sum(BindsIndices, sp.Sum):
    """SymPy's sum, which remembers its free symbols.

    SymPy searches every summand for cases that it would bring outside; what was searched is not searched again.
    """

    def __new__(cls, function: Any, *limits: Any) -> Any:
        function, bounds = sp.sympify(function), [sp.Tuple(*e) for e in limits if isinstance(e, tuple | sp.Tuple)]
        plain = len(limits) == len(bounds) > 0 and all(map(_runs_between, bounds))
        if not plain or not isinstance(function, sp.Expr) or function is sp.nan or _has_cases(function):
            return super().__new__(cls, function, *limits)
        if type(function) is cls:
            bounds, function = [*function.limits, *bounds], function.function
        made = sp.Expr.__new__(cls, function, *bounds)
        made.is_commutative = function.is_commutative
        return made

    @cached_property
    def has_cases(self) -> bool:
        """Whether SymPy's `Piecewise` stands anywhere in it."""
        return any(map(_has_cases, self.args))


def _runs_between(limits: sp.Tuple) -> bool:
    return len(limits) == 3 and isinstance(limits[0], sp.Symbol) and all(isinstance(b, sp.Expr) for b in limits[1:])


def _has_cases(e: sp.Basic) -> bool:
    if isinstance(e, Sum):
        return e.has_cases
    return isinstance(e, sp.Piecewise) or any(map(_has_cases, e.args))


def sum_over(size: sp.Expr, body: Callable[[sp.Dummy], sp.Expr]) -> Sum:
    """The sum of `body(k)` for k from 0 to size - 1.

    >>> n = dimension("n")
    >>> x = tensor("x", n)
    >>> sum_over(n, lambda k: x[k] ** 2).subs(n, 3).doit()
    x[0]**2 + x[1]**2 + x[2]**2
    """
    k = fresh_index()
    return Sum(body(k), (k, 0, size - 1))


def mean_over(size: sp.Expr, body: Callable[[sp.Dummy], sp.Expr]) -> sp.Expr:
    """The mean of `body(k)` for k from 0 to size - 1."""
    return sum_over(size, body) / size


class LogSumExp(BindsIndices):
    r"""log Σ_k exp(body_k), kept whole so that it can be computed without overflow.

    Its derivative is Σ_k softmax_k · ∂body_k with softmax_k = exp(body_k - logsumexp).
    Source: Boyd and Vandenberghe, Convex Optimization, section 3.1.5.
    """

    is_commutative = True
    is_real = True

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        fresh = {bound: fresh_index() for bound in self.bound_symbols}
        body = self.function.xreplace(fresh)
        limits = ((fresh[bound], lower, upper) for bound, lower, upper in self.limits)
        return Sum(sp.exp(body - self) * body.diff(wrt), *limits)


def logsumexp(size: sp.Expr, body: Callable[[sp.Dummy], sp.Expr]) -> LogSumExp:
    """The logarithm of the sum of `exp(body(k))` for k from 0 to size - 1."""
    k = fresh_index()
    return LogSumExp(body(k), (k, 0, size - 1))


class Extremum(BindsIndices):
    """Something about the largest value of a body over one bound index, written `symbol` with the index below."""

    is_commutative = True
    symbol = ""

    def __new__(cls, function: sp.Expr, *limits: Any) -> Extremum:
        # SymPy would merge the limits of one extremum within another, as it does for sums.
        return sp.Expr.__new__(cls, sp.sympify(function), *(sp.Tuple(*limit) for limit in limits))

    def _latex(self, printer: Any) -> str:
        body, bound = map(printer._print, (self.function, *self.bound_symbols))
        return rf"\operatorname{{{self.symbol}}}_{{{bound}}}\left({body}\right)"

    def _sympystr(self, printer: Any) -> str:
        body, bound = map(printer._print, (self.function, *self.bound_symbols))
        return f"{self.symbol}_{bound}({body})"


class MaxOver(Extremum):
    """The largest value of a body over one bound index; its derivative is the body's where the largest stands."""

    symbol = "max"
    is_real = True

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        ((bound, lower, upper),) = self.limits
        k = fresh_index()
        slope = self.function.xreplace({bound: k}).diff(wrt)
        return Sum(delta(k, ArgMax(*self.args)) * slope, (k, lower, upper))


class ArgMax(Extremum):
    """The index at which a body is largest, the first of several; it is constant but for jumps."""

    symbol = "argmax"
    is_integer = True
    is_nonnegative = True

    def _eval_derivative(self, _: sp.Expr) -> sp.Expr:
        return sp.S.Zero


def max_over(size: sp.Expr, body: Callable[[sp.Dummy], sp.Expr]) -> MaxOver:
    """The largest `body(k)` for k from 0 to size - 1; where several are largest, the first one has the slope."""
    k = fresh_index()
    return MaxOver(body(k), (k, 0, size - 1))


class MatrixOf(BindsIndices):
    """A square matrix given by its entries: the body at the bound row and column."""

    is_commutative = True
    is_real = True

    def _latex(self, printer: Any) -> str:
        body, row, column = map(printer._print, (self.function, *self.bound_symbols))
        return rf"\left[{body}\right]_{{{row},{column}}}"

    def _sympystr(self, printer: Any) -> str:
        body, row, column = map(printer._print, (self.function, *self.bound_symbols))
        return f"[{body}]_{row},{column}"


def matrix_of(size: sp.Expr, body: Callable[[sp.Dummy, sp.Dummy], sp.Expr]) -> MatrixOf:
    """The square matrix with the entries `body(row, column)`."""
    row, column = fresh_index(), fresh_index()
    return MatrixOf(body(row, column), (row, 0, size - 1), (column, 0, size - 1))


class MatrixEntry(sp.Expr):
    """An entry of a function of one square matrix, as a scalar that SymPy can differentiate.

    The matrix is a tensor, or a `MatrixOf` whose entries are expressions: the chain rule then sums over them.
    """

    is_commutative = True
    is_real = True

    def __new__(cls, matrix: sp.IndexedBase | MatrixOf, *indices: sp.Expr) -> MatrixEntry:
        return sp.Expr.__new__(cls, matrix, *map(sp.sympify, indices))

    @property
    def matrix(self) -> sp.IndexedBase | MatrixOf:
        """The matrix whose function this is an entry of."""
        return self.args[0]

    @property
    def indices(self) -> tuple[sp.Expr, ...]:
        """Row and column, or nothing for a scalar function."""
        return self.args[1:]

    @property
    def size(self) -> sp.Expr:
        """The number of the matrix's rows."""
        return self.matrix.limits[0][2] + 1 if isinstance(self.matrix, MatrixOf) else self.matrix.shape[0]

    def _eval_derivative(self, wrt: sp.Expr) -> sp.Expr:
        if isinstance(self.matrix, MatrixOf):
            return self._by_chain_rule(self.matrix, wrt)
        if isinstance(wrt, sp.Indexed) and wrt.base == self.matrix:
            return self._derivative_by_entry(*wrt.indices)
        return sp.S.Zero

    @property
    def name(self) -> sp.Expr:
        """The tensor's name, or the matrix itself where it has none."""
        return self.matrix.label if isinstance(self.matrix, sp.IndexedBase) else self.matrix

    def _by_chain_rule(self, matrix: MatrixOf, wrt: sp.Expr) -> sp.Expr:
        row, column = fresh_index(), fresh_index()
        fresh = dict(zip(matrix.bound_symbols, (row, column), strict=True))
        slope = matrix.function.xreplace(fresh).diff(wrt)
        limits = ((fresh[bound], lower, upper) for bound, lower, upper in matrix.limits)
        return Sum(self._derivative_by_entry(row, column) * slope, *limits) if slope != 0 else sp.S.Zero

    def _derivative_by_entry(self, *_: sp.Expr) -> sp.Expr:
        raise TypeError(f"{type(self).__name__} has no derivative rule")


class Inverse(MatrixEntry):
    """The entry (i, j) of X⁻¹. ∂X⁻¹_ij/∂X_ab = -X⁻¹_ia X⁻¹_bj (Matrix Cookbook, identity 60)."""

    def _derivative_by_entry(self, row: sp.Expr, column: sp.Expr) -> sp.Expr:
        i, j = self.indices
        return -Inverse(self.matrix, i, row) * Inverse(self.matrix, column, j)

    def _latex(self, printer: Any) -> str:
        i, j = map(printer._print, self.indices)
        name = printer._print(self.name)
        base = f"{{{name}}}" if isinstance(self.matrix, MatrixOf) else name
        return rf"{{{base}^{{-1}}}}_{{{i},{j}}}"

    def _sympystr(self, printer: Any) -> str:
        i, j = map(printer._print, self.indices)
        return f"{printer._print(self.name)}⁻¹[{i}, {j}]"


class Determinant(MatrixEntry):
    """det X. ∂det X/∂X_ab = det X · X⁻¹_ba (Jacobi's formula; Matrix Cookbook, identity 49)."""

    def _derivative_by_entry(self, row: sp.Expr, column: sp.Expr) -> sp.Expr:
        return self * Inverse(self.matrix, column, row)

    def _latex(self, printer: Any) -> str:
        return rf"\det {printer._print(self.name)}"

    def _sympystr(self, printer: Any) -> str:
        return f"det({printer._print(self.name)})"
