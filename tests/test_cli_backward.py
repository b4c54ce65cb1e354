"""The command `gradcheck backward`: code for functions in a file, exit codes, and what it says of wrong input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch

from gradcheck import assert_gradients

LOSSES = '''
    import torch


    def regression(X, w, y):
        return ((X @ w - y) ** 2).mean()


    def branching(x):
        return x if x.sum() > 0 else -x


    class Square(torch.autograd.Function):
        """Its own backward pass is wrong."""

        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, grad_output):
            (x,) = ctx.saved_tensors
            return grad_output * x
'''


@pytest.fixture
def losses(tmp_path: Path) -> Path:
    path = tmp_path / "losses_for_backward.py"
    path.write_text(dedent(LOSSES), encoding="utf-8")
    return path


def test_printed_code_runs_and_is_right(gradcheck_cli: Callable[..., Any], losses: Path) -> None:
    ran = gradcheck_cli("backward", f"{losses}:regression", "--sizes", "X: m n, w: n, y: m")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = {}
    exec(ran.out, found)
    generator = torch.Generator().manual_seed(0)
    point = [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((5, 3), (3,), (5,))]
    assert_gradients(found["RegressionFunction"].apply, *point)


def test_a_wrong_backward_pass_gets_a_right_one(gradcheck_cli: Callable[..., Any], losses: Path) -> None:
    ran = gradcheck_cli("backward", f"{losses}:Square", "--input", "randn(3)", "--library", "numpy")
    assert ran.code == 0
    assert "grad_x = 2 * grad_output * x" in ran.out


def test_a_file_is_written(gradcheck_cli: Callable[..., Any], losses: Path, tmp_path: Path) -> None:
    target = tmp_path / "gradient.py"
    ran = gradcheck_cli("backward", f"{losses}:Square", "--input", "randn(3)", "--output", str(target))
    assert (ran.code, ran.out) == (0, f"written: {target}\n")
    assert "class SquareFunction(torch.autograd.Function):" in target.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("branching", "--sizes", "x: n"), "it branches on the value of a tensor"),
        (("regression",), "nothing is said of X, w, y"),
        (("regressions", "--sizes", "x: n"), "did you mean 'regression'?"),
        (("Square", "--input", "randn(3)", "--output", "no_such_folder/x.py"), "no_such_folder"),
    ],
)
def test_wrong_input_is_one_line(
    gradcheck_cli: Callable[..., Any], losses: Path, arguments: tuple[str, ...], said: str
) -> None:
    name, *options = arguments
    ran = gradcheck_cli("backward", f"{losses}:{name}", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_what_names_no_function_is_refused(gradcheck_cli: Callable[..., Any]) -> None:
    ran = gradcheck_cli("backward", "x**2")
    assert (ran.code, ran.out) == (2, "")
    assert "names no function" in ran.err
