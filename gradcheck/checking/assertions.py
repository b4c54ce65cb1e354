"""Assertions for tests: they raise, with a message that says what is wrong, where, by how much, and what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcheck.checking.check import GradientCheck
from gradcheck.checking.functions import check_gradient_function


class GradientError(AssertionError):
    """A gradient is wrong, or could not be shown to be right. `check` holds everything that was found."""

    def __init__(self, check: GradientCheck) -> None:
        self.check = check
        super().__init__(str(check))

    def __reduce__(self) -> tuple[type[GradientError], tuple[GradientCheck]]:
        return type(self), (self.check,)


def assert_gradients(fn: Any, *inputs: Any, **options: Any) -> None:
    """Raise GradientError unless autograd's gradients of `fn(*inputs)` are right; see `check_gradients` for options.

    GradientError also where nothing can be decided, and where there was nothing to check; UsageError where the
    arguments cannot be used. Inputs, modules and random generators stay as they were.

    >>> import torch
    >>> x = torch.tensor([0.5, -1.0], dtype=torch.float64)
    >>> assert_gradients(torch.tanh, x)
    >>> assert_gradients(lambda x: x * x.detach(), x)
    Traceback (most recent call last):
    ...
    gradcheck.checking.assertions.GradientError: WRONG: the function with respect to x: the gradient is 1/2 of...
    """
    __tracebackhide__ = True
    from gradcheck.checking.torch_check import check_gradients

    check = check_gradients(fn, *inputs, **options)
    if not check.ok:
        raise GradientError(check)


def assert_gradient_function(f: Callable[..., Any], grad: Callable[..., Any], *inputs: Any) -> None:
    """Raise GradientError unless `grad(*inputs)` is the gradient of `f(*inputs)`.

    `inputs` are numbers, NumPy arrays or torch tensors; floats are taken in float64, integer arrays beside them are
    passed on and not differentiated. `f` returns a scalar (then a gradient has its input's shape) or an array (then a
    Jacobian has the output's axes, then the input's). `grad` returns one array for one input, a tuple for several.

    The error bar of finite differences decides, not a tolerance; at a kink every number between the slopes of the two
    sides passes. GradientError also where nothing can be decided; UsageError where the arguments cannot be used.
    The inputs are never changed.

    >>> import numpy as np
    >>> x = np.array([1.0, -2.0, 0.5])
    >>> assert_gradient_function(lambda x: np.sum(x**2), lambda x: 2 * x, x)
    >>> assert_gradient_function(lambda x: np.sum(x**2), lambda x: x, x)
    Traceback (most recent call last):
    ...
    gradcheck.checking.assertions.GradientError: WRONG: the gradient with respect to x: the gradient is 1/2 of...
    """
    __tracebackhide__ = True
    check = check_gradient_function(f, grad, *inputs)
    if not check.ok:
        raise GradientError(check)
