"""The usual slips in a derivative, as a table: which rule is misused, how, and what to say of it.

Each row turns what a rule makes of an expression into what a learner makes of it who slips there. A slip explains a
wrong line where the derivation with that slip comes to the learner's line, evaluated at random points.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import sympy as sp

from gradcheck.symbolic.derivations.function_rules import FUNCTION_RULES
from gradcheck.symbolic.derivations.rule import By, Match, Rule
from gradcheck.symbolic.pending import pending_in
from gradcheck.symbolic.shorter import fraction

Slipped = Iterator[sp.Expr]

CHAINS = ("chain", "general_power", "square_root", "reciprocal", "exponential", "polygamma", "chain_of_several")
FUNCTIONS = tuple(rule.id for rule in FUNCTION_RULES)


class Use(NamedTuple):
    """One use of a rule: on what, what it makes of that, and what is differentiated by."""

    f: sp.Expr
    match: Match
    by: By


Misuse = Callable[[Use], Slipped]
"""From a rule's use to what a learner may make of it who slips there."""


@dataclass(frozen=True)
class Slip:
    """A slip in one of `rules`: its kind, and a sentence about it."""

    kind: str
    text: str
    rules: tuple[str, ...]
    misuse: Misuse


def _without_inner(use: Use) -> Slipped:
    """The inner derivative forgotten."""
    yield use.match.after.xreplace(dict.fromkeys(pending_in(use.match.after), sp.S.One))


def _without_outer(use: Use) -> Slipped:
    """The inner derivative alone, or with the outer function as it was, or with its derivative at the wrong place."""
    inner = sp.Mul(*pending_in(use.match.after))
    yield inner
    yield use.f * inner
    for step in use.match.substeps:
        yield step.after.xreplace({step.letter: inner}) * inner


def _single_terms(use: Use) -> Slipped:
    """Of the product rule's terms, all but one, or one alone."""
    terms = sp.Add.make_args(use.match.after)
    yield from (use.match.after - term for term in terms)
    yield from (terms if len(terms) > 2 else ())


def _product_of_derivatives(use: Use) -> Slipped:
    yield sp.Mul(*(use.by.derivative(factor) for _, factor in use.match.bindings))


def _quotient_of_derivatives(use: Use) -> Slipped:
    above, below = fraction(use.f)
    yield use.by.derivative(above) / use.by.derivative(below)


def _denominator_held(use: Use) -> Slipped:
    """One half of the quotient rule alone."""
    above, below = fraction(use.f)
    yield use.by.derivative(above) / below
    yield -above * use.by.derivative(below) / below**2


def _denominator_not_squared(use: Use) -> Slipped:
    below = fraction(use.f)[1]
    yield use.match.after * below


def _quotient_added(use: Use) -> Slipped:
    above, below = fraction(use.f)
    yield (use.by.derivative(above) * below + above * use.by.derivative(below)) / below**2


def _turned(use: Use) -> Slipped:
    yield -use.match.after


def _minus_lost(use: Use) -> Slipped:
    """A term that is subtracted, added."""
    terms = sp.Add.make_args(use.match.after)
    yield from (use.match.after - 2 * term for term in terms if term.could_extract_minus_sign())


def _one_term_turned(use: Use) -> Slipped:
    yield from (use.match.after - 2 * term for term in sp.Add.make_args(use.match.after))


def _exponent_not_lowered(use: Use) -> Slipped:
    yield use.match.after * use.f.args[0]


def _exponent_not_in_front(use: Use) -> Slipped:
    yield use.match.after / use.f.args[1]


def _twice(use: Use) -> Slipped:
    yield 2 * use.match.after


def _constant_dropped(use: Use) -> Slipped:
    constant = dict(use.match.bindings)["c"]
    if not constant.atoms(sp.Symbol) or not all(each.is_integer for each in constant.free_symbols):
        yield use.match.after / constant


def _size_dropped(use: Use) -> Slipped:
    """A constant's sizes, such as 1/n, forgotten."""
    constant = dict(use.match.bindings)["c"]
    sizes = [each for each in sp.Mul.make_args(constant) if each.free_symbols and _is_size(each)]
    if sizes:
        yield use.match.after / sp.Mul(*sizes)


def _is_size(factor: sp.Expr) -> bool:
    return all(symbol.is_integer and symbol.is_positive for symbol in factor.free_symbols)


def _kept(use: Use) -> Slipped:
    yield use.f
    yield sp.S.One


def _nothing(_: Use) -> Slipped:
    yield sp.S.Zero


def _logarithm_dropped(use: Use) -> Slipped:
    yield use.match.after / sp.log(use.f.base)


def _varying_as_a_power(use: Use) -> Slipped:
    if isinstance(use.f, sp.exp | sp.Pow):
        base, exponent = use.f.as_base_exp()
        yield exponent * sp.Pow(base, exponent - 1)
        yield exponent * sp.Pow(base, exponent - 1) * use.by.derivative(exponent)


def _as_a_power(use: Use) -> Slipped:
    yield use.f.exp * use.f.base ** (use.f.exp - 1)


SLIPS: tuple[Slip, ...] = (
    Slip("inner derivative", "the inner derivative is forgotten", CHAINS, _without_inner),
    Slip("outer derivative", "the derivative of the outer function is forgotten", ("chain",), _without_outer),
    Slip(
        "power rule",
        "the variable stands in the exponent, where the power rule does not hold",
        ("logarithmic", "chain", "exp"),
        _varying_as_a_power,
    ),
    Slip("product rule", "a term of the product rule is forgotten", ("product",), _single_terms),
    Slip(
        "product rule",
        "a product's derivative is not the product of the derivatives",
        ("product",),
        _product_of_derivatives,
    ),
    Slip("quotient rule", "half of the quotient rule is forgotten", ("quotient",), _denominator_held),
    Slip(
        "quotient rule",
        "a quotient's derivative is not the quotient of the derivatives",
        ("quotient",),
        _quotient_of_derivatives,
    ),
    Slip("quotient rule", "the denominator is not squared", ("quotient",), _denominator_not_squared),
    Slip(
        "coupling",
        "every term depends on every entry through the normalising sum, and that is forgotten",
        ("logsumexp",),
        _nothing,
    ),
    Slip("mean", "the mean's factor is forgotten", ("constant_multiple",), _size_dropped),
    Slip("factor", "the exponent does not come down in front", ("power", "general_power"), _exponent_not_in_front),
    Slip("factor", "a constant factor is forgotten", ("constant_multiple",), _constant_dropped),
    Slip("factor", "the half in front is forgotten", ("square_root",), _twice),
    Slip("factor", "the logarithm of the base is forgotten", ("exponential",), _logarithm_dropped),
    Slip(
        "power rule",
        "the variable stands in the exponent, where the power rule does not hold",
        ("exponential",),
        _as_a_power,
    ),
    Slip("exponent", "the exponent is not lowered by one", ("power", "general_power"), _exponent_not_lowered),
    Slip("constant", "a constant's derivative is zero", ("constant",), _kept),
    Slip("sign", "the second term of the quotient rule is subtracted", ("quotient",), _quotient_added),
    Slip("sign", "a minus sign is lost", ("sum",), _minus_lost),
    Slip("sign", "the sign is the other one", ("reciprocal", "quotient", "chain", *FUNCTIONS), _turned),
    Slip("sign", "a term has the other sign", ("product", "sum"), _one_term_turned),
)
"""The slips in the order in which they are tried: the first that explains a line is named."""


class Misused:
    """The rules with a slip in one of them, at its use of that number, or at every one.

    `way` chooses among the several ways of a slip; `slipped` tells afterwards where it slipped first, if it did.
    """

    def __init__(self, rules: Mapping[str, Rule], slip: Slip, id: str, use: int | None, way: int) -> None:
        self.slip, self.rule, self.use, self.way = slip, rules[id], use, way
        self.uses = 0
        self.slipped: Use | None = None
        self.rules = {**rules, id: replace(self.rule, apply=self._apply)}

    def _apply(self, f: sp.Expr, by: By) -> Match | None:
        match = self.rule.apply(f, by)
        if match is None:
            return None
        self.uses += 1
        use = Use(f, match, by)
        ways = list(self.slip.misuse(use)) if self.use in (None, self.uses - 1) else []
        if self.way >= len(ways):
            return match
        self.slipped = self.slipped or use
        return replace(match, after=ways[self.way])
