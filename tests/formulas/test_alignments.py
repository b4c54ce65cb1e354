"""The tables of the CTC loss hold every alignment of a target and nothing else; what has no part in a derivative."""

from __future__ import annotations

from itertools import groupby, product
from typing import Any

import numpy as np
import pytest
import torch

from gradcheck import catalogue
from gradcheck.symbolic.points import distinct_sizes, sample_point

BLANK = 0
Alignment = tuple[int, ...]


def labels(alignment: Any) -> Alignment:
    """What an alignment stands for: neighbours merged, then blanks dropped."""
    return tuple(int(each) for each, _ in groupby(alignment) if each != BLANK)


@pytest.mark.parametrize("choice", range(3))
@pytest.mark.parametrize("name", ["ctc", "ctc_with_logits", "ctc_mean"])
def test_a_table_holds_every_alignment_of_its_target(name: str, choice: int) -> None:
    formula = catalogue.formula(name)
    point = sample_point(formula, distinct_sizes(formula.dimensions, choice), np.random.default_rng(1))
    classes = point[formula.wrt[0]].shape[-1]
    tables = point["A"].reshape(-1, *point["A"].shape[-2:])
    for table in tables:
        target = labels(table[0])
        expected = {path for path in product(range(classes), repeat=table.shape[1]) if labels(path) == target}
        assert {tuple(map(int, row)) for row in table} == expected
        assert len(table) == len(expected)


def test_autograd_by_log_probabilities_is_the_derivative_plus_the_probabilities() -> None:
    formula = catalogue.formula("ctc")
    point = sample_point(formula, distinct_sizes(formula.dimensions, 0), np.random.default_rng(2))
    X, A = map(torch.as_tensor, point.values())
    true = formula.compile("torch", "X")(X, A)
    (chosen,) = torch.autograd.grad(formula.torch(X.requires_grad_(), A), X)
    torch.testing.assert_close(chosen, true + torch.exp(X))


@pytest.mark.parametrize("name", ["ctc", "ctc_one_label"])
def test_derivations_hold(name: str) -> None:
    derivation = catalogue.formula(name).derive()
    assert derivation.ok, str(derivation)


def test_the_bias_of_the_keys_has_no_part_in_attention() -> None:
    formula = catalogue.formula("multi_head_attention_biases")
    point = sample_point(formula, distinct_sizes(formula.dimensions, 0), np.random.default_rng(3))
    np.testing.assert_allclose(formula.compile("numpy", "bk")(*point.values()), 0, atol=1e-12)
