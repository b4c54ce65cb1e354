"""`gradcheck check`: what it prints for right, wrong and undecided gradients, and how it refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

Cli = Callable[..., "tuple[int, str, str]"]

LAYERS = str(Path(__file__).parent / "samples" / "layers.py")

PLANTED = """
import torch
import dataclasses

raised = 1 / 0 if {broken} else 0

class Frozen(torch.nn.Module):
    def __init__(self, size):
        super().__init__()

class Holder:
    @staticmethod
    def double(x, y):
        return 2 * x * y

number = 3
"""


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each check loads its modules anew, from an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("layers", "planted"):
        monkeypatch.delitem(sys.modules, name, raising=False)


def planted(broken: bool = False) -> None:
    Path("planted.py").write_text(PLANTED.format(broken=broken), encoding="utf-8")


@pytest.mark.parametrize(
    "arguments",
    [
        ["torch:sin", "--input", "randn(3)"],
        ["torch.nn.functional:cross_entropy", "--input", "randn(4, 3)", "--input", "[0, 2, 1, 1]"],
        [f"{LAYERS}:Softmax", "--input", "[[0.5, -1.0, 2.0], [1.5, 0.0, -0.5]]"],
        [f"{LAYERS}:Scorer", "--input", "rand(2, 3) + 0.5", "--dtype", "float32", "--seed", "3"],
        [f"{LAYERS}:Scorer", "--input", "randn(2, 3)", "--wrt", "linear.weight"],
        ["torch.nn:ReLU", "--input", "[-1.0, 2.0]"],
    ],
)
def test_correct_gradients_exit_with_0(arguments: list[str], gradcheck_cli: Cli) -> None:
    code, out, err = gradcheck_cli("check", *arguments)
    assert (code, err) == (0, "")
    assert out.startswith("CORRECT: ")


def test_a_wrong_gradient_is_told_and_exits_with_1(gradcheck_cli: Cli) -> None:
    code, out, err = gradcheck_cli("check", f"{LAYERS}:Swish", "--input", "[0.5, -1.0, 2.0]")
    assert (code, err) == (1, "")
    assert out.startswith("WRONG: ")
    assert "0.26894142" in out


def test_nothing_to_check_is_said_and_exits_with_1(gradcheck_cli: Cli) -> None:
    code, out, err = gradcheck_cli("check", "torch:argmax", "--input", "randn(3)")
    assert (code, err) == (1, "")
    assert out.startswith("INCONCLUSIVE: argmax()")
    assert out.endswith("neither shown to be right nor to be wrong.\n")


def test_a_dotted_function_in_a_module_of_the_current_folder(gradcheck_cli: Cli) -> None:
    planted()
    code, out, _ = gradcheck_cli("check", "planted:Holder.double", "--input", "[1.0]", "--input", "[2.0]", "--wrt", "x")
    assert code == 0
    assert "not checked: y (not named in wrt)" in out


def test_the_same_command_prints_the_same_and_leaves_the_generator_alone(gradcheck_cli: Cli) -> None:
    state = torch.get_rng_state()
    command = ("check", f"{LAYERS}:Swish", "--input", "randn(4)", "--seed", "5")
    assert gradcheck_cli(*command) == gradcheck_cli(*command)
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: MODULE:FUNCTION"),
        (["torch"], "'torch' names no function; write layers.py:Swish or torch:sin"),
        (["torch:"], "'torch:' names no function"),
        (["torch:snh"], "no function is named 'snh'; did you mean 'sin"),
        (["nosuch.module:f"], "there is no module 'nosuch'"),
        (["nosuch.py:f"], "there is no file 'nosuch.py'"),
        (["planted.py:number"], "planted.py:number is a int; a function, nn.Module or autograd.Function is accepted"),
        (["planted.py:Frozen"], "planted.py:Frozen cannot be made without arguments"),
        (["torch:sin"], "pass at least one floating-point tensor"),
        (["torch:sin", "--input", "rndn(3)"], "no function is named 'rndn'"),
        (["torch:sin", "--input", "[1.0]", "--dtype", "int64"], "no dtype is named 'int64'"),
        (["torch:sin", "--input", "[1.0]", "--modes", "revers"], "did you mean 'reverse'"),
        (["torch:sin", "--input", "[1.0]", "--order", "3"], "argument --order: invalid choice"),
        (["torch:sin", "--input", "[1.0]", "--seed", "-1"], "argument --seed: '-1' is no seed"),
        (["torch:sin", "--input", "[1.0]", "--wrt", ","], "argument --wrt: no name given"),
        (["torch:sin", "--input", "[1.0]", "--wrt", "y"], "no input or parameter is named 'y'"),
        (["torch:log", "--input", "[0.0]"], "fn must be finite at the point"),
        (["torch:mm", "--input", "randn(2, 3)", "--input", "randn(2, 3)"], "fn raises at the point: RuntimeError"),
    ],
)
def test_bad_usage_is_one_line_and_exits_with_2(arguments: list[str], message: str, gradcheck_cli: Cli) -> None:
    planted()
    code, out, err = gradcheck_cli("check", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_a_module_that_raises_is_named_with_its_error(gradcheck_cli: Cli) -> None:
    planted(broken=True)
    for target in ("planted.py:f", "planted:f"):
        assert gradcheck_cli("check", target) == (
            2,
            "",
            f"gradcheck: {target[:-2]} raises ZeroDivisionError when it is imported: division by zero\n",
        )


def test_help_teaches_by_example_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from gradcheck.cli import main; main(['check', '--help'])\n"
        "print([name for name in ('torch', 'sympy', 'numpy') if name in sys.modules])"
    )
    root = Path(__file__).parent.parent
    ran = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert 'gradcheck check layers.py:Swish --input "randn(2, 3)" --dtype float32' in ran.stdout
    assert ran.stdout.endswith("[]\n")
