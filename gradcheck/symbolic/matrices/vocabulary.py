"""What a matrix expression may call: each function by its entries, and as torch computes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradcheck.symbolic.matrices import arrays
from gradcheck.symbolic.matrices.arrays import Array
from gradcheck.symbolic.piecewise import larger, smaller
from gradcheck.symbolic.tracing.scalars import SCALARS


@dataclass(frozen=True)
class Word:
    """A function: how many arrays it takes, its result by entries, and the name of torch's own, if it differs.

    `has_axis` says that it may be told along which axis to work; `of_sizes` that it takes sizes in place of arrays.
    """

    build: Callable[..., Array]
    torch: str = ""
    takes: tuple[int, int] = (1, 1)
    has_axis: bool = False
    of_sizes: bool = False
    default_axis: int | None = None


ENTRYWISE = (
    *("exp", "expm1", "log", "log1p", "sqrt", "square", "reciprocal", "rsqrt", "abs", "sign", "erf", "erfc"),
    *("exp2", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh"),
    *("asinh", "acosh", "atanh", "sigmoid", "relu", "softplus", "silu", "gelu", "elu", "selu", "mish", "relu6"),
    *("softsign", "tanhshrink", "logsigmoid", "leaky_relu"),
)
"""Functions of entries that `trace_scalars` and torch call by the same name."""

VOCABULARY: dict[str, Word] = {
    **{name: Word(partial(arrays.entrywise, SCALARS[name])) for name in ENTRYWISE},
    "ln": Word(partial(arrays.entrywise, SCALARS["log"]), "log"),
    "σ": Word(partial(arrays.entrywise, SCALARS["sigmoid"]), "sigmoid"),
    "maximum": Word(partial(arrays.entrywise, larger), takes=(2, 2)),
    "minimum": Word(partial(arrays.entrywise, smaller), takes=(2, 2)),
    "sum": Word(arrays.total, has_axis=True),
    "mean": Word(arrays.mean, has_axis=True),
    "softmax": Word(arrays.softmax, has_axis=True, default_axis=-1),
    "log_softmax": Word(arrays.log_softmax, has_axis=True, default_axis=-1),
    "logsumexp": Word(arrays.logsumexp, has_axis=True, default_axis=-1),
    "norm": Word(arrays.norm, "linalg.norm"),
    "trace": Word(arrays.trace),
    "tr": Word(arrays.trace, "trace"),
    "det": Word(arrays.determinant, "linalg.det"),
    "logdet": Word(arrays.log_determinant),
    "inv": Word(arrays.inverse, "linalg.inv"),
    "diag": Word(arrays.diag),
    "transpose": Word(arrays.transposed, "t"),
    "dot": Word(arrays.dot, takes=(2, 2)),
    "outer": Word(arrays.outer, takes=(2, 2)),
    "eye": Word(arrays.eye, of_sizes=True),
    "ones": Word(arrays.ones, takes=(1, 2), of_sizes=True),
}
"""Every function by its name in a text."""


def torch_function(name: str) -> Callable[..., Any]:
    """torch's function for a word of the vocabulary; torch is imported here, not with this module."""
    import torch

    path = (VOCABULARY[name].torch or name).split(".")
    for home in (torch, torch.nn.functional):
        if hasattr(home, path[0]):
            found: Any = home
            for part in path:
                found = getattr(found, part)
            return found
    raise LookupError(f"torch has no function {name}")
