"""Hypothesis strategies: numbers keep their distance from kinks or seek them, and can be read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import assume, find, given
from hypothesis import strategies as st

from gradcheck import assert_gradients
from gradcheck.errors import UsageError
from gradcheck.strategies import at_kinks, away_from, decimals, tensors

ROOT = Path(__file__).parent.parent


@given(tensors((2, 3), dtype=torch.float32))
def test_tensors_have_the_shape_and_dtype_asked_for_and_short_decimals(x: torch.Tensor) -> None:
    assert (x.shape, x.dtype, x.requires_grad) == ((2, 3), torch.float32, False)
    assert torch.equal(x, (x.double() * 100).round().div(100).float())
    assert x.abs().max() <= 3


@given(tensors(st.tuples(st.integers(0, 3), st.integers(1, 2)), dtype=torch.complex128))
def test_shapes_may_be_drawn_and_entries_complex(x: torch.Tensor) -> None:
    assert x.dtype == torch.complex128
    assert x.shape[0] <= 3
    assert x.shape[1] in (1, 2)


def test_the_imaginary_part_is_drawn_too() -> None:
    assert find(tensors((), dtype=torch.complex128), lambda x: bool(x.imag > 1)).item() == 1.01j


@given(away_from((0.0, 1.0), margin=0.25))
def test_numbers_keep_away_from_every_kink(x: float) -> None:
    assert min(abs(x), abs(x - 1.0)) >= 0.25


@given(tensors((2, 3), elements=away_from()))
def test_relu_is_smooth_away_from_its_kink(x: torch.Tensor) -> None:
    assert x.abs().min() >= 0.1
    assert_gradients(torch.relu, x)


@pytest.mark.parametrize("wanted", [0.0, 1.0, 1e-6, -1e-6, 1 - 1e-6, 0.53])
def test_numbers_at_beside_and_far_from_kinks_are_all_drawn(wanted: float) -> None:
    assert find(at_kinks((0.0, 1.0)), lambda x: x == wanted) == wanted


@given(tensors((2, 3), elements=at_kinks()))
def test_relu_is_right_at_its_kink(x: torch.Tensor) -> None:
    assume(bool((x == 0).any()))
    assert_gradients(torch.relu, x)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tensors((2,), dtype=torch.int64), "dtype: torch.int64 has no gradient"),
        (lambda: tensors((2, -1)), r"shape: \(2, -1\) has a negative size"),
        (lambda: away_from((0.0,), margin=10.0), "margin: 10.0 leaves no number between"),
        (lambda: at_kinks(()), "kinks: none given"),
    ],
)
def test_bad_arguments_say_what_is_accepted(make: object, message: str) -> None:
    assert callable(make)
    with pytest.raises(UsageError, match=message):
        make()


def test_decimals_shrink_to_the_simplest() -> None:
    assert find(decimals(places=1), lambda x: True) == 0.0


def test_without_hypothesis_the_error_says_what_to_install() -> None:
    code = "import sys; sys.modules['hypothesis'] = None; import gradcheck.strategies"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == (
        "ImportError: gradcheck.strategies needs Hypothesis; pip install 'gradcheck[testing]'"
    )
