"""Judges a custom backward rule: the function it claims to differentiate, at smooth points and at the kinks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.expressions import Expression, show
from gradcheck.articles.gradient import Gradient, gradient
from gradcheck.results import Diagnosis, Evidence

if TYPE_CHECKING:
    import torch


def custom_backward(data: Data) -> Judgement:
    """Judges the expression `backward` in `x` and the upstream gradient `g` as the backward pass of `function`.

    `derivative` is the formula it is said to implement. The rule is right where it gives the upstream gradient times
    that formula at every entry of `x` in `at`, kinks included: an article has to agree with itself.
    """
    function, at = read.text(data, "function"), read.arrays(data, "at")
    upstream = read.array(data, "upstream")
    found = gradient(function, at, "x", total=True)
    custom = _backward_of(read.text(data, "backward"), function, at["x"], upstream)
    formula = upstream * np.asarray(Expression(read.text(data, "derivative")).numpy(at), dtype=float)
    builtin = upstream * found.reverse
    differs = [int(index) for index in np.flatnonzero(np.abs(custom - formula) > 1e-12 * np.abs(upstream))]
    evidence = (
        Evidence("custom backward", f"at x = {show(at['x'])}: {show(custom)}"),
        Evidence("stated formula", show(formula)),
        Evidence("torch", show(builtin)),
        *found.evidence,
    )
    rule = "the backward pass equals the upstream gradient times the stated derivative at every point, kinks included"
    if not differs:
        return Judgement("confirmed", f"the backward pass gives {show(custom)}", rule, evidence=evidence)
    kinks = {kink.index[0] for kink in found.kinks}
    only_kinks = set(differs) <= kinks
    points = ", ".join(f"x = {show(at['x'][index])}" for index in differs)
    return Judgement(
        status="refuted",
        actual=f"at {points} the backward pass gives {show((custom / upstream)[differs])} times the upstream gradient, "
        f"the stated formula {show((formula / upstream)[differs])}, torch {show((builtin / upstream)[differs])}"
        + ("; they agree at every other point" if only_kinks else ""),
        rule=rule,
        diagnosis=_kink_diagnosis(found, custom / upstream, points) if only_kinks else _wrong_diagnosis(points),
        evidence=evidence,
        suggestion=read.text(data, "suggestion", "correct the backward pass"),
    )


def _kink_diagnosis(found: Gradient, custom: Array, points: str) -> Diagnosis:
    between = all(kink.has_between(float(custom[kink.index])) for kink in found.kinks)
    slopes = "; ".join(f"{show(kink.left)} from the left, {show(kink.right)} from the right" for kink in found.kinks)
    valid = "both conventions are valid subgradients there" if between else "it is no subgradient there"
    return Diagnosis("kink", f"{points} is a kink with the slopes {slopes}; {valid}, but they are not the same one")


def _wrong_diagnosis(points: str) -> Diagnosis:
    return Diagnosis("entries", f"the backward pass is wrong at smooth points: {points}")


def _backward_of(rule: str, function: str, x: Array, upstream: Array) -> Array:
    """What autograd hands back when `function` carries the backward pass `rule`."""
    import torch

    class Custom(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return Expression(function).torch({"x": x})

        @staticmethod
        def backward(ctx: Any, *upstream: torch.Tensor) -> torch.Tensor:
            (saved,) = ctx.saved_tensors
            return Expression(rule).torch({"x": saved, "g": upstream[0]})

    tensor = torch.tensor(x, requires_grad=True)
    apply: Callable[..., torch.Tensor] = Custom.apply
    (found,) = torch.autograd.grad(apply(tensor), tensor, torch.tensor(upstream))
    return np.asarray(found.numpy())
