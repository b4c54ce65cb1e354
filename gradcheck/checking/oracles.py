"""Independent ways to the Jacobian of one torch function at one point.

Each takes the inputs as NumPy arrays, hands the function float64 tensors (integers stay int64 and are never
differentiated), and returns the Jacobian with output axes first, then the axes of `inputs[wrt]`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.autograd import forward_ad

from gradcheck.numeric import complex_step as complex_steps
from gradcheck.numeric import difference
from gradcheck.numeric.complex_step import ComplexStepUnsupported
from gradcheck.numeric.estimate import Estimate

__all__ = [
    "ComplexStepUnsupported",
    "OracleUnsupported",
    "complex_step",
    "finite_difference",
    "forward",
    "outside_the_domain",
    "reverse",
    "value",
]

Array = NDArray[np.float64]
TorchFunction = Callable[..., torch.Tensor]

_make_dual: Callable[..., Any] = forward_ad.make_dual
_unpack_dual: Callable[..., Any] = forward_ad.unpack_dual


class OracleUnsupported(Exception):
    """An oracle cannot say anything about a function; `reason` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def value(function: TorchFunction, inputs: Sequence[NDArray[Any]]) -> Array:
    """The function's own value.

    >>> float(value(torch.exp, [np.array(0.0)]))
    1.0
    """
    with torch.no_grad(), _quiet():
        return np.asarray(_numpy(function(*_tensors(inputs))), dtype=np.float64)


def reverse(function: TorchFunction, inputs: Sequence[NDArray[Any]], wrt: int = 0) -> Array:
    """The Jacobian by reverse mode, one backward pass for each output entry.

    An output that does not depend on the input has gradient 0, as it has for an optimiser.

    >>> reverse(lambda x: x**2, [np.array([1.0, 3.0])])
    array([[2., 0.],
           [0., 6.]])
    """
    arguments = _tensors(inputs)
    variable = arguments[wrt].requires_grad_()
    with _quiet():
        output = function(*arguments)
        rows = [_backward(entry, variable) for entry in output.reshape(-1)]
    stacked = torch.stack(rows) if rows else variable.new_zeros(0)
    return _numpy(stacked).reshape((*output.shape, *variable.shape))


def forward(function: TorchFunction, inputs: Sequence[NDArray[Any]], wrt: int = 0) -> Array:
    """The Jacobian by forward mode (dual numbers), one pass for each input entry.

    OracleUnsupported where an operation has no forward derivative.

    >>> forward(lambda x: x**2, [np.array([1.0, 3.0])])
    array([[2., 0.],
           [0., 6.]])
    """
    arguments = _tensors(inputs)
    variable = arguments[wrt]
    with torch.no_grad(), _quiet(), forward_ad.dual_level():
        columns = [_tangent(function, arguments, wrt, entry) for entry in range(variable.numel())]
    if not columns:
        raise OracleUnsupported("there is no input entry to differentiate")
    stacked = torch.stack(columns, dim=-1)
    return _numpy(stacked).reshape((*stacked.shape[:-1], *variable.shape))


def finite_difference(function: TorchFunction, inputs: Sequence[NDArray[Any]], wrt: int = 0) -> Estimate:
    """The Jacobian by finite differences with an error bar, as `gradcheck.numeric.difference.jacobian` takes it.

    >>> estimate = finite_difference(torch.exp, [np.array(0.0)])
    >>> bool(abs(estimate.value - 1) <= estimate.error_bar)
    True
    """
    with torch.no_grad(), _quiet():
        return difference.jacobian(outside_the_domain(_on_arrays(function)), inputs, wrt)


def complex_step(function: TorchFunction, inputs: Sequence[NDArray[Any]], wrt: int = 0) -> Estimate:
    """The Jacobian by the complex step. ComplexStepUnsupported where an operation takes no complex input.

    >>> float(complex_step(torch.sin, [np.array(0.0)]).value)
    1.0
    """
    with torch.no_grad(), _quiet():
        return complex_steps.jacobian(_on_arrays(function), inputs, wrt)


def _backward(entry: torch.Tensor, variable: torch.Tensor) -> torch.Tensor:
    """One row of the Jacobian, of the variable's shape."""
    if not entry.requires_grad:
        return torch.zeros_like(variable)
    (gradient,) = torch.autograd.grad(entry, variable, retain_graph=True, materialize_grads=True)
    return gradient.detach()


def _tangent(function: TorchFunction, arguments: list[torch.Tensor], wrt: int, entry: int) -> torch.Tensor:
    """One column of the Jacobian, of the output's shape."""
    direction = torch.zeros_like(arguments[wrt])
    direction.view(-1)[entry] = 1.0
    dual = _make_dual(arguments[wrt], direction)
    try:
        primal, tangent = _unpack_dual(function(*arguments[:wrt], dual, *arguments[wrt + 1 :]))
    except RuntimeError as error:
        raise OracleUnsupported(f"no forward mode: {str(error).partition(chr(10))[0]}") from error
    return torch.zeros_like(primal) if tangent is None else tangent


def _on_arrays(function: TorchFunction) -> Callable[..., NDArray[Any]]:
    """The function on NumPy arrays. Beside a complex input the others are complex too: torch does not promote them."""

    def on_arrays(*arrays: NDArray[Any]) -> NDArray[Any]:
        tensors = [torch.from_numpy(array) for array in arrays]
        if any(tensor.is_complex() for tensor in tensors):
            tensors = [t.to(torch.complex128) if t.is_floating_point() else t for t in tensors]
        return _numpy(function(*tensors))

    return on_arrays


def outside_the_domain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with torch's RuntimeError as ValueError, which is what `math` raises outside a domain.

    A binary cross-entropy refuses a probability of 1.01 so; a difference then takes smaller steps.
    """

    def on_arrays(*arrays: NDArray[Any]) -> Any:
        try:
            return function(*arrays)
        except RuntimeError as error:
            raise ValueError(str(error)) from error

    return on_arrays


def _tensors(inputs: Sequence[NDArray[Any]]) -> list[torch.Tensor]:
    """Fresh tensors: float64 for floats, int64 for integers."""
    return [torch.from_numpy(np.array(x, dtype=np.int64 if np.asarray(x).dtype.kind in "iu" else None)) for x in inputs]


def _numpy(tensor: torch.Tensor) -> NDArray[Any]:
    """A tensor's numbers; dtypes that NumPy lacks (bfloat16) become float64."""
    detached = tensor.detach().resolve_conj().resolve_neg()
    return np.asarray((detached.double() if detached.dtype is torch.bfloat16 else detached).numpy())


@contextmanager
def _quiet() -> Iterator[None]:
    """No warning of an operation reaches the user: it is about our way of calling it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
