"""What a document's functions compute, told at the end of its run: also of code that means no good."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradcheck.computed import Computed
from gradcheck.documents.computed import telling
from gradcheck.documents.readers.read import read_text
from gradcheck.documents.records import Run
from gradcheck.documents.sandbox.calls import Call, Definition
from gradcheck.documents.sandbox.sandbox import Sandbox
from gradcheck.documents.verification import verify_document
from gradcheck.documents.verify import Options, report_on
from gradcheck.errors import UsageError
from gradcheck.rendering import render
from tests.documents.sandbox.blocks import laid_out, printed

LOSSES = """
import torch
from torch import nn

rate = 0.5
w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
seen = []

def half(p, y):
    '''Half of it.'''
    return ((p - y) ** 2).mean() / 2

def scaled(x, by=3.0):
    seen.append(rate)
    print("scaled", x)
    return rate * by * x.sum()

def model(X):
    return X @ w

class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x ** 3

    @staticmethod
    def backward(ctx, upstream):
        (x,) = ctx.saved_tensors
        return 2 * x ** 2 * upstream

class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.dropped = nn.Linear(3, 2, bias=False), nn.Dropout(0.5)

    def forward(self, x):
        return self.dropped(torch.sigmoid(self.inner(x)))

def counted(p):
    return float(p.sum())

def never(x):
    return x

half(torch.rand(4), torch.rand(4))
scaled(torch.ones(2))
model(torch.rand(4, 3))
Cube.apply(torch.ones(3))
Layer()(torch.rand(4, 3))
counted(torch.ones(2))
"""

LATER = """
def half(p, y):
    return p.sum()

rate = 7.0
print(len(seen), rate)
"""


def told(run: Run) -> dict[str, Computed]:
    return {each.name: each for each in run.computed}


@pytest.fixture(scope="module")
def run(torch_sandbox: Sandbox) -> Run:
    return torch_sandbox.run(laid_out(LOSSES, LATER), computes=True)


def test_each_function_that_is_called_with_tensors_is_told_as_it_was_then(run: Run) -> None:
    found = told(run)
    assert list(found) == ["half", "scaled", "model", "Cube", "Layer", "counted"]
    assert [each.text for each in found["half"].formula] == ["f = ‖p - y‖² / (2 n)"]
    assert found["half"].recognised == "this is half the mean squared error (half_mse)"
    assert [each.text for each in found["half"].gradients] == ["∂f/∂p = (p - y) / n", "∂f/∂y = (y - p) / n"]
    assert (found["half"].line, found["half"].end_line) == (8, 10)
    assert found["scaled"].formula[0].text == "f = 3 𝟏ᵀx / 2"
    assert found["scaled"].notes == ("for by = 3.0",)


def test_tensors_for_which_gradients_are_wanted_are_arguments(run: Run) -> None:
    assert told(run)["model"].arguments == ("X: m × n", "w: n")
    assert told(run)["model"].gradients[1].text == "∂L/∂w = XᵀG"


def test_a_custom_backward_pass_that_is_another_is_noted(run: Run) -> None:
    assert told(run)["Cube"].formula[0].text == "f = x^⊙3"
    assert told(run)["Cube"].notes[-1].startswith("autograd's gradient by x is another one")


def test_a_module_is_told_as_it_evaluates(run: Run) -> None:
    layer = told(run)["Layer"]
    assert layer.formula[0].text == "f = σ(x inner_weightᵀ)"
    assert layer.notes[0].startswith("as it is after .eval()")


def test_what_cannot_be_traced_has_its_reason_with_the_documents_line(run: Run) -> None:
    assert told(run)["counted"].reason.startswith("`float()` turns the value of a tensor into a Python number, line 40")
    assert not told(run)["counted"].formula


def test_the_run_itself_shows_nothing_of_it(torch_sandbox: Sandbox, run: Run) -> None:
    plain = torch_sandbox.run(laid_out(LOSSES, LATER))
    assert plain.computed == ()
    assert (run.records, run.outputs, run.failures) == (plain.records, plain.outputs, plain.failures)
    assert printed(run)[-1] == "1 7.0"


def test_code_that_loops_when_it_is_looked_at_takes_down_what_comes_after_it_alone(
    torch_sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = """
    import torch

    calls = []

    def good(x):
        return (x ** 2).sum()

    def endless(x):
        calls.append(1)
        while len(calls) > 1:
            try:
                pass
            except BaseException:
                pass
        return x

    def last(x):
        return x.exp()

    for function in (good, endless, last):
        function(torch.ones(2))
    print("done")
    """
    monkeypatch.setattr(torch_sandbox, "limits", replace(torch_sandbox.limits, computing=2.0))
    found = torch_sandbox.run(laid_out(source), computes=True)
    assert (printed(found), found.failures) == (["done"], ())
    good, endless, last = found.computed
    assert good.formula[0].text == "f = ‖x‖²"
    assert "given up" in endless.reason or "not looked at" in endless.reason
    assert last.formula or "not looked at" in last.reason


def test_a_verified_document_has_it_in_its_report_the_same_each_time(torch_sandbox: Sandbox) -> None:
    code = "import torch\ndef mse(p, y):\n    return ((p - y) ** 2).mean()\nmse(torch.rand(3), torch.rand(3))"
    text = f"```python\n{code}\n```\n"
    document = read_text(text, "markdown", "a.md")
    found = [verify_document(document, torch_sandbox, computes=True) for _ in range(2)]
    first, again = (render(report_on([each], computes=True), "json") for each in found)
    assert first == again
    (computed,) = found[0].computed
    assert (computed.path, computed.line, computed.recognised) == ("a.md", 3, "this is mean squared error (mse)")
    assert report_on(found).computed is None


def test_the_folder_for_temporary_files_is_the_runs_own(torch_sandbox: Sandbox, run: Run) -> None:
    code = "import os, tempfile\nprint(tempfile.gettempdir() == os.getcwd())\nopen(tempfile.mktemp(), 'w').close()"
    later = torch_sandbox.run(laid_out(code))
    assert (printed(later), later.failures) == (["True"], ())


def test_functions_beyond_the_most_are_said_to_be_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "MOST_FUNCTIONS", 1)
    found: dict[int, dict[str, str]] = {}
    calls = [Call(Definition(name, "", 1, line, line + 1), told.__code__) for line, name in enumerate("ab")]
    telling.tell(calls, {}, {}, lambda message: found.update({message["place"]: message["computed"]}), 1.0)
    assert found[0]["reason"] == "two functions stand in its place"
    assert found[1]["reason"] == telling.TOO_MANY


def test_it_takes_a_run() -> None:
    with pytest.raises(UsageError, match="only known where it runs"):
        Options(execute=False, computes=True)
