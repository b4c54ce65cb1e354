"""Operators that are in no table: torch's own compositions of them, and writing that becomes a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional

from gradcheck.symbolic.graphs.trace import trace
from tests.symbolic.graphs.operator_cases.case import between, places, real, together
from tests.symbolic.graphs.test_operators import demand_same_jacobians

PAIR = real((2, 3), (3,))
ROWS = real((4, 3), (4, 3), (4, 3))
LABELLED = together(real((4, 3), (4, 3)), places(2, 4))

COMPOSED: dict[str, tuple[Callable[..., Any], Any]] = {
    "addcmul": (lambda a, b, c: torch.addcmul(a, b, c, value=2), real((2, 3), (3,), (2, 1))),
    "addcdiv": (torch.addcdiv, between(0.3, 2.0, (2, 3), (3,), (2, 1))),
    "dist": (lambda a, b: torch.dist(a, b, 3), PAIR),
    "narrow_copy": (lambda x: torch.narrow_copy(x, 1, 1, 2), real((2, 3))),
    "quantile": (lambda x: torch.quantile(x, 0.3, dim=0), real((3, 2))),
    "upsample_bilinear2d": (lambda x: functional.interpolate(x, (3, 2), mode="bilinear"), real((1, 1, 2, 3))),
    "glu": (functional.glu, real((2, 6))),
    "cosine_similarity": (functional.cosine_similarity, real((2, 3), (2, 3))),
    "normalize": (functional.normalize, real((2, 3))),
    "pairwise_distance": (lambda a, b: functional.pairwise_distance(a, b, p=3), real((2, 3), (2, 3))),
    "triplet_margin": (functional.triplet_margin_loss, ROWS),
    "margin_ranking": (
        lambda a, b, c: functional.margin_ranking_loss(a[:, 0], b[:, 0], 2 * c.double() - 1, margin=0.5),
        LABELLED,
    ),
    "hinge_embedding": (lambda a, _, c: functional.hinge_embedding_loss(a[:, 0], 2 * c.double() - 1), LABELLED),
    "cosine_embedding": (lambda a, b, c: functional.cosine_embedding_loss(a, b, 2 * c - 1, margin=0.2), LABELLED),
    "multi_margin": (lambda a, _, c: functional.multi_margin_loss(a, c), LABELLED),
    "multilabel_soft_margin": (
        lambda a, _, c: functional.multilabel_soft_margin_loss(a, c.double()[:, None] * (a > 0).double()),
        LABELLED,
    ),
    "kl_div": (
        lambda a, b: functional.kl_div(a.log_softmax(-1), b.log_softmax(-1), reduction="batchmean", log_target=True),
        real((2, 3), (2, 3)),
    ),
    "kl_div of probabilities": (
        lambda z, p: functional.kl_div(z, p, reduction="sum"),
        between(0.1, 0.9, (2, 3), (2, 3)),
    ),
    "poisson_nll": (
        lambda a, b: functional.poisson_nll_loss(a, b, full=True) + functional.poisson_nll_loss(a, b, log_input=False),
        between(0.5, 3.0, (2, 3), (2, 3)),
    ),
    "soft targets": (
        lambda z, t: functional.cross_entropy(z, t.softmax(-1), label_smoothing=0.1),
        real((2, 3), (2, 3)),
    ),
    "gaussian_nll": (
        lambda m, y, v: (
            functional.gaussian_nll_loss(m, y, v, full=True)
            + functional.gaussian_nll_loss(m, y, v[:, 0], reduction="none")
        ),
        between(0.3, 2.0, (2, 3), (2, 3), (2, 3)),
    ),
    "softplus with a threshold": (lambda x: functional.softplus(x, 2, 1), real((2, 3))),
    "rrelu without chance": (lambda x: functional.rrelu(x, 0.1, 0.3, training=False), real((2, 3))),
    "nansum": (torch.nansum, real((2, 3))),
    "writing": (lambda x, y: x.clone().mul_(2).add_(x).clamp_(-1, 1).sub_(y), PAIR),
    "writing to a part": (lambda x, y: _first_row_doubled(x) * y, PAIR),
}


WITHOUT_FIXED_SIZES: dict[str, tuple[Callable[..., Any], Any]] = {
    "take_along_dim": (lambda x, t: x.take_along_dim(t, 1), together(real((3, 4)), places(4, 1, 2))),
    "take_along_dim of all": (torch.take_along_dim, together(real((2, 3)), places(6, 4))),
    "kron": (torch.kron, real((2, 3), (2,))),
    "embedding_bag": (
        lambda t, x, w: functional.embedding_bag(t, x, mode="sum", per_sample_weights=w),
        together(places(3, 2, 2), real((3, 2), (2, 2))),
    ),
    "cov": (lambda x: torch.cov(x, correction=0) + torch.cov(x[0]), real((2, 3))),
    "corrcoef": (torch.corrcoef, real((2, 3))),
}


@pytest.mark.parametrize("name", WITHOUT_FIXED_SIZES)
def test_what_torch_runs_with_numbers_for_sizes_has_a_formula_for_all(name: str) -> None:
    function, draw = WITHOUT_FIXED_SIZES[name]
    traced = trace(function, *draw(torch.Generator().manual_seed(0)))
    assert traced.notes == ()
    demand_same_jacobians(traced)


def _first_row_doubled(x: torch.Tensor) -> torch.Tensor:
    changed = x * 1
    changed[0] *= 2
    return changed


@pytest.mark.parametrize("name", COMPOSED)
def test_what_torch_takes_apart_has_a_formula(name: str) -> None:
    function, draw = COMPOSED[name]
    demand_same_jacobians(trace(function, *draw(torch.Generator().manual_seed(0))))


def test_a_bound_that_is_no_whole_number_compiles_for_torch() -> None:
    x = torch.tensor([[3.0, 4.0], [0.0, 2.0]], dtype=torch.float64)
    (formula,) = trace(functional.normalize, x).formulas
    expected = torch.autograd.functional.jacobian(functional.normalize, x)
    torch.testing.assert_close(formula.compile("torch", wrt="input")(x), expected)
