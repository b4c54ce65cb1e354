"""The agreed gradient of an expression, and that oracles which disagree are not believed."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.articles.expressions import Expression, show
from gradcheck.articles.gradient import OraclesDisagree, gradient, slope_along

X = np.array([[0.5, -1.0], [2.0, 0.25], [-0.75, 1.5]])


def test_a_gradient_has_its_variables_shape() -> None:
    found = gradient("(X ** 2 * w).sum()", {"X": X, "w": np.array([1.0, 3.0])}, "X")
    np.testing.assert_allclose(found.symbolic, 2 * X * np.array([1.0, 3.0]))
    assert found.agrees(found.reverse)
    assert not found.agrees(found.symbolic.T)


def test_a_jacobian_has_output_axes_first() -> None:
    found = gradient("X @ w", {"X": X, "w": np.array([1.0, 3.0])}, "w")
    np.testing.assert_allclose(found.symbolic, X)


def test_every_oracle_is_asked() -> None:
    found = gradient("exp(x).sum()", {"x": np.array([0.5, -1.0])}, "x")
    names = [entry.oracle for entry in found.evidence]
    assert names == ["symbolic", "reverse", "forward", "finite_difference", "complex_step"]
    assert [entry.error_bar is not None for entry in found.evidence] == [False, False, False, True, False]


def test_a_kink_is_named_with_both_slopes() -> None:
    found = gradient("relu(x).sum()", {"x": np.array([-1.0, 0.0, 2.0])}, "x")
    (kink,) = found.kinks
    assert (kink.index, round(kink.left, 6), round(kink.right, 6)) == ((1,), 0.0, 1.0)
    assert found.complex_step is None


def test_a_scalar_variable() -> None:
    found = gradient("x ** 3", {"x": np.array(2.0)}, "x")
    assert (found.symbolic.shape, float(found.symbolic)) == ((), 12.0)


def test_oracles_that_disagree_raise() -> None:
    with pytest.raises(OraclesDisagree, match="symbolic"):
        gradient("x ** 3", {"x": np.array(2.0)}, "x", derived=np.array(11.0))


@pytest.mark.parametrize(
    ("text", "wrt", "message"),
    [("x * a", "x", "needs a value for a"), ("x ** 2", "b", "cannot be differentiated by 'b'")],
)
def test_missing_values_are_named(text: str, wrt: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        gradient(text, {"x": np.array(2.0)}, wrt)


def test_slope_along_a_direction() -> None:
    assert slope_along("(x ** 2).sum()", {"x": np.array([1.0, 2.0])}, "x", np.array([0.6, 0.8])) == pytest.approx(4.4)


def test_where_has_no_meaning_on_symbols() -> None:
    with pytest.raises(ValueError, match="a kink is stated with relu"):
        gradient("where(x > 0, x, 0)", {"x": np.array(2.0)}, "x")


def test_substitution_keeps_precedence() -> None:
    assert Expression("h * 2").substituted("h", "a + b") == "(a + b) * 2"


@pytest.mark.parametrize(("value", "text"), [(1 / 3, "0.333333"), (-0.0, "0"), (1e-9, "1e-09"), (float("nan"), "nan")])
def test_show(value: float, text: str) -> None:
    assert show(value) == text
