"""Trees and results written out: as LaTeX, or in one line of Unicode as documents write it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from gradcheck.documents.formulas.signs import GREEK
from gradcheck.documents.formulas.tree import (
    Call,
    Cases,
    Condition,
    Delta,
    Derivative,
    Entry,
    Listed,
    Name,
    Negated,
    Node,
    Norm,
    Number,
    Over,
    Plus,
    Power,
    SumOver,
    Times,
    Transposed,
)

if TYPE_CHECKING:
    from gradcheck.documents.formulas.trials import Outcome

LETTERS = {name: letter for letter, name in GREEK.items() if letter != "ς"}
MARKS = {"hat": "hat", "bar": "bar", "tilde": "tilde"}
LONGEST = 120
OTHERWISE = r"\text{otherwise}"
PLAIN_FUNCTIONS = frozenset(["sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "max", "min", "det"])


def as_latex(node: Node, tight: bool = False) -> str:
    """A tree as LaTeX; `tight` puts sums into brackets.

    >>> from gradcheck.documents.formulas.grammar import parse_expression
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
    match node:
        case Number(value):
            return _number(value)
        case Name(label, indices, bold):
            return _name(label, bold) + _below(indices)
        case Times(left, right, sign):
            return f"{as_latex(left, True)}{_sign(sign, left, right)}{as_latex(right, True)}"
        case Over(left, right):
            return rf"\frac{{{as_latex(left)}}}{{{as_latex(right)}}}"
        case Power(base, exponent):
            return f"{_base(base)}^{{{as_latex(exponent)}}}"
        case Transposed(operand):
            return rf"{_base(operand)}^\top"
        case Norm(operand, order):
            return rf"\left\|{as_latex(operand)}\right\|" + ("_1" if order == 1 else "")
        case Call(function, arguments, indices):
            inner = ", ".join(map(as_latex, arguments))
            return (
                rf"{_function(function)}{_below(indices)}\left({inner}\right)"
                if function != "abs"
                else rf"\left|{inner}\right|"
            )
        case Entry(operand, indices):
            return rf"\left({as_latex(operand)}\right){_below(indices)}"
        case SumOver(body, index, lower, upper):
            below = f"_{{{_name(index, False)}{'' if lower is None else '=' + as_latex(lower)}}}" if index else ""
            above = "" if upper is None else f"^{{{as_latex(upper)}}}"
            return rf"\sum{below}{above} {as_latex(body, True)}"
        case Delta(row, column):
            return rf"\delta_{{{as_latex(row)}{as_latex(column)}}}"
        case Condition(left, relation, right):
            sign = {"<=": r"\le", ">=": r"\ge"}.get(relation, relation)
            return f"{as_latex(left)} {sign} {as_latex(right)}"
        case Cases(values, conditions):
            pairs = zip(values, conditions, strict=True)
            rows = (as_latex(v) + " & " + (OTHERWISE if c is None else as_latex(c)) for v, c in pairs)
            return r"\begin{cases}" + r" \\ ".join(rows) + r"\end{cases}"
        case Listed(entries):
            return rf"\left({', '.join(map(as_latex, entries))}\right)"
        case Derivative():
            return _derivative(node)
    return ""


def _number(value: Any) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    decimal = f"{float(value):.12g}"
    return (
        decimal if len(decimal) < 12 and "e" not in decimal else rf"\frac{{{value.numerator}}}{{{value.denominator}}}"
    )


def _name(label: str, bold: bool) -> str:
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


def _sign(sign: str, left: Node, right: Node) -> str:
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
    from gradcheck.symbolic.printing import latex as printed
    from gradcheck.symbolic.printing import text

    tidy = _tidied(expression)
    written = printed(tidy) if latex else _spelt(text(tidy))
    return written if len(written) <= LONGEST else ""


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
