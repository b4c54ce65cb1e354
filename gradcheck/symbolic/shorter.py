"""The shortest of a few ways to write an expression, by algebra alone."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from gradcheck.symbolic.piecewise import BY_CASES
from gradcheck.symbolic.printing import text
from gradcheck.symbolic.tensors import Sum

LARGE = 150
"""Expressions of more operations are not multiplied out."""
HIGH_POWER = 12
"""Sums to a higher power are not multiplied out."""
LARGE_QUOTIENT = 80
"""Expressions of more operations are not put over one denominator."""


def shorter(expression: sp.Expr) -> sp.Expr | None:
    """A shorter way to write the expression: factored, multiplied out, or over one denominator; None where it has none.

    >>> x = sp.Symbol("x", positive=True)
    >>> shorter(sp.cos(x) / x - sp.sin(x) / x**2), shorter(sp.cos(x))
    ((x*cos(x) - sin(x))/x**2, None)
    """
    size = sp.count_ops(expression)
    if size > LARGE or expression.has(*BY_CASES):
        return None
    best = min(map(_minus_in_front, _candidates(expression, size)), key=lambda each: (_length(each), str(each)))
    return best if _length(best) < _length(expression) and text(best) != text(expression) else None


def _length(expression: sp.Expr) -> int:
    """How many operations; a fraction bar is as long as three."""
    below = [each for each in sp.preorder_traversal(expression) if isinstance(each, sp.Pow) and _is_negative(each.exp)]
    return int(sp.count_ops(expression)) + 2 * len(below)


def with_shorter_sums(expression: sp.Expr) -> sp.Expr:
    """The expression with every term that it sums in its shortest way, the innermost first."""
    if not expression.has(sp.Sum) or isinstance(expression, sp.Indexed):
        return expression
    made = expression.func(*map(with_shorter_sums, expression.args))
    if not isinstance(made, sp.Sum):
        return minus_into_sum(made) or made
    return Sum(shorter(made.function) or made.function, *made.limits)


def minus_into_sum(product: sp.Expr) -> sp.Expr | None:
    """Σ (b - a) c for -Σ (a - b) c; None for any other expression.

    >>> from gradcheck.symbolic.tensors import Sum, dimension, sum_over, tensor
    >>> n = dimension("n")
    >>> a, b = tensor("a", n), tensor("b", n)
    >>> minus_into_sum(-sum_over(n, lambda k: a[k] * (a[k] - b[k]))).function
    (-a[_k] + b[_k])*a[_k]
    """
    factors = sp.Mul.make_args(product)
    whole = next((each for each in factors if isinstance(each, sp.Sum)), None)
    if whole is None or not product.as_coeff_Mul()[0].is_negative:
        return None
    inside = sp.Mul.make_args(whole.function)
    difference = next(filter(_is_difference, inside), None)
    if difference is None:
        return None
    turned = Sum(sp.Mul(*(-each if each is difference else each for each in inside)), *whole.limits)
    return sp.Mul(-1, *(turned if each is whole else each for each in factors))


def _is_difference(factor: sp.Expr) -> bool:
    """Whether it is a - b; 1 - a is left as it is."""
    return (
        factor.is_Add
        and not any(term.is_number for term in factor.args)
        and len({*map(_is_negative, factor.args)}) == 2
    )


def _minus_in_front(expression: sp.Expr) -> sp.Expr:
    """-(a + b) for a factor -a - b."""
    factors = sp.Mul.make_args(expression)
    negative = {each: -each for each in factors if each.is_Add and all(map(_is_negative, each.args))}
    return sp.Mul(*(negative.get(each, each) for each in factors)) * (-1) ** len(negative) if negative else expression


def _is_negative(term: sp.Expr) -> bool:
    return bool(term.as_coeff_Mul()[0].is_negative)


def _candidates(expression: sp.Expr, size: int) -> Iterator[sp.Expr]:
    """Functions, entries and sums are letters meanwhile; exponentials are multiplied."""
    letters = Letters(sp.exp)
    lettered = letters.standing_for(expression)
    found = [sp.factor_terms(lettered), *_multiplied_out(lettered)]
    yield from map(letters.written_out, found)
    if size <= LARGE_QUOTIENT:
        yield from _quotients(expression)


def _multiplied_out(expression: sp.Expr) -> Iterator[sp.Expr]:
    above, below = fraction(expression)
    if any(each.base.is_Add and each.exp.is_number and abs(each.exp) > HIGH_POWER for each in above.atoms(sp.Pow)):
        return
    expanded = sp.expand(above)
    yield expanded / below
    yield sp.factor_terms(expanded) / below


def _quotients(expression: sp.Expr) -> Iterator[sp.Expr]:
    """Quotients within quotients put together."""
    letters = Letters()
    together = sp.together(letters.standing_for(expression))
    for each in (together, *_multiplied_out(together)):
        if not each.has(sp.Abs, sp.I, sp.zoo, sp.nan):
            yield letters.written_out(each)


def over_one_denominator(expression: sp.Expr) -> sp.Expr:
    """The expression as one quotient without common factors; functions, entries and sums are letters meanwhile.

    >>> x = sp.Symbol("x")
    >>> over_one_denominator(1 / (1 - x) - x / (1 - x))
    1
    """
    letters = Letters()
    return letters.written_out(sp.cancel(letters.standing_for(expression)))


class Letters:
    """Letters for all that is no number, symbol, sum, product or power of these, but for functions that are `kept`."""

    def __init__(self, *kept: type) -> None:
        self.kept = kept
        self._letters: dict[sp.Expr, sp.Dummy] = {}

    def standing_for(self, expression: sp.Expr) -> sp.Expr:
        """The expression with its parts as letters."""
        numeric_power = isinstance(expression, sp.Pow) and expression.exp.is_Rational
        if isinstance(expression, sp.Add | sp.Mul) or numeric_power:
            return expression.func(*map(self.standing_for, expression.args))
        if expression.is_number or isinstance(expression, (sp.Symbol, *self.kept)):
            return expression
        return self._letters.setdefault(expression, sp.Dummy(real=True))

    def written_out(self, expression: sp.Expr) -> sp.Expr:
        """The expression with what its letters stand for."""
        return expression.xreplace({letter: meaning for meaning, letter in self._letters.items()})


def fraction(f: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Numerator and denominator as they are written; exp(-x) stays above."""
    factors = sp.Mul.make_args(f)
    below = [each for each in factors if isinstance(each, sp.Pow) and each.exp.is_number and each.exp.is_negative]
    return sp.Mul(*(each for each in factors if each not in below)), sp.Mul(*(1 / each for each in below))
