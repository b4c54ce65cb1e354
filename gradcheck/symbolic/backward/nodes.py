"""How a person writes some kinds of node: the softmax family by its own functions, whole axes as slices."""

from __future__ import annotations

import sympy as sp
from sympy.utilities.iterables import sift

from gradcheck.symbolic.binding import canonical, substitute
from gradcheck.symbolic.lowering import Lower, Lowering, Value
from gradcheck.symbolic.nodes import NODES
from gradcheck.symbolic.tensors import LogSumExp


def _standard(self: Lowering, expression: sp.Expr) -> Value:
    return next(lower for kind, lower in NODES if isinstance(expression, kind))(self, expression)


def _over_one_axis(self: Lowering, whole: LogSumExp) -> tuple[Value, sp.Symbol] | None:
    """The terms of a logsumexp over one index, and that index."""
    if len(whole.bound_symbols) != 1:
        return None
    ((bound, _, upper),) = whole.limits
    self.ranges[bound] = upper + 1
    body = self.lower(whole.function)
    return (body, bound) if bound in body.axes else None


def logsumexp(self: Lowering, expression: LogSumExp) -> Value:
    """Over one axis, by its own name."""
    if (found := _over_one_axis(self, expression)) is None:
        return _standard(self, expression)
    body, bound = found
    axes = tuple(axis for axis in body.axes if axis != bound)
    return self.assign(f"logsumexp({body.code}, {body.axes.index(bound)})", axes)


def add(self: Lowering, expression: sp.Add) -> Value:
    """u - logsumexp(u) is the logarithm of a softmax."""
    return _softmax(self, expression, "log_softmax") or _standard(self, expression)


def exponential(self: Lowering, expression: sp.Expr) -> Value:
    """exp(u - logsumexp(u)) is a softmax."""
    return _softmax(self, expression.args[0], "softmax") or _standard(self, expression)


def _softmax(self: Lowering, exponent: sp.Expr, name: str) -> Value | None:
    whole = next((-term for term in sp.Add.make_args(exponent) if isinstance(-term, LogSumExp)), None)
    if whole is None or len(whole.bound_symbols) != 1:
        return None
    (bound,) = whole.bound_symbols
    chosen = _index_chosen(exponent + whole, whole.function, bound)
    found = _over_one_axis(self, whole)
    if chosen is None or found is None or chosen in found[0].axes:
        return None
    body, axes = found[0], tuple(chosen if axis == bound else axis for axis in found[0].axes)
    return self.assign(f"{name}({body.code}, {body.axes.index(bound)})", axes)


def multiply(self: Lowering, expression: sp.Mul) -> Value:
    """What has no axes is multiplied and divided first, so that no array is gone through for it."""
    free, held = sift(expression.args, lambda each: not self.indices_of(each), binary=True)
    if not held or len(free) < 2:
        return _standard(self, expression)
    number = self.assign(_standard(self, sp.Mul(*free)).code, ())
    scale = sp.Dummy(number.code)
    self.known[scale] = number
    return _standard(self, sp.Mul(scale, *held))


def indexed(self: Lowering, expression: sp.Indexed) -> Value:
    """Entries at fixed places along some axes, and all along the others: x[0], not x[0, arange(n)]."""
    places = list(zip(expression.indices, expression.shape, strict=True))
    whole = [index for index, size in places if self.ranges.get(index) == size]
    fixed = [index for index in expression.indices if index not in whole]
    if not fixed or len(set(whole)) < len(whole) or any(map(self.indices_of, fixed)):
        return _standard(self, expression)
    codes = [":" if index in whole else self.lower(index).code for index in expression.indices]
    while codes[-1] == ":":
        codes.pop()
    return self.assign(f"{expression.base.label}[{', '.join(codes)}]", whole)


def _index_chosen(term: sp.Expr, function: sp.Expr, bound: sp.Symbol) -> sp.Symbol | None:
    """The index at which a term is the function's value, where the function has `bound`."""
    wanted = canonical(term)
    candidates = sorted((s for s in term.free_symbols if s.is_integer and s.is_nonnegative), key=str)
    return next((s for s in candidates if canonical(substitute(function, bound, s)) == wanted), None)


READABLE: tuple[tuple[type, Lower], ...] = (
    (sp.exp, exponential),
    (sp.Add, add),
    (LogSumExp, logsumexp),
    (sp.Mul, multiply),
    (sp.Indexed, indexed),
    *NODES,
)
"""How each kind of node is lowered in code for people; the first kind that fits decides."""
