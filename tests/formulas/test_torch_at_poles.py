"""What formulas remark about torch where no check can be made: at poles, at the origin, and beyond double precision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan, sqrt
from typing import Any

import pytest
import torch
from torch.nn import functional

from gradcheck import catalogue


@dataclass(frozen=True)
class Remark:
    """A formula, its inputs at a point, torch's derivatives by them there, and a piece of what the formula says."""

    formula: str
    inputs: tuple[Any, ...]
    gradients: tuple[Any, ...]
    words: str


REMARKS = (
    Remark("square_root", (0.0,), (inf,), "torch says inf"),
    Remark("reciprocal", (0.0,), (-inf,), "-inf as its slope"),
    Remark("logarithm", (0.0,), (inf,), "inf as its slope"),
    Remark("power", (0.0, 2.0), (0.0, 0.0), "torch takes the slope 0 by the exponent"),
    Remark("power", (0.0, 0.0), (0.0, 0.0), "torch takes the slope 0 by the exponent"),
    Remark("x_log_y", (0.0, 0.0), (0.0, nan), "the slope 0 by x and nan by y"),
    Remark("hypotenuse", (0.0, 0.0), (nan, nan), "torch says nan"),
    Remark("arctangent_of_two", (0.0, 0.0), (0.0, 0.0), "0 at the origin"),
    Remark("arcsine", ([1.0, -1.0],), ([inf, inf],), "torch says inf"),
    Remark("arccosine", ([1.0, -1.0],), ([-inf, -inf],), "torch says -inf"),
    Remark("entropy_term", (0.0,), (inf,), "the slope is infinite"),
    Remark("pairwise_distance", ([1.0, 2.0], [1.0, 2.0]), ([sqrt(0.5)] * 2, [-sqrt(0.5)] * 2), "±1/√n"),
    Remark("soft_margin", ([-800.0], [1.0]), ([nan], None), "the slope nan"),
    Remark("kl_divergence_batch", ([[-1.0, -1.0]], [[0.0, 1.0]]), ([[0.0, -1.0]], [[nan, 2.0]]), "torch says nan"),
    Remark("gaussian_nll", ([1.0], [0.0], [1e-9]), ([1e6], None, [-499999500000.0]), "as if it had not"),
    Remark("softplus", ([20.5],), ([1.0],), "above its threshold of 20"),
)


@pytest.mark.parametrize("remark", REMARKS, ids=lambda remark: f"{remark.formula}-{remark.inputs[0]}")
def test_torch_does_there_what_the_formula_says(remark: Remark) -> None:
    formula = catalogue.formula(remark.formula)
    assert remark.words in formula.kinks
    inputs = [torch.tensor(value, dtype=torch.float64) for value in remark.inputs]
    wanted = [
        value.requires_grad_() for value, slope in zip(inputs, remark.gradients, strict=True) if slope is not None
    ]
    found = torch.autograd.grad(formula.torch(*inputs).sum(), wanted)
    expected = [torch.tensor(slope, dtype=torch.float64) for slope in remark.gradients if slope is not None]
    torch.testing.assert_close(found, tuple(expected), equal_nan=True)


def test_the_root_at_0_times_0_has_no_slope() -> None:
    zero = torch.zeros((), dtype=torch.float64, requires_grad=True)
    assert torch.autograd.grad(torch.sqrt(zero) * 0, zero)[0].isnan()
    assert "nan once that is multiplied by 0" in catalogue.formula("square_root").kinks


@pytest.mark.parametrize(
    ("function", "last"), [(torch.exp, 709.78), (torch.sinh, 710.47), (torch.cosh, 710.47), (torch.exp2, 1023.9)]
)
def test_where_double_precision_ends(function: Callable[[torch.Tensor], torch.Tensor], last: float) -> None:
    inside, outside = function(torch.tensor([last, last + 0.1], dtype=torch.float64)).tolist()
    assert inside < inf == outside


def test_the_norm_of_nothing_is_kept_above_1e_12() -> None:
    zero = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(functional.normalize(zero, dim=-1)[0], zero)
    assert slope.tolist() == [pytest.approx(1e12), 0.0]
    assert "its slope is 1e12" in catalogue.formula("normalize").kinks
