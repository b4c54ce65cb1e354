"""Every activation and loss of torch.nn.functional, each option and reduction, has a formula that calls it.

So have the layers, the elementary functions and the linear algebra that the catalogue is to hold.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
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

ACTIVATIONS = {
    *("threshold", "relu", "hardtanh", "hardswish", "relu6", "elu", "selu", "celu", "leaky_relu", "prelu", "rrelu"),
    *("glu", "gelu", "logsigmoid", "hardshrink", "tanhshrink", "softsign", "softplus", "softmin", "softmax"),
    *("softshrink", "log_softmax", "tanh", "sigmoid", "hardsigmoid", "silu", "mish", "normalize"),
}
DISTANCES = {"pairwise_distance", "cosine_similarity"}
LOSSES = {
    *("binary_cross_entropy", "binary_cross_entropy_with_logits", "cosine_embedding_loss", "cross_entropy", "ctc_loss"),
    *("gaussian_nll_loss", "hinge_embedding_loss", "huber_loss", "kl_div", "l1_loss", "margin_ranking_loss"),
    *("mse_loss", "multi_margin_loss", "multilabel_margin_loss", "multilabel_soft_margin_loss", "nll_loss"),
    *("poisson_nll_loss", "smooth_l1_loss", "soft_margin_loss", "triplet_margin_loss"),
    "triplet_margin_with_distance_loss",
} | {name for name in ("linear_cross_entropy",) if hasattr(functional, name)}
LEFT_OUT = {
    "gumbel_softmax": "draws its noise; the formula of that name takes the noise as a variable",
    "pdist": "pairwise_distance of all pairs of rows",
}
LAYERS = {
    *(f"{kind}{size}d" for kind in ("avg_pool", "max_pool", "lp_pool", "max_unpool") for size in (1, 2, 3)),
    *(f"{kind}{size}d" for kind in ("adaptive_avg_pool", "adaptive_max_pool", "conv_transpose") for size in (1, 2, 3)),
    *(f"{kind}_pool{size}d_with_indices" for kind in ("adaptive_max", "max") for size in (1, 2, 3)),
    *("fractional_max_pool2d", "fractional_max_pool3d"),
    *("fractional_max_pool2d_with_indices", "fractional_max_pool3d_with_indices"),
    *("conv1d", "conv2d", "conv3d", "conv_tbc", "linear", "bilinear", "embedding", "embedding_bag"),
    *("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"),
    *("batch_norm", "group_norm", "instance_norm", "layer_norm", "rms_norm", "local_response_norm"),
    *("multi_head_attention_forward", "scaled_dot_product_attention"),
}
CALLED_LAYERS = {
    *("linear", "bilinear", "embedding", "conv1d", "conv2d", "avg_pool1d", "avg_pool2d", "max_pool1d", "max_pool2d"),
    *("batch_norm", "layer_norm", "group_norm", "rms_norm", "scaled_dot_product_attention"),
    *("multi_head_attention_forward", "rnn_tanh_cell", "gru_cell", "lstm_cell"),
}
ELEMENTARY = {
    *("abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "clamp", "cos", "cosh", "digamma", "erf"),
    *(
        "erfc",
        "erfinv",
        "exp",
        "exp2",
        "expm1",
        "fmax",
        "hypot",
        "lgamma",
        "log",
        "log10",
        "log1p",
        "log2",
        "logaddexp",
    ),
    *("logaddexp2", "logit", "maximum", "minimum", "pow", "reciprocal", "rsqrt", "sigmoid", "sign", "sin", "sinc"),
    *("sinh", "sqrt", "square", "tan", "tanh", "xlogy"),
}
ALGEBRA = {
    *("linalg_cholesky", "linalg_det", "linalg_inv", "linalg_lstsq", "linalg_matrix_norm", "linalg_norm"),
    *("linalg_solve", "linalg_vector_norm", "logdet", "matrix_exp", "trace"),
}
BY_EVERY_WEIGHT = ("linear", "bilinear_layer", "conv1d", "conv2d", "attention", "rnn_cell", "gru_cell", "lstm_cell")
"""Layers whose formula is differentiated by all that goes into it."""
REARRANGING = {
    *("affine_grid", "channel_shuffle", "fold", "grid_sample", "interpolate", "native_channel_shuffle", "one_hot"),
    *("pad", "pixel_shuffle", "pixel_unshuffle", "unfold", "upsample", "upsample_bilinear", "upsample_nearest"),
}
WITHOUT_MATHEMATICS = {
    *("assert_int_or_pair", "boolean_dispatch", "handle_torch_function", "has_torch_function"),
    *("has_torch_function_unary", "has_torch_function_variadic", "grouped_mm", "scaled_grouped_mm", "scaled_mm"),
}

WRAPPED = {"_threshold": "threshold", "log_sigmoid": "logsigmoid"}
"""What torch.nn.functional passes on to, where it does no more than that."""

REDUCTIONS = ("none", "mean", "sum")
SAME_FORMULA = {"size_average", "reduce", "inplace", "dim", "dtype", "_stacklevel", "out"}
"""Parameters that choose an axis, a type or where the result goes, and older spellings of `reduction`."""
WITHOUT_FORMULA = {
    ("ctc_loss", "blank"): "which class is the blank: another numbering",
    ("gaussian_nll_loss", "eps"): "keeps the variance above it, and has no part in the slope",
    ("normalize", "eps"): "keeps the norm above it",
    ("rrelu", "training"): "draws the slope, which is a variable of the formula",
    ("kl_div", "mean"): "torch warns of it; the formula takes the mean of all entries",
    ("mse_loss", "weight"): "written out in squared_error_weighted, as not every version takes it",
    ("l1_loss", "weight"): "written out in absolute_error_weighted, as not every version takes it",
    ("huber_loss", "weight"): "written out in huber_weighted, as not every version takes it",
    **{
        ("linear_cross_entropy", option): "that of cross_entropy, but for how it is computed"
        for option in ("weight", "ignore_index", "label_smoothing", "options", "none", "sum")
    },
}

Met = Mapping[str, Mapping[str, list[Any]]]


class Recorder(TorchFunctionMode):
    """Remembers the functions of torch that are called, and the options that they are called with."""

    def __init__(self) -> None:
        super().__init__()
        self.met: dict[str, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        options = self.met[WRAPPED.get(func.__name__, func.__name__)]
        if inspect.isfunction(func) and func.__module__ == functional.__name__:
            bound = inspect.signature(func).bind(*args, **(kwargs or {}))
            for name, value in bound.arguments.items():
                options[name].append("a tensor" if isinstance(value, torch.Tensor) else value)
        return func(*args, **(kwargs or {}))


@pytest.fixture(scope="module")
def met() -> Met:
    """The functions that the catalogue's counterparts call, with what their parameters were."""
    recorder = Recorder()
    with recorder:
        for formula in catalogue.formulas():
            if isinstance(formula, Formula) and not formula.topic.startswith("matrix cookbook"):
                point = sample_point(formula, distinct_sizes(formula.dimensions, 0), np.random.default_rng(0))
                formula.torch(*map(torch.as_tensor, point.values()))
    return recorder.met


def options() -> list[tuple[str, str]]:
    """The options of every activation and loss that has a signature to read, and each of its reductions."""
    found = []
    for name in sorted(ACTIVATIONS | DISTANCES | LOSSES):
        function = getattr(functional, name)
        if inspect.isfunction(function):
            parameters = inspect.signature(function).parameters.values()
            named = {each.name for each in parameters if each.default is not inspect.Parameter.empty} - SAME_FORMULA
            found += [(name, option) for option in sorted(named - {"reduction"})]
            found += [(name, reduction) for reduction in REDUCTIONS if "reduction" in named]
    return found


OPTIONS = options()


@pytest.mark.parametrize("name", sorted(ACTIVATIONS | DISTANCES | LOSSES | CALLED_LAYERS | ELEMENTARY | ALGEBRA))
def test_a_formula_stands_for_it(met: Met, name: str) -> None:
    assert name in met


@pytest.mark.parametrize("name", BY_EVERY_WEIGHT)
def test_a_layer_is_differentiated_by_every_weight(name: str) -> None:
    formula = catalogue.formula(name)
    assert set(formula.wrt) == set(formula.variable_names)


@pytest.mark.parametrize(("name", "option"), [each for each in OPTIONS if each not in WITHOUT_FORMULA])
def test_a_formula_stands_for_each_option_and_reduction(met: Met, name: str, option: str) -> None:
    if option in REDUCTIONS:
        assert option in met[name]["reduction"]
    else:
        default = inspect.signature(getattr(functional, name)).parameters[option].default
        assert [value for value in met[name][option] if value is not default and value != default]


def test_every_function_of_torch_is_an_activation_a_loss_or_neither() -> None:
    public = {
        name
        for name, value in vars(functional).items()
        if inspect.isroutine(value) and not name.startswith("_") and not name.endswith("_")
    }
    known = ACTIVATIONS | DISTANCES | LOSSES | LEFT_OUT.keys() | LAYERS | REARRANGING | WITHOUT_MATHEMATICS
    assert not public - known


def test_what_is_listed_is_there() -> None:
    assert not [name for name in ACTIVATIONS | DISTANCES | LOSSES | LEFT_OUT.keys() if not hasattr(functional, name)]
    assert {name for name in dir(functional) if name.endswith("_loss")} <= LOSSES


def test_what_is_left_out_is_there_to_be_left_out(met: Met) -> None:
    assert not LEFT_OUT.keys() & met.keys()
    assert {each for each in WITHOUT_FORMULA if hasattr(functional, each[0])} <= {*OPTIONS}
