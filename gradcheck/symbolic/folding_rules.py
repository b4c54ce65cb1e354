"""The rules that fold a definition back: a softmax entry gets a name, and the derivative is written with it."""

from __future__ import annotations

import sympy as sp

from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.printing import as_softmax
from gradcheck.symbolic.rule import By, Match, Rule

GRIEWANK = "Griewank and Walther, Evaluating Derivatives, section 3.2"
SOFTMAX_NAMES = ("s", "p", "q", "σ")


def _fold_softmax(line: sp.Expr, by: By) -> Match | None:
    """The softmax entries of one tensor of logits, at any indices, as entries of one named tensor."""
    found = [(each, _indices(each)) for each in sorted(line.atoms(sp.exp), key=str) if as_softmax(each)]
    if not found:
        return None
    first, indices = found[0]
    name = next(name for name in SOFTMAX_NAMES if name not in by.taken)
    named = sp.IndexedBase(name, shape=_shape(first, indices), real=True)
    same = [(each, at) for each, at in found if _pattern(each, at) == _pattern(first, indices)]
    by.taken.add(name)
    after = line.xreplace({each: named[at] for each, at in same})
    return Match(after, definitions=((named[indices], first),))


def _indices(softmax: sp.Expr) -> tuple[sp.Symbol, ...]:
    """The free indices of a softmax entry, in the order of its logits' axes."""
    free = softmax.free_symbols
    entries = sorted((each for each in softmax.atoms(sp.Indexed) if each in free), key=str)
    return tuple(dict.fromkeys(i for each in entries for i in each.indices if i in free))


def _shape(softmax: sp.Expr, indices: tuple[sp.Symbol, ...]) -> tuple[sp.Expr, ...]:
    entries = softmax.atoms(sp.Indexed)
    spans = {i: size for each in entries for i, size in zip(each.indices, each.base.shape, strict=True)}
    return tuple(spans[i] for i in indices)


def _pattern(softmax: sp.Expr, indices: tuple[sp.Symbol, ...]) -> sp.Expr:
    """The entry with its indices replaced by their places, so that entries of one tensor compare equal."""
    places = sp.symbols(f"_place:{len(indices)}", integer=True, nonnegative=True)
    return canonical(softmax.xreplace(dict(zip(indices, places, strict=True))))


def _as_it_is(expression: sp.Expr, _: By) -> Match | None:
    return Match(expression)


FOLDING_RULES: tuple[Rule, ...] = (
    Rule(
        "fold_softmax",
        "Folding the softmax back",
        r"s_i = \operatorname{softmax}_i(z) = \frac{e^{z_i}}{\sum_k e^{z_k}}",
        "The softmax entries get a name, and the derivative is written with it.",
        "Bishop, Pattern Recognition and Machine Learning, eq. 4.106",
        _fold_softmax,
    ),
    Rule(
        "textbook",
        "As textbooks write it",
        r"f' = f'",
        "The same derivative in the form in which it is printed; that both are equal is checked by numbers.",
        "the formula's own source",
        _as_it_is,
    ),
    Rule(
        "backpropagation",
        "Chain rule, one intermediate back",
        r"\sum_k \bar v_k \frac{\partial v_k}{\partial x} = \sum_l \bar u_l \frac{\partial u_l}{\partial x},"
        r"\quad \bar u_l = \sum_k \bar v_k \frac{\partial v_k}{\partial u_l}",
        "What the result owes to an intermediate is passed on to those that it is made of.",
        GRIEWANK,
        _as_it_is,
    ),
    Rule(
        "adjoint",
        "Naming the derivative by an intermediate",
        r"\bar v_k = \frac{\partial f}{\partial v_k}",
        "The derivative of the result by an intermediate gets a name, and is used by it from then on.",
        GRIEWANK,
        _as_it_is,
    ),
)
