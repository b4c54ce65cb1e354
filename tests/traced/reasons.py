"""Why the derivatives of a traced formula and autograd's differ in PyTorch 2.13, operator by operator."""

from __future__ import annotations

from collections.abc import Mapping

UNUSED = "PyTorch: autograd gives mean and inverse deviation, returned beside the result, no derivative"
REASONS: Mapping[str, str] = {
    **dict.fromkeys(
        ("native_layer_norm", "native_group_norm", "native_batch_norm", "_native_batch_norm_legit"),
        UNUSED,
    ),
    "nn.functional.hardsigmoid": "PyTorch: in float64 too its backward has 1/6 rounded to float32",
    "linalg.norm.subgradients_at_zero": "no derivative: a norm at 0, where autograd takes a subgradient",
}
