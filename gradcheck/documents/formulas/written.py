"""Trees and results written out: as LaTeX, or in one line of Unicode as documents write it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradcheck.documents.formulas.signs import GREEK
from gradcheck.documents.formulas.tree import (
    INFINITY,
    At,
    Call,
    Cases,
    Condition,
    Delta,
    Derivative,
    Dots,
    Entry,
    Integral,
    Limit,
    Listed,
    Name,
    Negated,
    Node,
    Norm,
    Number,
    Over,
    Plus,
    Power,
    Series,
    SumOver,
    Times,
    Transposed,
)

if TYPE_CHECKING:
    from gradcheck.documents.formulas.trials import Outcome

LETTERS = {name: letter for letter, name in GREEK.items() if letter != "ς"}
MARKS = {"hat": "hat", "bar": "bar", "tilde": "tilde"}
LONGEST = 120
LARGEST_BELOW = 1_000
RELATIONS = {"<=": r"\le", ">=": r"\ge"}
OTHERWISE = r"\text{otherwise}"
PLAIN_FUNCTIONS = frozenset(["sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "max", "min", "det"])


def as_latex(node: Node, tight: bool = False) -> str:
    """A tree as LaTeX; `tight` puts sums into brackets.

    >>> from gradcheck.documents.formulas.parse import parse_expression
    >>> as_latex(parse_expression("2x/(1 + e^(-x))"))
    '\\\\frac{2 x}{1 + e^{-x}}'
    """
    match node:
        case Plus(left, Negated(operand)):
            text = f"{as_latex(left)} - {as_latex(operand, True)}"
        case Plus(left, right):
            text = f"{as_latex(left)} + {as_latex(right)}"
        case Negated(operand):
            text = f"-{as_latex(operand, True)}"
        case _:
            return _latex(node)
    return rf"\left({text}\right)" if tight else text


def _latex(node: Node) -> str:
    rule = RULES.get(type(node))
    return "" if rule is None else rule(node)


def _call(node: Call) -> str:
    inner = ", ".join(map(as_latex, node.arguments))
    if node.function == "abs":
        return rf"\left|{inner}\right|"
    return rf"{_function(node.function)}{_below(node.indices)}\left({inner}\right)"


def _sum(node: SumOver) -> str:
    lower = "" if node.lower is None else f"={as_latex(node.lower)}"
    below = f"_{{{_name(node.index, False)}{lower}}}" if node.index else ""
    above = "" if node.upper is None else f"^{{{as_latex(node.upper)}}}"
    return rf"\sum{below}{above} {as_latex(node.body, True)}"


def _cases(node: Cases) -> str:
    pairs = zip(node.values, node.conditions, strict=True)
    rows = (as_latex(v) + " & " + (OTHERWISE if c is None else as_latex(c)) for v, c in pairs)
    return r"\begin{cases}" + r" \\ ".join(rows) + r"\end{cases}"


def _number(value: Any) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    decimal = f"{float(value):.12g}"
    return (
        decimal if len(decimal) < 12 and "e" not in decimal else rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    )


def _name(label: str, bold: bool) -> str:
    if label == INFINITY.label:
        return r"\infty"
    base, _, mark = label.rpartition("_")
    if mark in MARKS:
        return rf"\{MARKS[mark]}{{{_name(base, bold)}}}"
    spelt = (
        rf"\{label}"
        if label in LETTERS
        else label
        if len(label) == 1 or "^" in label
        else rf"\text{{{label}}}".replace("_", r"\_")
    )
    return rf"\mathbf{{{spelt}}}" if bold else spelt


def _function(label: str) -> str:
    return (
        rf"\{label}"
        if label in PLAIN_FUNCTIONS
        else rf"\operatorname{{{label}}}"
        if len(label) > 1 and label not in LETTERS
        else _name(label, False)
    )


def _below(indices: tuple[Node, ...]) -> str:
    return f"_{{{' '.join(map(as_latex, indices))}}}" if indices else ""


def _sign(sign: str, right: Node) -> str:
    if sign in ("*", "·") or isinstance(right, Number):
        return r" \cdot "
    return r" \odot " if sign == "⊙" else " "


def _base(node: Node) -> str:
    return as_latex(node) if isinstance(node, Name | Number | Norm) else rf"\left({as_latex(node)}\right)"


def _derivative(node: Derivative) -> str:
    of = "" if node.of is None else as_latex(node.of, True)
    at = rf"\left({', '.join(map(as_latex, node.at))}\right)" if node.at else ""
    if node.sign == "'":
        return f"{of}{chr(39) * node.order}{at}"
    if node.sign == "∇":
        below = f"_{{{', '.join(map(as_latex, node.by))}}}" if node.by else ""
        return rf"\nabla{below} {of}{at}"
    d = r"\partial " if node.sign == "∂" else "d"
    order = f"^{{{len(node.by)}}}" if len(node.by) > 1 else ""
    below = " ".join(f"{d}{as_latex(by)}" for by in node.by)
    return rf"\frac{{{d.strip()}{order} {of}}}{{{below}}}{at}"


def right_side(outcome: Outcome, latex: bool) -> str:
    """The right derivative in the notation of the statement, where all names are scalars; empty where it is long."""
    comparison = outcome.comparison
    if comparison is None or not comparison.reading.is_scalar or comparison.sides[0].shape:
        return ""
    expression = comparison.sides[0].item()
    if not expression.free_symbols:
        expression = _fraction_near(comparison.samples[0].symbolic[0].item()) or expression
    from gradcheck.symbolic.printing import latex as printed
    from gradcheck.symbolic.printing import text
    from gradcheck.symbolic.tracing.special import Equals

    if expression.has(sp.Integral, sp.Sum, Equals):
        return ""

    tidy = _tidied(expression)
    written = printed(tidy) if latex else _spelt(text(tidy))
    return written if len(written) <= LONGEST else ""


def _fraction_near(value: Any) -> sp.Rational | None:
    """The fraction of small numbers that a value is to 20 digits; None for any other value, and for 0."""
    found = sp.Rational(Fraction(float(value)).limit_denominator(LARGEST_BELOW))
    return found if abs(sp.Float(value, 30) - found) < sp.Float("1e-20") else None


def _tidied(expression: sp.Expr) -> sp.Expr:
    """The shorter of the expression and its factored form; simplification may take long, and is left alone."""
    candidates = [expression]
    if expression.count_ops() < 60:
        candidates += (
            [sp.factor_terms(expression), sp.factor(expression)]
            if expression.is_polynomial()
            else [sp.factor_terms(expression)]
        )
    return min(candidates, key=lambda each: each.count_ops())


def _spelt(text: str) -> str:
    return text.replace("**", "^")


def _end(node: Series) -> str:
    return r"\infty" if node.upper is None else as_latex(node.upper)


RULES: dict[type[Node], Callable[[Any], str]] = {
    Number: lambda node: _number(node.value),
    Name: lambda node: _name(node.label, node.bold) + _below(node.indices),
    Times: lambda node: f"{as_latex(node.left, True)}{_sign(node.sign, node.right)}{as_latex(node.right, True)}",
    Over: lambda node: rf"\frac{{{as_latex(node.left)}}}{{{as_latex(node.right)}}}",
    Power: lambda node: f"{_base(node.base)}^{{{as_latex(node.exponent)}}}",
    Transposed: lambda node: rf"{_base(node.operand)}^\top",
    Norm: lambda node: rf"\left\|{as_latex(node.operand)}\right\|" + ("_1" if node.order == 1 else ""),
    Call: _call,
    Entry: lambda node: rf"\left({as_latex(node.operand)}\right){_below(node.indices)}",
    SumOver: _sum,
    Delta: lambda node: rf"\delta_{{{as_latex(node.row)} {as_latex(node.column)}}}",
    Condition: lambda node: (
        f"{as_latex(node.left)} {RELATIONS.get(node.relation, node.relation)} {as_latex(node.right)}"
    ),
    Cases: _cases,
    Listed: lambda node: rf"\left({', '.join(map(as_latex, node.entries))}\right)",
    Dots: lambda _: r"\ldots",
    Derivative: _derivative,
    Limit: lambda node: (
        rf"\lim_{{{as_latex(node.by)} \to {as_latex(node.toward)}{'^' + node.side if node.side else ''}}} "
        f"{as_latex(node.body, True)}"
    ),
    Integral: lambda node: (
        rf"\int_{{{as_latex(node.lower)}}}^{{{as_latex(node.upper)}}} {as_latex(node.body)} \, d{as_latex(node.by)}"
    ),
    Series: lambda node: (
        rf"\sum_{{{as_latex(node.by)} = {as_latex(node.lower)}}}^{{{_end(node)}}} {as_latex(node.body, True)}"
    ),
    At: lambda node: rf"\left.{as_latex(node.operand)}\right|_{{{as_latex(node.name)} = {as_latex(node.value)}}}",
}
"""The LaTeX of each kind of node."""
