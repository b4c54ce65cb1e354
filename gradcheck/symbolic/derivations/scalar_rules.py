"""The rules for scalars: constants, sums, products, quotients, powers, the chain rule, and choices between cases."""

from __future__ import annotations

import sympy as sp

from gradcheck.symbolic.derivations.rule import By, Match, Rule, Substep
from gradcheck.symbolic.derivations.rule_tables import STEWART, TORCH
from gradcheck.symbolic.piecewise import BY_CASES
from gradcheck.symbolic.shorter import fraction
from gradcheck.symbolic.tracing.special import Maximum


def _constant(f: sp.Expr, by: By) -> Match | None:
    return None if by.moves(f) else Match(sp.S.Zero, (("c", f),))


def _identity(f: sp.Expr, by: By) -> Match | None:
    return Match(sp.S.One) if f == by.entry else None


def _sum(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.Add):
        return None
    terms = f.as_ordered_terms()
    signs = [sp.S.NegativeOne if term.as_coeff_Mul()[0].is_negative else sp.S.One for term in terms]
    parts = [sign * term for sign, term in zip(signs, terms, strict=True)]
    slopes = [sign * by.derivative(part) for sign, part in zip(signs, parts, strict=True)]
    return Match(sp.Add(*slopes), tuple(zip(_letters(len(parts)), parts, strict=True)))


def _constant_multiple(f: sp.Expr, by: By) -> Match | None:
    constants, rest = f.as_independent(by.variable, as_Add=False) if isinstance(f, sp.Mul) else (sp.S.One, f)
    if constants == 1 or rest == 1:
        return None
    return Match(constants * by.derivative(rest), (("c", constants), ("f", rest)))


def _quotient(f: sp.Expr, by: By) -> Match | None:
    above, below = fraction(f)
    if below == 1 or above == 1:
        return None
    after = (by.derivative(above) * below - above * by.derivative(below)) / below**2
    return Match(after, (("f", above), ("g", below)))


def _product(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.Mul):
        return None
    factors = f.as_ordered_factors()
    terms = [sp.Mul(*factors[:place], by.derivative(each), *factors[place + 1 :]) for place, each in enumerate(factors)]
    return Match(sp.Add(*terms), tuple(zip(_letters(len(factors)), factors, strict=True)))


def _power(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.Pow) or f.base != by.entry or by.moves(f.exp):
        return None
    return Match(f.exp * f.base ** (f.exp - 1), (("n", f.exp),))


def _reciprocal(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.Pow) or f.exp != -1:
        return None
    return Match(-by.derivative(f.base) / f.base**2, (("g", f.base),))


def _square_root(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.Pow) or f.exp != sp.S.Half:
        return None
    return Match(by.derivative(f.base) / (2 * f), (("f", f.base),))


def _general_power(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.Pow) or by.moves(f.exp):
        return None
    u = by.inner_letter()
    outer = Substep("power", u**f.exp, f.exp * u ** (f.exp - 1), u, f.base)
    after = f.exp * f.base ** (f.exp - 1) * by.derivative(f.base)
    return Match(after, (("f", f.base), ("n", f.exp)), (outer,))


def _exponential(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.Pow) or by.moves(f.base):
        return None
    return Match(f * sp.log(f.base) * by.derivative(f.exp), (("a", f.base), ("f", f.exp)))


def _logarithmic(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, sp.Pow) or not by.moves(f.base) or not by.moves(f.exp):
        return None
    return Match(f * by.derivative(f.exp * sp.log(f.base)), (("f", f.base), ("g", f.exp)))


def _maximum(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, Maximum) or len(f.args) != 2:
        return None
    a, b = f.args
    slopes = [by.derivative(each) for each in (a, b)]
    shared = (slopes[0] + slopes[1]) / 2
    after = sp.Piecewise(
        (slopes[0], sp.Gt(a, b, evaluate=False)), (slopes[1], sp.Lt(a, b, evaluate=False)), (shared, True)
    )
    return Match(after, (("f", a), ("g", b)))


def _piecewise(f: sp.Expr, by: By) -> Match | None:
    if not isinstance(f, BY_CASES):
        return None
    return Match(f.func(*((by.derivative(branch), condition) for branch, condition in f.args)))


def _letters(count: int) -> list[str]:
    return ["f", "g", "h"][:count] if count <= 3 else [f"f_{place}" for place in range(1, count + 1)]


SCALAR_RULES: tuple[Rule, ...] = (
    Rule(
        "constant",
        "Constant",
        r"\frac{d}{dx} c = 0",
        "What does not depend on the variable has the derivative zero.",
        f"{STEWART} 3.1",
        _constant,
        trivial=True,
    ),
    Rule(
        "identity",
        "The variable itself",
        r"\frac{d}{dx} x = 1",
        "The variable changes as fast as itself.",
        f"{STEWART} 3.1",
        _identity,
        trivial=True,
    ),
    Rule(
        "sum",
        "Sum rule",
        r"(f \pm g)' = f' \pm g'",
        "A sum or a difference is differentiated term by term.",
        f"{STEWART} 3.1",
        _sum,
    ),
    Rule(
        "constant_multiple",
        "Constant multiple",
        r"(c f)' = c\, f'",
        "A constant factor stays in front.",
        f"{STEWART} 3.1",
        _constant_multiple,
    ),
    Rule(
        "quotient",
        "Quotient rule",
        r"\left(\frac{f}{g}\right)' = \frac{f' g - f g'}{g^2}",
        "Derivative of the numerator times the denominator, less the other way round, over the denominator squared.",
        f"{STEWART} 3.2",
        _quotient,
    ),
    Rule(
        "product",
        "Product rule",
        r"(f g)' = f' g + f g'",
        "Each factor is differentiated in turn while the others stay.",
        f"{STEWART} 3.2",
        _product,
    ),
    Rule(
        "power",
        "Power rule",
        r"\frac{d}{dx} x^n = n x^{n-1}",
        "The exponent comes down in front and is lowered by one.",
        f"{STEWART} 3.1",
        _power,
    ),
    Rule(
        "reciprocal",
        "Reciprocal rule",
        r"\left(\frac{1}{g}\right)' = -\frac{g'}{g^2}",
        "Minus the derivative of the denominator, over the denominator squared.",
        f"{STEWART} 3.2",
        _reciprocal,
    ),
    Rule(
        "square_root",
        "Square root",
        r"\left(\sqrt{f}\right)' = \frac{f'}{2\sqrt{f}}",
        "The derivative of what stands under the root, over twice the root.",
        f"{STEWART} 3.4",
        _square_root,
    ),
    Rule(
        "general_power",
        "Power and chain rule",
        r"\left(f^n\right)' = n f^{n-1} f'",
        "The power rule, times the derivative of the base.",
        f"{STEWART} 3.4",
        _general_power,
    ),
    Rule(
        "exponential",
        "Exponential of any base",
        r"\left(a^f\right)' = a^f \log(a)\, f'",
        "An exponential returns, times the logarithm of its base and the derivative of its exponent.",
        f"{STEWART} 3.4",
        _exponential,
    ),
    Rule(
        "logarithmic",
        "Logarithmic differentiation",
        r"\left(f^g\right)' = f^g \left(g \log f\right)'",
        "Where base and exponent both vary, the logarithm is differentiated: (log y)' = y'/y.",
        f"{STEWART} 3.6",
        _logarithmic,
    ),
    Rule(
        "maximum",
        "Maximum",
        r"\max(f, g)' = f' \text{ where } f > g,\ g' \text{ where } g > f",
        "The larger of the two decides the slope; where they tie there is a kink, and torch shares the slope.",
        TORCH,
        _maximum,
    ),
    Rule(
        "piecewise",
        "Case by case",
        r"\begin{cases} f & A \\ g & \text{else} \end{cases}' = \begin{cases} f' & A \\ g' & \text{else} \end{cases}",
        "Each case is differentiated by itself; between the cases there may be a kink.",
        TORCH,
        _piecewise,
    ),
)
