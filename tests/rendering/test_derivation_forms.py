"""Every form shows every step, with its rule, letters, line and verdict; a step that fails is shown as failed."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from gradcheck import UsageError, derive
from gradcheck.rendering.derivation import DERIVATION_FORMATS, QUIZZES, render_derivation
from gradcheck.rendering.derivation_steps import shown_derivation
from gradcheck.rendering.latex_lines import LONG, aligned, rows, seen_length
from gradcheck.rendering.math_text import math_text
from gradcheck.rendering.mathml import mathml
from gradcheck.rendering.terminal import WIDTH, display_width
from gradcheck.symbolic.derivations.derivation import Derivation
from gradcheck.symbolic.derivations.derive import derive as derive_by
from gradcheck.symbolic.derivations.rules import RULES
from gradcheck.symbolic.matrices.parser import matrix_formula
from tests.pages import CHROMIUM, OFFLINE, Page
from tests.symbolic.derivations.test_rules import spoiled

FORMATS = tuple(DERIVATION_FORMATS)


@pytest.fixture(scope="module")
def product() -> Derivation:
    return derive("x**2*sin(x) + 3", "x", at={"x": 1.5})


@pytest.fixture(scope="module")
def softmax() -> Derivation:
    return derive("softmax", at={"z": [1.0, 2.0, 0.5]})


@pytest.fixture(scope="module")
def ridge() -> Derivation:
    return derive(matrix_formula("norm(X@w - y)**2 / m + c*norm(w)**2", "X: m n, w: n, y: m, c:"), "w")


@pytest.fixture(scope="module")
def wide() -> Derivation:
    """A derivation whose lines, and what the letters of its rules stand for, are wider than a phone."""
    return derive("two_layer_relu", "W1")


@pytest.fixture(scope="module")
def failing() -> Derivation:
    """The derivative of sin(x)*x**2 by a rule that says sin' = -cos."""
    return derive_by("sin(x)*x**2", rules={**RULES, "sin": spoiled(RULES["sin"], lambda after: -after)})


def without_spaces(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("format", FORMATS)
def test_every_form_shows_every_step(format: str, product: Derivation, softmax: Derivation) -> None:
    for derivation in (product, softmax):
        shown = shown_derivation(derivation)
        rendered = render_derivation(derivation, format)
        for step in shown.steps:
            assert step.title.split("'")[0] in rendered
            assert step.verdict in rendered
        for check in shown.checks:
            assert (check.name if format == "json" else check.verdict) in rendered


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_derivation_gives_the_same_bytes(format: str, product: Derivation) -> None:
    assert render_derivation(product, format) == render_derivation(
        derive("x**2*sin(x) + 3", "x", at={"x": 1.5}), format
    )


@pytest.mark.parametrize("width", [60, WIDTH])
def test_the_text_has_every_line_and_fits_the_terminal(width: int, ridge: Derivation, softmax: Derivation) -> None:
    for derivation in (ridge, softmax):
        shown, text = shown_derivation(derivation, "full"), render_derivation(derivation, "text", "full", width=width)
        assert max(map(display_width, text.splitlines())) <= width
        for step in shown.steps:
            for part in (step.line, step.statement, *step.letters, *step.named):
                assert without_spaces(part.text) in without_spaces(text)
    assert "Without indices: ∂f/∂w = 2 (Xᵀ(Xw - y) / m + c w)" in render_derivation(ridge)
    assert "diag(s) - s sᵀ" in render_derivation(softmax)


def test_the_numbers_of_a_point_are_carried_through_every_step(product: Derivation, softmax: Derivation) -> None:
    _, second, *_ = steps = shown_derivation(product).steps
    assert second.line.text == "df/dx = d/dx(3) + x**2*d/dx(sin(x)) + sin(x)*d/dx(x**2)"
    assert second.value is not None
    assert second.value.text == "0 + 0.159159 + 2.99248 = 3.15164", "in the order of the terms"
    assert all(step.value and step.value.text.endswith("3.15164") for step in steps)
    repeats = [step.repeats for step in shown_derivation(softmax).steps]
    assert repeats == [False, *[True] * (len(repeats) - 2), False]
    assert render_derivation(softmax).count("-0.145332") == 4, "an array stands at the first line and at the last"


def test_trivial_steps_are_folded_unless_all_is_asked_for(product: Derivation) -> None:
    folded, full = shown_derivation(product), shown_derivation(product, "full")
    assert len(folded.steps) < len(full.steps) == len(product.steps)
    assert "A constant" not in render_derivation(product)
    assert "What does not depend on the variable" in render_derivation(product, detail="full")
    (group,) = (step for step in folded.steps if step.folded)
    assert [step.title for step in group.folded] == ["Sine", "Constant"]
    assert "<summary>In single steps</summary>" in render_derivation(product, "html")
    assert "<summary>In single steps</summary>" in render_derivation(product, "md")


@pytest.mark.parametrize("format", FORMATS)
def test_a_step_that_fails_is_shown_as_failed(format: str, failing: Derivation, product: Derivation) -> None:
    assert not failing.ok
    assert "FAILED by" in render_derivation(failing, format)
    assert "FAILED" not in render_derivation(product, format)
    step = next(step for step in shown_derivation(failing).steps if not step.ok)
    assert step.title == "Sine"


def test_markdown_pairs_its_signs(ridge: Derivation, softmax: Derivation) -> None:
    for derivation in (ridge, softmax):
        markdown = render_derivation(derivation, "md")
        assert len(re.findall(r"^\$\$$", markdown, re.MULTILINE)) % 2 == 0
        assert markdown.count("<details>") == markdown.count("</details>") > 0
        for block in re.findall(r"^\$\$\n(.*?)\n\$\$$", markdown, re.MULTILINE | re.DOTALL):
            assert mathml(block) is not None, block


def test_latex_is_a_document_whose_groups_close(ridge: Derivation, softmax: Derivation, failing: Derivation) -> None:
    for derivation in (ridge, softmax, failing):
        document = render_derivation(derivation, "latex", "full")
        assert document.startswith(r"\documentclass{article}")
        depth = 0
        for sign in re.sub(r"\\[{}]", "", document):
            depth += (sign == "{") - (sign == "}")
            assert depth >= 0
        assert depth == 0
        assert environments(document) == []
        assert document.count(r"\left") == document.count(r"\right")
        assert document.isascii() or set(filter(lambda c: not c.isascii(), document)) <= set("'’"), "TeX knows ASCII"
        (body,) = re.findall(r"\\begin\{align\*\}\n(.*?)\n\\end", document, re.DOTALL)
        assert all("&" in row for row in body.splitlines())


def environments(document: str) -> list[str]:
    """The environments that are left open; fails on one that is closed out of order."""
    opened: list[str] = []
    for kind, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", document):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    return opened


def test_html_reads_without_scripts_and_asks_for_nothing(softmax: Derivation, ridge: Derivation) -> None:
    for derivation in (softmax, ridge):
        html = render_derivation(derivation, "html")
        page = Page(html)
        assert not page.open
        names = [name for name, _ in page.elements]
        assert "script" not in names
        assert names.count("li") == len(derivation.groups)
        assert not [
            value for value in (*page.values("src"), *page.values("href")) if not value.startswith(("data:", "#"))
        ]
        assert "<code>" not in html, "all mathematics is MathML"
        assert "color-scheme" in html
        assert "@media print" in html


def test_html_opens_everything_where_all_is_asked_for(softmax: Derivation) -> None:
    assert "<details>" in render_derivation(softmax, "html")
    full = render_derivation(softmax, "html", "full")
    assert "<details open>" in full
    assert "<details>" not in full


def test_json_holds_both_writings(softmax: Derivation) -> None:
    data = json.loads(render_derivation(softmax, "json"))
    assert (data["schema"], data["ok"], len(data["steps"])) == (1, True, len(softmax.groups))
    assert data["steps"][-1]["line"]["text"] == "∂f[i]/∂z[j] = (δ[i, j] - s[j])*s[i]"
    assert data["steps"][0]["inner"][0]["title"] == "Exponential"
    assert data["matrix"]["latex"].startswith(r"\frac{\partial f}{\partial z} = \operatorname{diag}")


@pytest.mark.parametrize("format", QUIZZES)
def test_a_quiz_asks_before_it_answers(format: str, product: Derivation) -> None:
    quiz = render_derivation(product, format, quiz=True)
    shown = shown_derivation(product)
    answer = {"text": "ANSWERS", "md": "<details><summary>Answer", "html": "<summary>Answer"}[format]
    asked, _, answered = quiz.partition(answer)
    line = {"text": shown.steps[0].line.text, "md": shown.steps[0].line.latex, "html": "holds"}[format]
    assert line not in asked
    assert line in answered
    assert quiz.count(answer) == (1 if format == "text" else len(shown.steps))


@pytest.mark.parametrize(
    ("format", "quiz", "message"),
    [("pdf", False, "a derivation can be had as text"), ("json", True, "a quiz can be had")],
)
def test_other_forms_are_refused(format: str, quiz: bool, message: str, product: Derivation) -> None:
    with pytest.raises(UsageError, match=message):
        render_derivation(product, format, quiz=quiz)


def test_notebooks_show_the_same_steps(softmax: Derivation) -> None:
    fragment = softmax._repr_html_()
    assert not Page(fragment).open
    assert "<html" not in fragment
    assert fragment.count("<li ") == len(softmax.groups)
    assert softmax._repr_latex_().count("\n") == len(softmax.groups) + 3, (
        "definition, lines, the meaning of s, two ends"
    )


STATEMENTS: Mapping[str, str] = {
    "quotient": "(f/g)' = (f' g - f g')/g²",
    "power": "d/dx xⁿ = n xⁿ⁻¹",
    "entry": "∂x_i/∂x_j = δ_ij",
    "maximum_over": "(max_k f_k)' = f_k*', k* = argmax_k f_k",
    "piecewise": "{f where A, g else}' = {f' where A, g' else}",
    "log1p": "d/du log1p(u) = 1/(u + 1)",
    "adjoint": "v̄_k = ∂f/∂v_k",
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_statements_read_on_one_line(name: str) -> None:
    assert math_text(RULES[name].statement) == STATEMENTS[name]


def test_the_bar_of_an_adjoint_stands_over_its_letter() -> None:
    network = matrix_formula("norm(tanh(A@tanh(B@x)) - y)**2", "A: m n, B: n p, x: p, y: m")
    shown = shown_derivation(derive(network, "B"))
    named = [each.latex for step in shown.steps for each in step.named]
    assert named
    assert all(re.match(r"\{\\bar\{[ah]\}_\{[12]\}\{\}\}_\{k\} = ", each) for each in named)


def test_every_statement_can_be_read_on_one_line() -> None:
    for rule in RULES.values():
        assert "\\" not in math_text(rule.statement), rule.id


@pytest.mark.parametrize("break_", [" + ", " - ", r" \sum_{k} ", r" \frac{\partial}{\partial x}"])
def test_long_lines_break_outside_brackets(break_: str) -> None:
    term = r"\left(" + "a + " * 10 + r"b\right)"
    latex = f"f = {break_.join([term] * 3)}"
    found = rows(latex)
    assert len(found) > 1
    assert all(row.count(r"\left") == row.count(r"\right") for row in found)
    assert without_spaces(latex) == without_spaces(re.sub(r"\\cdot ", "", "".join(found)))
    assert mathml(aligned(latex)) is not None


MEASURE = """<script>
const right = box => box.getBoundingClientRect().right;
const boxes = [...document.querySelectorAll("h1, h2, p, span, div, li, summary")].map(right);
document.title = [Math.max(...boxes), right(document.body), document.querySelectorAll("math").length];
</script>"""
"""How far the boxes reach, how far the page does, and how many formulas it shows."""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium")
def test_a_browser_shows_the_page_at_the_width_of_a_phone(tmp_path: Path, wide: Derivation) -> None:
    page = tmp_path / "wide.html"
    html = render_derivation(wide, "html", "full")
    policy = html.replace("default-src 'none'", "default-src 'none'; script-src 'unsafe-inline'")
    narrow = policy.replace("</head>", "<style>body { width: 360px; margin: 0 }</style></head>")
    page.write_text(narrow.replace("</body>", f"{MEASURE}</body>"), encoding="utf-8")
    command = [
        CHROMIUM or "",
        *OFFLINE,
        f"--user-data-dir={tmp_path / 'profile'}",
        "--window-size=500,900",
        "--dump-dom",
    ]
    ran = subprocess.run([*command, page.as_uri()], capture_output=True, text=True, timeout=600, check=True)
    found = re.search(r"<title>([\d.]+),([\d.]+),(\d+)</title>", ran.stdout)
    assert found is not None
    reach, edge, formulas = map(float, found.groups())
    assert reach <= edge == 360, "what is wider scrolls in a box of its own"
    assert formulas == html.count("<math ")


def test_long_lines_of_latex_are_broken_within_brackets_that_stay_in_pairs() -> None:
    term = " + ".join([r"\frac{x_{k}}{y_{k}}"] * 40)
    broken = rows(rf"f = \sum_{{k}} \left(a_{{k}} \left({term}\right) - \frac{{{term}}}{{c}}\right)")
    assert len(broken) > 5
    assert max(map(seen_length, broken)) <= LONG + 10
    assert all(row.count(r"\left") == row.count(r"\right") for row in broken)
    assert all(row.count("{") == row.count("}") for row in broken)
