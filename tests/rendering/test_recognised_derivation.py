"""The page of code's derivation says, in every form, what of the catalogue the code is, or nothing where it is none."""

from __future__ import annotations

import json

import pytest
import torch

from gradcheck.rendering.derivation import DERIVATION_FORMATS, QUIZZES, render_derivation
from gradcheck.symbolic.derivations.derivation import Derivation
from gradcheck.symbolic.derivations.traced_derivation import derive_traced

SAID = "This is half the mean squared error (half_mse), with t as y."


def half_error(p: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    return ((p - t) ** 2).mean() / 2


@pytest.fixture(scope="module")
def half() -> Derivation:
    return derive_traced(half_error, (torch.zeros(3).double(), torch.ones(3).double()), "p")


@pytest.fixture(scope="module")
def unknown() -> Derivation:
    return derive_traced(lambda x: x.sin() * x.exp() + x.tanh(), (torch.ones(3).double(),))


@pytest.mark.parametrize("format", DERIVATION_FORMATS)
def test_it_is_said_before_the_first_step(format: str, half: Derivation) -> None:
    page = render_derivation(half, format).replace("\\_", "_")
    assert SAID in (json.loads(page)["recognised"] if format == "json" else page)
    if format != "json":
        assert page.index(half.title) < page.index(SAID) < page.index("Constant multiple")


@pytest.mark.parametrize("format", QUIZZES)
def test_a_quiz_says_it(format: str, half: Derivation) -> None:
    assert SAID in render_derivation(half, format, quiz=True).replace("\\_", "_")


@pytest.mark.parametrize("format", DERIVATION_FORMATS)
def test_nothing_is_said_of_code_without_a_name(format: str, unknown: Derivation) -> None:
    assert "This is" not in render_derivation(unknown, format)
