"""A backward pass generated for a function, and checked as if a person had written it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from gradcheck.checking.check import GradientCheck
from gradcheck.checking.torch_check import check_gradients
from gradcheck.errors import UsageError
from gradcheck.symbolic.backward.source import Backward, Library, class_name, compiled_pullback, source
from gradcheck.symbolic.derivations.traced_derivation import as_function
from gradcheck.symbolic.graphs.reproduction import TOLERANCE, differentiable
from gradcheck.symbolic.graphs.trace import Trace, trace

LIBRARIES: tuple[Library, ...] = ("torch", "numpy")


@dataclass(frozen=True)
class GeneratedBackward:
    """Source code of a function with its backward pass, and the check that it went through.

    `notes` say what the code owes to the example, such as sizes that are fixed.
    """

    source: str
    check: GradientCheck
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the gradients that the code computes are right at the example."""
        return self.check.ok

    def __str__(self) -> str:
        return self.source


def generate_backward(
    fn: Any,
    *example: Any,
    sizes: str | Mapping[str, str] = "",
    kwargs: Mapping[str, Any] | None = None,
    library: Library = "torch",
) -> GeneratedBackward:
    """Code for what `fn` computes and for its gradient, made from its formula and checked at the example.

    `fn` is a torch function, module or `autograd.Function`, `example` and `kwargs` what it is called with. For torch
    the code is an `autograd.Function` of all tensors in the call, a module's parameters after its inputs; for NumPy a
    function of arrays and one for its gradients. It works for any sizes that the function does, as `notes` say.
    Raises NotTraceable where the function has no formula, UsageError for bad input.

    >>> import torch
    >>> made = generate_backward(lambda x, y: (x @ y).sum(), torch.rand(2, 3), torch.rand(3))
    >>> made.ok
    True
    >>> [line.strip() for line in made.source.splitlines() if " = grad_output" in line]
    ['grad_y = grad_output * x.sum(0)']
    """
    if library not in LIBRARIES:
        raise UsageError(f"library must be one of {', '.join(LIBRARIES)}; got {library!r}")
    traced = trace(as_function(fn), *example, sizes=sizes, kwargs=kwargs, through_detach=True)
    backward = Backward(traced.program)
    code = source(backward, library)
    check = _check_torch(traced, code) if library == "torch" else _check_numpy(traced, backward, code)
    return GeneratedBackward(code, check, traced.notes)


def _executed(code: str, name: str) -> Any:
    """What a piece of code of our own making defines."""
    found: dict[str, Any] = {}
    exec(code, found)
    return found[name]


def _example(traced: Trace) -> list[torch.Tensor]:
    """The example in double precision, which tells more."""
    return [value.double() if value.is_floating_point() else value for value in traced.call.values]


def _check_torch(traced: Trace, code: str) -> GradientCheck:
    function = _executed(code, class_name(traced.call.title)).apply
    values = _example(traced)
    _demand_same_values(traced, differentiable(function(*values)))
    return check_gradients(function, *_requiring(traced, values), symbolic=False)


def _requiring(traced: Trace, values: list[torch.Tensor]) -> list[torch.Tensor]:
    """The values, those that are differentiated by with a gradient."""
    wrt = traced.program.wrt
    pairs = zip(traced.call.arguments, values, strict=True)
    return [value.clone().requires_grad_(argument.name in wrt) for argument, value in pairs]


def _check_numpy(traced: Trace, backward: Backward, code: str) -> GradientCheck:
    """The code's gradients beside those of finite differences, by way of a function for autograd."""
    forward, gradient = (_executed(code, name) for name in (traced.call.title, f"{traced.call.title}_gradient"))
    pullback = compiled_pullback(backward)

    class Generated(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, *values: torch.Tensor) -> Any:
            ctx.save_for_backward(*values)
            return _tensors(forward(*(value.numpy() for value in values)))

        @staticmethod
        def backward(ctx: Any, *grad_outputs: torch.Tensor) -> Any:
            values = ctx.saved_tensors
            given = [array.numpy() for array in (*values, *grad_outputs)]
            found = gradient(*given)
            made = iter(found if isinstance(found, tuple) else (found,))
            exact = pullback(*values, *grad_outputs)
            return tuple(None if part is None else torch.as_tensor(np.array(next(made))) for part in exact)

    values = _example(traced)
    function: Callable[..., Any] = Generated.apply
    _demand_same_values(traced, differentiable(function(*values)))
    return check_gradients(function, *_requiring(traced, values), symbolic=False)


def _tensors(returned: Any) -> Any:
    if isinstance(returned, tuple):
        return tuple(torch.as_tensor(np.array(part)) for part in returned)
    return torch.as_tensor(np.array(returned))


def _demand_same_values(traced: Trace, found: list[torch.Tensor]) -> None:
    """Raises AssertionError where the code's outputs are not the function's: that is a fault of this package."""
    for mine, own in zip(found, traced.returned, strict=True):
        scale = float(own.abs().max()) if own.numel() else 1.0
        apart = float((mine.double() - own.double()).abs().max()) if own.numel() else 0.0
        if apart > TOLERANCE.get(own.dtype, 0.0) * max(scale, 1e-300):
            raise AssertionError(f"the generated code differs from the function by {apart:.1e}")
