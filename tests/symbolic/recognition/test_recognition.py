"""Recognition: code is called by its textbook name with all that it differs in, and code that is near is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import sympy as sp
import torch
from torch.nn import functional

from gradcheck import catalogue
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.trace import trace
from gradcheck.symbolic.recognition.recognition import recognised
from gradcheck.symbolic.recognition.wording import Recognition

Function = Callable[..., torch.Tensor]
GENERATOR = torch.Generator().manual_seed(0)


def drawn(*shape: int) -> torch.Tensor:
    """Random numbers of a shape."""
    return torch.randn(*shape, dtype=torch.float64, generator=GENERATOR)


def found(
    function: Function, example: Sequence[torch.Tensor], names: Sequence[str] | None = None
) -> Recognition | None:
    """What the function is recognised as, among the formulas that are named."""
    known = None if names is None else [catalogue.formula(name) for name in names]
    return recognised(trace(function, *example).formulas[0], known)


FEW = (
    *("mse", "half_mse", "squared_error_sum", "squared_error", "mae", "huber", "ridge", "sigmoid", "relu", "sine"),
    *("softmax", "softmax_temperature", "log_softmax", "linear", "linear_batch", "cosine_similarity"),
    *("binary_cross_entropy_with_logits", "cross_entropy_index", "cross_entropy_soft"),
)
"""Formulas of all kinds, those among them that are easily taken for each other."""
PAIR, MATRIX = (drawn(3), drawn(3)), (drawn(3, 2),)

SENTENCES: tuple[tuple[Function, Sequence[torch.Tensor], str], ...] = (
    (lambda x, t: ((x - t) ** 2).mean(), PAIR, "mean squared error (mse), with x as p and t as y"),
    (lambda p, y: ((y - p) ** 2).mean() / 2, PAIR, "half the mean squared error (half_mse)"),
    (lambda p, y: 3 * ((p - y) ** 2).mean(), PAIR, "mean squared error (mse) times 3"),
    (lambda p, y: ((p - y) ** 2).sum() / 3, PAIR, "sum of squared errors (squared_error_sum) times 1/3"),
    (lambda p, y: -(p - y).abs().mean(), PAIR, "mean absolute error (mae) with the opposite sign"),
    (
        lambda p, y, weight: weight * ((p - y) ** 2).mean(),
        (*PAIR, torch.tensor(2.0, dtype=torch.float64)),
        "mean squared error (mse) times weight",
    ),
    (
        lambda A, B: ((A - B) ** 2).mean(),
        (drawn(3, 2), drawn(3, 2)),
        "mean squared error (mse) over all entries, with A as p and B as y",
    ),
    (lambda x: torch.sigmoid(x) - 0.5, PAIR[:1], "logistic sigmoid (sigmoid) minus 1/2"),
    (lambda x: torch.sin(x).sum(), PAIR[:1], "sine (sine) summed over its entries"),
    (lambda z: torch.exp(z) / torch.exp(z).sum(), PAIR[:1], "softmax (softmax)"),
    (
        lambda Z: torch.exp(Z) / torch.exp(Z).sum(1, keepdim=True),
        MATRIX,
        "softmax (softmax) of each row of Z, with Z as z",
    ),
    (lambda Z: torch.softmax(Z, 0), MATRIX, "softmax (softmax) of each column of Z, with Z as z"),
    (
        lambda z: torch.softmax(z / 2.5, 0),
        PAIR[:1],
        "softmax with temperature (softmax_temperature), with 2.5 as T",
    ),
    (
        lambda x, W, b: x @ W + b,
        (drawn(3, 2), drawn(2, 4), drawn(4)),
        "linear layer XWᵀ + b, one sample a row (linear_batch), with x as X and Wᵀ as W",
    ),
    (
        lambda X, w, y: ((X @ w - y) ** 2).sum() + 0.1 * (w**2).sum(),
        (drawn(3, 2), drawn(2), drawn(3)),
        "ridge regression ‖Xw - y‖² + λ‖w‖² (ridge), with 0.1 as λ",
    ),
    (
        lambda z, y: -(y * torch.log(torch.sigmoid(z)) + (1 - y) * torch.log(1 - torch.sigmoid(z))).mean(),
        PAIR,
        "binary cross-entropy with logits (binary_cross_entropy_with_logits)",
    ),
    (
        functional.cross_entropy,
        (drawn(3, 4), torch.tensor([0, 1, 3])),
        "cross-entropy with class indices (cross_entropy_index), with input as Z and target as c",
    ),
    (lambda p, y: functional.huber_loss(p, y, delta=1.5), PAIR, "Huber loss (huber), with 1.5 as δ"),
)


@pytest.mark.parametrize(
    ("function", "example", "expected"), SENTENCES, ids=lambda each: each[:30] if isinstance(each, str) else ""
)
def test_code_is_called_by_its_name(function: Function, example: Sequence[torch.Tensor], expected: str) -> None:
    claim = found(function, example, FEW)
    assert claim is not None
    assert claim.sentence == f"this is {expected}"


@pytest.mark.parametrize(
    ("function", "example", "expected"), SENTENCES[:4], ids=lambda each: each[:30] if isinstance(each, str) else ""
)
def test_code_is_called_by_its_name_among_all(
    function: Function, example: Sequence[torch.Tensor], expected: str
) -> None:
    claim = found(function, example)
    assert claim is not None
    assert claim.sentence == f"this is {expected}"


NEAR: tuple[tuple[str, Function, Sequence[torch.Tensor]], ...] = (
    ("relu", lambda x: torch.where(x > 8, 0.0, torch.relu(x)), PAIR[:1]),
    ("softmax", lambda z: torch.exp(z) / (torch.exp(z).sum() + 1e-9), PAIR[:1]),
    ("sigmoid", lambda x: torch.sigmoid(1.0001 * x), PAIR[:1]),
    ("mse", lambda p, y: ((p - y) ** 2 + 1e-8 * p**4).mean(), PAIR),
    ("mse", lambda p, y: ((p - y) ** 2).mean() + 1e-7 * p.sum(), PAIR),
    ("mse", lambda p, y: ((p + y) ** 2).mean(), PAIR),
    ("cosine_similarity", lambda x, y: (x @ y) / torch.sqrt((x @ x) * (y @ y) + 1e-14), PAIR),
    ("linear", lambda X: X @ X.T, MATRIX),
    ("relu", lambda x: x, PAIR[:1]),
)
"""A name, and code that is near it without being it."""


@pytest.mark.parametrize(("name", "function", "example"), NEAR, ids=[name for name, *_ in NEAR])
def test_code_that_is_near_is_not_called_so(name: str, function: Function, example: Sequence[torch.Tensor]) -> None:
    claim = found(function, example, FEW)
    assert claim is None or claim.formula.name != name


WEIGHTS = tuple(torch.softmax(drawn(3), 0) for _ in range(2))
LABELLED = (drawn(3), torch.tensor([1.0, -1.0, 1.0], dtype=torch.float64))


def divergence(q: torch.Tensor, p: torch.Tensor) -> torch.Tensor:
    return functional.kl_div(q.log(), p, reduction="sum")


EXCEPTIONAL: tuple[tuple[str, Function, Function, Sequence[torch.Tensor]], ...] = (
    ("kl_divergence", divergence, lambda q, p: divergence(q, p) + 5 * (p == 0).sum(), WEIGHTS),
    ("kl_divergence", divergence, lambda q, p: divergence(q, p) + (p == 0.25).sum(), WEIGHTS),
    ("kl_divergence", divergence, lambda q, p: torch.where(p == q, 1.0, p * (p / q).log()).sum(), WEIGHTS),
    (
        "hinge_embedding_sum",
        lambda x, y: functional.hinge_embedding_loss(x, y, margin=0.5, reduction="sum"),
        lambda x, y: torch.where(y == 1, x, torch.where(y == 1.5, x, torch.relu(0.5 - x))).sum(),
        LABELLED,
    ),
    ("relu", torch.relu, lambda x: torch.where(x == 0, 1.0, torch.relu(x)), PAIR[:1]),
    ("sigmoid", torch.sigmoid, lambda x: torch.where(x * x == 2, 1.0, torch.sigmoid(x)), PAIR[:1]),
)
"""A name, code that bears it although it singles out points or may, and code that differs at such points alone."""


@pytest.mark.parametrize(("name", "right", "wrong", "example"), EXCEPTIONAL, ids=map(str, range(len(EXCEPTIONAL))))
def test_single_points_decide_by_their_values(
    name: str, right: Function, wrong: Function, example: Sequence[torch.Tensor]
) -> None:
    claim = found(right, example, [name])
    assert claim is not None
    assert claim.formula.name == name
    assert found(wrong, example, [name]) is None


def test_a_formula_with_fewer_conditions_is_preferred() -> None:
    claim = found(torch.logdet, (torch.eye(3, dtype=torch.float64),), ["log_det_by_cholesky", "log_det"])
    assert claim is not None
    assert claim.sentence == "this is log-determinant log det X (log_det), with x1 as X"


NAMELESS: tuple[tuple[Function, Sequence[torch.Tensor]], ...] = (
    (lambda x, y: torch.where(x != y, x, 10 * x), (*MATRIX, *MATRIX)),
    (lambda x: torch.where(x == 0.25, x, 10 * x), MATRIX),
    (lambda x: torch.where(x > 0.25, x, 10 * x), MATRIX),
    (lambda x, y: torch.logical_or(x > 0, y > 0) * x, (*MATRIX, *MATRIX)),
    (torch.floor, MATRIX),
    (lambda x: 10 * x, MATRIX),
    (lambda x: 0.3 - 2 * x, PAIR[:1]),
    (lambda a, b: a + 2 * b, (*MATRIX, drawn(2))),
    (lambda x: x.sin() * x.exp() + x.tanh(), PAIR[:1]),
)
"""Code that has no name, or is known formulas' only with numbers that leave nothing of them, or but for some points."""


@pytest.mark.parametrize(("function", "example"), NAMELESS, ids=map(str, range(len(NAMELESS))))
def test_code_without_a_name_is_given_none(function: Function, example: Sequence[torch.Tensor]) -> None:
    assert found(function, example) is None


def test_code_with_an_endless_number_is_looked_up() -> None:
    assert found(lambda x: torch.where(x > 0, x.sin() * 1.5, float("nan")) + x.exp(), PAIR[:1]) is None


def test_entries_alone_need_no_words() -> None:
    claim = found(lambda Z: torch.relu(2 * Z), MATRIX)
    assert claim is not None
    assert claim.sentence == "this is rectified linear unit (relu) times 2, with Z as x"


def test_sizes_that_follow_from_others_are_found() -> None:
    known = catalogue.formula("cookbook_125")
    claim = recognised(trace(known.torch, drawn(5, 3), drawn(5, 5), drawn(3, 3)).formulas[0], [known])
    assert claim is not None
    assert claim.where == ("n = p",)


def test_a_square_matrix_is_said_where_the_code_takes_any() -> None:
    known = catalogue.formula("cookbook_79")
    traced = trace(known.torch, drawn(3, 2), drawn(3, 3)).formulas[0]
    claim = recognised(traced, [known])
    assert claim is not None
    assert claim.where == ("m = n",)


def test_a_claim_holds_at_a_point_of_its_own() -> None:
    """Factor, transpose and places put together give the function's own values."""
    x, W, b = drawn(5, 2), drawn(2, 3), drawn(3)
    claim = found(lambda x, W, b: 2 * (x @ W + b), (x, W, b), FEW)
    assert claim is not None
    own = {"x": x, "Wᵀ": W.T, "b": b}
    known = claim.formula.torch(*(own[claim.variables[name]] for name in claim.formula.variable_names))
    np.testing.assert_allclose(float(claim.factor) * known.numpy(), (2 * (x @ W + b)).numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    "name", ["softmax", "mae", "layer_norm", "attention", "cross_entropy_index", "huber", "conv1d"]
)
def test_a_formula_is_itself(name: str) -> None:
    known = catalogue.formula(name)
    claim = recognised(known, [known])
    assert claim is not None
    assert (claim.formula, claim.factor, claim.offset) == (known, sp.S.One, sp.S.Zero)


def test_what_is_recognised_comes_from_the_formulas_that_are_given() -> None:
    known: list[Formula] = [catalogue.formula("half_mse")]
    claim = recognised(catalogue.formula("mse"), known)
    assert claim is not None
    assert claim.sentence == "this is half the mean squared error (half_mse) times 2"
    assert recognised(catalogue.formula("softmax"), known) is None
