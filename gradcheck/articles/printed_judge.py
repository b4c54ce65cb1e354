"""Judges a printed gradient: what the listing says it prints, against what running it prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.expressions import Expression, show
from gradcheck.articles.gradient import gradient
from gradcheck.articles.printed import Printed, parse_printed
from gradcheck.results import Diagnosis, Evidence

SIMPLE_FACTORS = {"-1": -1.0, "2": 2.0, "1/2": 0.5, "-2": -2.0, "-1/2": -0.5, "the count n": np.nan, "1/n": np.nan}
"""The factors that a slip with a sign, a square or a mean leaves behind; those of the count are filled in."""


def printed_gradient(data: Data) -> Judgement:
    """Judges `stated`, the printed gradient of `loss` by `wrt` at the values `at`, computed in `dtype`.

    `quantities` names further expressions of the listing: where the gradient is not what was printed, the printed
    number is looked for among them.
    """
    import torch

    loss, wrt, at = read.text(data, "loss"), read.text(data, "wrt"), read.arrays(data, "at")
    dtype = getattr(torch, read.text(data, "dtype", "float32"))
    printed = parse_printed(read.text(data, "stated"))
    found = gradient(loss, at, wrt)
    tensors = {name: torch.tensor(value, dtype=dtype, requires_grad=name == wrt) for name, value in at.items()}
    torch.autograd.backward(Expression(loss).torch(tensors))
    actual = tensors[wrt].grad
    assert actual is not None, f"{loss} does not depend on {wrt}"
    confirmed = printed.allows(found.symbolic, torch.finfo(dtype).eps)
    return Judgement(
        status="confirmed" if confirmed else "refuted",
        actual=str(actual),
        rule="a printed decimal states half a unit in its last place; shape and count must match",
        diagnosis=None
        if confirmed
        else _diagnosis(
            printed=printed, actual=found.symbolic, loss=loss, wrt=wrt, at=at, quantities=read.texts(data, "quantities")
        ),
        evidence=(Evidence("torch", str(actual)), *found.evidence),
        suggestion="" if confirmed else f"the comment should read `{actual}`",
    )


def _diagnosis(
    *, printed: Printed, actual: Array, loss: str, wrt: str, at: Mapping[str, Array], quantities: Mapping[str, str]
) -> Diagnosis:
    if printed.values.shape != actual.shape:
        return Diagnosis("shape", f"the printed shape is {printed.values.shape}, the gradient's is {actual.shape}")
    count = max(value.size for value in at.values())
    factors = SIMPLE_FACTORS | {"the count n": float(count), "1/n": 1 / count}
    for name, factor in factors.items():
        if printed.allows(factor * actual, 0.0):
            return Diagnosis("factor", f"the printed value is the gradient times {name}")
    matches = [name for name, value in _live_values(loss, wrt, at, quantities) if printed.allows(value, 0.0)]
    tried = f"no simple factor explains it (tried {', '.join(factors)})"
    if not matches:
        return Diagnosis("unexplained", f"{tried}, and no other quantity of the listing has this value")
    return Diagnosis(
        "unexplained",
        f"{tried}; {show(printed.values)} is also {' and '.join(matches[:3])}, but the listing does not print that, "
        "so it may be chance",
    )


def _live_values(
    loss: str, wrt: str, at: Mapping[str, Array], quantities: Mapping[str, str]
) -> Iterator[tuple[str, Array]]:
    """Other values that the listing has at hand, shaped like the gradient: curvature, means, sums, first entries."""
    shape = at[wrt].shape
    arrays = {**at, **{name: Expression(text).numpy(at) for name, text in quantities.items()}}
    curvature = _curvature(loss, wrt, at)
    yield "the number of samples", np.full(shape, max(value.size for value in at.values()))
    yield f"the second derivative of the loss by {wrt}", np.full(shape, curvature)
    yield f"half the second derivative of the loss by {wrt}", np.full(shape, curvature / 2)
    for name, value in arrays.items():
        yield f"the mean of {name}", np.full(shape, value.mean())
        yield f"the mean of {name} squared", np.full(shape, (value**2).mean())
        yield f"the sum of {name}", np.full(shape, value.sum())
        yield f"the first entry of {name}", np.full(shape, value.flat[0])


def _curvature(loss: str, wrt: str, at: Mapping[str, Array]) -> float:
    """The second derivative along the sum of the variable's entries, by autograd."""
    import torch

    tensors = {name: torch.tensor(value, requires_grad=name == wrt) for name, value in at.items()}
    (first,) = torch.autograd.grad(Expression(loss).torch(tensors), tensors[wrt], create_graph=True)
    if not first.requires_grad:
        return 0.0
    (second,) = torch.autograd.grad(first.sum(), tensors[wrt])
    return float(second.sum())
