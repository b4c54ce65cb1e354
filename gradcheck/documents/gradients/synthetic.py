"""Values made up for the variables of a listing, by their names: consistent shapes, small and distinct sizes.

A layout says how samples, features and outputs lie in arrays. Several are tried; the ones in which the code runs, and
in which gradient and parameter have one shape, are those that it can have been written for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

SAMPLES, FEATURES, HIDDEN, OUTPUTS = 5, 3, 4, 2
"""Distinct, so that no transposition goes unseen."""

Shape = tuple[int, ...]

_FEATURES = (
    r"x|xs|x_?b|x_?i|x_?t|x_?batch|batch_?x|xb|x_?train(?:ing)?|inputs?|features?|data|samples?|x_?data|a0|x_?aug"
    r"|x_?norm|phi"
)
_TARGETS = (
    r"y|ys|y_?i|y_?t|y_?batch|batch_?y|yb|y_?train(?:ing)?|y_?true|y_?data|targets?|labels?|t|ts|true|truth|expected|actual"
    r"|y_?label|d|outputs?_true"
)
_WEIGHTS = (
    r"w|weights?|theta|thetas|beta|betas|params?|parameters|coef|coefs|coefficients|k|m|slope|a|theta_?1|w_?0|wt|wgt"
)
_BIASES = r"b|bias|biases|b_?0|c|intercept|theta_?0"

_WIDTH = r"(?:size|dim|features|nodes|units|neurons|layer_?size)"

ROLES: tuple[tuple[str, str], ...] = (
    ("rate", r"(?:.*_)?(?:lr|alpha|eta|rate|learningrate|step_?size|α|η)|gamma"),
    (
        "decay",
        r"lam|lmbd|lamb|lambda_?|lambd|lmbda|reg|reg_?strength|_?lambda|l2|l2_?reg|weight_?decay|reg_?lambda|.*regular.*|C|λ",
    ),
    (
        "count",
        r"(?:n_?|num_?|max_?)?(?:iters?|iterations?|epochs?|steps)|n_?iter\w*|num_?iter\w*|n_?epochs?|max_?iter\w*",
    ),
    ("batch", r"batch_?size|minibatch_?size|mini_?batch_?size"),
    ("small", r"eps(?:ilon)?|ε|tol(?:erance)?|threshold|delta_?t|h_?step"),
    ("momentum", r"beta_?[12]|momentum|mu|rho|β\d?"),
    ("samples", r"n_?samples|num_?samples|m_?samples|n_?train|N"),
    (
        "width_in",
        rf"n_?x|n_?in|n_?inputs|n_?features|num_?(?:inputs|features)|d_?in|dim|(?:input|in|features?)_?{_WIDTH}",
    ),
    ("width_hidden", rf"n_?h|n_?hidden|num_?hiddens?|d_?hidden|h_?dim|hidden_?{_WIDTH}"),
    (
        "width_out",
        rf"n_?y|n_?out|d_?out|n_?outputs|n_?classes|num_?(?:classes|outputs)|(?:output|out|classes)_?{_WIDTH}",
    ),
    ("seed", r"(?:random_?)?(?:seed|state)"),
    ("switch", r"verbose|debug|shuffle|print_?\w*|plot\w*|return_\w+"),
    ("X", _FEATURES),
    ("Y", _TARGETS),
    ("W1", r"(?:w|weights?|theta|wh)_?(?:1|ih|xh|input_hidden|hidden|h)"),
    ("b1", r"(?:b|bias|biases|bh)_?(?:1|ih|h|hidden)"),
    ("W2", r"(?:w|weights?|theta|wo)_?(?:2|ho|hy|hidden_output|out|output|o)"),
    ("b2", r"(?:b|bias|biases|bo)_?(?:2|ho|o|out|output)"),
    ("W", _WEIGHTS),
    ("b", _BIASES),
)
"""What a name stands for; the first that fits. Patterns hold for the whole name, in any case."""

NUMBERS: Mapping[str, Any] = {
    "rate": 0.1,
    "decay": 0.3,
    "count": 2,
    "batch": 3,
    "small": 1e-8,
    "momentum": 0.9,
    "samples": SAMPLES,
    "width_in": FEATURES,
    "width_hidden": HIDDEN,
    "width_out": OUTPUTS,
    "seed": 0,
    "switch": False,
}

M, N, H, K = SAMPLES, FEATURES, HIDDEN, OUTPUTS

LAYOUTS: tuple[Mapping[str, Shape], ...] = (
    {"X": (M, N), "Y": (M,), "W": (N,), "b": ()},
    {"X": (M, N), "Y": (M, 1), "W": (N, 1), "b": ()},
    {"X": (M, N), "Y": (M, K), "W": (N, K), "b": (K,), "W1": (N, H), "b1": (H,), "W2": (H, K), "b2": (K,)},
    {"X": (M, N), "Y": (M, K), "W": (N, K), "b": (1, K), "W1": (N, H), "b1": (1, H), "W2": (H, K), "b2": (1, K)},
    {"X": (M, N), "Y": (M, 1), "W": (N, 1), "b": (1,), "W1": (N, H), "b1": (1, H), "W2": (H, 1), "b2": (1, 1)},
    {"X": (M, N), "Y": (M,), "W": (N, K), "b": (K,), "W1": (N, H), "b1": (H,), "W2": (H, K), "b2": (K,)},
    {"X": (M, N), "Y": (M,), "W": (N, K), "b": (1, K), "W1": (N, H), "b1": (1, H), "W2": (H, K), "b2": (1, K)},
    {"X": (M,), "Y": (M,), "W": (), "b": ()},
    {"X": (M, 1), "Y": (M, 1), "W": (), "b": ()},
    {"X": (N,), "Y": (), "W": (N,), "b": ()},
    {"X": (), "Y": (), "W": (), "b": ()},
    {"X": (K,), "Y": (), "W": (K,), "b": ()},
    {"X": (N, M), "Y": (1, M), "W": (N, 1), "b": (), "W1": (H, N), "b1": (H, 1), "W2": (1, H), "b2": (1, 1)},
    {"X": (N, M), "Y": (K, M), "W": (K, N), "b": (K, 1), "W1": (H, N), "b1": (H, 1), "W2": (K, H), "b2": (K, 1)},
    {"X": (M, N), "Y": (M, K), "W": (K, N), "b": (K,), "W1": (H, N), "b1": (H,), "W2": (K, H), "b2": (K,)},
    {"X": (N,), "Y": (K,), "W": (K, N), "b": (K,), "W1": (H, N), "b1": (H,), "W2": (K, H), "b2": (K,)},
    {"X": (N, 1), "Y": (K, 1), "W": (K, N), "b": (K, 1), "W1": (H, N), "b1": (H, 1), "W2": (K, H), "b2": (K, 1)},
)
"""Samples in rows or columns or one at a time, with one output or several."""

TARGETS = ("real", "binary", "one of several", "label", "sign")
"""What targets may be: real numbers, zeros and ones, one-hot rows, class numbers, or plus and minus one."""


class Targets(np.ndarray[Any, np.dtype[Any]]):
    """Targets that can only be subtracted from predictions of their own shape: anything else was not meant."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [each.view(np.ndarray) if isinstance(each, Targets) else each for each in inputs]
        shapes = {np.shape(each) for each in plain} - {()}
        if ufunc is np.subtract and len(shapes) > 1:
            raise ValueError("predictions and targets differ in shape")
        if "out" in options:
            options["out"] = tuple(
                each.view(np.ndarray) if isinstance(each, Targets) else each for each in options["out"]
            )
        return getattr(ufunc, method)(*plain, **options)


@dataclass(frozen=True)
class World:
    """One layout with one kind of targets, and the shapes chosen for variables whose names say nothing."""

    layout: Mapping[str, Shape]
    target: str
    unknown: Mapping[str, Shape]

    def values(self, names: Sequence[str], seed: int, library: str = "numpy") -> dict[str, Any]:
        """A value for each name; raises KeyError where the layout has none for it."""
        generator = np.random.default_rng(seed)
        return {name: _converted(self._value(name, generator), library) for name in names}

    def _value(self, name: str, generator: np.random.Generator) -> Any:
        role = role_of(name)
        if role in NUMBERS:
            return NUMBERS[role]
        shape = self.unknown[name] if not role else self.layout[role]
        if role == "Y":
            return _targets(self.target, shape, generator)
        value = generator.normal(size=shape)
        return value if shape else float(value)


def role_of(name: str) -> str:
    """What a variable stands for by its name; empty where that says nothing.

    >>> [role_of(name) for name in ("X_train", "learning_rate", "W1", "theta", "zebra")]
    ['X', 'rate', 'W1', 'W', '']
    """
    plain = name.strip("_")
    return next((role for role, pattern in ROLES if re.fullmatch(pattern, plain, re.IGNORECASE)), "")


def worlds(names: Sequence[str]) -> Iterator[World]:
    """The layouts to try for these names, the likeliest first."""
    roles = {role_of(name) for name in names}
    unknown = [name for name in names if not role_of(name)]
    targets = TARGETS if "Y" in roles else TARGETS[:1]
    if len(unknown) > 2:
        return
    for layout in LAYOUTS:
        if not (roles - {""} - NUMBERS.keys()) <= layout.keys():
            continue
        shapes = list(dict.fromkeys([layout["X"], layout["Y"], layout["W"], ()]))
        for chosen, target in product(product(shapes, repeat=len(unknown)), targets):
            yield World(layout, target, dict(zip(unknown, chosen, strict=True)))


def _targets(kind: str, shape: Shape, generator: np.random.Generator) -> Any:
    if kind == "binary":
        found: Any = generator.integers(0, 2, shape).astype(float)
    elif kind == "sign":
        found = generator.choice([-1.0, 1.0], shape)
    elif kind == "label":
        found = generator.integers(0, OUTPUTS, shape)
    elif kind == "one of several":
        found = _one_hot(shape, generator)
    else:
        found = generator.normal(size=shape)
    if not shape:
        return found.item() if hasattr(found, "item") else found
    return found if kind == "label" else found.view(Targets)


def _one_hot(shape: Shape, generator: np.random.Generator) -> Any:
    if K not in shape:
        return generator.integers(0, 2, shape).astype(float)
    classes = np.eye(K)[generator.integers(0, K, [size for size in shape if size != K] or None)]
    return classes.reshape(shape) if shape[-1] == K else classes.T.reshape(shape)


def _converted(value: Any, library: str) -> Any:
    if library != "torch" or not isinstance(value, np.ndarray | float):
        return value
    import torch

    return torch.tensor(np.asarray(value))
