"""Every activation and every loss of torch.nn.functional is the counterpart of some formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from gradcheck import catalogue
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.points import distinct_sizes, sample_point

TOPICS = {
    *("activations", "softmax", "losses", "distances", "powers and logarithms", "trigonometric functions"),
    *("hyperbolic functions", "special functions", "functions with kinks", "linear"),
}
ACTIVATIONS = {
    *("threshold", "relu", "hardtanh", "hardswish", "relu6", "elu", "selu", "celu", "leaky_relu", "prelu", "rrelu"),
    *("glu", "gelu", "logsigmoid", "hardshrink", "tanhshrink", "softsign", "softplus", "softmin", "softmax"),
    *("softshrink", "log_softmax", "tanh", "sigmoid", "hardsigmoid", "silu", "mish", "normalize"),
}
DISTANCES = {"pairwise_distance", "cosine_similarity", "cross_entropy", "kl_div", "binary_cross_entropy"}
LOSSES = {name for name in dir(functional) if name.endswith(("_loss", "_with_logits")) and not name.startswith("_")}
LEFT_OUT = {
    "ctc_loss": "a sum over all alignments, which index notation does not say",
    "triplet_margin_with_distance_loss": "takes any distance; that of triplet_margin_loss is there",
}

WRAPPED = {"_threshold": "threshold", "log_sigmoid": "logsigmoid"}
"""What torch.nn.functional passes on to, where it does no more than that."""


class Recorder(TorchFunctionMode):
    """Remembers the names of all functions of torch that are called."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        self.names.add(WRAPPED.get(func.__name__, func.__name__))
        return func(*args, **(kwargs or {}))


@pytest.fixture(scope="module")
def called() -> set[str]:
    """The functions that the catalogue's counterparts call."""
    recorder = Recorder()
    with recorder:
        for formula in catalogue.formulas():
            if isinstance(formula, Formula) and formula.topic in TOPICS:
                point = sample_point(formula, distinct_sizes(formula.dimensions, 0), np.random.default_rng(0))
                formula.torch(*map(torch.as_tensor, point.values()))
    return recorder.names


@pytest.mark.parametrize("name", sorted(ACTIVATIONS | DISTANCES | LOSSES - LEFT_OUT.keys()))
def test_a_formula_stands_for_it(called: set[str], name: str) -> None:
    assert name in called


def test_what_is_left_out_is_there_to_be_left_out() -> None:
    assert LEFT_OUT.keys() <= LOSSES
    assert not [name for name in ACTIVATIONS | DISTANCES if not hasattr(functional, name)]
