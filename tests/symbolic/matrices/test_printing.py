"""Brackets stand where they are needed: what is written, read back, has the value of what was written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
import sympy as sp

from gradcheck.symbolic.functions import absolute, sigmoid
from gradcheck.symbolic.matrices import algebra
from gradcheck.symbolic.matrices.cases import Choice, Condition, joined
from gradcheck.symbolic.matrices.latex import Latex
from gradcheck.symbolic.matrices.nodes import (
    Apply,
    Call,
    Hadamard,
    Identity,
    Matrix,
    Named,
    Number,
    Ones,
    Power,
    Product,
    Quotient,
    Scaled,
    Total,
)
from gradcheck.symbolic.matrices.printing import POSTFIX, Text
from gradcheck.symbolic.tensors import dimension, scalar

m, n = dimension("m n")
one = sp.S.One
c, d = scalar("c"), scalar("d")
A, B, X = Named("A", n, n), Named("B", n, n), Named("X", m, n)
x, y, u = Named("x", n, one), Named("y", n, one), Named("u", m, one)
VALUES: dict[str, Any] = {
    "m": 2,
    "n": 3,
    "c": np.array([[0.7]]),
    "d": np.array([[-1.3]]),
    **{
        name: np.random.default_rng(ord(name)).uniform(0.2, 0.9, shape)
        for name, shape in (("A", (3, 3)), ("B", (3, 3)), ("X", (2, 3)), ("x", (3, 1)), ("y", (3, 1)), ("u", (2, 1)))
    },
}


class Code(Text):
    """The same brackets, with NumPy's operators."""

    entrywise, divided = " * ", " / "
    brackets, norm, absolute = ("(", ")"), ("norm(", ")"), ("abs(", ")")
    marks = {"transpose": ".T", "inverse": ".inverse", "inverse transpose": ".inverse.T"}  # noqa: RUF012
    names = {"sigmoid": "sigmoid", "diagonal": "diagonal"}  # noqa: RUF012

    def write(self, node: Matrix, level: int = 0) -> str:
        if isinstance(node, Ones):
            return f"ones({node.size})"
        return f"eye({node.size})" if isinstance(node, Identity) else super().write(node, level)

    def product(self, factors: Sequence[Matrix]) -> str:
        return " @ ".join(self.write(factor, POSTFIX) for factor in factors)

    def scaled(self, node: Scaled) -> str:
        sign, above, below = self.fraction(node)
        line = sign + (" * ".join(above) or "1")
        return f"({line}) / ({' * '.join(below)})" if below else line

    def exponent(self, node: Power) -> str:
        return f"**({self.write(Number(node.exponent))})"

    def apply(self, node: Apply, exponent: str = "") -> str:
        return f"{super().apply(node)}{exponent}"


class Readable(np.ndarray[Any, Any]):
    """An array that knows its inverse, as it is written."""

    @property
    def inverse(self) -> Any:
        return np.linalg.inv(self).view(Readable)


def _read(code: str) -> Any:
    arrays = {name: value.view(Readable) for name, value in VALUES.items() if isinstance(value, np.ndarray)}
    known = {
        **VALUES,
        **arrays,
        "norm": np.linalg.norm,
        "abs": abs,
        "sqrt": np.sqrt,
        "exp": np.exp,
        "sigmoid": lambda value: 1 / (1 + np.exp(-value)),
        "ones": lambda size: np.ones((size, 1)),
        "eye": np.eye,
        "diag": lambda value: np.diag(value[:, 0]),
        "det": np.linalg.det,
        "tr": np.trace,
    }
    return eval(code, {"__builtins__": {}}, known)


half, two = sp.Rational(1, 2), sp.Integer(2)
difference = Total((x, Scaled(-one, (), (), y)))
BRACKETED: dict[str, Matrix] = {
    "A(x - y)": Product((A, difference)),
    "(x - y)ᵀ A": Product((Call("transpose", difference), A)),
    "(AB)ᵀ": Call("transpose", Product((A, B))),
    "(A ⊙ B) x": Product((Hadamard((A, B)), x)),
    "(Ax) ⊙ y": Hadamard((Product((A, x)), y)),
    "(x - y) ⊙ y": Hadamard((difference, y)),
    "x ⊘ (x ⊘ y)": Quotient(x, Quotient(x, y)),
    "(x ⊙ y) ⊘ y": Quotient(Hadamard((x, y)), y),
    "x - (x - y)": Total((x, Scaled(-one, (), (), difference))),
    "-(x - y)": Scaled(-one, (), (), difference),
    "2 (x - y)": Scaled(two, (), (), difference),
    "x ⊙ y / 2": Scaled(half, (), (), Hadamard((x, y))),
    "3 (x ⊘ y)": Scaled(sp.Integer(3), (), (), Quotient(x, y)),
    "(x ⊘ y) / (2 n)": Scaled(half / n, (), (), Quotient(x, y)),
    "-x ⊘ y": Scaled(-one, (), (), Quotient(x, y)),
    "(xᵀy) x / ‖x‖²": Scaled(one, (Product((Call("transpose", x), y)),), (Power(Call("norm", x), two),), x),
    "(c + d) x": Scaled(c + d, (), (), x),
    "(c - d) / (c + d)": Number((c - d) / (c + d)),
    "c² - d": Number(c**2 - d),
    "(c d)²": Power(Scaled(c * d, (), (), None), two),
    "(xᵀy - 1)²": Power(Total((Product((Call("transpose", x), y)), Number(-one))), two),
    "(x ⊙ y)^⊙2": Power(Hadamard((x, y)), two),
    "x^⊙(3 / 2)": Power(x, sp.Rational(3, 2)),
    "(A + B)⁻¹ x": Product((Call("inverse", Total((A, B))), x)),
    "(A + B)⁻ᵀ x": Product((Call("transpose", Call("inverse", Total((A, B)))), x)),
    "diag(x - y) A": Product((Call("diag", difference), A)),
    "σ²(x) + x": Total((Power(Apply(sigmoid, (x,)), two), x)),
    "exp(-xᵀ) |y|": Product((Apply(sp.exp, (Scaled(-one, (), (), Call("transpose", x)),)), Apply(absolute, (y,)))),
    "sqrt(x + y) - sqrt(c) 𝟏": Total((Power(Total((x, y)), half), Scaled(-sp.sqrt(c), (), (), Ones(n)))),
    "x 𝟏ᵀ - I": Total((Product((x, Call("transpose", Ones(n)))), Scaled(-one, (), (), Identity(n)))),
}


@pytest.mark.parametrize("written", BRACKETED)
def test_what_is_written_reads_back_as_what_was_written(written: str) -> None:
    node = BRACKETED[written]
    expected = node.value(VALUES)
    code = Code().write(node)
    np.testing.assert_allclose(np.asarray(_read(code)).reshape(expected.shape), expected, rtol=1e-12)


@pytest.mark.parametrize("written", BRACKETED)
def test_brackets_stand_where_they_are_needed(written: str) -> None:
    assert Text().write(BRACKETED[written]) == written


LATEX: dict[str, str] = {
    "(AB)ᵀ": r"\left(A B\right)^{\top}",
    "(A ⊙ B) x": r"\left(A \odot B\right) x",
    "x - (x - y)": r"x - \left(x - y\right)",
    "(xᵀy) x / ‖x‖²": r"\frac{x^{\top} y}{\left\lVert x \right\rVert^{2}} x",
    "(c - d) / (c + d)": r"\frac{c - d}{c + d}",
    "x^⊙(3 / 2)": r"x^{\odot \frac{3}{2}}",
    "(A + B)⁻ᵀ x": r"\left(A + B\right)^{-\top} x",
    "3 (x ⊘ y)": r"3 \left(x \oslash y\right)",
    "-(x - y)": r"-\left(x - y\right)",
    "x 𝟏ᵀ - I": r"x \mathbf{1}^{\top} - I",
}


@pytest.mark.parametrize("written", LATEX)
def test_latex_has_the_same_brackets(written: str) -> None:
    assert Latex().write(BRACKETED[written]) == LATEX[written]


POSITIVE, SMALL, EQUAL = (
    Condition(x, ">", Number(sp.S.Zero)),
    Condition(x, "<", y),
    Condition(x, "==", y),
)
CONDITIONS: dict[str, Matrix] = {
    "x > 0 and (x < y or x = y)": Condition(POSITIVE, "and", Condition(SMALL, "or", EQUAL)),
    "x > 0 and x < y and x = y": joined("and", [POSITIVE, SMALL, EQUAL]),
    "{x where x > 0, y where x < y, else x ⊙ y}": Choice((x, y), (POSITIVE, SMALL), Hadamard((x, y))),
}


@pytest.mark.parametrize("written", CONDITIONS)
def test_conditions_and_choices(written: str) -> None:
    assert Text().write(CONDITIONS[written]) == written


SHORT: dict[str, Matrix] = {
    "A": algebra.transpose(algebra.transpose(A)),
    "BᵀAᵀ": algebra.transpose(algebra.product(A, B)),
    "(A + B)ᵀ": algebra.transpose(algebra.total([A, B])),
    "A + Aᵀ": algebra.transpose(algebra.total([A, algebra.transpose(A)])),
    "X": algebra.inverse(algebra.inverse(X)),
    "A⁻ᵀ": algebra.inverse(algebra.transpose(A)),
    "diag(x ⊙ y)": algebra.product(algebra.diag(x), algebra.diag(y)),
    "2 x": algebra.total([x, x]),
    "0": algebra.total([x, algebra.scaled(-one, (), (), x)]),
    "x^⊙2": algebra.hadamard([x, x]),
    "x ⊘ y": algebra.hadamard([x, Quotient(Ones(n), y)]),
    "c x": algebra.product(x, Number(c)),
    "𝟏 xᵀ": algebra.broadcast(algebra.transpose(x), (m, n)),
    "u 𝟏ᵀ": algebra.broadcast(u, (m, n)),
}


@pytest.mark.parametrize("written", SHORT)
def test_matrices_are_built_in_their_shortest_form(written: str) -> None:
    assert Text().write(SHORT[written]) == written
