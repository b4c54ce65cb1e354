"""A judged statement: where it stands, what is true, what should stand there, and what each oracle said."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from gradcheck.documents.formulas.judged import judged_formulas
from gradcheck.documents.readers.read import read_text
from tests.documents.formulas.documents import found, statuses

REPLACED = [
    (("Let y = x^2. Then dy/dx = 3x.",), "dy/dx = 3x", "dy/dx = 2x"),
    (("Let y = x³. Then dy/dx = 2·x².",), "dy/dx = 2·x²", "dy/dx = 3·x²"),
    (("Let y = x**3. Then dy/dx = 2 * x**2.",), "dy/dx = 2 * x**2", "dy/dx = 3*x**2"),
    (("Let y = sin(2x). Then dy/dx = 3cos(2x).",), "dy/dx = 3cos(2x)", "dy/dx = 2cos(2x)"),
    (("y = x², and dy/dx = x here",), "dy/dx = x", "dy/dx = 2*x"),
    ((r"Here $\frac{d}{dx} x^3 = 3x$.",), r"\frac{d}{dx} x^3 = 3x", r"\frac{d}{dx} x^3 = 3 x^{2}"),
    (("code: y = x ** 2  # dy/dx = x",), "dy/dx = x", "dy/dx = 2*x"),
]


@pytest.mark.parametrize(("texts", "stated", "replacement"), REPLACED)
def test_the_right_derivative_is_proposed_in_the_same_notation(
    texts: tuple[str, ...], stated: str, replacement: str
) -> None:
    judged = found(*texts)[-1]
    assert (judged.stated, judged.replacement) == (stated, replacement)
    corrected = (*texts[:-1], texts[-1].replace(stated, replacement))
    assert statuses(*corrected)[-1] == "confirmed"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (r"math: f'(x) = \lim \frac{f(x+h) - f(x)}{h}", "a limit, which is not taken"),
        (r"math: f'(x) = \int_0^1 x", "an integral, which is not taken"),
        (r"math: f'(x) = \prod_i x_i", "a product over an index, which is not taken"),
    ],
)
def test_what_is_not_taken_is_named(text: str, reason: str) -> None:
    (judged,) = found("f(x) = x^2", text)
    assert (judged.judgement.status, reason in judged.judgement.rule) == ("not checkable", True)


@pytest.mark.parametrize(
    "anew",
    [
        r"If $f(x) = x^3 \oplus 3$",
        r"If $f(x) = \oplus x^3$",
        "code: def f(x):\n    y = x**3\n    return y",
        "code: def f(x):\n    return x.cumsum(0)",
    ],
)
def test_a_name_that_is_defined_anew_in_what_is_not_read_refutes_nothing(anew: str) -> None:
    first, claim = "If $f(x) = x^9$", "then $f'(x) = 3x^2$."
    (judged,) = found(first, anew, claim)
    assert judged.judgement.status == "not checkable"
    assert "`f` is defined anew on line 3, which is not read to its end" in judged.judgement.rule
    assert statuses(first, claim) == ["refuted"]
    assert statuses(anew, first, claim) == ["refuted"]
    assert statuses(first, anew.replace("f(x)", "g(x)"), claim) == ["refuted"]


@pytest.mark.parametrize(("stated", "status"), [("10x^9", "confirmed"), ("11x^9", "refuted")])
def test_an_exponent_of_two_digits_needs_no_braces_to_define(stated: str, status: str) -> None:
    assert statuses("If $f(x) = x^9$", "If $f(x) = x^10$", f"then $f'(x) = {stated}$.") == [status]


def test_a_constant_is_one_where_the_text_says_so() -> None:
    assert statuses(r"The derivative of a constant: $\frac{d}{dx}c = 0$.") == ["confirmed"]


def test_both_oracles_give_the_true_value_and_the_statement_its_own() -> None:
    (judged,) = found("d(x^2)/dx = 3x")
    values = {each.oracle: float(each.value.split(" at ")[0]) for each in judged.judgement.evidence}
    assert values["SymPy"] == pytest.approx(values["autograd"])
    assert values["stated"] == pytest.approx(1.5 * values["SymPy"])
    assert judged.judgement.actual == "the derivative is 2*x"


def test_the_definition_that_was_used_is_quoted() -> None:
    judged = found("First y = x^3.", "Now y = x^2.", "So dy/dx = 2x.")[0]
    assert "`y = x^2`" in judged.judgement.actual


def test_a_statement_knows_its_lines() -> None:
    judged = found("Some words.\nLet y = x^2.", "math: \\begin{aligned}\n\\frac{dy}{dx} &= 2x\n\\end{aligned}")
    assert [(each.line, each.end_line) for each in judged] == [(5, 5)]


def test_a_condition_is_said() -> None:
    judged = found("f(x) = max(0, x)", "for x > 0, df/dx = 1")[0]
    assert "where x > 0" in judged.judgement.rule
    assert "convention" in judged.judgement.rule


def test_a_transposed_layout_is_said() -> None:
    judged = found(r"math: \nabla_{\mathbf{x}} \mathbf{A}\mathbf{x} = \mathbf{A}^\top")[0]
    assert "transpose" in judged.judgement.rule


def test_smooth_functions_stand_in_for_those_left_open() -> None:
    judged = found(r"math: \frac{d}{dx} [f(x) + g(x)] = f'(x) + g'(x)")[0]
    assert "in place of `f`, `g`" in judged.judgement.rule


def test_a_statement_in_a_line_is_given_as_latex() -> None:
    assert found("d(x^2)/dx = 2x")[0].math == r"\frac{d x^{2}}{dx} = 2 x"


def test_a_markdown_page_is_judged_line_by_line() -> None:
    page = (
        "# Squares\n\nLet $f(x) = x^2$.\n\n$$\nf'(x) = 2x\n$$\n\n- the gradient of `x**3` is `2*x**2`\n\n"
        "```python\nQ = 3 * a ** 3 - b ** 2  # dQ/db = -2*b\n```\n"
    )
    judged = list(judged_formulas(read_text(page, "markdown", "squares.md")))
    assert [(each.line, each.judgement.status) for each in judged] == [
        (6, "confirmed"),
        (9, "refuted"),
        (12, "confirmed"),
    ]


def test_a_page_without_claims_needs_neither_sympy_nor_torch() -> None:
    code = (
        "import sys\nfrom gradcheck.documents.document import Document, Passage\n"
        "from gradcheck.documents.formulas.judged import judged_formulas\n"
        "found = list(judged_formulas(Document('a', 'markdown', (Passage('prose', 'x = 1', (1,)),))))\n"
        "print(found, 'torch' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[] False"


def test_a_page_of_twenty_statements_takes_a_second_or_two() -> None:
    statuses("d(x^2)/dx = 2x")
    texts = [f"d/dx (x^{n} + sin({n}x)) = {n}x^{n - 1} + {n}cos({n}x)" for n in range(2, 22)]
    started = time.perf_counter()
    assert statuses(*texts) == ["confirmed"] * 20
    assert time.perf_counter() - started < 8
