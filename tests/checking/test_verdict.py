"""Verdicts follow from error bars alone."""

import re

import numpy as np
import pytest

from gradcheck.checking.kinks.subgradient import kinks
from gradcheck.checking.verdict import compare, compare_exact, term_size
from gradcheck.numeric.difference import jacobian
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Verdict


def measured(value: list[float], bar: float, jump: list[float] | None = None, magnitude: float = 0.0) -> Estimate:
    jumps = None if jump is None else np.array(jump)
    bars = bar + (0 if jumps is None else np.abs(jumps) / 2)
    return Estimate(np.array(value), np.broadcast_to(bars, len(value)).astype(float), 1, jumps, magnitude)


@pytest.mark.parametrize(
    ("claimed", "verdict"),
    [
        ([1.0, 2.0], Verdict.CORRECT),
        ([1.0, 2.0 + 5e-10], Verdict.CORRECT),
        ([1.0, 2.0 + 2e-9], Verdict.WRONG),
        ([1.0, np.nan], Verdict.WRONG),
        ([-np.inf, 2.0], Verdict.WRONG),
    ],
)
def test_the_bar_decides(claimed: list[float], verdict: Verdict) -> None:
    assert compare(claimed, measured([1.0, 2.0], 1e-9)).verdict is verdict


def test_the_deciding_entry_is_the_largest_multiple_of_its_bar() -> None:
    estimate = Estimate(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1e-3, 1e-3], [1e-9, 1e-3]]), 1)
    found = compare([[1.0, 2.01], [3.0 + 1e-7, 4.0]], estimate)
    assert (found.verdict, found.index) == (Verdict.WRONG, (1, 0))
    assert found.ratio == pytest.approx(100)
    assert found.worst_error == pytest.approx(1e-7)


@pytest.mark.parametrize(
    ("estimate", "reason"),
    [
        (measured([1.0, 2.0], 0.1), "error bar of the finite difference is 1.0e-01 at index .0., 5.0% of the largest"),
        (measured([1.0, np.nan], np.inf), "no step gives a finite difference that can be trusted at index .0."),
        (measured([0.0, 0.0], 1.0, magnitude=2.0), "50.0% of the largest"),
    ],
)
def test_a_bar_too_wide_to_tell_is_inconclusive(estimate: Estimate, reason: str) -> None:
    found = compare(np.nan_to_num(estimate.value), estimate)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert re.search(reason, found.reason)


def test_a_wide_bar_still_convicts_what_lies_outside() -> None:
    assert compare([9.0, 2.0], measured([1.0, 2.0], 0.1)).verdict is Verdict.WRONG


def test_zero_derivatives_of_a_large_function_are_correct() -> None:
    assert compare([0.0, 0.0], measured([0.0, 0.0], 1e-7, magnitude=1e9)).verdict is Verdict.CORRECT


@pytest.mark.parametrize(
    ("claimed", "verdict"),
    [
        (0.0, Verdict.CORRECT),
        (1.0, Verdict.CORRECT),
        (0.5, Verdict.CORRECT),
        (-0.1, Verdict.WRONG),
        (1.1, Verdict.WRONG),
    ],
)
def test_at_a_kink_what_lies_between_the_slopes_passes(claimed: float, verdict: Verdict) -> None:
    estimate = jacobian(lambda x: np.maximum(x, 0.0), [np.array([-1.0, 0.0, 2.0])])
    found = compare(np.diag([0.0, claimed, 1.0]), estimate)
    assert (found.verdict, found.kinks) == (verdict, ((1, 1),))
    (kink,) = kinks(np.diag([0.0, claimed, 1.0]), estimate)
    assert (kink.where, kink.verdict, kink.chosen) == ("[1, 1]", verdict, claimed)
    assert [kink.left, kink.right] == pytest.approx([0, 1])


def test_no_entries_are_inconclusive() -> None:
    empty = np.empty(0)
    assert compare(empty, Estimate(empty, empty, 1)).verdict is Verdict.INCONCLUSIVE


def test_different_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(2,\) and \(1, 2\)"):
        compare([1.0, 2.0], Estimate(np.ones((1, 2)), np.ones((1, 2)), 1))


def test_two_exact_derivatives_differ_by_rounding_only() -> None:
    assert compare_exact([1.0, 1e-17], [1.0 + 1e-14, 0.0]).verdict is Verdict.CORRECT
    assert compare_exact([1.0, 1e-11], [1.0, 0.0]).verdict is Verdict.WRONG
    assert compare_exact([1.0, np.nan], [1.0, 0.0]).verdict is Verdict.WRONG
    assert compare_exact([1.0, 1.0], [1.0, np.nan]).verdict is Verdict.INCONCLUSIVE


def test_terms_that_cancel_widen_the_exact_bar() -> None:
    x = np.array([1e6 + 0.1, 2.0])
    terms = term_size(lambda x: (x - 1e6) * 3, [x])
    assert terms[0] > 1e5
    assert terms[1] < 1e3
    assert compare_exact([0.3, 6.0], [0.3 + 1e-9, 6.0]).verdict is Verdict.WRONG
    assert compare_exact([0.3, 6.0], [0.3 + 1e-9, 6.0], terms).verdict is Verdict.CORRECT
