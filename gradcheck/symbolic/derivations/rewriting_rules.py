"""The rules that rewrite a whole line: deltas sifted, constants taken out of sums, like sums put together."""

from __future__ import annotations

from itertools import combinations

import sympy as sp

from gradcheck.symbolic.binding import canonical, substitute
from gradcheck.symbolic.contract import contract
from gradcheck.symbolic.derivations.rule import By, Match, Rule
from gradcheck.symbolic.derivations.tensor_rules import INDEX_NOTATION
from gradcheck.symbolic.pending import Pending
from gradcheck.symbolic.piecewise import BY_CASES
from gradcheck.symbolic.shorter import minus_into_sum, shorter
from gradcheck.symbolic.tensors import Sum


def _sift(line: sp.Expr, _: By) -> Match | None:
    """The innermost sum that a delta reduces and in which nothing is left to differentiate."""
    sums = [each for each in line.atoms(sp.Sum) if each.has(sp.KroneckerDelta) and not each.has(Pending)]
    for each in sorted(sums, key=lambda each: (sp.count_ops(each), str(each))):
        after = contract(each)
        if _deltas(after) < _deltas(each):
            return Match(after, before=each)
    return None


def _deltas(expression: sp.Expr) -> int:
    return sum(isinstance(each, sp.KroneckerDelta) for each in sp.preorder_traversal(expression))


def _constants_out(line: sp.Expr, _: By) -> Match | None:
    for each in sorted(line.atoms(sp.Sum), key=lambda each: (sp.count_ops(each), str(each))):
        inside: list[sp.Expr] = []
        outside: list[sp.Expr] = []
        for factor in sp.Mul.make_args(each.function):
            (inside if set(each.bound_symbols) & factor.free_symbols else outside).append(factor)
        if outside and inside:
            return Match(sp.Mul(*outside, Sum(sp.Mul(*inside), *each.limits)), before=each)
    return None


def _rename(line: sp.Expr, _: By) -> Match | None:
    return _changed(line, canonical(line))


def _changed(line: sp.Expr, after: sp.Expr) -> Match | None:
    return Match(after) if after != line else None


def _combine_sums(line: sp.Expr, _: By) -> Match | None:
    """Two sums over the same range with a common factor inside: Σ a_k c_k + Σ b_k c_k = Σ (a_k + b_k) c_k."""
    for total in sorted(line.atoms(sp.Add), key=sp.count_ops):
        summands = [each for each in total.args if each.has(sp.Sum)]
        for place, first in enumerate(summands):
            for second in summands[place + 1 :]:
                together = _together(first, second)
                if together is not None:
                    return Match(total - first - second + together, before=total)
    return None


def _together(first: sp.Expr, second: sp.Expr) -> sp.Expr | None:
    (front, a), (other_front, b) = _front_and_sum(first), _front_and_sum(second)
    if a is None or b is None or front not in (other_front, -other_front) or len(a.limits) != len(b.limits):
        return None
    if [limits[1:] for limits in a.limits] != [limits[1:] for limits in b.limits]:
        return None
    body = b.function
    for old, new in zip(b.bound_symbols, a.bound_symbols, strict=True):
        body = substitute(body, old, new)
    common = [f for f in sp.Mul.make_args(a.function) if f in sp.Mul.make_args(body) and not f.is_number]
    if not any(set(a.bound_symbols) & f.free_symbols for f in common):
        return None
    shared = sp.Mul(*common)
    sign = sp.S.One if front == other_front else sp.S.NegativeOne
    return front * Sum(shared * (a.function / shared + sign * body / shared), *a.limits)


def _front_and_sum(term: sp.Expr) -> tuple[sp.Expr, sp.Sum | None]:
    factors = sp.Mul.make_args(term)
    sums = [each for each in factors if isinstance(each, sp.Sum)]
    if len(sums) != 1:
        return term, None
    return sp.Mul(*(each for each in factors if each is not sums[0])), sums[0]


def _symmetric_pair(line: sp.Expr, _: By) -> Match | None:
    """A double sum of two terms that change into each other when the bound indices are swapped."""
    for each in sorted(line.atoms(sp.Sum), key=lambda each: (sp.count_ops(each), str(each))):
        for first, second in combinations(each.limits, 2):
            half = _half(each.function, first[0], second[0]) if first[1:] == second[1:] else None
            if half is not None:
                return Match(2 * Sum(half, *each.limits), (("f_kl", half),), before=each)
    return None


def _half(body: sp.Expr, k: sp.Symbol, l: sp.Symbol) -> sp.Expr | None:
    """One of the two terms, where the other is the same with k and l swapped."""
    swap = {k: l, l: k}
    factors = sp.Mul.make_args(body)
    for total in (each for each in factors if isinstance(each, sp.Add) and len(each.args) == 2):
        rest = sp.Mul(*(each for each in factors if each is not total))
        first, second = (rest * term for term in total.args)
        if first.xreplace(swap) == second:
            return min(first, second, key=str)
    return None


def _number_into_cases(product: sp.Mul) -> sp.Expr | None:
    """A number times cases as cases; so, too, a minus that every case has of its own."""
    number, rest = product.as_coeff_Mul()
    factors = sp.Mul.make_args(rest)
    chosen = next((each for each in factors if isinstance(each, BY_CASES)), None)
    if number == 1 or chosen is None:
        return None
    minus = number.is_negative and all(not branch.as_coeff_Mul()[0].is_positive for branch, _ in chosen.args)
    if chosen != rest and not minus:
        return None
    others = (each for each in factors if each is not chosen)
    return sp.Mul(*others, chosen.func(*((number * branch, where) for branch, where in chosen.args)))


def _algebra(line: sp.Expr, _: By) -> Match | None:
    """The line, or a term that it sums, in a shorter way; nothing where all are shortest."""
    for each in sorted(line.atoms(sp.Sum), key=lambda each: (sp.count_ops(each), str(each))):
        term = shorter(each.function)
        if term is not None:
            return Match(Sum(term, *each.limits), before=each)
    for each in sorted(line.atoms(sp.Mul), key=str):
        after = _number_into_cases(each) or minus_into_sum(each)
        if after is not None:
            return Match(after, before=each)
    whole = shorter(line)
    return None if whole is None else Match(whole)


REWRITING_RULES: tuple[Rule, ...] = (
    Rule(
        "sift",
        "Sifting by Kronecker's delta",
        r"\sum_k \delta_{kj} f_k = f_j",
        "The delta is zero but where its indices agree: of the sum one term remains.",
        INDEX_NOTATION,
        _sift,
    ),
    Rule(
        "constants_out",
        "Constants out of the sum",
        r"\sum_k c f_k = c \sum_k f_k",
        "What does not depend on the index stands in front of the sum.",
        INDEX_NOTATION,
        _constants_out,
        trivial=True,
    ),
    Rule(
        "rename",
        "Renaming bound indices",
        r"\sum_k f_k = \sum_l f_l",
        "A bound index may bear any name: equal sums are written with equal ones.",
        INDEX_NOTATION,
        _rename,
        trivial=True,
    ),
    Rule(
        "combine_sums",
        "Sums over the same index together",
        r"\sum_k a_k c_k + \sum_l b_l c_l = \sum_k (a_k + b_k) c_k",
        "Two sums over one range are one sum; the bound index of the second is renamed.",
        INDEX_NOTATION,
        _combine_sums,
    ),
    Rule(
        "symmetric_pair",
        "Swapping bound indices",
        r"\sum_{k,l} (f_{kl} + f_{lk}) = 2 \sum_{k,l} f_{kl}",
        "Two terms that differ in the names of their bound indices alone have the same sum.",
        INDEX_NOTATION,
        _symmetric_pair,
    ),
    Rule(
        "algebra",
        "Collecting terms",
        r"a b + a c = a (b + c)",
        "Common factors are taken out, and what cancels is dropped.",
        "any algebra textbook",
        _algebra,
    ),
)
