"""Judges what is said of autograd's buffers and modes: one update by hand, accumulation, and `no_grad`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.expressions import Expression, show
from gradcheck.articles.gradient import close, gradient
from gradcheck.results import Diagnosis, Evidence

if TYPE_CHECKING:
    import torch


def one_update(data: Data) -> Judgement:
    """Judges one step of gradient descent by hand: `loss`, the values `at`, the `parameters`, the `rate`, `zeroed`.

    The step is right when the loss falls, each parameter has moved by the rate times its gradient, and, where the
    gradient buffers are said to be zeroed, they are zero.
    """
    import torch

    loss, at, rate = Expression(read.text(data, "loss")), read.arrays(data, "at"), read.number(data, "rate")
    names = [str(name) for name in read.items(data, "parameters")]
    tensors = {name: torch.tensor(value, requires_grad=name in names) for name, value in at.items()}
    before = loss.torch(tensors)
    torch.autograd.backward(before)
    with torch.no_grad():
        for name in names:
            tensors[name] -= rate * _buffer(tensors[name])
            if data["zeroed"]:
                _buffer(tensors[name]).zero_()
    after = loss.torch(tensors)
    expected = {name: at[name] - rate * gradient(loss.text, at, name).symbolic for name in names}
    moved = all(close(tensors[name].detach().numpy(), expected[name]) for name in names)
    zero = all(not _buffer(tensors[name]).any() for name in names)
    confirmed = moved and zero and bool(after < before)
    values = ", ".join(f"{name} = {show(tensors[name].detach().numpy())}" for name in names)
    return Judgement(
        status="confirmed" if confirmed else "refuted",
        actual=f"{values}; loss {show(before.item())} before, {show(after.item())} after",
        rule="the loss falls, each parameter moves by the rate times its symbolic gradient, the buffers are zero",
        diagnosis=None if confirmed else _update_diagnosis(moved, zero),
        evidence=(
            Evidence("torch", values),
            Evidence("symbolic", ", ".join(f"{name} = {show(value)}" for name, value in expected.items())),
            Evidence("buffers", ", ".join(f"{name}.grad = {show(_buffer(tensors[name]).numpy())}" for name in names)),
        ),
        suggestion="" if confirmed else "take a smaller rate, and zero the gradients after the step",
    )


def _buffer(tensor: torch.Tensor) -> torch.Tensor:
    """The gradient buffer of a leaf; raises `ValueError` where nothing was ever written to it."""
    if tensor.grad is None:
        raise ValueError("the loss does not depend on this parameter: its gradient buffer is empty")
    return tensor.grad


def _update_diagnosis(moved: bool, zero: bool) -> Diagnosis:
    if not moved:
        return Diagnosis("update", "a parameter did not move by the rate times its gradient")
    if not zero:
        return Diagnosis("accumulation", "the gradient buffers still hold the old gradient")
    return Diagnosis("rate", "the loss rises: the rate is too large for this loss")


def accumulation(data: Data) -> Judgement:
    """Judges what `passes` backward passes leave in the buffer: stated as `factor` times the gradient.

    `zeroed` tells whether the buffer is zeroed between the passes.
    """
    import torch

    loss, wrt, at = Expression(read.text(data, "loss")), read.text(data, "wrt"), read.arrays(data, "at")
    passes, factor = read.integer(data, "passes"), read.number(data, "factor")
    found = gradient(loss.text, at, wrt)
    tensors = {name: torch.tensor(value, requires_grad=name == wrt) for name, value in at.items()}
    buffers = []
    for _ in range(passes):
        if data["zeroed"] and tensors[wrt].grad is not None:
            _buffer(tensors[wrt]).zero_()
        torch.autograd.backward(loss.torch(tensors))
        buffers.append(_buffer(tensors[wrt]).numpy().copy())
    confirmed = close(buffers[-1], factor * found.symbolic)
    actual = (
        f"after {passes} backward passes the buffer holds {show(buffers[-1])}, the gradient is {show(found.symbolic)}"
    )
    return Judgement(
        status="confirmed" if confirmed else "refuted",
        actual=actual,
        rule=f"the buffer holds {show(factor)} times the gradient of every oracle",
        diagnosis=None if confirmed else Diagnosis("accumulation", actual),
        evidence=(*(Evidence("torch", f"pass {k}: {show(b)}") for k, b in enumerate(buffers, 1)), *found.evidence),
        suggestion="" if confirmed else "autograd adds to `.grad`; only zeroing it starts anew",
    )


def tracking(data: Data) -> Judgement:
    """Judges whether the context `context` of torch stops the tracking of `function` at `at`, as `tracked` says.

    Three signs are read: `requires_grad`, `grad_fn`, and how many tensors were saved for a backward pass.
    """
    import torch

    function, context = Expression(read.text(data, "function")), read.text(data, "context")
    tensors = {name: torch.tensor(value, requires_grad=True) for name, value in read.arrays(data, "at").items()}
    saved: list[int] = []

    def count(tensor: torch.Tensor) -> torch.Tensor:
        saved.append(tensor.numel())
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(count, lambda tensor: tensor):
        with torch.enable_grad():
            outside = function.torch(tensors)
        kept = len(saved)
        with getattr(torch, context)():
            inside = function.torch(tensors)
    signs = (inside.requires_grad, inside.grad_fn is not None, len(saved) > kept)
    equal = np.array_equal(inside.detach().numpy(), outside.detach().numpy())
    confirmed = equal and outside.requires_grad and all(sign == bool(data["tracked"]) for sign in signs)
    actual = f"in torch.{context}(): requires_grad is {signs[0]}, {len(saved) - kept} tensors saved for backward"
    return Judgement(
        status="confirmed" if confirmed else "refuted",
        actual=actual,
        rule="requires_grad, grad_fn and the saved tensors all say whether it is tracked; its value is the same",
        diagnosis=None if confirmed else Diagnosis("tracking", actual),
        evidence=(
            Evidence("torch", f"outside: requires_grad is {outside.requires_grad}, {kept} tensors saved for backward"),
            Evidence("torch", actual),
            Evidence("value", f"{show(inside.detach().numpy())} inside, {show(outside.detach().numpy())} outside"),
        ),
        suggestion="" if confirmed else "only `torch.no_grad()` and `torch.inference_mode()` stop tracking",
    )
