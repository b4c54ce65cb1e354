"""Losses, with their reductions and options."""

from __future__ import annotations

from torch.nn import functional

from tests.symbolic.graphs.operator_cases.case import Case, between, places, real, together

PAIR = real((2, 3), (2, 3))
logits_loss = functional.binary_cross_entropy_with_logits
PROBABILITIES = together(between(0.1, 0.9, (2, 3)), places(4, 2, 3), places(5, 3))
LABELLED = together(real((4, 3)), places(3, 4), places(5, 3))
IMAGES = together(real((2, 3, 4, 5)), places(3, 2, 4, 5), places(5, 3))
"""Targets and weights are made of whole numbers, by which torch does not differentiate them."""


def _every_reduction(loss: str, **options: float) -> Case:
    function = getattr(functional, loss)
    return Case(
        lambda p, y: (
            function(p, y, reduction="none", **options)
            + function(p, y, **options)
            - 2 * function(p, y, reduction="sum", **options)
        ),
        PAIR,
    )


CASES = {
    "mse_loss": _every_reduction("mse_loss"),
    "smooth_l1_loss": _every_reduction("smooth_l1_loss", beta=0.5),
    "huber_loss": _every_reduction("huber_loss", delta=0.5),
    "binary_cross_entropy": Case(
        lambda p, y, w: (
            functional.binary_cross_entropy(p, y.double() / 3, 0.5 + w.double(), reduction="none")
            + functional.binary_cross_entropy(p, y.double() / 3)
        ),
        PROBABILITIES,
    ),
    "binary_cross_entropy_with_logits": Case(
        lambda z, y, w: (
            logits_loss(800 * z, y.double() / 3)
            + logits_loss(z, y.double() / 3, 0.5 + w.double(), reduction="none", pos_weight=1.5 + w.double())
        ),
        PROBABILITIES,
    ),
    "soft_margin_loss": Case(
        lambda z, y, _: functional.soft_margin_loss(z, 2 * (y > 1).double() - 1, reduction="sum"), PROBABILITIES
    ),
    "nll_loss_forward": Case(
        lambda z, c, w: (
            functional.nll_loss(z, c)
            + functional.nll_loss(z, c, 0.5 + w.double(), ignore_index=1)
            + functional.cross_entropy(800 * z, c, label_smoothing=0.1)
            + functional.cross_entropy(z, c, 0.5 + w.double(), reduction="none")
        ),
        LABELLED,
    ),
    "nll_loss2d_forward": Case(lambda z, c, w: functional.nll_loss(z, c, 0.5 + w.double(), ignore_index=2), IMAGES),
}
