"""A formula that holds for some sizes or values only says so, with the line that asks for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gradcheck.symbolic.graphs.refusals import NotBuilt
from gradcheck.symbolic.graphs.trace import trace

X = torch.tensor([0.3, -0.7, 1.1], dtype=torch.float64)
WEIGHTS = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
FACTOR = torch.tensor(2.5)
PICKED = torch.tensor([2, 0])


def branches_on_sizes(x: torch.Tensor) -> torch.Tensor:
    return x * 2 if x.shape[0] > 2 else x


def demands_a_size(x: torch.Tensor) -> torch.Tensor:
    assert x.shape[0] == 3
    return x * 2


def loops(x: torch.Tensor) -> Any:
    return sum(x[i] ** 2 for i in range(x.shape[0]))


def differentiates(x: torch.Tensor) -> torch.Tensor:
    x = x.clone().requires_grad_()
    (x**3).sum().backward()
    assert x.grad is not None
    return x.grad


def writes_to_a_copy(x: torch.Tensor) -> torch.Tensor:
    y = x.clone()
    y[0] = 2.0
    return y * y


class Cube(torch.autograd.Function):
    """Its backward pass is wrong, its formula is that of its forward pass."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return gradients[0] * ctx.saved_tensors[0]


GENERAL: dict[str, tuple[Callable[[Any], Any], str]] = {
    "len": (lambda x: x.sum() / len(x), "Sum(x[_k], (_k, 0, n - 1))/n"),
    "math.sqrt": (lambda x: x / math.sqrt(x.shape[0]), "x[i]/sqrt(n)"),
    "power": (lambda x: x * x.shape[0] ** -0.5, "x[i]/sqrt(n)"),
    "numel": (lambda x: x / x.numel(), "x[i]/n"),
    "autograd.Function": (Cube.apply, "x1[i]**3"),
    "a held number": (lambda x: x * FACTOR, "2.5*x[i]"),
    "text of values": (lambda x: (str(x), x * 2)[1], "2*x[i]"),
}


def test_a_gradient_that_backward_left_is_held_constant() -> None:
    traced = trace(differentiates, X)
    assert str(traced.formulas[0].definition) == "held(3*x[i]**2)"
    assert len(traced.notes) == 1
    assert str(trace(differentiates, X, through_detach=True).formulas[0].definition) == "3*x[i]**2"


@pytest.mark.parametrize("name", GENERAL)
def test_a_formula_for_all_sizes_has_no_notes(name: str) -> None:
    function, definition = GENERAL[name]
    traced = trace(function, X)
    assert (str(traced.formulas[0].definition), traced.notes) == (definition, ())


NOTED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "range": (loops, "the size of axis 0 of x is fixed at 3, by"),
    "assert": (demands_a_size, "the size of axis 0 of x is fixed at 3, by"),
    "math.log": (lambda x: x / math.log(x.shape[0]), "the size of axis 0 of x is fixed at 3, by"),
    "branch": (branches_on_sizes, "it holds where n > 2, by"),
    "NumPy's function of a size": (lambda x: x / np.sqrt(x.shape[0]), "all sizes are those of the example"),
    "held tensor": (lambda x: x * WEIGHTS, "WEIGHTS is held by the function"),
    "held indices": (lambda x: x[PICKED].sum(), "PICKED is held by the function"),
    "narrower floats": (lambda x: (x.float() * 2).double(), "rounds to float32 on its way"),
}


@pytest.mark.parametrize("name", NOTED)
def test_a_formula_that_is_not_general_says_so(name: str) -> None:
    function, note = NOTED[name]
    notes = trace(function, X).notes
    assert any(note in each for each in notes), notes


def test_notes_name_the_line() -> None:
    (note,) = trace(loops, X).notes
    assert note.endswith("(return sum(x[i] ** 2 for i in range(x.shape[0])))")
    assert "test_notes.py:" in note


def test_a_formula_that_cannot_be_built_for_symbolic_sizes_is_built_for_those_of_the_example() -> None:
    traced = trace(lambda x: x.view(6) ** 2, torch.rand(2, 3, dtype=torch.float64))
    assert traced.formulas[0].variables[0].shape == (2, 3)
    assert any("all sizes are those of the example" in note for note in traced.notes)


def test_a_copy_may_be_written_to() -> None:
    formula = trace(writes_to_a_copy, X).formulas[0]
    np.testing.assert_allclose(formula.compile("numpy", wrt="x")(X.numpy()), np.diag([0.0, -1.4, 2.2]))


def test_nothing_is_differentiated_by_what_a_function_holds() -> None:
    formula = trace(lambda x: x * WEIGHTS, X).formulas[0]
    assert (formula.variable_names, formula.wrt) == (("x", "WEIGHTS"), ("x",))


class Scaled(torch.nn.Module):
    """A layer with two buffers, of which it uses one."""

    scale: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.inner = torch.nn.Linear(3, 2).double()
        self.register_buffer("scale", torch.rand(2, dtype=torch.float64))
        self.register_buffer("unused", torch.rand(2, dtype=torch.float64))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        inner: torch.Tensor = self.inner(x)
        return inner * self.scale


def test_buffers_are_variables_where_they_are_used() -> None:
    formula = trace(Scaled(), torch.rand(4, 3, dtype=torch.float64)).formulas[0]
    assert formula.variable_names == ("x", "inner_weight", "inner_bias", "scale")
    assert formula.wrt == ("x", "inner_weight", "inner_bias")


def inner_product_of_flat(p: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    return p.flatten() @ t.flatten()


@pytest.mark.parametrize("shape", [(2, 3), (3, 3)])
def test_axes_of_which_the_product_has_to_agree_agree_one_by_one(shape: tuple[int, int]) -> None:
    traced = trace(inner_product_of_flat, torch.rand(shape), torch.rand(shape))
    p, t = traced.formulas[0].variables
    assert p.shape == t.shape
    (note,) = traced.notes
    assert note.startswith("axes that only have to hold m*n entries together are taken to agree one by one, by")


def test_sizes_that_do_not_pair_up_are_those_of_the_example() -> None:
    (note,) = trace(inner_product_of_flat, torch.rand(2, 6), torch.rand(4, 3)).notes
    assert "all sizes are those of the example: with symbolic sizes it asks for two products of sizes" in note


def gated(x: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    gate, new = x.chunk(2)
    return torch.sigmoid(gate) * h + new


def test_chunks_are_equal_parts_of_a_multiple() -> None:
    traced = trace(gated, torch.rand(6), torch.rand(3))
    assert [str(each.shape) for each in traced.outlines[0].variables] == ["(2*n,)", "(n,)"]
    assert not traced.notes


def test_sizes_that_are_worked_out_from_others_are_those_of_the_example() -> None:
    (note,) = trace(lambda x, h: x[: (x.shape[0] + 1) // 2] + h, torch.rand(6), torch.rand(3)).notes
    assert "it asks for sizes to be equal that are worked out from others" in note


def test_what_a_cell_is_made_of_holds_for_symbolic_sizes() -> None:
    cell, x, h = torch.nn.LSTMCell(3, 2).double(), torch.rand(4, 3).double(), torch.rand(4, 2).double()
    traced = trace(cell, x, (h, h.clone()))
    assert "(4*p, n)" in [str(each.shape) for each in traced.outlines[0].variables]
    assert not traced.notes


def test_a_size_that_the_example_has_by_chance_is_told() -> None:
    state = torch.rand(1, 1).double()
    notes = trace(torch.nn.LSTMCell(3, 1).double(), torch.rand(1, 3).double(), (state, state.clone())).notes
    assert any("n = 1" in note or "fixed" in note for note in notes), notes


def test_an_empty_axis_is_told() -> None:
    (note,) = trace(torch.sum, torch.rand(0, 3)).notes
    assert note.startswith("axis 0 of x1 is empty in the example")


def test_the_error_behind_a_formula_that_cannot_be_built_is_not_told_in_a_note() -> None:
    assert (
        NotBuilt("no formula: operator view: RuntimeError: StopIteration", "").in_short == "no formula (operator view)"
    )
    assert NotBuilt("no formula: ValueError: -1", "").in_short == "no formula"


def test_a_compiled_function_is_recorded_as_it_was_given() -> None:
    def compiled(*_: Any) -> Any:
        raise AssertionError("the compiled code is not run")

    compiled._torchdynamo_orig_callable = torch.sin  # type: ignore[attr-defined]
    assert str(trace(compiled, X).formulas[0].definition) == "sin(x1[i])"
