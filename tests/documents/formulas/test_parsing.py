"""Both notations end in one tree; nothing that is written raises, and what is too much is refused at once."""

from __future__ import annotations

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.documents.formulas.evaluation import CannotEvaluate
from gradcheck.documents.formulas.parse import parse_expression
from gradcheck.documents.formulas.reading import NotAFormula
from gradcheck.documents.formulas.symbolic_oracle import SymbolicOracle, numbers, symbols
from gradcheck.documents.formulas.tree import Call, Name, Negated, Node, Number, Over, Plus, Power, Times
from gradcheck.documents.formulas.written import as_latex
from tests.documents.formulas.documents import found, statuses

SAME = [
    ("x²", "x^{2}"),
    ("x^10", "x^{10}"),
    ("2x", "2 x"),
    ("a/b", r"\frac{a}{b}"),
    ("√x", r"\sqrt{x}"),
    ("θ_1", r"\theta_1"),
    ("x_ij", "x_{ij}"),
    ("ŷ", r"\hat{y}"),
    ("xᵀA", r"x^\top A"),
    ("xᵀA", r"x^{\mathsf{T}} A"),
    ("||x||²", r"\left\|x\right\|_2^2"),
    ("|x|", r"\lvert x \rvert"),
    ("σ(x)", r"\sigma(x)"),
    ("sin²(x)", r"\sin^2(x)"),
    ("exp(−x)", r"\exp(-x)"),
    ("δ_ij", r"\delta_{ij}"),
    ("Σ_i x_i", r"\sum_i x_i"),
    ("dy/dx", r"\frac{dy}{dx}"),
    ("dy/dx", r"\frac{\mathrm{d}y}{\mathrm{d}x}"),
    ("∂L/∂w", r"\frac{\partial L}{\partial w}"),
    ("d²y/dx²", r"\frac{d^2 y}{dx^2}"),
    ("d/dx (x + 1)", r"\frac{d}{dx} \left(x + 1\right)"),
    ("∇_w L", r"\nabla_{w} L"),
    ("f'(x)", r"f^\prime(x)"),
    ("f''(x)", "f^{''}(x)"),
    ("A ⊙ B", r"A \odot B"),
]

LEAVES = st.one_of(
    st.sampled_from([Name("x"), Name("y"), Name("theta")]),
    st.integers(0, 9).map(lambda value: Number(Fraction(value))),
)


def _compound(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Plus, parts, parts),
        st.builds(Negated, parts),
        st.builds(lambda a, b: Times(a, b, "·"), parts, parts),
        st.builds(lambda a, b: Over(a, Plus(Number(Fraction(3)), Power(b, Number(Fraction(2))))), parts, parts),
        st.builds(lambda base, power: Power(base, Number(Fraction(power))), parts, st.integers(1, 3)),
        st.builds(lambda name, part: Call(name, (part,)), st.sampled_from(["sin", "exp", "tanh", "sigmoid"]), parts),
    )


TREES = st.recursive(LEAVES, _compound, max_leaves=8)


def _value(node: Node) -> float | None:
    names = ("x", "y", "theta")
    try:
        expression = SymbolicOracle({name: symbols(name, ()) for name in names}, {}, {}).value(node)
        point = {name: np.asarray(value) for name, value in zip(names, (0.3, -1.25, 0.7), strict=True)}
        return float(numbers(expression, point).item())
    except (CannotEvaluate, ArithmeticError, ValueError):
        return None


SIGNS = {Plus: "+", Times: "·", Over: "/"}


def _unicode(node: Node) -> str:
    """The tree in one line, every part between brackets."""
    parts = [_unicode(part) for part in node.parts]
    match node:
        case Number(value):
            return str(value)
        case Name(label):
            return {"theta": "θ"}.get(label, label)
        case Negated():
            return f"(−{parts[0]})"
        case Power():
            return f"({parts[0]})^({parts[1]})"
        case Call(function):
            return f"{function}({parts[0]})"
    return f"({parts[0]} {SIGNS[type(node)]} {parts[1]})"


@pytest.mark.parametrize(("line", "latex"), SAME)
def test_both_notations_end_in_one_tree(line: str, latex: str) -> None:
    assert parse_expression(line) == parse_expression(latex, latex=True)


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_what_is_printed_in_either_notation_is_read_back(tree: Node) -> None:
    value = _value(tree)
    for text, latex in ((_unicode(tree), False), (as_latex(tree), True)):
        again = _value(parse_expression(text, latex))
        assert again == value or (value is not None and again == pytest.approx(value, rel=1e-12))


WORDS = (
    r"\frac \partial \nabla { } ( ) [ ] d / dx dy/dx = = 2x x^2 ^ _ ' || | , \\ & + - * · ∂ ∇ Σ δ_ij \sum_{i=1}^n "
    r"\begin{cases} \end{cases} \left( \right) softmax max( 1e999 0 ᵀ ² f'(x) 当x>0时 # $ ` \text{if} \ e^ √ σ(x) "
    "is the gradient of"
)
PIECES = st.sampled_from(WORDS.split())


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14).map(" ".join), st.sampled_from(["", "math: ", "code: "]))
def test_nothing_that_is_written_raises(text: str, kind: str) -> None:
    for each in found(kind + text):
        assert each.stated


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    statuses("dy/dx = " + text.replace("\n", " "))


HUGE = [
    "d/dx x^(9^9^9^9) = 1",
    "d/dx x = 9^9^9^9^9",
    "dy/dx = " + "(" * 5000 + "x" + ")" * 5000,
    "dy/dx = " + "x + " * 20_000 + "x",
    "dy/dx = " + "9" * 100_000,
    "∂" * 100_000 + " = x",
    "d/dx " * 400 + "x = 1",
    "a = " * 3_000 + "1",
    "dy/dx = 2x " + "x" * 1_000_000,
    "$" * 5_000 + "dy/dx = 2x",
    "d/dx (" + "sin(" * 30 + "x" + ")" * 30 + ") = 1",
    "d/dx " + "(x + 1)" * 39 + " = 1",
]


@pytest.mark.parametrize("text", HUGE, ids=lambda text: text[:30])
def test_what_is_too_much_is_refused_at_once(text: str) -> None:
    started = time.perf_counter()
    assert "refuted" not in statuses(text) or "sin(" in text or "(x + 1)" in text
    assert "confirmed" not in statuses("math: " + text)
    assert time.perf_counter() - started < 6


@pytest.mark.parametrize("text", ["", "2 +", "(x", "x)", r"\frac{1}", "x^", "1 = 2", "x" * 4000])
def test_what_is_no_expression_says_so(text: str) -> None:
    with pytest.raises(NotAFormula):
        parse_expression(text, latex=True)
