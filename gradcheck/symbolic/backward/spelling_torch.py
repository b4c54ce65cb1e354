"""Kernels as torch code."""

from __future__ import annotations

import math
from functools import partial

from gradcheck.symbolic.backward.spelling import COMMON, Spell, Spelling, axes, bracketed, calls, einsum, rounded
from gradcheck.symbolic.kernels import SAME_NAME
from gradcheck.symbolic.torch_kernels import SPECIAL_NAMES

_named = calls("torch")


def _polygamma(order: str, x: str) -> str:
    """By the zeta function: `torch.polygamma(1, x)` is right to nine digits only."""
    n = int(order)
    if n == 0:
        return f"torch.digamma({x})"
    return f"{(-1) ** (n + 1) * math.factorial(n)} * torch.special.zeta({n + 1}, {x})"


KERNELS: dict[str, Spell] = {
    **COMMON,
    **{name: _named(name) for name in (*SAME_NAME, "sigmoid", "relu", "sign", "erf", "erfc", "erfinv")},
    "loggamma": _named("lgamma"),
    "polygamma": _polygamma,
    **{name: calls("torch.special")(name.removeprefix("bessel_")) for name in SPECIAL_NAMES},
    "Rounded": rounded("torch"),
    "softplus": lambda x: f"torch.logaddexp({x}, torch.zeros_like({x}))",
    "step": lambda x: f"({x} > 0).to({bracketed(x)}.dtype)",
    "absolute": _named("abs"),
    "clip": lambda x, bound: f"torch.clamp({x}, -({bound}), {bound})",
    "huber": lambda x, c: f"torch.nn.functional.huber_loss({x}, torch.zeros_like({x}), 'none', {c})",
    "choose": lambda condition, a, b, _: f"torch.where({condition}, {a}, {b})",
    "choose_number": lambda condition, a, b, like: f"torch.where({condition}, {like}.new_tensor({a}), {b})",
    **{name: _named(name) for name in ("softmax", "log_softmax", "logsumexp")},
    "sum": lambda x, axis: f"({x}).sum({axes(axis)})",
    "maximum_over": lambda x, axis: f"({x}).amax({axes(axis)})",
    "largest": lambda x: f"({x}).amax(-1)",
    "position_of_largest": lambda x: f"({x}).argmax(-1)",
    "as_real": lambda x, like: f"{bracketed(x)}.to({like}.dtype)",
    "as_index": lambda index: f"{bracketed(index)}.long()",
    "identity": lambda n, like: f"torch.eye({n}, dtype={like}.dtype, device={like}.device)",
    "positions": lambda n, like: f"torch.arange({n}, device={like}.device)",
    "equal": lambda i, j, like: f"(({i}) == ({j})).to({like}.dtype)",
    "fill": lambda value, shape, like: f"torch.full({shape}, {value}, dtype={like}.dtype, device={like}.device)",
    "repeat": lambda value, shape, _: value if shape == "()" else f"({value}).expand({shape})",
    "permute": lambda x, order: f"({x}).T" if order == "(1, 0)" else f"({x}).permute({order})",
    "place_diagonal": _named("diag"),
    "add_to_diagonal": lambda matrix, diagonal: f"{matrix} + torch.diag({diagonal})",
    "Within": lambda index, size: f"({index}).clip(0, {size} - 1)",
    "inverse": _named("linalg.inv"),
    "determinant": _named("linalg.det"),
}

TORCH = Spelling("torch", KERNELS, partial(einsum, "torch"))
