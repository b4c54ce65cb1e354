"""What code writes out by hand, as functions that have names: one pattern each.

A pattern takes a node whose parts are folded already and returns what it is equal to, or None. Each holds for all real
numbers, with the slope that torch gives the original at its kinks, and computes no worse: a named function overflows
nowhere. Therefore not among them: √u² for |u| (torch's slope at 0 is nan), max(u, 0) and clamp(u, 0) for relu (their
slopes at 0 are 1/2 and 1), max(u, 0) + log(1 + exp(-|u|)) for softplus (its slope at 0 is 0 and not 1/2).
"""

from __future__ import annotations

import sympy as sp
from sympy.codegen.cfunctions import log1p
from sympy.core.relational import StrictGreaterThan, StrictLessThan

from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.functions import absolute, relu, sigmoid, sign, softplus
from gradcheck.symbolic.piecewise import Cases
from gradcheck.symbolic.tensors import LogSumExp, Sum


def logistic(e: sp.Expr) -> sp.Expr | None:
    """1/(1 + exp(-u)) = σ(u), also its powers."""
    if not isinstance(e, sp.Pow) or not e.exp.is_Integer or not e.exp.is_negative:
        return None
    u = _one_plus_exponential(e.base)
    return None if u is None else sigmoid(-u) ** -e.exp


def logistic_of_growth(e: sp.Expr) -> sp.Expr | None:
    """exp(u)/(1 + exp(u)) = σ(u), the quotient being exp(u) σ(-u) by then."""
    for s in _factors(e, sigmoid):
        if (growth := sp.exp(-s.args[0])) in e.args:
            return _without(e, s, growth) * sigmoid(-s.args[0])
    return None


def log_of_one_plus_exponential(e: sp.Expr) -> sp.Expr | None:
    """log(1 + exp(u)) = softplus(u), also as log1p."""
    argument = _log_argument(e)
    u = None if argument is None else _one_plus_exponential(argument)
    return None if u is None else softplus(u)


def log_of_logistic(e: sp.Expr) -> sp.Expr | None:
    """log σ(u) = -softplus(-u), and log(1 - σ(u)) = -softplus(u)."""
    argument = _log_argument(e)
    if isinstance(argument, sigmoid):
        return -softplus(-argument.args[0])
    if isinstance(argument, sp.Add) and isinstance(s := 1 - argument, sigmoid):
        return -softplus(s.args[0])
    return None


def log_of_signed(e: sp.Expr) -> sp.Expr | None:
    """log |u| unless u is negative, where there is none, is log u: so torch composes the logarithm of a determinant."""
    if not isinstance(e, Cases) or len(e.args) != 2:
        return None
    (first, condition), (second, _) = e.args
    if first is not sp.nan or not isinstance(condition, sp.Eq) or not isinstance(second, sp.log):
        return None
    size = second.args[0]
    is_signed = isinstance(size, absolute) and condition == sp.Eq(sign(size.args[0]), -1)
    return sp.log(size.args[0]) if is_signed else None


def hyperbolic_quotient(e: sp.Expr) -> sp.Expr | None:
    """(exp(u) - exp(-u))/(exp(u) + exp(-u)) = sinh(u)/cosh(u) = tanh(u)."""
    if not isinstance(e, sp.Mul):
        return None
    for below in (f for f in e.args if isinstance(f, sp.Pow) and f.exp == -1):
        u = _cosine_argument(below.base)
        rise = None if u is None else sp.exp(u) - sp.exp(-u)
        for above, sense in ((rise, 1), (None if rise is None else -rise, -1)):
            if above is not None and above in e.args:
                return sense * _without(e, below, above) * sp.tanh(u)
        if isinstance(below.base, sp.cosh) and (sine := sp.sinh(*below.base.args)) in e.args:
            return _without(e, below, sine) * sp.tanh(*below.base.args)
    return None


def hyperbolic_by_logistic(e: sp.Expr) -> sp.Expr | None:
    """(exp(2u) - 1)/(exp(2u) + 1) = tanh(u), the denominator being σ(-2u) by then."""
    for s in _factors(e, sigmoid):
        v = s.args[0]
        for rise, turned in ((1 - sp.exp(-v), v), (sp.exp(-v) - 1, -v)):
            if rise in e.args:
                return _without(e, s, rise) * sp.tanh(turned / 2)
    return None


def twice_logistic_less_one(e: sp.Expr) -> sp.Expr | None:
    """2 σ(2u) - 1 = tanh(u), also whole multiples of it."""
    if isinstance(e, sp.Add) and len(e.args) == 2:
        constant, s = e.as_coeff_Add()
        number, s = s.as_coeff_Mul()
        if isinstance(s, sigmoid) and constant.is_Integer and constant == -number / 2:
            return number / 2 * sp.tanh(s.args[0] / 2)
    return None


def log_of_sum_of_exponentials(e: sp.Expr) -> sp.Expr | None:
    """log Σ exp(u_k), also of positive multiples of the sum."""
    if not isinstance(e, sp.log):
        return None
    whole = next((f for f in sp.Mul.make_args(e.args[0]) if _is_sum_of_exponentials(f)), None)
    rest = None if whole is None else e.args[0] / whole
    if rest is None or not rest.is_positive:
        return None
    return sp.expand_log(sp.log(rest)) + _logsumexp(whole)


def shifted_logsumexp(e: sp.Expr) -> sp.Expr | None:
    """log Σ exp(u_k + c) = c + log Σ exp(u_k)."""
    if not isinstance(e, LogSumExp):
        return None
    body = sp.expand(e.function, deep=False)
    terms = sp.Add.make_args(body)
    constant = [term for term in terms if term.free_symbols.isdisjoint(e.bound_symbols)]
    if not constant or len(constant) == len(terms):
        return None
    return LogSumExp(body - sp.Add(*constant), *e.limits) + sp.Add(*constant)


def softmax_quotient(e: sp.Expr) -> sp.Expr | None:
    """exp(u)/Σ exp(v_k) = exp(u - log Σ exp(v_k)); what was subtracted from all alike, such as the largest, cancels."""
    whole = _divisor(e)
    if whole is None:
        return None
    above = next((f for f in e.args if isinstance(f, sp.exp)), None)
    if above is None:
        return _weighted_by_softmax(e, whole)
    return _without(e, above, 1 / whole) * _relative(above.args[0], whole)


def _weighted_by_softmax(e: sp.Expr, whole: sp.Sum) -> sp.Expr | None:
    """Σ_k a_k exp(u_k) / Σ_k exp(u_k): every weight by itself."""
    for each in (f for f in e.args if isinstance(f, sp.Sum)):
        exponential = next((f for f in sp.Mul.make_args(each.function) if isinstance(f, sp.exp)), None)
        if exponential is not None and canonical(Sum(exponential, *each.limits)) == canonical(whole):
            weighted = each.function / exponential * _relative(exponential.args[0], whole)
            return _without(e, each, 1 / whole) * Sum(weighted, *each.limits)
    return None


def choice_of_the_positive(e: sp.Expr) -> sp.Expr | None:
    """u where u > 0, else 0, is relu(u): in both, the slope at 0 is 0."""
    if not isinstance(e, Cases) or len(e.args) != 2:
        return None
    (first, condition), (second, _) = e.args
    u = _said_positive(condition)
    if u is not None and second == 0 and first == u:
        return relu(u)
    u = None if u is not None else _said_positive(sp.Not(condition))
    return relu(u) if u is not None and first == 0 and second == u else None


def product_with_the_sign(e: sp.Expr) -> sp.Expr | None:
    """u (1 where u > 0, else 0) = relu(u), u sign(u) = |u|; in all, the slope at 0 is 0."""
    if not isinstance(e, sp.Mul):
        return None
    for factor in e.args:
        u, function = _positive_or_signed(factor)
        rest = _without(e, factor)
        if u is not None and ((quotient := rest / u).is_number or u in sp.Mul.make_args(rest)):
            return quotient * function(u)
    return None


def _positive_or_signed(factor: sp.Expr) -> tuple[sp.Expr | None, type]:
    if isinstance(factor, sign):
        return factor.args[0], absolute
    if isinstance(factor, Cases) and len(factor.args) == 2:
        (first, condition), (second, _) = factor.args
        if (first, second) == (1, 0):
            return _said_positive(condition), relu
    return None, relu


def _said_positive(condition: sp.Basic) -> sp.Expr | None:
    """The u of a condition u > 0."""
    return condition.gts - condition.lts if isinstance(condition, StrictGreaterThan | StrictLessThan) else None


def _relative(u: sp.Expr, whole: sp.Sum) -> sp.Expr:
    """exp(u) over a sum of exponentials."""
    total = _logsumexp(whole)
    shift = total - next(each for each in sp.Add.make_args(total) if isinstance(each, LogSumExp))
    left = sp.expand(u - shift) if shift != 0 else u
    return sp.exp((left if sp.count_ops(left) < sp.count_ops(u - shift) else u - shift) - (total - shift))


def _logsumexp(whole: sp.Sum) -> sp.Expr:
    made = LogSumExp(whole.function.args[0], *whole.limits)
    return shifted_logsumexp(made) or made


def _divisor(e: sp.Expr) -> sp.Sum | None:
    """The sum of exponentials that a product is divided by."""
    if not isinstance(e, sp.Mul):
        return None
    below = (f.base for f in e.args if isinstance(f, sp.Pow) and f.exp == -1)
    return next(filter(_is_sum_of_exponentials, below), None)


def _is_sum_of_exponentials(e: sp.Expr) -> bool:
    """Whether it sums exponentials that vary with its indices."""
    bare = isinstance(e, sp.Sum) and isinstance(e.function, sp.exp)
    return bare and not e.function.free_symbols.isdisjoint(e.bound_symbols)


def _one_plus_exponential(e: sp.Expr) -> sp.Expr | None:
    """The u of 1 + exp(u)."""
    return (e - 1).args[0] if isinstance(e, sp.Add) and isinstance(e - 1, sp.exp) else None


def _cosine_argument(e: sp.Expr) -> sp.Expr | None:
    """The u of exp(u) + exp(-u), without a minus sign where one of them has none."""
    if not isinstance(e, sp.Add) or len(e.args) != 2 or not all(isinstance(term, sp.exp) for term in e.args):
        return None
    u, v = sorted((term.args[0] for term in e.args), key=lambda a: bool(a.could_extract_minus_sign()))
    return u if u == -v else None


def _log_argument(e: sp.Expr) -> sp.Expr | None:
    if isinstance(e, log1p):
        return 1 + e.args[0]
    return e.args[0] if isinstance(e, sp.log) else None


def _factors(e: sp.Expr, kind: type) -> list[sp.Expr]:
    return [f for f in e.args if isinstance(f, kind)] if isinstance(e, sp.Mul) else []


def _without(product: sp.Expr, *factors: sp.Expr) -> sp.Expr:
    """The product of the other factors."""
    return sp.Mul(*(f for f in product.args if f not in factors))
