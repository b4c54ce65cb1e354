"""Why an operator's gradient is found wrong, or cannot be decided, in PyTorch 2.13; a guess is said to be one."""

from __future__ import annotations

from collections.abc import Mapping

UNPOOL = "PyTorch: the wrong samples are just those in which an index occurs twice; torch's gradcheck rejects them too"
SCATTER = "PyTorch: the gradient by the input is wrong; its own test of it is marked as an expected failure"
STAIRS = "a staircase; from outside, stairs this narrow cannot be told from arithmetic in a low precision"
NORMAL = "convention: the sample depends on mean and std, yet PyTorch returns the gradient 0"
REASONS: Mapping[str, str] = {
    "nn.functional.max_unpool1d": UNPOOL,
    "nn.functional.max_unpool2d": UNPOOL,
    "nn.functional.max_unpool3d": UNPOOL,
    "as_strided_scatter": SCATTER,
    "normal": NORMAL,
    "normal.number_mean": NORMAL,
    "nn.functional.hardsigmoid": "PyTorch: in float64 too its backward has 1/6 rounded to float32, 0.1666666716",
}
"""For each operator with a remaining WRONG, whose it is and why."""

TARGET = "the target picks a branch by being exactly 1 or -1: moved by one unit in its last place, it picks another"
UNDECIDED: Mapping[str, str] = {
    "linalg.norm.subgradients_at_zero": "the norm at 0 has no derivative, only a choice",
    "grid_sampler_3d": "probably a jump or kink within the steps (not confirmed)",
    "nn.functional.hinge_embedding_loss": TARGET,
    "nn.functional.cosine_embedding_loss": TARGET,
    "prod": "products of 1e-123: no difference resolves them",
    "div.trunc_rounding": STAIRS,
    "div.floor_rounding": STAIRS,
    "round.decimals_3": STAIRS,
    "erfc": "a derivative of 1e-9 beside an output of 2, whose last digit is 4e-16",
    "cov": "weights in single precision that cancel: ill-conditioned",
    "native_layer_norm": "one entry is normalised: the derivative is 0, and all digits of the gradient are rounding",
}
"""For operators with an INCONCLUSIVE, what makes the bar wide."""
