"""Right gradients that checkers fail: the cases 18 to 27."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy

from tests.benchmarks.peer_cases import Answer, Case, Wants, at, normal, uniform
from tests.benchmarks.peer_libraries import NO_BFLOAT16

NOISE = numpy.random.default_rng(0)
CALLS = count()


def noisy(np: Any, x: Any) -> Any:
    return np.sin(x) + 1e-9 * np.asarray(NOISE.standard_normal(x.shape))


def batch_norm(np: Any, x: Any) -> Any:
    """As a batch in training is normalised; libraries without modules have no running statistics to keep."""
    centred = x - np.mean(x, 0)
    return centred / np.sqrt(np.mean(centred**2, 0) + 1e-5)


def batch_norm_module(library: Any) -> Any:
    import torch

    return torch.nn.BatchNorm1d(3).double().train()


def hilbert(n: int) -> Any:
    i = numpy.arange(n)
    return 1 / (1.0 + i[:, None] + i)


def _not_called_wrong(answer: Answer) -> bool:
    return answer.says == "accepts" or (answer.says != "raises" and "condition" in answer.message)


KEPT = Wants(lambda answer: answer.says == "accepts" and answer.inputs_unchanged, "**rejects it or changes a buffer**")
ILL_CONDITIONED = Wants(_not_called_wrong, "**rejects it**")
"""A pass, or saying that the function is ill-conditioned."""

POINTS: dict[str, tuple[Any, Any]] = {
    "18 relu at 0": (lambda np, x: np.relu(x), at(0, 1, -1)),
    "18 clamp at its bound": (lambda np, x: np.clip(x, -1, 1), at(-1, 1, 0.3, 2)),
    "18 max at a tie": (lambda np, x: np.max(x), at(1, 1, 0.3)),
    "18 sort at a tie": (lambda np, x: np.sort(x), at(1, 0.3, 1)),
    "18 hinge at 1": (lambda np, x: np.sum(np.relu(1 - x)), at(0.5, 1, 2)),
    "18 relu at 5e-7": (lambda np, x: np.relu(x), at(5e-7, 1)),
    "19 abs at 0": (lambda np, x: np.abs(x), at(0, 2)),
    "20 log at 1e-7": (lambda np, x: np.log(x), at(1e-7, 1)),
    "20 sqrt at 1e-8": (lambda np, x: np.sqrt(x), at(1e-8, 2)),
    "20 1/x at 2e-6": (lambda np, x: 1 / x, at(2e-6, 1)),
    "21 x*x at 1e8": (lambda np, x: x * x, at(1e8)),
    "21 x*x of timestamps, 1.7e9": (lambda np, x: x * x, at(1.7e9, 1.7e9 + 60)),
    "22 sin(x) + 1e9": (lambda np, x: np.sin(x) + 1e9, normal(5)),
    "23 sin(1e5 x)": (lambda np, x: np.sin(1e5 * x), normal(5)),
    "24 float32 inside": (lambda np, x: np.double(np.sin(np.single(x))), uniform(50)),
    "25 forward noise of 1e-9": (noisy, normal(20)),
    "25 dropout": (lambda np, x: np.sin(np.dropout(x)), normal(20)),
    "25 counter in the forward": (lambda np, x: np.sin(x) + 1e-9 * next(CALLS), normal(20)),
    "27 softmax at logits near 1e4": (lambda np, x: np.softmax(x), 1e4 + normal(10)),
    "27 softmax at logits of 1e4, saturated": (lambda np, x: np.softmax(x), 1e4 * normal(10)),
    "27 log_softmax at -1e4": (lambda np, x: np.log_softmax(x), at(0, -1e4, -3)),
}

OTHERS = (
    *(
        Case(
            f"24 sin in {dtype}",
            lambda np, x: np.sin(x),
            (uniform(50),),
            correct=True,
            dtype=dtype,
            impossible=impossible,
        )
        for dtype, impossible in (("float32", {}), ("bfloat16", NO_BFLOAT16), ("float16", {}))
    ),
    Case(
        "24 float64 and float32 inputs",
        lambda np, x, y: np.sin(x) * y,
        (normal(5), normal(5, seed=1).astype("float32")),
        correct=True,
    ),
    Case("25 BatchNorm in train mode", batch_norm, (normal(7, 3),), correct=True, module=batch_norm_module, wants=KEPT),
    Case(
        "26 inverse of a Hilbert matrix",
        lambda np, x: np.linalg.inv(x),
        (hilbert(8),),
        correct=True,
        wants=ILL_CONDITIONED,
    ),
)

RIGHT = tuple(
    sorted(
        (*(Case(name, forward, (x,), correct=True) for name, (forward, x) in POINTS.items()), *OTHERS),
        key=lambda case: case.number,
    )
)
