"""The complex step: exact where it applies, refused where it can be seen not to."""

import math

import numpy as np
import pytest

from gradcheck.numeric.complex_step import ComplexStepUnsupported, jacobian


def test_exact_to_rounding_over_random_points() -> None:
    generator = np.random.default_rng(5)
    for _ in range(100):
        a, x = generator.normal(size=(2, 3)), generator.normal(size=3) * 10 ** generator.uniform(-6, 3)
        found = jacobian(lambda x, a=a: np.sin(a @ x), [x])
        assert np.all(np.abs(found.value - np.cos(a @ x)[:, np.newaxis] * a) <= found.error_bar)
        assert np.max(found.error_bar) <= 1e-9 * np.max(np.abs(a))


def test_layout_is_output_axes_then_input_axes() -> None:
    a, x = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    assert np.array_equal(jacobian(np.matmul, [a, x], 1).value, np.einsum("ik,jl->ijkl", a, np.eye(4)))


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (np.abs, "drops the imaginary part"),
        (lambda x: x.real**2, "drops the imaginary part"),
        (math.sin, "rejects complex input: TypeError"),
        (lambda x: float(np.sum(x) ** 2), "rejects complex input: ComplexWarning"),
        (lambda x: x / 0, "not finite"),
    ],
)
def test_what_cannot_be_stepped_is_refused(f: object, reason: str) -> None:
    assert callable(f)
    with pytest.raises(ComplexStepUnsupported, match=reason):
        jacobian(f, [np.array(0.5)])


def test_no_entries_to_step() -> None:
    with pytest.raises(ComplexStepUnsupported, match="no input entry"):
        jacobian(np.sum, [np.empty(0)])
