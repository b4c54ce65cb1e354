"""A traced formula is believed once it gives what the function gives: at the example, and at other points and sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.arguments import Call
from gradcheck.symbolic.graphs.conditions import Conditions
from gradcheck.symbolic.graphs.refusals import CALL_FIRST, RANDOM, NotTraceable, Sentence
from gradcheck.symbolic.points import distinct_sizes, sample_point

TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-3, torch.bfloat16: 0.1, torch.float16: 0.02}
"""How far a function's value may be from its formula's, relative to the largest entry."""
SEED = 0
UNITS = 16
"""By how many units in the last place arguments are moved to see whether rounding decides what is returned."""


def demand_same_values(
    call: Call,
    formula: Formula,
    compiled: Callable[..., Any],
    output: int,
    *,
    precision: torch.dtype | None,
    asked: Conditions,
) -> torch.Tensor:
    """The output at the example; `compiled` is what the formula, of these variables, computes.

    Raises NotTraceable where the formula and the function differ there, or at other points and sizes, apart from sizes
    of which not all is true that was `asked`, and from points where rounding decides what the function returns; both
    are compared to the `precision` of the function's inner values.
    """
    at_example: torch.Tensor | None = None
    for name, values, sizes in _points(call, formula):
        expected = _returned(call, values, output)
        at_example = expected if at_example is None else at_example
        if expected is None and name != "the example":
            continue
        found = _evaluated(compiled, values)
        same = expected is not None and found is not None and _agree(found, expected, precision or expected.dtype)
        if not same and not (sizes and (asked.excuse(sizes) or _is_rounding(call, values, expected, output))):
            raise NotTraceable(*_differing(call, name, expected, output))
    assert at_example is not None
    return at_example


def _differing(call: Call, name: str, expected: Any, output: int) -> Sentence:
    """What the formula and the function differ in."""
    if expected is None:
        return "the function cannot be run on copies of the example", CALL_FIRST
    again = _returned(call, call.values, output)
    if name == "the example" and again is not None and not torch.equal(expected, again):
        return RANDOM
    return f"its formula gives other values than the function itself at {name}", OTHERWISE


OTHERWISE = "it may depend on more than the values of its arguments; the numeric oracles can check it"


def _points(call: Call, formula: Formula) -> Iterator[tuple[str, list[torch.Tensor], dict[str, int]]]:
    """The example, and points of other sizes."""
    yield "the example", call.values, {}
    for choice in range(2):
        sizes = distinct_sizes(formula.dimensions, choice)
        if len(sizes) == len(formula.dimensions):
            drawn = sample_point(formula, sizes, np.random.default_rng(SEED + choice))
            values = [
                torch.from_numpy(np.array(drawn[argument.name])).to(argument.value.dtype) for argument in call.arguments
            ]
            yield f"sizes {', '.join(f'{name}={size}' for name, size in sizes.items())}", values, sizes


def _is_rounding(call: Call, values: Sequence[torch.Tensor], expected: torch.Tensor, output: int) -> bool:
    """Whether the function itself returns something else, or no number, where its arguments move by a few roundings.

    So it is for the inverse of a matrix that has no inverse: some sizes make a product of matrices singular.
    """
    again = _returned(call, [_shaken(value) for value in values], output)
    settled = again is not None and bool(expected.isfinite().all()) and bool(again.isfinite().all())
    return not settled or not _agree(again.double().numpy(), expected, expected.dtype)


def _shaken(value: torch.Tensor) -> torch.Tensor:
    """Every entry moved at random by a few units in the last place."""
    if not value.is_floating_point():
        return value
    by = torch.rand(value.shape, generator=torch.Generator().manual_seed(SEED), dtype=torch.float64) - 0.5
    return value + (value * UNITS * torch.finfo(value.dtype).eps * by).to(value.dtype)


def _returned(call: Call, values: Sequence[torch.Tensor], output: int) -> Any:
    """What the function returns, or None where it is not made for the point."""
    try:
        with torch.enable_grad():
            returned = call.function(*(value.clone() for value in values))
    except Exception:
        return None
    return differentiable(returned)[output].detach()


def differentiable(returned: Any) -> list[torch.Tensor]:
    """The tensors of floats in what a function returned."""
    return [leaf for leaf in pytree.tree_leaves(returned) if torch.is_tensor(leaf) and leaf.is_floating_point()]


def _evaluated(compiled: Callable[..., Any], values: Sequence[torch.Tensor]) -> Any:
    wide = [value.double().numpy() if value.is_floating_point() else value.numpy() for value in values]
    try:
        with np.errstate(all="ignore"):
            return np.asarray(compiled(*wide))
    except (ValueError, IndexError):
        return None


def _agree(found: Any, expected: torch.Tensor, precision: torch.dtype) -> bool:
    tolerance = max(TOLERANCE.get(precision, 0.0), TOLERANCE.get(expected.dtype, 0.0))
    wanted = expected.double().numpy()
    if found.shape != wanted.shape:
        return False
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    scale = np.abs(wanted[np.isfinite(wanted)]).max(initial=1e-300)
    return bool((same | (np.abs(found - wanted) <= tolerance * scale)).all())
