"""Why an operator's gradient is found wrong, or cannot be decided: looked into one by one, in PyTorch 2.13."""

from __future__ import annotations

from collections.abc import Mapping

UNPOOL = (
    "PyTorch: with overlapping windows an index occurs twice; the forward writes once, the backward gives both entries "
    "a gradient (torch's gradcheck rejects them too)"
)
SCATTER = "PyTorch: the gradient by the input is wrong; its own test of it is marked as an expected failure"
STAIRS = "ours: a staircase; the derivative is 0 on every step, differences over several steps see its mean slope"
NORMAL = "convention: the sample depends on mean and std, yet PyTorch defines its gradient as 0"
REASONS: Mapping[str, str] = {
    "nn.functional.max_unpool1d": UNPOOL,
    "nn.functional.max_unpool2d": UNPOOL,
    "nn.functional.max_unpool3d": UNPOOL,
    "as_strided_scatter": SCATTER,
    "normal": NORMAL,
    "normal.number_mean": NORMAL,
    "nn.functional.hardsigmoid": "PyTorch: in float64 too its backward has 1/6 rounded to float32, 0.1666666716",
    "round.decimals_0": STAIRS,
    "round.decimals_3": STAIRS,
    "linalg.norm.subgradients_at_zero": "convention: a smallest absolute value of 0 rises on both sides",
    "native_layer_norm": "rounding: one entry is normalised, so the derivative is 0; PyTorch returns 1e-12",
    "logcumsumexp": "rounding: the backward passes through logarithms and loses 4 of 16 digits",
}
"""For each operator with a remaining WRONG, whose it is and why."""

JUMPS = "a jump or kink beside the point, within the steps"
UNDECIDED: Mapping[str, str] = {
    "max_pool2d_with_indices_backward": JUMPS,
    "linalg.norm.subgradients_at_zero": "the norm at 0 has no derivative, only a choice",
    "grid_sampler_3d": JUMPS,
    "grid_sampler_2d": JUMPS,
    "nn.functional.grid_sample": JUMPS,
    "nn.functional.hinge_embedding_loss": "the target, which requires grad, picks a branch by being exactly 1 or -1",
    "nn.functional.cosine_embedding_loss": "the target, which requires grad, picks a branch by being exactly 1 or -1",
    "prod": "products of 1e-123: no difference resolves them",
    "div.trunc_rounding": JUMPS,
    "div.floor_rounding": JUMPS,
    "remainder": JUMPS,
    "fmod": JUMPS,
    "logit": "entries so near 0 or 1 that most steps leave the domain",
}
"""For operators with many INCONCLUSIVE, what makes the bar wide."""
