"""How each kind of SymPy node becomes array code."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p
from sympy.core.relational import Relational

from gradcheck.symbolic.condition_lowering import choice, logical, relational
from gradcheck.symbolic.functions import ELEMENTARY
from gradcheck.symbolic.indices import INDEX_FUNCTIONS
from gradcheck.symbolic.lowering import Axes, Lower, Lowering, Value
from gradcheck.symbolic.matrix_lowering import extremum, matrix_entry
from gradcheck.symbolic.piecewise import BY_CASES
from gradcheck.symbolic.sizes import size_code
from gradcheck.symbolic.special_functions import SPECIAL
from gradcheck.symbolic.tensors import ArgMax, LogSumExp, MatrixEntry, MaxOver
from gradcheck.symbolic.tracing.special import Rounded
from gradcheck.symbolic.whole_axes import ProductOver, SharedMax

LETTERS = "abcdefghijklmnopqrstuvwxyz"

ELEMENTWISE: tuple[type, ...] = (
    *ELEMENTARY,
    *SPECIAL,
    Rounded,
    *INDEX_FUNCTIONS,
    *(sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.sinh, sp.cosh, sp.tanh, sp.erf, sp.erfc, sp.erfinv, expm1, log1p),
    *(sp.asin, sp.acos, sp.atan, sp.atan2, sp.asinh, sp.acosh, sp.atanh, sp.loggamma, sp.polygamma),
)
"""Functions applied entry by entry; the kernel has the function's name."""


def _elementwise(self: Lowering, expression: sp.Expr) -> Value:
    lower = self.lower if isinstance(expression, INDEX_FUNCTIONS) else partial(_real, self)
    values = [lower(argument) for argument in expression.args]
    axes = self.union(values)
    arguments = [self.align(value, axes) for value in values]
    if not axes and not isinstance(expression, INDEX_FUNCTIONS):
        arguments[0] = f"expand({arguments[0]}, (), {self.like})"
    return self.assign(f"{type(expression).__name__}({', '.join(arguments)})", axes)


def _real(self: Lowering, expression: sp.Expr) -> Value:
    """The value of an expression, decimals where it holds whole numbers, such as places: functions of them are none."""
    value = self.lower(expression)
    if not value.axes or not expression.is_integer:
        return value
    return self.assign(f"as_real({value.code}, {self.like})", value.axes)


def _is_real(expression: sp.Expr) -> bool:
    """Whether it is made of decimals even where it is whole: deltas and cases are."""
    return not expression.is_integer or isinstance(expression, (sp.KroneckerDelta, *BY_CASES))


def _number(_: Lowering, expression: sp.Expr) -> Value:
    return Value(str(expression) if expression.is_Integer else repr(float(expression)), ())


def _symbol(self: Lowering, expression: sp.Symbol) -> Value:
    if expression in self.ranges:
        return self.assign(f"positions({self.size(expression)}, {self.like})", (expression,))
    return Value(expression.name, ())


def _size(self: Lowering, expression: sp.Expr) -> Value:
    """A whole number made of sizes alone."""
    if self.indices_of(expression) or not all(symbol.is_integer for symbol in expression.free_symbols):
        raise TypeError(f"no array code for {type(expression).__name__}: {expression}")
    return Value(f"({size_code(expression)})", ())


def _indexed(self: Lowering, expression: sp.Indexed) -> Value:
    name, indices = str(expression.base.label), expression.indices
    return _entry(self, name, indices) if self.runs_over_all(expression) else _gather(self, name, indices)


def _entry(self: Lowering, name: str, indices: Sequence[sp.Expr]) -> Value:
    """An entry of a named array: the array itself, a diagonal of it, or a gather."""
    if not all(index in self.ranges for index in indices):
        return _gather(self, name, indices)
    axes = tuple(dict.fromkeys(indices))
    if len(axes) == len(indices):
        return Value(name, axes)
    return self.assign(f"einsum({_subscripts([indices], axes)!r}, {name})", axes)


def _gather(self: Lowering, name: str, indices: Sequence[sp.Expr]) -> Value:
    values = [_whole(self, index) for index in indices]
    axes = self.union(values)
    codes = ", ".join(self.align(value, axes) for value in values)
    return self.assign(f"{name}[{codes}]", axes)


def _whole(self: Lowering, index: sp.Expr) -> Value:
    """An index that was worked out, by cases or by rounding, as whole numbers: arrays of these may hold decimals."""
    value = self.lower(index)
    worked_out = index.has(*BY_CASES) or any(not isinstance(each, INDEX_FUNCTIONS) for each in index.atoms(sp.Function))
    return self.assign(f"as_index({value.code})", value.axes) if worked_out and value.axes else value


def _delta(self: Lowering, expression: sp.Expr) -> Value:
    i, j = expression.args[:2]
    if i in self.ranges and j in self.ranges and self.ranges[i] == self.ranges[j]:
        return self.assign(f"identity({self.size(i)}, {self.like})", (i, j))
    values = [self.lower(i), self.lower(j)]
    axes = self.union(values)
    left, right = (self.align(value, axes) for value in values)
    return self.assign(f"equal({left}, {right}, {self.like})", axes)


def _subscripts(operands: Sequence[Sequence[sp.Symbol]], output: Sequence[sp.Symbol]) -> str:
    letters: dict[sp.Symbol, str] = {}
    for axes in (*operands, output):
        for axis in axes:
            letters.setdefault(axis, LETTERS[len(letters)])
    spelled = ["".join(letters[axis] for axis in axes) for axes in (*operands, output)]
    return f"{','.join(spelled[:-1])}->{spelled[-1]}"


def _bind(self: Lowering, expression: sp.Expr) -> Axes:
    """Register the bound indices' ranges; every sum starts at 0."""
    for bound, lower, upper in expression.limits:
        if lower != 0:
            raise ValueError(f"sums start at 0, got {expression.limits}")
        self.ranges[bound] = upper + 1
    return tuple(expression.bound_symbols)


def _sum(self: Lowering, expression: sp.Sum) -> Value:
    bound = _bind(self, expression)
    terms = sp.Mul.make_args(expression.function)
    several = len(terms) > 1
    values = [_real(self, each) if several and not _is_real(each) else self.lower(each) for each in terms]
    arrays = [value for value in values if value.axes]
    held = arrays[0].axes if len(arrays) == 1 else self.union(arrays)
    axes = tuple(axis for axis in held if axis not in bound)
    factors = [f"({value.code})" for value in values if not value.axes]
    factors += [f"({self.size(k)})" for k in bound if k not in held]
    if len(arrays) == 1:
        positions = tuple(arrays[0].axes.index(k) for k in bound if k in held)
        factors.append(f"sum({arrays[0].code}, {positions})" if positions else arrays[0].code)
    elif arrays:
        subscripts = _subscripts([value.axes for value in arrays], axes)
        factors.append(f"einsum({subscripts!r}, {', '.join(value.code for value in arrays)})")
    return self.assign("*".join(factors), axes)


class _Largest(sp.Function):
    """The largest term of a logsumexp."""


class _RelativeLogSum(sp.Function):
    """A logsumexp less its largest term: at most the logarithm of the number of terms."""


def _logsumexp(self: Lowering, expression: LogSumExp) -> Value:
    return _add(self, sp.Add(_Largest(expression), _RelativeLogSum(expression), evaluate=False))


def _largest(self: Lowering, expression: sp.Expr) -> Value:
    body, axes, bound = _bound_last(self, expression.args[0])
    return self.assign(f"maximum_over({body}, {bound})", axes)


def _relative_log_sum(self: Lowering, expression: sp.Expr) -> Value:
    (whole,) = expression.args
    body, axes, bound = _bound_last(self, whole)
    largest = self.align(self.lower(_Largest(whole)), (*axes, *(sp.Dummy() for _ in bound)))
    return self.assign(f"log(sum(exp({body} - {largest}), {bound}))", axes)


def _bound_last(self: Lowering, expression: sp.Expr) -> tuple[str, Axes, tuple[int, ...]]:
    """Code for the terms with the bound axes last, the other axes, and where the bound ones stand."""
    bound = _bind(self, expression)
    body = self.lower(expression.function)
    axes = tuple(axis for axis in body.axes if axis not in bound)
    code = self.align(body, (*axes, *bound))
    if not set(bound) <= set(body.axes):
        sizes = ", ".join(self.size(axis) for axis in (*axes, *bound))
        code = f"expand({code}, ({sizes},), {self.like})"
    return code, axes, tuple(range(-len(bound), 0))


def _over_whole_axes(kernel: str) -> Lower:
    """The bound axes made one, the last, and the kernel applied to that."""

    def lower(self: Lowering, expression: SharedMax | ProductOver) -> Value:
        code, axes, positions = _bound_last(self, expression)
        whole = self.assign(code, axes)
        merged = f"{whole.code}.reshape(*{whole.code}.shape[:{positions[0]}], -1)"
        return self.assign(f"{kernel}({merged if len(positions) > 1 else whole.code})", axes)

    return lower


def _add(self: Lowering, expression: sp.Add) -> Value:
    """Terms from left to right; a logsumexp goes last, its largest term first, so that `z - logsumexp` is exact."""
    terms = sorted(_split_logsumexp(expression.args), key=_cancellation_rank)
    split = (term.as_coeff_Mul() for term in terms)
    signed = [(coefficient < 0, self.lower(abs(coefficient) * rest)) for coefficient, rest in split]
    axes = self.union(value for _, value in signed)
    codes = [("-" if negative else "+", self.align(value, axes)) for negative, value in signed]
    first = ("-" if codes[0][0] == "-" else "") + codes[0][1]
    return self.assign(" ".join([first, *(f"{sign} {code}" for sign, code in codes[1:])]), axes)


def _split_logsumexp(terms: Sequence[sp.Expr]) -> list[sp.Expr]:
    split: list[sp.Expr] = []
    for term in terms:
        factors = sp.Mul.make_args(term)
        place = next((at for at, factor in enumerate(factors) if isinstance(factor, LogSumExp)), None)
        if place is None:
            split.append(term)
        else:
            parts = (_Largest(factors[place]), _RelativeLogSum(factors[place]))
            split.extend(sp.Mul(part, *factors[:place], *factors[place + 1 :]) for part in parts)
    return split


def _cancellation_rank(term: sp.Expr) -> int:
    if term.has(_RelativeLogSum):
        return 2
    return 1 if term.has(_Largest) else 0


def _mul(self: Lowering, expression: sp.Mul) -> Value:
    """Factors with few axes first, so that scalars meet vectors before vectors meet matrices."""
    numerator: list[Value] = []
    denominator: list[Value] = []
    for factor in expression.args:
        inverted = isinstance(factor, sp.Pow) and factor.exp.is_Number and factor.exp < 0
        (denominator if inverted else numerator).append(self.lower(1 / factor if inverted else factor))
    axes = self.union([*numerator, *denominator])
    code = "*".join(_by_size(self, numerator, axes)) or "1"
    return self.assign("/".join([code, *_by_size(self, denominator, axes)]), axes)


def _by_size(self: Lowering, values: Sequence[Value], axes: Axes) -> list[str]:
    return [self.align(value, axes) for value in sorted(values, key=lambda value: len(value.axes))]


def _pow(self: Lowering, expression: sp.Pow) -> Value:
    base, exponent = expression.args
    if exponent == sp.S.NegativeOne:
        value = self.lower(base)
        return self.assign(f"1/{value.code}", value.axes)
    if exponent == sp.S.Half:
        value = self.lower(base)
        code = value.code if value.axes else f"expand({value.code}, (), {self.like})"
        return self.assign(f"sqrt({code})", value.axes)
    values = [_real(self, base), _real(self, exponent)]
    axes = self.union(values)
    left, right = (self.align(value, axes) for value in values)
    return self.assign(f"({left})**({right})", axes)


NODES: tuple[tuple[type, Lower], ...] = (
    *((function, _elementwise) for function in ELEMENTWISE),
    (_Largest, _largest),
    (_RelativeLogSum, _relative_log_sum),
    (sp.Number, _number),
    (sp.NumberSymbol, _number),
    (sp.Symbol, _symbol),
    *((kind, _size) for kind in (sp.floor, sp.Min, sp.Max, sp.Mod)),
    (sp.Indexed, _indexed),
    (sp.KroneckerDelta, _delta),
    (MatrixEntry, matrix_entry(_entry)),
    (MaxOver, extremum("largest")),
    (ArgMax, extremum("position_of_largest")),
    (SharedMax, _over_whole_axes("largest")),
    (ProductOver, _over_whole_axes("product")),
    (sp.Sum, _sum),
    (LogSumExp, _logsumexp),
    (sp.Add, _add),
    (sp.Mul, _mul),
    (sp.Pow, _pow),
    *((kind, choice) for kind in BY_CASES),
    (Relational, relational),
    (sp.And, logical("&")),
    (sp.Or, logical("|")),
)
"""How each kind of node is lowered; the first kind that fits decides."""
