"""The parser: what it reads, and that nothing else gets through, with the column that is to blame."""

from __future__ import annotations

import pytest
import sympy as sp

from gradcheck.errors import UsageError
from gradcheck.symbolic.functions import sigmoid
from gradcheck.symbolic.parser import MAX_LENGTH, ParseError, parse
from gradcheck.symbolic.tracing.scalars import decimal
from gradcheck.symbolic.tracing.special import Maximum

x, y = sp.symbols("x y", real=True)

READS: dict[str, sp.Expr] = {
    "x**2*sin(x)": x**2 * sp.sin(x),
    "-x + +y": y - x,
    "2*pi*e": 2 * sp.pi * sp.E,
    "x / 2 - 1e-3": x / 2 - decimal(0.001),
    "0.5*x": x / 2,
    "ln(x) + log(x, 2)": sp.log(x) + sp.log(x) / sp.log(2),
    "sigmoid(x)": sigmoid(x),
    "x**-2": x**-2,
    "-x**2": -(x**2),
    "2**3**2": sp.Integer(512),
    "where(x > 0, x, 2*x)": sp.Piecewise((x, x > 0), (2 * x, True)),
    "  x + 1 ": x + 1,
    "θ*x": sp.Symbol("θ", real=True) * x,
    "x**2**0.5": x ** sp.sqrt(2),
    "2·x − π×y ÷ 2": 2 * x - sp.pi * y / 2,
    "σ(x)": sigmoid(x),
    "max(x, y)": Maximum(x, y),
    "sec(x) + csc(x)": 1 / sp.cos(x) + 1 / sp.sin(x),
    "cot(x)": sp.cos(x) / sp.sin(x),
    "lgamma(x) + digamma(x)": sp.loggamma(x) + sp.polygamma(0, x),
}


@pytest.mark.parametrize("text", READS)
def test_an_expression_is_read(text: str) -> None:
    assert parse(text) == READS[text]


REJECTED: dict[str, tuple[int, str]] = {
    "__import__('os')": (1, "no function is named '__import__'"),
    "__import__('os').system('ls')": (1, "attributes are not allowed"),
    "x + __class__": (5, "'__class__' is not allowed as a name"),
    "x.real": (1, "attributes are not allowed"),
    "sin(x).__class__": (1, "attributes are not allowed"),
    "2*(lambda: 1)()": (4, "a lambda is not allowed"),
    "1 + [v for v in x]": (5, "ListComp"),
    "sum(v for v in x)": (1, "no function is named 'sum'"),
    "x[0]": (1, "indexing is not allowed"),
    "x if x > 0 else 1": (1, "IfExp"),
    "(x := 3)": (2, "NamedExpr"),
    "sin('x')": (5, "Constant"),
    "1 + True": (5, "Constant"),
    "2 + 3j": (5, "Constant"),
    "f'{x}'": (1, "JoinedStr"),
    "x ^ 2": (1, "write ** for a power"),
    "x % 2": (1, "a remainder is not allowed"),
    "x²": (2, "write ** for a power"),
    "√x": (1, "write sqrt(x) for a root"),
    "2*|x|": (3, "write abs(x) for |x|"),
    "x!": (2, "for a factorial"),
    "x = 3": (3, "write the expression alone"),
    "sin x": (5, "write sin(x)"),
    "x y": (3, "write a product as 2*x"),
    "sin(x)cos(x)": (7, "write a product as 2*x"),
    "(x + 1)(x - 1)": (2, "write a product with *"),
    "x(x + 1)": (1, "x is no function; write a product"),
    "Xᵀ*x": (2, "write X.T for a transpose"),
    "maximum(x)": (1, "maximum does not take 1 argument\n"),
    "x*log(0)": (1, "no real number anywhere"),
    "x*log(-1)": (1, "no real number anywhere"),
    "0**x": (1, "0 to a power that varies"),
    "x**" * 9 + "x": (1, "more than 8 powers"),
    "x > 0": (1, "a comparison stands in where"),
    "where(x, 1, 2)": (7, "the first argument of where"),
    "where(0 < x < 1, 1, 2)": (7, "the first argument of where"),
    "1 + eval('x')": (5, "no function is named 'eval'"),
    "x + sni(x)": (5, "did you mean 'sin'"),
    "x + sin": (5, "sin is a function; write sin(x)"),
    "1 + sin(x, y)": (5, "sin does not take 2 arguments"),
    "sin(x=1)": (7, "takes its arguments by position"),
    "9**9**9": (4, "the power is too large"),
    "2**(2**11)": (5, "the power is too large"),
    "x + 0.5**99999": (10, "the power is too large"),
    "1 + 1e999": (5, "the number is too large"),
    "x + " + "9" * 400: (5, "the number is too large"),
    "x / 0": (5, "division by zero"),
    "0**-1": (4, "division by zero"),
    "2x": (1, "write a product as 2*x"),
    "x +": (4, "not an expression"),
    "x; y": (2, "not an expression"),
    "sin(x": (4, "not an expression"),
    "αβ + sni(x)": (6, "did you mean 'sin'"),
    "": (1, "there is nothing"),
    "x\ny": (2, "one line"),
    "(" * 70 + "x" + ")" * 70: (61, "nested deeper than"),
    "-" * 300 + "x": (62, "nested deeper than"),
    "+".join("x" * 500): (1, "nested deeper than"),
    "x" * (MAX_LENGTH + 1): (1, "longer than"),
    "x\0": (2, "printable characters"),
    "x\u200b": (2, "printable characters"),
}


@pytest.mark.parametrize("text", REJECTED)
def test_anything_else_is_refused_at_its_column(text: str) -> None:
    column, message = REJECTED[text]
    with pytest.raises(ParseError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert caught.value.column == column


def test_the_message_shows_the_text_with_a_caret() -> None:
    with pytest.raises(UsageError) as caught:
        parse("x + sni(x)")
    assert str(caught.value).splitlines()[1:] == ["  x + sni(x)", "      ^"]


def test_of_a_long_text_the_part_around_the_column_is_shown() -> None:
    with pytest.raises(UsageError) as caught:
        parse("+".join(["x"] * 40) + " + sni(x) + " + "*".join(["x"] * 40))
    _, shown, caret = str(caught.value).splitlines()
    assert shown.startswith("  ...")
    assert shown.endswith("...")
    assert shown[caret.index("^") :].startswith("sni(x)")
    assert len(shown) < 120


def test_a_long_sum_is_no_deep_nesting() -> None:
    assert parse("+".join(["x"] * 50)) == 50 * x
