"""`gradcheck derive` as it is typed: forms, quizzes, checked lines, bad input; and nothing typed is executed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradcheck import cli_derive
from gradcheck.cli import main
from gradcheck.symbolic.derivations.derive import derive as derive_by
from gradcheck.symbolic.derivations.rules import RULES
from tests.symbolic.derivations.test_rules import spoiled

MSE = ["norm(X@w - y)**2 / m", "--wrt", "w", "--shapes", "X: m n, w: n, y: m"]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["derive", *arguments])
    return code, *capsys.readouterr()


def test_an_expression_is_derived_step_by_step(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "x**2*sin(x)", "--wrt", "x", "--at", "x=1.5")
    assert (code, err) == (0, "")
    assert "1  Product rule: (f g)' = f' g + f g'" in out
    assert "= 0.159159 + 2.99248 = 3.15164" in out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("softmax",), "∂f[i]/∂z[j] = (δ[i, j] - s[j])*s[i]"),
        (("sin(x*y)", "--wrt", "x,y"), "∂²f/∂x∂y"),
        (("x**4", "--wrt", "x", "--order", "2"), "d²f/dx² = 12*x**2"),
        (("a*x**2", "--wrt", "x"), "df/dx = 2*a*x"),
        (("-x**2",), "df/dx = -2*x"),
        (("x",), "df/dx = 1"),
        (tuple(MSE), "Without indices: ∂f/∂w = 2 Xᵀ(Xw - y) / m"),
        (("a*b", "--wrt", "a", "--at", "a=1, b=2"), "Values at a = 1, b = 2"),
    ],
)
def test_what_can_be_derived(arguments: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, err) == (0, "")
    assert line in out


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("d.md", "# Derivative"),
        ("d.tex", r"\documentclass"),
        ("d.html", "<!DOCTYPE html>"),
        ("d.json", "{"),
        ("d.txt", "D"),
    ],
)
def test_a_file_is_written_in_the_form_of_its_name(
    name: str, start: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    assert run(capsys, "x**2", "--output", str(path)) == (0, f"written: {path}\n", "")
    assert path.read_text(encoding="utf-8").startswith(start)


def test_the_form_can_be_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "x**2", "--format", "json", "--detail", "full")
    assert (code, json.loads(out)["detail"]) == (0, "full")


@pytest.mark.parametrize("format", ["text", "md", "html"])
def test_a_quiz_is_asked(format: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "sin(x**2)", "--quiz", "--format", format)
    assert code == 0
    assert "hat becomes of" in out


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("2*cos(x**2)*x", 0, "right: it equals the derivative"),
        ("cos(x**2)", 1, "wrong (inner derivative): the inner derivative is forgotten: Chain rule (Sine)"),
        ("-2*cos(x**2)*x", 1, "wrong (sign)"),
        ("exp(x)", 1, "wrong: it is not the derivative, and none of the usual slips explains it"),
    ],
)
def test_a_line_is_checked(line: str, code: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert (found := run(capsys, "sin(x**2)", "--check", line))[::2] == (code, "")
    assert found[1].startswith(said)


BAD = [
    (("sni(x)",), "column 1: no function is named 'sni'; did you mean 'sin'?\n  sni(x)\n  ^\n"),
    (("x**",), "column 4: not an expression"),
    (("2*(x + 3",), "\n  2*(x + 3\n    ^\n"),
    (("sotfmax",), "no formula is named 'sotfmax'; did you mean 'softmax'"),
    (("a*x",), "wrt: f has several variables, choose one of a, x"),
    (("a*x", "--wrt", "z"), "no variable of f is named 'z'"),
    (("X@w",), '--shapes "X: m n, w: n, y: m"'),
    (("X@y", "--shapes", "X: m n, y: m", "--wrt", "y"), "X@y: X has columns n, y has rows m\n  X@y\n   ^\n"),
    (("X@y", "--shapes", "X m n"), "'X' has no colon"),
    (("x**2", "--order", "7"), "'7' is not a whole number from 1 to 3"),
    (("x**2", "--at", "y=3"), "no variable is named 'y'; at takes x"),
    (("x**2", "--at", "x"), "'x' cannot be read; write a name and a number"),
    (("sqrt(x)", "--at", "x=-1"), "at: the function or its derivative is no real number there"),
    (("log(x)/x", "--at", "x=0"), "at: the function or its derivative is no real number there"),
    (("x**abs()",), "column 4: abs does not take 0 arguments"),
    (("maximum(x)",), "column 1: maximum does not take 1 argument"),
    (("relu(x, x)",), "column 1: relu does not take 2 arguments"),
    (("x**2", "--at", "x=NaN"), "'x=NaN' cannot be read"),
    (("x**2", "--at", "x=1e999"), "'x=1e999' cannot be read"),
    (("x**2", "--at", "x=" + "9" * 400), "cannot be read"),
    (("x**2", "--at", "x=" + "[" * 5000), "cannot be read"),
    (("x**2", "--at", "x=[1, [2]]"), "cannot be read"),
    (("x**2", "--at", "x=true"), "cannot be read"),
    (("x**2", "--at", "x=[1, 2]"), "x has 0 axes, the value given has 1"),
    (("x**2", "--format", "pdf"), "invalid choice: 'pdf'"),
    (("x**2", "--format", "json", "--quiz"), "a quiz can be had as text, md, html"),
    (("x**2", "--check", "2*"), "column 3: not an expression"),
    (("x**2", "--check", "2*y"), "column 3: nothing is named 'y' here"),
    (("x**2", "--check", "2*x", "--quiz"), "takes neither --quiz, --format nor --output"),
    (("x**2", "--output", "d.pdf"), "'d.pdf' ends in none of .txt, .md, .tex, .html, .json; give --format"),
    (("x**2", "--output", "missing/d.md"), "cannot be written: name a file in an existing folder"),
    (("x**2", "--output", "."), "cannot be written: name a file in an existing folder"),
    (("floor(x)**gamma(x)",), "no function is named 'gamma'"),
    (("x" * 3000,), "no formula is named"),
    (("(" * 100 + "x" + ")" * 100,), "nested deeper than 60 levels"),
    (("9**9**9*x",), "the power is too large"),
    ((), "the following arguments are required: NAME_OR_EXPR"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_input_is_named_and_ends_with_2(
    arguments: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("gradcheck: ")
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("option", ["what", "--wrt", "--shapes", "--at", "--check"])
def test_nothing_typed_is_executed(option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mark = tmp_path / "executed"
    hostile = f"__import__('pathlib').Path('{mark}').touch()"
    arguments = [hostile] if option == "what" else ["x**2", f"{option}={'x=' if option == '--at' else ''}{hostile}"]
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert "Traceback" not in err
    assert not mark.exists()


def test_a_step_that_fails_ends_with_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    failing = derive_by("sin(x)*x**2", rules={**RULES, "sin": spoiled(RULES["sin"], lambda after: -after)})
    monkeypatch.setattr(cli_derive, "_derivation", lambda _: failing)
    code, out, _ = run(capsys, "sin(x)*x**2")
    assert code == 1
    assert "FAILED by" in out
