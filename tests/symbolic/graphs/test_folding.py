"""Folding: what code writes out by hand gets its name, keeps its values to 40 digits, and overflows no more."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
import sympy as sp
import torch

from gradcheck.symbolic.evaluate import evaluate, exact
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs import trace as tracing
from gradcheck.symbolic.printing import text

Function = Callable[..., torch.Tensor]
VECTOR = (torch.tensor([0.3, -1.2, 2.0], dtype=torch.float64),)
MATRIX = (torch.tensor([[0.3, -1.2, 2.0], [0.7, 0.1, -0.4]], dtype=torch.float64),)
WEIGHTED = (*MATRIX, torch.tensor([[1.0, 2.0], [0.5, -1.0], [0.1, 0.2]], dtype=torch.float64))
SQUARE = (torch.tensor([[2.0, -0.5], [0.3, 1.5]], dtype=torch.float64),)


def softmax_less_mean(x: torch.Tensor) -> torch.Tensor:
    """The softmax of a vector from which something was subtracted, and that is cooled."""
    e = torch.exp((x - x.mean()) / 2)
    return e / e.sum()


def attention(x: torch.Tensor, v: torch.Tensor) -> torch.Tensor:
    """Values weighted by the softmax of each row."""
    e = torch.exp(x)
    return (e @ v) / e.sum(1, keepdim=True)


CASES: tuple[tuple[str, Function, Sequence[torch.Tensor], str], ...] = (
    ("logistic", lambda x: 1 / (1 + torch.exp(-x)), VECTOR, "sigmoid(x[i])"),
    ("logistic", lambda x: (1 + torch.exp(x)) ** -2, VECTOR, "sigmoid(-x[i])**2"),
    ("logistic of growth", lambda x: torch.exp(x) / (1 + torch.exp(x)), VECTOR, "sigmoid(x[i])"),
    ("logistic of growth", lambda x: 3 * torch.exp(-x) / (1 + torch.exp(-x)), VECTOR, "3*sigmoid(-x[i])"),
    ("softplus", lambda x: torch.log(1 + torch.exp(x)), VECTOR, "softplus(x[i])"),
    ("softplus", lambda x: torch.log1p(torch.exp(-x)), VECTOR, "softplus(-x[i])"),
    ("log of logistic", lambda x: -torch.log(torch.sigmoid(x)), VECTOR, "softplus(-x[i])"),
    ("log of logistic", lambda x: torch.log(1 - 1 / (1 + torch.exp(-x))), VECTOR, "-softplus(x[i])"),
    ("log of logistic", lambda x: torch.log1p(-torch.sigmoid(x)), VECTOR, "-softplus(x[i])"),
    (
        "hyperbolic",
        lambda x: (torch.exp(x) - torch.exp(-x)) / (torch.exp(x) + torch.exp(-x)),
        VECTOR,
        "tanh(x[i])",
    ),
    (
        "hyperbolic",
        lambda x: (torch.exp(-2 * x) - torch.exp(2 * x)) / (torch.exp(2 * x) + torch.exp(-2 * x)),
        VECTOR,
        "-tanh(2*x[i])",
    ),
    ("hyperbolic", lambda x: torch.sinh(x) / torch.cosh(x), VECTOR, "tanh(x[i])"),
    ("hyperbolic by growth", lambda x: (torch.exp(2 * x) - 1) / (torch.exp(2 * x) + 1), VECTOR, "tanh(x[i])"),
    ("hyperbolic by growth", lambda x: (1 - torch.exp(-2 * x)) / (1 + torch.exp(-2 * x)), VECTOR, "tanh(x[i])"),
    ("hyperbolic by logistic", lambda x: 2 * torch.sigmoid(2 * x) - 1, VECTOR, "tanh(x[i])"),
    ("hyperbolic by logistic", lambda x: 3 - 6 * torch.sigmoid(x), VECTOR, "-3*tanh(x[i]/2)"),
    ("logsumexp", lambda x: torch.log(torch.exp(x).sum()), VECTOR, "logsumexp_k(x[k])"),
    ("logsumexp", lambda x: torch.log(torch.exp(x).mean()), VECTOR, "logsumexp_k(x[k]) - log(n)"),
    ("shift of logsumexp", lambda x: torch.logsumexp(x - x.mean(), 0) + x.mean(), VECTOR, "logsumexp_k(x[k])"),
    ("softmax", lambda x: torch.exp(x) / torch.exp(x).sum(), VECTOR, "softmax_i(x[i])"),
    ("softmax", softmax_less_mean, VECTOR, "softmax_i(x[i]/2)"),
    ("softmax", lambda x: torch.log(torch.exp(x) / torch.exp(x).sum()), VECTOR, "x[i] - logsumexp_k(x[k])"),
    ("softmax", lambda X: torch.exp(X) / torch.exp(X).sum(0), MATRIX, "softmax_i(X[i, j])"),
    ("log of what may be negative", torch.logdet, SQUARE, "log(det(x1))"),
    ("softmax", attention, WEIGHTED, "Σ_l (softmax_l(x[i, l])*v[l, j])"),
)
"""The identity, code, an example, and the formula."""


def formula_of(function: Function, example: Sequence[torch.Tensor]) -> Formula:
    """The function's formula; the example's sizes become symbols."""
    return tracing.trace(function, *example).formulas[0]


def value(formula: Formula, example: Sequence[torch.Tensor]) -> list[sp.Expr]:
    """Every entry at the example, to 40 digits."""
    shapes = [variable.shape for variable in formula.variables]
    sizes = {s: n for shape, x in zip(shapes, example, strict=True) for s, n in zip(shape, x.shape, strict=True)}
    known = exact(dict(zip(formula.variable_names, (x.numpy() for x in example), strict=True)))
    places = np.ndindex(*(int(size.subs(sizes)) for size in formula.output.values()))
    return [
        evaluate(formula.definition, {**sizes, **known, **dict(zip(formula.output, at, strict=True))}) for at in places
    ]


@pytest.mark.parametrize(("name", "function", "example", "expected"), CASES)
def test_code_is_folded(
    name: str, function: Function, example: Sequence[torch.Tensor], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = formula_of(function, example)
    assert text(found.definition) == expected
    monkeypatch.setattr(tracing, "folded", lambda expression: expression)
    written_out = formula_of(function, example)
    assert written_out.definition != found.definition
    for a, b in zip(value(found, example), value(written_out, example), strict=True):
        assert abs(a - b) < 1e-37


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[3])
def test_a_folded_formula_overflows_nowhere(case: tuple[str, Function, Sequence[torch.Tensor], str]) -> None:
    formula = formula_of(*case[1:3])
    far = [800 * x.sign().numpy() for x in case[2]]
    for wrt in (None, *formula.wrt):
        assert np.isfinite(formula.compile("numpy", wrt=wrt)(*far)).all()
