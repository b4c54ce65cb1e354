"""A traced formula is believed once it gives what the function gives: at the example, and at other points and sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

from gradcheck.symbolic.compile import Compiled
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.arguments import Call
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.points import distinct_sizes, sample_point

TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-3, torch.bfloat16: 0.1, torch.float16: 0.02}
"""How far a function's value may be from its formula's, relative to the largest entry."""
SEED = 0


def demand_same_values(call: Call, formula: Formula, output: int = 0) -> torch.Tensor:
    """The output at the example.

    Raises NotTraceable where the formula and the function differ there, or at other points and sizes.
    """
    compiled = formula.compile("numpy")
    at_example: torch.Tensor | None = None
    for name, values in _points(call, formula):
        expected = _returned(call, values, output)
        at_example = expected if at_example is None else at_example
        if expected is None and name != "the example":
            continue
        found = _evaluated(compiled, values)
        if expected is None or found is None or not _agree(found, expected):
            raise NotTraceable(
                f"its formula gives other values than the function itself at {name}",
                "the function is checked by the numeric oracles alone; please report it",
            )
    assert at_example is not None
    return at_example


def _points(call: Call, formula: Formula) -> Iterator[tuple[str, list[torch.Tensor]]]:
    yield "the example", call.values
    for choice in range(2):
        sizes = distinct_sizes(formula.dimensions, choice)
        if len(sizes) == len(formula.dimensions):
            drawn = sample_point(formula, sizes, np.random.default_rng(SEED + choice))
            values = [
                torch.from_numpy(np.array(drawn[argument.name])).to(argument.value.dtype) for argument in call.arguments
            ]
            yield f"sizes {', '.join(f'{name}={size}' for name, size in sizes.items())}", values


def _returned(call: Call, values: Sequence[torch.Tensor], output: int) -> Any:
    """What the function returns, or None where it is not made for the point."""
    try:
        with torch.no_grad():
            returned = call.function(*(value.clone() for value in values))
    except Exception:
        return None
    return differentiable(returned)[output]


def differentiable(returned: Any) -> list[torch.Tensor]:
    """The tensors of floats in what a function returned."""
    return [leaf for leaf in pytree.tree_leaves(returned) if torch.is_tensor(leaf) and leaf.is_floating_point()]


def _evaluated(compiled: Compiled, values: Sequence[torch.Tensor]) -> Any:
    wide = [value.double().numpy() if value.is_floating_point() else value.numpy() for value in values]
    try:
        with np.errstate(all="ignore"):
            return np.asarray(compiled(*wide))
    except (ValueError, IndexError):
        return None


def _agree(found: Any, expected: torch.Tensor) -> bool:
    tolerance = TOLERANCE.get(expected.dtype, 0.0)
    wanted = expected.double().numpy()
    if found.shape != wanted.shape:
        return False
    same = (found == wanted) | (np.isnan(found) & np.isnan(wanted))
    scale = np.abs(wanted[np.isfinite(wanted)]).max(initial=1e-300)
    return bool((same | (np.abs(found - wanted) <= tolerance * scale)).all())
