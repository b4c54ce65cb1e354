"""The names that tutorials give to losses, gradients and learning rates, as tables."""

from __future__ import annotations

import re
from collections.abc import Iterable

RATE = re.compile(
    r"(?:.*_)?(?:lr|alpha|eta|learning_?rate|learningrate|learn_rate|step_?size|rate|α|η)(?:_?(?:0|t|w|b))?|l_?rate|lrate",
    re.IGNORECASE,
)
"""A factor that only scales the step."""

_VALUE = r"(?:J|L|E|C|loss|cost|mse|sse|bce|nll|objective|obj|error|err|损失|代价)"
LOSS = re.compile(
    rf"{_VALUE}(?:_?(?:value|val|fn|func|function|t|i|theta|w|\d+|total|sum|mean|mse|train|epoch|history|hist|log))*"
    r"|(?:total|train|training|running|epoch|data|batch|current|avg|mean|squared|cross_entropy|mse|bce|ce|hinge|l2|my)_?"
    r"(?:loss|cost|error|err)(?:es|s)?|.*(?:_loss|_cost)|cross_?entropy(?:_loss)?|mean_squared_error"
    r"|(?:compute|calc|calculate|get|eval|evaluate)_?(?:the_)?(?:loss|cost|error|mse|J|objective).*|cost_?function|loss_?function"
    r"|losses|costs|errors|negative_log_likelihood|log_loss|computecost|costfunction|lossfunction",
    re.IGNORECASE,
)
"""A value, a list of values or a function that is called the loss."""

ELSEWHERE = re.compile(
    r"(?:^|_)(?:val|valid|validation|test|dev|eval|holdout|best|prev|previous|old|last|min|max)(?:_|$)"
)
"""Parts of a name that tell of another loss than the one that is minimised here."""

_WORDS = r"(?:gradients?|grads?|梯度|nabla|∇)"
GRADIENT = re.compile(
    rf"{_WORDS}|.*_{_WORDS}|{_WORDS}_.*|{_WORDS}\d*|\w{{0,3}}grad\w{{0,3}}"
    r"|d_?[A-Za-z]{1,2}_?\d*|d_?(?:theta|weights?|bias(?:es)?|beta|params?)_?\d*|∂\w+"
    r"|d_?(?:[JLECjl]|loss|cost|error|mse)_?(?:_?d_?)\w+",
)
"""A value that is called a gradient; `PARTIAL` says by what."""

NOT_GRADIENTS = {"dt", "dx_dt", "do", "df", "ds", "dy", "dir", "db_path", "dim", "data", "dev", "dot", "d"}
"""Names of the same form that mean something else."""

_PARTIALS = (
    re.compile(r"d_?(?:[JLECjl]|loss|cost|error|mse)_?_?d_?(?P<by>\w+)"),
    re.compile(rf"(?:{_WORDS})_(?:wrt_|of_|loss_|J_|L_)?(?P<by>\w+)"),
    re.compile(rf"(?P<by>\w+?)_(?:{_WORDS})"),
    re.compile(r"d_?(?P<by>[A-Za-z]\w*)"),
    re.compile(r"∂\w*?∂?(?P<by>\w+)"),
)

OPTIMISER_STATE = re.compile(r"(?:np|numpy|torch|math|linalg|scipy)?\.?.*(?:sqrt|linalg|inv|pinv|solve|lstsq|norm)$")
"""Calls that make a step of a gradient: it is scaled by its past, its size or a curvature."""

CLIPPING = re.compile(r".*(?:clip|clamp|norm|normalize)\w*$")

TIME_STEP = re.compile(r"dt|delta_?t|time_?step|Δt", re.IGNORECASE)
"""A step in time: what is multiplied by it moves as it does in physics."""

NUMERIC = re.compile(r".*(?:numeric|approx|finite|diff|estimate|stochastic_grad).*", re.IGNORECASE)
"""Functions that measure a gradient instead of deriving it."""

MAKING = re.compile(r"(?:compute|calc|calculate|get|eval)?_?(?:backward|back_?prop|gradient|grad)", re.IGNORECASE)
"""How the name of a function begins that returns gradients."""

RANDOM = ("rand", "choice", "shuffle", "permutation", "sample", "dropout", "bernoulli", "integers", "normal", "uniform")
"""Parts of the names of functions that draw random numbers."""

AUTOGRAD = {"autograd", "GradientTape", "record", "value_and_grad", "vjp", "jacrev", "jacfwd", "attach_grad"}
"""Names in code whose gradients are not written by hand."""


def time_step(names: Iterable[str]) -> str:
    """The first of some names that is a step in time; empty where none is.

    >>> time_step({"v", "dt"}), time_step({"data"})
    ('dt', '')
    """
    return next((name for name in sorted(names) if TIME_STEP.fullmatch(name.rsplit(".", 1)[-1])), "")


def is_rate(name: str) -> bool:
    """Whether a factor of this name only scales the step.

    >>> is_rate("learning_rate"), is_rate("self.lr"), is_rate("lam")
    (True, True, False)
    """
    return RATE.fullmatch(name.rsplit(".", 1)[-1]) is not None


def is_loss(name: str) -> bool:
    """Whether a value or function of this name is the loss that is minimised here.

    >>> [is_loss(name) for name in ("J", "mse_loss", "compute_cost", "val_loss", "y_pred")]
    [True, True, True, False, False]
    """
    last = name.rsplit(".", 1)[-1].strip("_")
    return LOSS.fullmatch(last) is not None and not ELSEWHERE.search(last.lower())


def is_gradient(name: str) -> bool:
    """Whether a value of this name is called a gradient.

    >>> [is_gradient(name) for name in ("dW1", "grad_b", "dL_dw", "gradient", "self.dW", "delta", "data")]
    [True, True, True, True, True, False, False]
    """
    last = name.rsplit(".", 1)[-1].strip("_'\"]")
    return GRADIENT.fullmatch(last) is not None and last not in NOT_GRADIENTS


def partial_of(name: str) -> str:
    """The parameter that a gradient's name speaks of; empty where it names none.

    >>> [partial_of(name) for name in ("dW1", "grad_b", "w_grad", "dj_dw", "gradient")]
    ['W1', 'b', 'w', 'w', '']
    """
    last = name.rsplit(".", 1)[-1].strip("_'\"]")
    if not is_gradient(last):
        return ""
    for pattern in _PARTIALS:
        found = pattern.fullmatch(last)
        if found:
            return found["by"]
    return ""
