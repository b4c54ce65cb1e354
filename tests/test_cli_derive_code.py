"""`gradcheck derive MODULE:FUNCTION`: what a person's own code becomes, and what is said where it becomes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradcheck.cli import main

CODE = """\
import math
import torch

def loss(X, w, y):
    return ((X @ w - y) ** 2).sum() / len(y)

def entropy(p):
    return -(p * p.log()).sum()

def scaled(x, c=2.0, *, bias=None):
    return x * c if bias is None else x * c + bias

def two(x):
    return x.sum(), x * 2

def picked(x, k):
    return x[k].sum()

def bad(x):
    if x.sum() > 0:
        return x
    return -x

def fixed(x):
    return sum(x[i] for i in range(x.shape[0]))

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = torch.nn.Linear(3, 4)

    def forward(self, x):
        return torch.tanh(self.inner(x)).sum()

net = Net()

class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * x * x
"""
MSE = ("loss", "--sizes", "X: m n, w: n, y: m", "--wrt", "w")


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("code") / "models_of_mine.py"
    path.write_text(CODE)
    return path


def run(code: Path, capsys: pytest.CaptureFixture[str], name: str, *arguments: str) -> tuple[int, str, str]:
    exit_code = main(["derive", f"{code}:{name}", *arguments])
    return exit_code, *capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (MSE, ("Derivative of loss(X, w, y) with", "indices: f = ‖Xw - y‖² / m", "∂f/∂w = 2 Xᵀ(Xw - y) / m")),
        (("entropy", "--sizes", "p: n"), ("f = -Σ_k (log(p[k])*p[k])",)),
        (("scaled", "--sizes", "x: n, bias: n", "--wrt", "bias"), ("f[i] = bias[i] + 2*x[i]",)),
        (("scaled", "--sizes", "x: 4"), ("∂f[i]/∂x[j] = 2*δ[i, j]",)),
        (("two", "--sizes", "x: n", "--returned", "0"), ("∂f/∂x[j] = 1",)),
        (("picked", "--sizes", "x: n, k: m int", "--wrt", "x"), ("∂f/∂x[j]",)),
        (("Net", "--sizes", "x: m n", "--wrt", "inner_bias"), ("Derivative of Net(x, inner_weight, inner_bias)",)),
        (("net", "--input", "randn(2, 3)", "--wrt", "x"), ("Derivative of Net(x, inner_weight, inner_bias)",)),
        (("Cube", "--sizes", "x: n"), ("f[i] = x[i]**3", "note: autograd's gradient by x is another one")),
        (("fixed", "--sizes", "x: n"), ("note: the size of axis 0 of x is fixed at 3, by",)),
        ((*MSE, "--at", "w=[1, 2]"), ("Values at",)),
        ((*MSE, "--quiz"), ("ANSWERS",)),
        (("entropy", "--sizes", "p: n", "--check", "-log(p[j]) - 1"), ("right",)),
    ],
)
def test_what_can_be_derived(
    arguments: tuple[str, ...], lines: tuple[str, ...], code: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code, out, err = run(code, capsys, *arguments)
    assert (exit_code, err) == (0, "")
    assert all(line in " ".join(out.split()) for line in lines), out


FORMS = [("md", "# Derivative"), ("latex", r"\documentclass"), ("html", "<!DOCTYPE html>"), ("json", "{")]


@pytest.mark.parametrize(("form", "start"), FORMS)
def test_every_form_shows_the_notes(form: str, start: str, code: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(code, capsys, "fixed", "--sizes", "x: n", "--format", form)
    assert out.startswith(start)
    assert "is fixed at 3" in out
    if form == "json":
        assert len(json.loads(out)["notes"]) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("loss", "--sizes", "X: m n"), "nothing is said of w, y; say the sizes of each, as in --sizes"),
        (("loss",), "nothing is said of X, w, y"),
        (("entropy", "--sizes", "p: n, q: n"), "no parameter of the function is named 'q'"),
        (("entropy", "--sizes", "p n"), "is not of the form"),
        (("entropy", "--sizes", "p: 1000000000 1000000000"), "needs more memory than there is"),
        (("loss", "--sizes", "X: m n, w: m, y: n"), "n and m have to be the same size, the function demands it"),
        (("two", "--sizes", "x: n"), "two returns 2 tensors, choose one by its number: 0 of shape (), 1 of shape (3,)"),
        (("two", "--sizes", "x: n", "--returned", "2"), "2 is no number from 0 to 1"),
        (("bad", "--sizes", "x: n"), "(if x.sum() > 0:): it branches on the value of a tensor"),
        (("missing", "--sizes", "x: n"), "no function is named 'missing'"),
        (("entropy", "--sizes", "p: n", "--wrt", "q"), "no variable of entropy is named 'q'"),
        (("loss", "--input", "randn(3)"), "example: the function raises TypeError on it"),
    ],
)
def test_bad_input_is_named_and_ends_with_2(
    arguments: tuple[str, ...], message: str, code: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    exit_code, out, err = run(code, capsys, *arguments)
    assert (exit_code, out) == (2, "")
    assert err.startswith("gradcheck: ")
    assert message in err
    assert "Traceback" not in err


def test_an_expression_takes_no_inputs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", "x**2", "--input", "randn(3)"]) == 2
    assert "only a function takes it" in capsys.readouterr().err
