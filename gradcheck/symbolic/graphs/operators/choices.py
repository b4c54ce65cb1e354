"""Comparisons, conditions, and operators that choose between numbers: their conventions at ties are torch's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import sympy as sp

from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.pointwise import mapped, paired
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.tensors import GraphTensor, elementwise, number
from gradcheck.symbolic.piecewise import cases, larger, smaller
from gradcheck.symbolic.tracing.scalars import compare, condition, exact, is_condition

RELATIONS = {"gt": sp.Gt, "ge": sp.Ge, "lt": sp.Lt, "le": sp.Le, "eq": sp.Eq, "ne": sp.Ne}


def _comparison(relation: Any) -> Operator:
    return lambda a, b: elementwise(lambda p, q: _compared(relation, number(p), number(exact(q))), a, b)


def _compared(relation: Any, a: sp.Expr, b: sp.Expr) -> Any:
    """The comparison; decided where a whole number that is no less than 0 meets a number below."""
    if a.is_integer and a.is_nonnegative and b.is_negative:
        return sp.true if relation in (sp.Gt, sp.Ge, sp.Ne) else sp.false
    return compare(relation, a, b)


def negation(holds: Any) -> Any:
    """The condition that a condition, or a number that is not 0, does not hold; made of comparisons alone."""
    holds = condition(holds)
    if isinstance(holds, sp.And | sp.Or):
        dual = sp.Or if isinstance(holds, sp.And) else sp.And
        return dual(*map(negation, holds.args))
    return sp.Not(holds)


def both(a: Any, b: Any) -> Any:
    """The condition that both hold."""
    return sp.And(condition(a), condition(b))


def either(a: Any, b: Any) -> Any:
    """The condition that one or both hold."""
    return sp.Or(condition(a), condition(b))


def one_only(a: Any, b: Any) -> Any:
    """The condition that one holds and the other does not."""
    return sp.Or(both(a, negation(b)), both(negation(a), b))


LOGICAL: dict[str, Callable[..., Any]] = {"and": both, "or": either, "xor": one_only, "not": negation}


def _of_conditions(combined: Callable[..., Any]) -> Operator:
    """An operator on bits, for booleans: of whole numbers it has no formula."""

    def entry(*entries: Any) -> Any:
        if not all(map(is_condition, entries)):
            raise NotTraceable("it combines the bits of whole numbers", "combine conditions instead")
        return combined(*entries)

    return partial(elementwise, entry)


def where(test: GraphTensor, a: Any, b: Any) -> GraphTensor:
    """`a` where the test holds, else `b`."""
    return elementwise(_chosen, test, a, b)


def _chosen(holds: Any, p: Any, q: Any) -> Any:
    if p in (sp.true, sp.false) or q in (sp.true, sp.false):
        return either(both(holds, p), both(negation(holds), q))
    return cases((number(p), condition(holds)), otherwise=number(q))


def masked_fill(x: GraphTensor, mask: GraphTensor, value: Any) -> GraphTensor:
    """The value where the mask holds, else x."""
    return where(mask, value, x)


def clamp(x: GraphTensor, min: Any = None, max: Any = None) -> GraphTensor:
    """x kept within bounds, numbers or tensors: slope 1 at the bounds; where they cross it is the upper one."""
    if min is None:
        return elementwise(lambda a, high: _clamped(number(a), None, number(exact(high))), x, max)
    if max is None:
        return elementwise(lambda a, low: _clamped(number(a), number(exact(low)), None), x, min)
    return elementwise(lambda a, low, high: _clamped(number(a), number(exact(low)), number(exact(high))), x, min, max)


def clamp_above(x: GraphTensor, high: Any) -> GraphTensor:
    """x kept below a bound."""
    return clamp(x, None, high)


def _clamped(a: sp.Expr, low: sp.Expr | None, high: sp.Expr | None) -> sp.Expr:
    pairs = []
    if low is not None and high is not None and not _is_ordered(low, high):
        pairs.append((high, compare(sp.Gt, low, high)))
    if low is not None:
        pairs.append((low, compare(sp.Lt, a, low)))
    if high is not None:
        pairs.append((high, compare(sp.Gt, a, high)))
    return cases(*pairs, otherwise=a)


def _is_ordered(low: sp.Expr, high: sp.Expr) -> bool:
    return bool(low.is_number and high.is_number and low <= high)


OPERATORS: dict[str, Operator] = {
    **{f"{name}.{kind}": _comparison(each) for name, each in RELATIONS.items() for kind in ("Tensor", "Scalar")},
    **{f"logical_{name}": partial(elementwise, combined) for name, combined in LOGICAL.items()},
    **{f"bitwise_{name}": _of_conditions(combined) for name, combined in LOGICAL.items() if name == "not"},
    **{f"bitwise_{name}.Tensor": _of_conditions(combined) for name, combined in LOGICAL.items() if name != "not"},
    "isnan": lambda x: elementwise(lambda _: sp.false, x),
    "where.self": where,
    **dict.fromkeys(("masked_fill.Scalar", "masked_fill.Tensor"), masked_fill),
    **dict.fromkeys(("clamp", "clamp.Tensor"), clamp),
    **dict.fromkeys(("clamp_min", "clamp_min.Tensor"), clamp),
    **dict.fromkeys(("clamp_max", "clamp_max.Tensor"), clamp_above),
    "maximum": paired(larger),
    "minimum": paired(smaller),
    "fmax": paired(lambda a, b: cases((a, a >= b), otherwise=b)),
    "fmin": paired(lambda a, b: cases((a, a <= b), otherwise=b)),
    "signbit": mapped(lambda x: compare(sp.Lt, x, 0)),
}
