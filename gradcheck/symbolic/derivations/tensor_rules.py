"""The rules for tensors in index notation: entries, sums over an index, log-sum-exp, inverses and determinants."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from gradcheck.symbolic.derivations.rule import Apply, By, Match, Rule, with_named_indices
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import ArgMax, Determinant, Inverse, LogSumExp, MatrixEntry, MatrixOf, MaxOver, Sum
from gradcheck.symbolic.tracing.special import Equals, Rounded
from gradcheck.symbolic.whole_axes import ProductOver, SharedMax, refreshed

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
    after = Sum(by.derivative(f.function), *f.limits)
    return Match(after, (("k", f.bound_symbols[0]), ("f_k", f.function)))


def _logsumexp(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, LogSumExp):
        return None
    fresh = {bound: by.fresh_index() for bound in f.bound_symbols}
    body = f.function.xreplace(fresh)
    limits = [(fresh[bound], lower, upper) for bound, lower, upper in f.limits]
    share = sp.exp(body - f)
    after = Sum(share * by.derivative(body), *limits)
    return Match(after, (("f_k", body), ("s_k", share)))


def _matrix_entry(kind: type[MatrixEntry]) -> Apply:
    """The slope by an entry of the matrix itself; a matrix of expressions brings the chain rule with it."""

    def apply(f: sp.Expr, by: By) -> Match | None:
        if not isinstance(f, kind) or (not isinstance(f.matrix, MatrixOf) and not _is_variable(f.matrix, by)):
            return None
        return _by_entries(f.matrix, f._derivative_by_entry, by)

    return apply


def _log_determinant(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.log) or not isinstance(f.args[0], Determinant):
        return None
    matrix = f.args[0].matrix
    if not isinstance(matrix, MatrixOf) and not _is_variable(matrix, by):
        return None
    return _by_entries(matrix, lambda row, column: Inverse(matrix, column, row), by)


def _is_variable(matrix: sp.Expr, by: By) -> bool:
    return isinstance(by.entry, sp.Indexed) and matrix == by.entry.base


def _by_entries(matrix: sp.Expr, slope: Callable[[sp.Expr, sp.Expr], sp.Expr], by: By) -> Match:
    if not isinstance(matrix, MatrixOf):
        return Match(with_named_indices(slope(*by.entry.indices), by), (("X", matrix.label),))
    fresh = {bound: by.fresh_index() for bound in matrix.bound_symbols}
    body = matrix.function.xreplace(fresh)
    limits = [(fresh[bound], lower, upper) for bound, lower, upper in matrix.limits]
    after = Sum(with_named_indices(slope(*fresh.values()), by) * by.derivative(body), *limits)
    return Match(after, (("X_ab", body),))


def _maximum_over(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, MaxOver):
        return None
    ((bound, lower, upper),) = f.limits
    largest = ArgMax(*f.args)
    k = by.fresh_index()
    body = f.function.xreplace({bound: k})
    after = Sum(sp.KroneckerDelta(k, largest) * by.derivative(body), (k, lower, upper))
    return Match(after, (("f_k", body),))


def _shared_maximum(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, SharedMax):
        return None
    body, limits = refreshed(f)
    chosen = cases((by.derivative(body), sp.Eq(body, f, evaluate=False)), otherwise=sp.S.Zero)
    return Match(Sum(chosen, *limits) / f.ties, (("f_k", body),))


def _product_over_index(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, ProductOver):
        return None
    body, limits = refreshed(f)
    others = f.without([place for place, *_ in limits])
    return Match(Sum(others * by.derivative(body), *limits), (("f_k", body),))


def _piecewise_constant(f: sp.Expr, _: By) -> Match | None:
    return Match(sp.S.Zero, (("c", f),)) if isinstance(f, ArgMax | sp.KroneckerDelta | Rounded | Equals) else None


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
        _matrix_entry(Inverse),
    ),
    Rule(
        "determinant",
        "Determinant",
        r"\frac{\partial \det X}{\partial X_{ab}} = \det X\; X^{-1}_{ba}",
        "Jacobi's formula: the determinant times the transposed inverse.",
        f"{COOKBOOK} 49",
        _matrix_entry(Determinant),
    ),
    Rule(
        "matrix_function",
        "Function of a matrix",
        r"\frac{\partial F(X)_{ij}}{\partial X_{ab}} = F'(X)_{ij,ab}",
        "A function of a matrix changes by its Fréchet derivative in the direction of the entry.",
        "Higham, Functions of Matrices, chapter 3",
        _matrix_entry(MatrixEntry),
    ),
    Rule(
        "maximum_over",
        "Maximum over an index",
        r"\left(\max_k f_k\right)' = f_{k^*}',\quad k^* = \operatorname{argmax}_k f_k",
        "The largest term decides the slope; where several are largest there is a kink, and the first is taken.",
        "Nesterov, Lectures on Convex Optimization, section 3.1.6",
        _maximum_over,
    ),
    Rule(
        "shared_maximum",
        "Maximum over an index, shared where terms tie",
        r"\left(\max_k f_k\right)' = \frac{1}{|\{k : f_k = \max f\}|} \sum_{k : f_k = \max f} f_k'",
        "The largest term decides the slope; where several are largest there is a kink, and they share it evenly.",
        "PyTorch documentation, torch.amax",
        _shared_maximum,
    ),
    Rule(
        "product_over_index",
        "Product over an index",
        r"\left(\prod_k f_k\right)' = \sum_k f_k' \prod_{l \ne k} f_l",
        "Each factor changes in turn while the others stay.",
        INDEX_NOTATION,
        _product_over_index,
    ),
    Rule(
        "piecewise_constant",
        "Constant but for jumps",
        r"c' = 0",
        "A step, a rounded number or an index does not change but where it jumps, and there it has no slope.",
        "PyTorch documentation, torch.nn.functional",
        _piecewise_constant,
    ),
)
