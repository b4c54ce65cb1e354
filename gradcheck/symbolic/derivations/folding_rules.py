"""The rules that fold a definition back: a softmax entry gets a name, and the derivative is written with it."""

from __future__ import annotations

import sympy as sp

from gradcheck.symbolic.binding import canonical, substitute
from gradcheck.symbolic.derivations.rule import By, Match, Rule
from gradcheck.symbolic.functions import sigmoid
from gradcheck.symbolic.printing import as_softmax
from gradcheck.symbolic.shorter import over_one_denominator
from gradcheck.symbolic.tensors import Sum

GRIEWANK = "Griewank and Walther, Evaluating Derivatives, section 3.2"
FACTORED_UP_TO = 40
"""Lines of more operations are not factored."""
SOFTMAX_NAMES = ("s", "p", "S", "P", "s_1", "p_1")


def _fold_softmax(line: sp.Expr, by: By) -> Match | None:
    """The softmax entries of one tensor of logits, at any indices, as entries of one named tensor."""
    softmaxes = (each for each in sorted(line.atoms(sp.exp), key=str) if as_softmax(each))
    found = [(each, at) for each in softmaxes if _is_whole(each, at := _indices(each))]
    if not found:
        return None
    first, indices = found[0]
    name = next(name for name in SOFTMAX_NAMES if name not in by.taken)
    named = sp.IndexedBase(name, shape=_shape(first, indices), real=True)
    same = [(each, at) for each, at in found if _pattern(each, at) == _pattern(first, indices)]
    by.taken.add(name)
    after = line.xreplace({each: named[at] for each, at in same})
    return Match(after, definitions=((named[indices], first),))


def _fold_softmax_quotient(line: sp.Expr, by: By) -> Match | None:
    """The same where softmax is written as a quotient: with Z = Σ exp(b_k), exp(b_i) is s_i Z, and Z cancels."""
    sums = [each for each in line.atoms(sp.Sum) if isinstance(each.function, sp.exp) and len(each.limits) == 1]
    for whole in sorted(sums, key=str):
        others = line.atoms(sp.exp) - {whole.function}
        found = {each: at for each in others if (at := _places(each, whole)) is not None}
        if not found:
            continue
        name = next(name for name in SOFTMAX_NAMES if name not in by.taken)
        named, total = sp.IndexedBase(name, shape=(whole.limits[0][2] + 1,), real=True), sp.Dummy("Z", positive=True)
        written = {each: sp.Mul(*(named[i] * total for i in at)) for each, at in found.items()}
        after = sp.factor_terms(sp.expand(line.xreplace({**written, whole: total})))
        if not after.has(total):
            by.taken.add(name)
            (i, *_) = next(iter(found.values()))
            meaning = substitute(whole.function, whole.bound_symbols[0], i) / whole
            return Match(after, definitions=((named[i], meaning),))
    return None


def _places(exponential: sp.Expr, whole: sp.Sum) -> list[sp.Symbol] | None:
    """The indices i, j, ... where exp(b_i + b_j + ...) is a product of terms of the sum, else None."""
    body, bound = whole.function.args[0], whole.bound_symbols[0]
    places = []
    for term in sp.Add.make_args(exponential.args[0]):
        count, rest = term.as_coeff_Mul()
        candidates = sorted((s for s in rest.free_symbols if isinstance(s, sp.Symbol) and s.is_integer), key=str)
        i = next((i for i in candidates if substitute(body, bound, i) == rest), None)
        if i is None or not count.is_Integer or count < 1:
            return None
        places += [i] * int(count)
    return places


def _fold_sigmoid(line: sp.Expr, _: By) -> Match | None:
    """1/(1 + exp(-x)) is σ(x), so that exp(-x) is (1 - σ(x))/σ(x); the innermost sum that holds such a term first."""
    sums = sorted(line.atoms(sp.Sum), key=lambda each: (sp.count_ops(each), str(each)))
    for whole in (*sums, line):
        body = whole.function if isinstance(whole, sp.Sum) else whole
        for each in sorted(body.atoms(sp.exp), key=str):
            x = -each.args[0] if each.args[0].could_extract_minus_sign() else each.args[0]
            folded = _in_sigmoid(body, each, x) if body.has(1 + each) else None
            if folded is not None:
                return Match(Sum(folded, *whole.limits) if whole is not body else folded, (("x", x),), before=whole)
    return None


def _in_sigmoid(body: sp.Expr, exponential: sp.Expr, x: sp.Expr) -> sp.Expr | None:
    """The expression with exp(x) or exp(-x) written by σ(x), where that leaves a polynomial in σ(x)."""
    s = sp.Dummy("s", positive=True)
    value = s / (1 - s) if exponential.args[0] == x else (1 - s) / s
    multiples = {each: each.args[0] / exponential.args[0] for each in body.atoms(sp.exp)}
    powers = {each: value**count for each, count in multiples.items() if count.is_Integer}
    after = body.xreplace({1 + exponential: sp.together(1 + value)}).xreplace(powers)
    after = sp.factor_terms(sp.expand(after)) if exponential.args[0] != x else over_one_denominator(after)
    if not after.is_polynomial(s):
        return None
    after = sp.factor(after, s) if sp.count_ops(after) < FACTORED_UP_TO else after
    if s - 1 in sp.Mul.make_args(after) and after.as_coeff_Mul()[0].is_negative:
        after = -after.xreplace({s - 1: 1 - s})
    return after.xreplace({s: sigmoid(x)})


def _indices(softmax: sp.Expr) -> tuple[sp.Symbol, ...]:
    """The free indices of a softmax entry, in the order of its logits' axes."""
    free = softmax.free_symbols
    entries = sorted((each for each in softmax.atoms(sp.Indexed) if each in free), key=str)
    indices = (i for each in entries for i in each.indices if isinstance(i, sp.Symbol))
    return tuple(dict.fromkeys(i for i in indices if i in free))


def _is_whole(softmax: sp.Expr, indices: tuple[sp.Symbol, ...]) -> bool:
    """Whether indices are all that tells its entries apart: those of a slice, x[i + 1], run over no axis of its own."""
    return {each for each in softmax.free_symbols if each.is_integer and not each.is_positive} <= {*indices}


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
        "fold_softmax_quotient",
        "Folding the softmax back, written as a quotient",
        r"s_i = \frac{e^{z_i}}{\sum_k e^{z_k}}",
        "The quotient gets a name, the exponentials are written with it, and their sum cancels.",
        "Bishop, Pattern Recognition and Machine Learning, eq. 4.106",
        _fold_softmax_quotient,
    ),
    Rule(
        "fold_sigmoid",
        "Folding the sigmoid back",
        r"\frac{1}{1 + e^{-x}} = \sigma(x),\quad e^{-x} = \frac{1 - \sigma(x)}{\sigma(x)}",
        "Where the logistic function is written out, the derivative is shorter in the function itself.",
        "Bishop, Pattern Recognition and Machine Learning, eq. 4.59 and 4.88",
        _fold_sigmoid,
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
