"""Generated backward passes: the code of usual functions, held against autograd at several sizes, and its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gradcheck.checking.generated_backward import GeneratedBackward, generate_backward
from gradcheck.errors import UsageError
from gradcheck.results import Verdict
from gradcheck.symbolic.backward.source import Library
from gradcheck.symbolic.graphs.refusals import NotTraceable

Function = Callable[..., Any]
Shapes = tuple[tuple[int, ...], ...]


def layer_norm(x: torch.Tensor, g: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    centred = x - x.mean(-1, keepdim=True)
    return g * centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + 1e-5) + b


def attention(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor) -> torch.Tensor:
    return torch.softmax(Q @ K.T / K.shape[1] ** 0.5, -1) @ V


def recurrence(x: torch.Tensor, h: torch.Tensor, W: torch.Tensor) -> torch.Tensor:
    states = []
    for each in x:
        h = torch.tanh(each + W @ h)
        states.append(h)
    return torch.stack(states).mean()


FUNCTIONS: dict[str, tuple[Function, Shapes, Shapes]] = {
    "mean squared error": (lambda p, y: ((p - y) ** 2).mean(), ((3,), (3,)), ((7,), (7,))),
    "regression": (lambda X, w, y: ((X @ w - y) ** 2).mean(), ((3, 4), (4,), (3,)), ((5, 2), (2,), (5,))),
    "softmax": (lambda z: torch.softmax(z, -1), ((3, 4),), ((2, 5),)),
    "cross-entropy": (lambda z, t: -(t * torch.log_softmax(z, 1)).sum() / len(z), ((3, 4), (3, 4)), ((2, 5), (2, 5))),
    "linear": (lambda x, W, b: x @ W.T + b, ((3, 4), (2, 4), (2,)), ((5, 3), (4, 3), (4,))),
    "sigmoid": (lambda x: 1 / (1 + torch.exp(-x)), ((3, 4),), ((2, 5),)),
    "SiLU": (lambda x: x * torch.sigmoid(x), ((3, 4),), ((2, 5),)),
    "layer norm": (layer_norm, ((3, 4), (4,), (4,)), ((2, 5), (5,), (5,))),
    "attention": (attention, ((3, 4), (5, 4), (5, 2)), ((2, 3), (4, 3), (4, 5))),
    "stack of one": (
        lambda x: torch.stack([x.tanh(), x.tanh().exp()])[None],
        ((2,),),
        ((3,),),
    ),
    "causal mask": (
        lambda z: torch.softmax(z.masked_fill(torch.ones_like(z).tril() == 0, -torch.inf), -1),
        ((3, 3),),
        ((4, 4),),
    ),
    "function of places": (
        lambda x: x * torch.cos(torch.arange(len(x)).to(x.dtype)) * 0.5 ** torch.arange(len(x)),
        ((3,),),
        ((5,),),
    ),
    "weights that are places": (
        lambda x: (torch.exp(x) * torch.arange(len(x))).sum() / torch.exp(x).sum(),
        ((3,),),
        ((5,),),
    ),
    "GELU": (torch.nn.functional.gelu, ((3,),), ((5,),)),
    "recurrence": (recurrence, ((2, 3), (3,), (3, 3)), ((2, 4), (4,), (4, 4))),
    "two layers": (
        lambda X, W, b, V: torch.relu(X @ W + b) @ V,
        ((3, 4), (4, 5), (5,), (5, 2)),
        ((2, 3), (3, 4), (4,), (4, 5)),
    ),
}
"""A function, the sizes of the example, and other sizes that the code has to be right for."""


def drawn(shapes: Shapes) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes]


def defined(made: GeneratedBackward) -> dict[str, Any]:
    found: dict[str, Any] = {}
    exec(made.source, found)
    return found


def by_autograd(function: Function, values: list[torch.Tensor]) -> tuple[torch.Tensor, tuple[torch.Tensor, ...]]:
    """A random gradient of the output, and v·J by each input."""
    leaves = [value.clone().requires_grad_() for value in values]
    output = function(*leaves)
    v = torch.randn(output.shape, generator=torch.Generator().manual_seed(1), dtype=output.dtype)
    return v, torch.autograd.grad(output, leaves, v)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_torch_code_is_right_at_the_example_and_at_other_sizes(name: str) -> None:
    function, example, other = FUNCTIONS[name]
    made = generate_backward(function, *drawn(example))
    assert made.check.verdict is Verdict.CORRECT
    generated = next(each for key, each in defined(made).items() if key.endswith("Function")).apply
    for shapes in (example, other):
        values = drawn(shapes)
        v, expected = by_autograd(function, values)
        again, found = by_autograd(generated, values)
        assert torch.equal(v, again)
        for mine, own in zip(found, expected, strict=True):
            torch.testing.assert_close(mine, own, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_numpy_code_is_right_at_the_example_and_at_other_sizes(name: str) -> None:
    function, example, other = FUNCTIONS[name]
    made = generate_backward(function, *drawn(example), library="numpy")
    assert made.check.verdict is Verdict.CORRECT
    assert "torch" not in made.source
    gradient = next(each for key, each in defined(made).items() if key.endswith("_gradient"))
    for shapes in (example, other):
        values = drawn(shapes)
        v, expected = by_autograd(function, values)
        found = gradient(*(value.numpy() for value in values), v.numpy())
        for mine, own in zip(found if isinstance(found, tuple) else (found,), expected, strict=True):
            np.testing.assert_allclose(mine, own.numpy(), rtol=1e-12, atol=1e-13)


def test_numbers_that_cases_choose_between_are_in_double_precision() -> None:
    """A plain torch.where of two numbers is in torch's default precision, which is single."""
    made = generate_backward(lambda x: torch.clamp(x / 6 + 0.5, 0, 1), *drawn(((5,),)))
    assert made.ok
    generated = next(each for key, each in defined(made).items() if key.endswith("Function")).apply
    x = torch.tensor([0.25], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(generated(x).sum(), x)
    assert abs(slope.item() - 1 / 6) < 1e-15


def test_the_slope_of_digamma_has_all_its_digits() -> None:
    """torch's own polygamma has nine."""
    made = generate_backward(torch.digamma, *(value.exp() for value in drawn(((3,),))))
    generated = next(each for key, each in defined(made).items() if key.endswith("Function")).apply
    x = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(generated(x).sum(), x)
    assert abs(slope.item() - np.pi**2 / 6) < 1e-14


def test_a_step_of_a_sum_is_taken_of_the_whole_sum() -> None:
    assert generate_backward(lambda x, y: torch.relu(x + y).sum(), *drawn(((3,), (3,)))).ok


def test_code_reads_as_a_person_writes_it() -> None:
    function, example, _ = FUNCTIONS["two layers"]
    lines = [line.strip() for line in generate_backward(function, *drawn(example)).source.splitlines()]
    for line in ("h1 = b[None, :] + X @ W", "h2 = torch.relu(h1)", "output = h2 @ V", "grad_V = h2.T @ grad_output"):
        assert line in lines
    assert "grad_X = grad_h1 @ W.T" in lines


@pytest.mark.parametrize("library", ["torch", "numpy"])
def test_functions_that_a_library_calls_otherwise_are_written_by_what_it_has(library: Library) -> None:
    x, y = drawn(((3,), (3,)))
    assert generate_backward(lambda x: x * torch.floor(3 * x), x, library=library).ok
    assert generate_backward(torch.nn.functional.huber_loss, x, 3 * y, library=library).ok
    assert generate_backward(lambda x: x.prod() * x, x, library=library).ok


def test_special_functions_are_written_by_torch() -> None:
    assert generate_backward(torch.special.log_ndtr, *drawn(((3,),))).ok
    with pytest.raises(UsageError, match="no code in plain NumPy is known for log_ndtr"):
        generate_backward(torch.special.log_ndtr, *drawn(((3,),)), library="numpy")


def test_whole_axes_are_slices() -> None:
    source = generate_backward(lambda x: x[0] * x[-1], *drawn(((3, 4),))).source
    assert "output = x[0] * x[m - 1]" in source


def test_an_output_is_used_again_in_its_own_derivative() -> None:
    made = generate_backward(torch.sigmoid, *drawn(((3,),)))
    assert "ctx.save_for_backward(output)" in made.source
    assert "(1 - output)" in made.source


def test_a_second_derivative_is_refused_where_intermediates_are_saved() -> None:
    function, example, _ = FUNCTIONS["two layers"]
    assert "once_differentiable" in generate_backward(function, *drawn(example)).source
    assert "once_differentiable" not in generate_backward(lambda x, y: (x * y).sum(), *drawn(((3,), (3,)))).source


def test_a_module_gives_its_parameters_after_its_inputs() -> None:
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2)).double()
    made = generate_backward(module, *drawn(((5, 4),)))
    assert made.ok
    assert "def forward(ctx, input, weight_0, bias_0, weight_2, bias_2):" in made.source


def test_several_outputs_have_a_gradient_each() -> None:
    made = generate_backward(lambda x, y: (x * y, torch.exp(x)), *drawn(((3,), (3,))))
    assert made.ok
    assert "def backward(ctx, grad_output, grad_output1):" in made.source


def test_a_wrong_hand_written_backward_is_replaced_by_a_right_one() -> None:
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            return torch.sin(x) * x

        @staticmethod
        def backward(ctx: Any, *grad_outputs: torch.Tensor) -> torch.Tensor:
            return grad_outputs[0]

    assert generate_backward(Wrong, *drawn(((3,),))).ok


def test_code_without_a_formula_is_refused() -> None:
    with pytest.raises(NotTraceable, match="value"):
        generate_backward(lambda x: x * float(x.sum()), *drawn(((3,),)))


def test_an_unknown_library_is_refused() -> None:
    with pytest.raises(UsageError, match="library must be one of torch, numpy"):
        generate_backward(torch.sin, *drawn(((3,),)), library="jax")  # type: ignore[arg-type]
