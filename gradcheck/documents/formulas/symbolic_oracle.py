"""What SymPy says: a tree over arrays of symbols, differentiated entry by entry, and evaluated to 40 digits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from gradcheck.documents.formulas.evaluation import CannotEvaluate, Evaluator
from gradcheck.documents.formulas.quadrature import without_integrals
from gradcheck.documents.formulas.tree import (
    INFINITY,
    Cases,
    Condition,
    Derivative,
    Integral,
    Limit,
    Negated,
    Node,
    Number,
    Power,
    Series,
)
from gradcheck.symbolic import functions
from gradcheck.symbolic.evaluate import evaluate
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tracing import scalars


def _determinant(matrix: sp.Matrix) -> sp.Expr:
    """Without divisions, which a symbolic entry may not allow."""
    return matrix.det(method="berkowitz")


MAX_BITS = 1_024
MAX_OPERATIONS = 4_000
MOST_IN_A_LIMIT = 80
OF_ENTRIES: dict[str, Callable[[list[sp.Expr]], sp.Expr]] = {
    "sum": lambda entries: sp.Add(*entries),
    "mean": lambda entries: sp.Add(*entries) / len(entries),
    "norm": lambda entries: sp.sqrt(sp.Add(*(entry**2 for entry in entries))),
    "norm1": lambda entries: sp.Add(*map(scalars.SCALARS["abs"], entries)),
    "logsumexp": lambda entries: sp.log(sp.Add(*map(sp.exp, entries))),
}
OF_SQUARE: dict[str, Callable[[sp.Matrix], Any]] = {
    "tr": lambda matrix: matrix.trace(),
    "det": _determinant,
    "logdet": lambda matrix: sp.log(_determinant(matrix)),
    "inverse": lambda matrix: matrix.adjugate() / _determinant(matrix),
}
WRITTEN_OUT: dict[Any, Callable[[sp.Expr], sp.Expr]] = {
    functions.sigmoid: lambda u: 1 / (1 + sp.exp(-u)),
    functions.softplus: lambda u: sp.log(1 + sp.exp(u)),
}
RELATIONS = {"<": sp.Lt, "<=": sp.Le, ">": sp.Gt, ">=": sp.Ge}


def symbols(label: str, shape: tuple[int, ...]) -> Any:
    """An array of real symbols, named by label and place."""
    found = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        found[place] = _symbol(label, place)
    return found


def _symbol(label: str, place: tuple[int, ...]) -> sp.Symbol:
    return sp.Symbol("·".join([label, *map(str, place)]), real=True)


class SymbolicOracle(Evaluator):
    """Values are object arrays of SymPy expressions."""

    def number(self, node: Number) -> Any:
        return np.array(
            sp.Rational(node.value.numerator, node.value.denominator),
            dtype=object,
        )

    def constant(self, label: str) -> Any:
        return np.array({"e": sp.E, "pi": sp.pi}[label], dtype=object)

    def value(self, node: Node) -> Any:
        found = np.asarray(super().value(node), dtype=object)
        for entry in found.flat:
            if entry.has(sp.zoo, sp.nan) or (entry.has(sp.oo) and not entry.has(sp.Integral, sp.Sum)):
                raise CannotEvaluate("a division by zero")
        return found

    def power(self, node: Power) -> Any:
        base, exponent = self.value(node.base), self.value(node.exponent)
        if not base.shape and not exponent.shape:
            _check_power(base.item(), exponent.item())
        return super().power(node)

    def apply(self, function: str, arguments: list[Any]) -> Any:
        rule = {"max": scalars.SCALARS["maximum"], "min": scalars.SCALARS["minimum"]}.get(
            function
        ) or scalars.SCALARS.get(function)
        if rule is None:
            raise CannotEvaluate(f"the function {function} is not known")
        try:
            return np.frompyfunc(rule, len(arguments), 1)(*arguments)
        except TypeError:
            raise CannotEvaluate(f"{function} does not take {len(arguments)} arguments") from None

    def whole(self, function: str, argument: Any) -> Any:
        entries = list(argument.flat)
        if function in OF_ENTRIES:
            return np.array(OF_ENTRIES[function](entries), dtype=object)
        if function in ("softmax", "log_softmax"):
            total = sp.Add(*map(sp.exp, entries))
            each = [sp.exp(entry) / total if function == "softmax" else entry - sp.log(total) for entry in entries]
            return np.array(each, dtype=object).reshape(argument.shape)
        matrix = sp.Matrix(argument) if argument.ndim == 2 else sp.Matrix([[argument.item()]])
        if matrix.rows != matrix.cols or function not in OF_SQUARE:
            raise CannotEvaluate(f"{function} needs a square matrix")
        found = OF_SQUARE[function](matrix)
        return np.array(found.tolist() if isinstance(found, sp.MatrixBase) else found, dtype=object)

    def choose(self, node: Cases) -> Any:
        values = [self.value(value) for value in node.values]
        if any(value.shape for value in values):
            raise CannotEvaluate("cases of arrays")
        pairs = [(v.item(), self.condition(c)) for v, c in zip(values, node.conditions, strict=True) if c is not None]
        otherwise = values[-1].item()
        return np.array(cases(*pairs, otherwise=otherwise) if pairs else otherwise, dtype=object)

    def condition(self, node: Condition) -> Any:
        """A comparison as SymPy's."""
        left, right = self.value(node.left), self.value(node.right)
        if left.shape or right.shape:
            raise CannotEvaluate("a comparison of arrays")
        return scalars.compare(RELATIONS[node.relation], left.item(), right.item())

    def stack(self, entries: list[Any]) -> Any:
        return np.array([entry.item() for entry in entries], dtype=object).reshape(-1, 1)

    def collapse(self, value: Any) -> Any:
        return np.asarray(value[0, 0], dtype=object)

    def limit(self, node: Limit) -> Any:
        body, by = self.value(node.body), self.values[node.by.label].item()
        body = np.asarray(np.frompyfunc(_written_out, 1, 1)(body), dtype=object)
        toward = infinity(node.toward) or self.value(node.toward).item()
        if sum(entry.count_ops() for entry in body.flat) > MOST_IN_A_LIMIT:
            raise CannotEvaluate("the limit is of too long an expression")
        side = node.side or ("+" if toward in (sp.oo, -sp.oo) else "+-")
        try:
            found = np.frompyfunc(lambda entry: sp.limit(entry, by, toward, side), 1, 1)(body)
        except (NotImplementedError, ValueError):
            raise CannotEvaluate("the limit could not be found") from None
        if any(entry.has(sp.Limit, sp.AccumBounds) for entry in np.asarray(found, dtype=object).flat):
            raise CannotEvaluate("the limit could not be found")
        return np.asarray(found, dtype=object)

    def integral(self, node: Integral) -> Any:
        body, by = self.value(node.body), self.values[node.by.label].item()
        lower, upper = (infinity(each) or self.value(each).item() for each in (node.lower, node.upper))
        if body.shape:
            raise CannotEvaluate("an integral of an array")
        return np.array(sp.Integral(body.item(), (by, lower, upper)), dtype=object)

    def series(self, node: Series) -> Any:
        body, by = self.value(node.body), self.values[node.by.label].item()
        if body.shape:
            raise CannotEvaluate("a series of arrays")
        upper = sp.oo if node.upper is None else self.value(node.upper).item()
        return np.array(sp.Sum(body.item(), (by, self.value(node.lower).item(), upper)), dtype=object)

    def differentiate(self, node: Derivative) -> Any:
        before = dict(self.values)
        inner: dict[sp.Symbol, sp.Expr] = {}
        for label, value in node.where:
            outer = self.value(value)
            fresh = symbols(f"{label}′{len(before)}", outer.shape)
            inner.update(zip(fresh.flat, outer.flat, strict=True))
            before.setdefault(label, None)
            self.values[label] = fresh
        assert node.of is not None
        found = self.value(node.of)
        for by in node.by:
            found = _by(found, self.value(by))
        self.values = {label: value for label, value in before.items() if value is not None}
        return np.frompyfunc(lambda entry: entry.xreplace(inner), 1, 1)(found) if inner else found


def _by(of: Any, by: Any) -> Any:
    if any(not isinstance(entry, sp.Symbol) for entry in by.flat):
        raise CannotEvaluate("a derivative is taken by a variable")
    if sum(entry.count_ops() for entry in of.flat) > MAX_OPERATIONS:
        raise CannotEvaluate("the expression is too long")
    if not by.shape:
        return np.asarray(np.frompyfunc(lambda entry: sp.diff(entry, by.item()), 1, 1)(of), dtype=object)
    if not of.shape:
        return np.asarray(np.frompyfunc(lambda entry: sp.diff(of.item(), entry), 1, 1)(by), dtype=object)
    rows = [[sp.diff(entry, each) for each in by.flat] for entry in of.flat]
    return np.array(rows, dtype=object)


def _check_power(base: sp.Expr, exponent: sp.Expr) -> None:
    """SymPy works powers of numbers out exactly, however many digits they have."""
    if exponent.is_number and abs(float(exponent)) > MAX_BITS:
        raise CannotEvaluate("the power is too large")
    if (
        base.is_number
        and exponent.is_number
        and abs(float(exponent)) * abs(np.log2(abs(float(base)) or 1.0)) > MAX_BITS
    ):
        raise CannotEvaluate("the power is too large")


def _written_out(expression: sp.Expr) -> sp.Expr:
    """The expression in functions whose limits SymPy knows."""
    for function, body in WRITTEN_OUT.items():
        expression = expression.replace(function, body)
    return expression


def infinity(node: Node) -> Any:
    """Plus or minus infinity; None for any other limit."""
    if isinstance(node, Negated):
        return -sp.oo if node.operand == INFINITY else None
    return sp.oo if node == INFINITY else None


def numbers(entries: Any, point: dict[str, Any]) -> Any:
    """The values of an array of expressions at a point, by the project's own evaluator to 40 digits."""
    environment = {}
    for label, values in point.items():
        for place in np.ndindex(values.shape):
            environment[_symbol(label, place)] = values[place]
    found = np.empty(entries.shape, dtype=object)
    for place in np.ndindex(entries.shape):
        entry = without_integrals(entries[place], environment).replace(sp.Abs, scalars.SCALARS["abs"])
        found[place] = mpmath.mpmathify(evaluate(entry, environment))
    return found
