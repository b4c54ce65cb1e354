"""The rules for tensors in index notation: entries, sums over an index, log-sum-exp, inverses and determinants."""

from __future__ import annotations

import sympy as sp

from gradcheck.symbolic.pending import pending_in
from gradcheck.symbolic.rule import By, Match, Rule
from gradcheck.symbolic.tensors import Determinant, Inverse, LogSumExp, MatrixEntry

COOKBOOK = "Petersen and Pedersen, The Matrix Cookbook (2012), eq."
INDEX_NOTATION = "Magnus and Neudecker, Matrix Differential Calculus, chapter 9"
BOYD = "Boyd and Vandenberghe, Convex Optimization, section"


def _entry(f: sp.Expr, by: By) -> Match | None:
    x = by.entry
    if not isinstance(f, sp.Indexed) or not isinstance(x, sp.Indexed) or f.base != x.base:
        return None
    pairs = zip(f.indices, x.indices, strict=True)
    return Match(sp.Mul(*(sp.KroneckerDelta(i, j) for i, j in pairs)))


def _sum_over_index(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.Sum):
        return None
    after = sp.Sum(by.derivative(f.function), *f.limits)
    return Match(after, (("k", f.bound_symbols[0]), ("f_k", f.function)))


def _logsumexp(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, LogSumExp):
        return None
    fresh = {bound: by.fresh_index() for bound in f.bound_symbols}
    body = f.function.xreplace(fresh)
    limits = [(fresh[bound], lower, upper) for bound, lower, upper in f.limits]
    share = sp.exp(body - f)
    after = sp.Sum(share * by.derivative(body), *limits)
    return Match(after, (("f_k", body), ("s_k", share)))


def _matrix_entry(kind: type[MatrixEntry]) -> object:
    def apply(f: sp.Expr, by: By) -> Match | None:
        if type(f) is not kind or not isinstance(by.entry, sp.Indexed) or f.matrix != by.entry.base:
            return None
        return Match(f._derivative_by_entry(*by.entry.indices), (("X", f.matrix.label),))

    return apply


def _log_determinant(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.log) or not isinstance(f.args[0], Determinant) or not by.moves(f):
        return None
    row, column = by.entry.indices
    return Match(Inverse(f.args[0].matrix, column, row), (("X", f.args[0].matrix.label),))


def _declared(f: sp.Expr, by: By) -> Match | None:
    """What a class from outside SymPy says of its own derivative."""
    own = getattr(type(f), "_eval_derivative", None)
    if own is None or own.__module__.startswith("sympy.") or pending_in(f):
        return None
    return Match(f.diff(by.entry), (("f", f),))


TENSOR_RULES: tuple[Rule, ...] = (
    Rule(
        "entry",
        "Entry of the variable",
        r"\frac{\partial x_i}{\partial x_j} = \delta_{ij}",
        "An entry changes with itself and with no other: the derivative is Kronecker's delta, one for each axis.",
        INDEX_NOTATION,
        _entry,
    ),
    Rule(
        "sum_over_index",
        "Derivative under the sum",
        r"\frac{\partial}{\partial x_j} \sum_k f_k = \sum_k \frac{\partial f_k}{\partial x_j}",
        "A sum over an index is differentiated term by term.",
        INDEX_NOTATION,
        _sum_over_index,
    ),
    Rule(
        "logsumexp",
        "Log-sum-exp",
        r"\left(\log \sum_k e^{f_k}\right)' = \sum_k \operatorname{softmax}_k(f)\, f_k'",
        "The slope of log-sum-exp by each of its terms is the term's softmax.",
        f"{BOYD} 3.1.5",
        _logsumexp,
    ),
    Rule(
        "log_determinant",
        "Log-determinant",
        r"\frac{\partial \log\det X}{\partial X_{ab}} = X^{-1}_{ba}",
        "The gradient of the log-determinant is the transposed inverse.",
        f"{COOKBOOK} 57",
        _log_determinant,
    ),
    Rule(
        "inverse",
        "Inverse",
        r"\frac{\partial X^{-1}_{ij}}{\partial X_{ab}} = -X^{-1}_{ia} X^{-1}_{bj}",
        "An inverse changes by minus the inverse on both sides of the change.",
        f"{COOKBOOK} 60",
        _matrix_entry(Inverse),  # type: ignore[arg-type]
    ),
    Rule(
        "determinant",
        "Determinant",
        r"\frac{\partial \det X}{\partial X_{ab}} = \det X\; X^{-1}_{ba}",
        "Jacobi's formula: the determinant times the transposed inverse.",
        f"{COOKBOOK} 49",
        _matrix_entry(Determinant),  # type: ignore[arg-type]
    ),
)

DECLARED = Rule(
    "declared",
    "The function's own derivative",
    r"f' \text{ as } f \text{ declares it}",
    "A function that states its own derivative is taken at its word; the line is verified as every other.",
    "the class's own documentation",
    _declared,
)
