"""Why an operator's gradient is found wrong, or cannot be decided, in PyTorch 2.13; a guess is said to be one."""

from __future__ import annotations

from collections.abc import Mapping

UNPOOL = "PyTorch: the wrong samples are just those in which an index occurs twice; torch's gradcheck rejects them too"
UNPOOL_TOO = "probably as max_unpool1d (not confirmed); torch's gradcheck rejects them too"
SCATTER = "PyTorch: the gradient by the input is wrong; its own test of it is marked as an expected failure"
STAIRS = "ours: a staircase; the derivative is 0 on every step, differences over several steps see its mean slope"
NORMAL = "convention: the sample depends on mean and std, yet PyTorch returns the gradient 0"
REASONS: Mapping[str, str] = {
    "nn.functional.max_unpool1d": UNPOOL,
    "nn.functional.max_unpool2d": UNPOOL_TOO,
    "nn.functional.max_unpool3d": UNPOOL_TOO,
    "as_strided_scatter": SCATTER,
    "normal": NORMAL,
    "normal.number_mean": NORMAL,
    "nn.functional.hardsigmoid": "PyTorch: in float64 too its backward has 1/6 rounded to float32, 0.1666666716",
    "round.decimals_0": STAIRS,
    "round.decimals_3": STAIRS,
    "linalg.norm.subgradients_at_zero": "convention: a smallest absolute value of 0 rises on both sides",
    "native_layer_norm": "rounding: one entry is normalised, so the derivative is 0; PyTorch returns 1e-12",
    "logcumsumexp": "rounding: the backward loses about 4 of 16 digits (cause not confirmed)",
}
"""For each operator with a remaining WRONG, whose it is and why."""

JUMPS = "a jump beside the point, within the steps"
PROBABLY = "probably a jump or kink within the steps (not confirmed)"
TARGET = "probably the target, which picks a branch by being exactly 1 or -1 (not confirmed)"
UNDECIDED: Mapping[str, str] = {
    "max_pool2d_with_indices_backward": JUMPS,
    "linalg.norm.subgradients_at_zero": "the norm at 0 has no derivative, only a choice",
    "grid_sampler_3d": PROBABLY,
    "grid_sampler_2d": PROBABLY,
    "nn.functional.grid_sample": PROBABLY,
    "nn.functional.hinge_embedding_loss": TARGET,
    "nn.functional.cosine_embedding_loss": TARGET,
    "prod": "products of 1e-123: no difference resolves them",
    "div.trunc_rounding": PROBABLY,
    "div.floor_rounding": PROBABLY,
    "remainder": JUMPS,
    "fmod": PROBABLY,
    "logit": "entries so near 0 or 1 that most steps leave the domain (not confirmed)",
}
"""For operators with many INCONCLUSIVE, what makes the bar wide."""
