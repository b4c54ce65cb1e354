"""The error bar's claim, held against derivatives that are known: the truth lies within it, and it is narrow."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from gradcheck.errors import UsageError
from gradcheck.numeric.difference import differentiate, directional, jacobian, kink, one_sided

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Family:
    """Functions `f(x, w)` with their slope in x, sampled at random x and w; `useful` bounds the median relative bar."""

    f: Callable[[Array, float], Array]
    slope: Callable[[float, float], float]
    points: Callable[[np.random.Generator], float]
    parameters: Callable[[np.random.Generator], float]
    useful: float


def normal(size: float = 1.0) -> Callable[[np.random.Generator], float]:
    return lambda generator: size * generator.normal()


def powers(low: float, high: float) -> Callable[[np.random.Generator], float]:
    return lambda generator: 10.0 ** generator.uniform(low, high)


FAMILIES = {
    "sin(wx)": Family(lambda x, w: np.sin(w * x), lambda x, w: w * math.cos(w * x), normal(3), powers(-2, 5), 1e-7),
    "exp(wx)": Family(lambda x, w: np.exp(w * x), lambda x, w: w * math.exp(w * x), normal(3), powers(-2, 1.5), 1e-9),
    "rational": Family(
        lambda x, w: 1 / (1 + (w * x) ** 2),
        lambda x, w: -2 * w * w * x / (1 + (w * x) ** 2) ** 2,
        normal(3),
        powers(-2, 4),
        1e-7,
    ),
    "log": Family(lambda x, _: np.log(x), lambda x, _: 1 / x, powers(-12, 12), normal(), 1e-8),
    "sqrt": Family(lambda x, _: np.sqrt(x), lambda x, _: 0.5 / math.sqrt(x), powers(-12, 12), normal(), 1e-8),
    "1/x": Family(lambda x, _: 1 / x, lambda x, _: -1 / x**2, powers(-8, 8), normal(), 1e-8),
    "x*x": Family(lambda x, _: x * x, lambda x, _: 2 * x, powers(-8, 9), normal(), 1e-10),
    "sin + w": Family(lambda x, w: np.sin(x) + w, lambda x, _: math.cos(x), normal(), powers(0, 10), 1e-4),
    "cancelling": Family(lambda x, w: (np.sin(x) + w) - w, lambda x, _: math.cos(x), normal(), powers(0, 10), 1e-4),
    "relu": Family(lambda x, w: np.maximum(w * x, 0.0), lambda x, w: w * (x > 0), normal(1e-3), powers(-3, 3), 1e-10),
    "beside a kink": Family(
        lambda x, w: np.abs(x - 1 - w), lambda x, w: math.copysign(1, x - 1 - w), lambda _: 1.0, powers(-7, 0), 1e-3
    ),
    "float32 inside": Family(
        lambda x, w: np.sin(w * x.astype(np.float32).astype(np.float64)),
        lambda x, w: w * math.cos(w * x),
        normal(),
        powers(-1, 0.5),
        1e-3,
    ),
    "float32 in part": Family(
        lambda x, w: np.sin(w * x) + 0.1 * np.cos(x.astype(np.float32)),
        lambda x, w: w * math.cos(w * x) - 0.1 * math.sin(x),
        powers(-1, 1),
        powers(-1, 0.5),
        1e-3,
    ),
    "float32": Family(
        lambda x, w: np.sin(np.float32(w) * x.astype(np.float32)),
        lambda x, w: float(np.float32(w)) * math.cos(float(np.float32(w)) * x),
        normal(),
        powers(-1, 0.5),
        1e-2,
    ),
}


@pytest.mark.parametrize("name", FAMILIES)
def test_the_truth_lies_within_the_bar_and_the_bar_is_useful(name: str) -> None:
    family, generator = FAMILIES[name], np.random.default_rng(7)
    relative = []
    for _ in range(150):
        x, w = family.points(generator), family.parameters(generator)
        found = jacobian(lambda point, w=w: np.asarray(family.f(point, w)), [np.array(x)])
        truth = family.slope(x, w)
        assert abs(found.value - truth) <= found.error_bar, (name, x, w)
        relative.append(float(found.error_bar) / max(abs(truth), 1e-300))
    assert np.median(relative) < family.useful


def _fast_sine(x: Array) -> Array:
    return np.asarray(np.sin(1e5 * x))


def _relu(x: Array) -> Array:
    return np.maximum(x, 0.0)


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (np.log, 1e-7, 1e7),
        (np.sqrt, 1e-8, 5e3),
        (np.reciprocal, 2e-6, -2.5e11),
        (np.square, 1e8, 2e8),
        (_fast_sine, 0.3, 1e5 * math.cos(3e4)),
        (_relu, 5e-7, 1.0),
        (np.sin, 1.7e4, math.cos(1.7e4)),
    ],
)
def test_points_where_a_fixed_step_fails(f: Callable[[Array], Array], x: float, slope: float) -> None:
    found = jacobian(f, [np.array(x)])
    assert abs(found.value - slope) <= found.error_bar <= 2e-6 * abs(slope)


def test_a_large_constant_widens_the_bar_only_as_rounding_must() -> None:
    found = jacobian(lambda x: np.sin(x) + 1e9, [np.array(0.3)])
    assert abs(found.value - math.cos(0.3)) <= found.error_bar <= 1e-3


def test_noise_of_the_function_widens_the_bar() -> None:
    generator = np.random.default_rng(3)

    def noisy(x: Array) -> Array:
        return np.asarray(np.sin(x) + 1e-9 * generator.normal())

    for x in np.linspace(-2, 2, 50):
        found = jacobian(noisy, [x])
        assert abs(found.value - math.cos(x)) <= found.error_bar
        assert 1e-10 < found.error_bar < 1e-4


@pytest.mark.parametrize("frequency", [1e3, 1e4, 1e5])
@pytest.mark.parametrize("size", [1e-2, 1e-4])
def test_a_fast_small_wave_is_no_noise(frequency: float, size: float) -> None:
    slope = size * math.pi * frequency
    found = differentiate(lambda t: 2 + size * math.sin(math.pi * frequency * (1 + t)))
    assert abs(found.value - slope) <= found.error_bar < 1e-4 * slope


@pytest.mark.parametrize("size", [1e-2, 1e-4, 1e-6])
@pytest.mark.parametrize("seed", range(7))
def test_noise_of_the_same_size_is_no_slope(size: float, seed: int) -> None:
    generator = np.random.default_rng(seed)
    found = differentiate(lambda t: 2 + math.sin(t) + size * generator.normal())
    assert abs(found.value - 1) <= found.error_bar


def test_a_known_noise_is_never_undercut() -> None:
    assert differentiate(math.sin, noise=1e-3).error_bar > 1e-3


def test_entries_of_very_different_size_in_one_array() -> None:
    x = np.array([1.0, 1e-7, 3e4])
    found = jacobian(np.log, [x])
    assert np.all(np.abs(found.value - np.diag(1 / x)) <= found.error_bar)
    assert np.all(np.diag(found.error_bar) <= 1e-6 / x)


def test_layout_is_output_axes_then_input_axes() -> None:
    a, x = np.arange(6.0).reshape(2, 3), np.arange(12.0).reshape(3, 4)
    found = jacobian(np.matmul, [a, x], 1)
    truth = np.einsum("ik,jl->ijkl", a, np.eye(4))
    assert found.value.shape == (2, 4, 3, 4)
    assert np.all(np.abs(found.value - truth) <= found.error_bar)


def test_undefined_steps_are_left_out() -> None:
    found = differentiate(lambda t: math.sqrt(1e-3 + t))
    assert abs(found.value - 0.5 / math.sqrt(1e-3)) <= found.error_bar < 1e-5


def test_no_usable_step_gives_an_infinite_bar() -> None:
    assert differentiate(lambda t: 1.0 if t == 0 else math.nan).error_bar == math.inf


def test_what_f_raises_at_the_point_passes_through_and_inputs_stay() -> None:
    x = np.array([1.0, 2.0])
    with pytest.raises(ZeroDivisionError):
        jacobian(lambda x: x[0] / 0 if isinstance(x, list) else 1 / 0, [x])

    def spoils(x: Array) -> Array:
        x *= 2
        if x[1] > 4.1:
            raise KeyError("late")
        return x

    with pytest.raises(KeyError):
        jacobian(spoils, [x])
    assert x.tolist() == [1.0, 2.0]


def test_outputs_must_be_real_numbers_and_keep_their_shape() -> None:
    with pytest.raises(UsageError, match="complex128"):
        jacobian(lambda x: x * 1j, [np.ones(2)])
    with pytest.raises(UsageError, match="got 1, then 2"):
        differentiate(lambda t: [0.0] if t == 0 else [0.0, 1.0])


def test_integer_inputs_are_passed_on() -> None:
    x, picks = np.array([1.0, 4.0, 9.0]), np.array([2, 0])
    found = jacobian(lambda x, picks: np.sqrt(x)[picks], [x, picks])
    assert np.allclose(found.value, [[0, 0, 1 / 6], [0.5, 0, 0]], atol=1e-9)


@pytest.mark.parametrize(("f", "left", "right"), [(abs, -1.0, 1.0), (lambda t: max(t, 0.0), 0.0, 1.0)])
def test_symmetric_kinks_are_seen(f: Callable[[float], float], left: float, right: float) -> None:
    two_sided, found = differentiate(f), kink(f)
    assert found is not None
    assert abs(found.left - left) <= found.error_bar < 1e-9
    assert abs(found.right - right) <= found.error_bar
    assert two_sided.value - two_sided.error_bar <= left < right <= two_sided.value + two_sided.error_bar


@pytest.mark.parametrize("f", [math.sin, math.cos, math.exp, lambda t: t * abs(t), lambda t: abs(t) ** 3])
def test_smooth_points_are_no_kinks(f: Callable[[float], float]) -> None:
    assert kink(f) is None


def test_a_root_with_a_vertical_tangent_is_not_trusted() -> None:
    assert differentiate(lambda t: math.sqrt(abs(t))).error_bar > 1


@pytest.mark.parametrize(("side", "slope"), [(1, 2.0), (-1, -1.0)])
def test_one_sided_slopes(side: int, slope: float) -> None:
    found = one_sided(lambda t: math.sin(2 * t) if t > 0 else math.expm1(-t), side)
    assert abs(found.value - slope) <= found.error_bar < 1e-6


def test_directional_derivative_of_two_inputs() -> None:
    generator = np.random.default_rng(1)
    a, x, da, dx = (generator.normal(size=s) for s in [(2, 3), (3,), (2, 3), (3,)])
    found = directional(np.matmul, [a, x], [da, dx])
    assert np.all(np.abs(found.value - (da @ x + a @ dx)) <= found.error_bar)
    assert np.max(found.error_bar) < 1e-9


def test_cost_of_a_smooth_entry() -> None:
    assert jacobian(np.tanh, [np.array([0.3, -1.2, 0.7])]).evaluations == 31


def test_two_runs_give_the_same_bytes() -> None:
    runs = [jacobian(np.exp, [np.array([0.1, 2.0])]) for _ in range(2)]
    assert runs[0].value.tobytes() == runs[1].value.tobytes()
    assert runs[0].error_bar.tobytes() == runs[1].error_bar.tobytes()


@pytest.mark.parametrize("slopes", [(-1.0, 1.0), (0.0, 3.0), (-2.0, 5.0)])
def test_a_kink_at_the_point_is_clear_from_the_first_steps(slopes: tuple[float, float]) -> None:
    low, high = slopes
    found = differentiate(lambda t: max(low * t, high * t))
    assert found.evaluations == 11
    assert abs(found.left - low) <= found.slope_bar < 1e-8
    assert abs(found.right - high) <= found.slope_bar


@pytest.mark.parametrize("away", [1e-3, 1e-6, 1e-9])
def test_a_kink_beside_the_point_is_none(away: float) -> None:
    found = differentiate(lambda t: max(t + away, 0.0))
    assert not found.jump
    assert abs(found.value - 1) <= found.error_bar < 1e-3
