"""Each planted mistake is named, with its place; its correct twin is not called wrong."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from gradcheck.checking.diagnosis.diagnose import DETECTORS, REMEDIES, SHAPE_DETECTORS, diagnose
from gradcheck.checking.diagnosis.factors import name_factor
from gradcheck.checking.verdict import compare
from gradcheck.numeric.difference import jacobian
from gradcheck.results import Verdict

Array = NDArray[np.float64]

GENERATOR = np.random.default_rng(4)
X, Y, W = GENERATOR.normal(size=(5, 3)), GENERATOR.normal(size=5), GENERATOR.normal(size=3)
SQUARE = GENERATOR.normal(size=(3, 3))
FLOAT32 = np.float32


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max())
    return np.asarray(powers / powers.sum())


S = softmax(W)
JACOBIAN = np.diag(S) - np.outer(S, S)
MSE = jacobian(lambda w: np.mean((X @ w - Y) ** 2), [W])
GRADIENT = 2 / 5 * X.T @ (X @ W - Y)
SOFTMAX = jacobian(softmax, [W])
LINEAR = jacobian(lambda m: W @ m @ S, [SQUARE])
MATRIX_PRODUCT = jacobian(lambda m: m @ W, [SQUARE])
RELU = jacobian(lambda x: np.maximum(x, 0.0).sum(), [np.array([-1.0, 0.0, 2.0])])
BIAS = jacobian(lambda b: np.sum((X + b) ** 2), [W])
SQUARES = jacobian(lambda x: W @ np.diag(x), [W])
CUBES = 3 * GENERATOR.normal(size=(2, 3)) ** 2
CUBIC = jacobian(lambda m: np.sum(m**3), [np.sqrt(CUBES / 3)])
SIZES = {"m": 5, "n": 3}


def changed(array: Array, index: Any, factor: float) -> Array:
    result = array.copy()
    result[index] *= factor
    return result


CASES = {
    "half": (GRADIENT / 2, MSE, 0, "factor", "the gradient is 1/2 of the true one"),
    "twice": (GRADIENT * 2, MSE, 0, "factor", "the gradient is 2 times the true one"),
    "batch size": (GRADIENT * 5, MSE, 0, "factor", "the gradient is 5 times the true one (m = 5)"),
    "mean twice": (GRADIENT / 5, MSE, 0, "factor", "the gradient is 1/5 of the true one (m = 5)"),
    "entries": (GRADIENT / 3, MSE, 0, "factor", "the gradient is 1/3 of the true one (n = 3)"),
    "half the batch size": (GRADIENT * 2.5, MSE, 0, "factor", "the gradient is 5/2 times the true one (m = 5)"),
    "odd factor": (GRADIENT * 1.2345, MSE, 0, "factor", "the gradient is 1.2345 times the true one"),
    "negative half": (GRADIENT / -2, MSE, 0, "factor", "the gradient is -1/2 of the true one"),
    "sign": (-GRADIENT, MSE, 0, "sign", "wrong sign"),
    "zero": (0 * GRADIENT, MSE, 0, "zero", "zero everywhere"),
    "nan": (changed(GRADIENT, 1, np.nan), MSE, 0, "not_finite", "nan at [1]"),
    "float32": (GRADIENT.astype(FLOAT32).astype(float), MSE, 0, "precision", "float32"),
    "single entry": (changed(GRADIENT, 2, 3), MSE, 0, "single_entry", "[2] is wrong, 3 times the true one"),
    "single sign": (changed(JACOBIAN, (1, 2), -1), SOFTMAX, 1, "single_entry", "[1, 2] is wrong, with the wrong sign"),
    "diagonal": (np.diag(np.diag(JACOBIAN)), SOFTMAX, 1, "missing_coupling", "diagonal only"),
    "coupling added": (
        np.diag(S) + np.outer(S, S),
        SOFTMAX,
        1,
        "wrong_coupling",
        "couple different entries are wrong, with the wrong sign",
    ),
    "coupling twice": (
        np.diag(S) - 2 * np.outer(S, S),
        SOFTMAX,
        1,
        "wrong_coupling",
        "couple different entries are wrong, 2 times the true one",
    ),
    "exchanged": (GRADIENT[[0, 2, 1]], MSE, 0, "permuted", "those at [1] and [2] are exchanged"),
    "shifted": (np.roll(GRADIENT, 1), MSE, 0, "permuted", "they are shifted by 1"),
    "columns exchanged": (JACOBIAN[:, [1, 0, 2]], SOFTMAX, 1, "permuted", "those at [0] and [1] are exchanged"),
    "rows exchanged": (
        np.roll(W, 1)[:, None] * np.eye(3)[[2, 0, 1]],
        SQUARES,
        1,
        "permuted",
        "stand at other entries of the output: they are shifted by 1",
    ),
    "column order": (
        CUBES.T.reshape(2, 3),
        CUBIC,
        0,
        "permuted",
        "they are in column order",
    ),
    "row": (changed(JACOBIAN, 1, 2), SOFTMAX, 1, "row", "output entry [1] are wrong, 2 times"),
    "column": (
        changed(JACOBIAN, np.s_[:, 2], -1),
        SOFTMAX,
        1,
        "column",
        "input entry [2] are wrong, with the wrong sign",
    ),
    "block": (changed(JACOBIAN, np.s_[1:, 1:], 2), SOFTMAX, 1, "block", "[1:3, 1:3] is wrong"),
    "transposed gradient": (np.outer(S, W), LINEAR, 0, "transposed", "transposed"),
    "transposed Jacobian": (
        np.einsum("ik,j->ijk", np.eye(3), W),
        MATRIX_PRODUCT,
        1,
        "transposed",
        "transposed",
    ),
    "kink": (np.array([0.0, 1.5, 1.0]), RELU, 0, "kink", "kink at [1] the gradient lies outside"),
    "unsummed": (2 * (X + W), BIAS, 0, "missing_sum", "got (5, 3), expected (3,)"),
    "shape": (np.ones((2, 2)), BIAS, 0, "shape", "got (2, 2), expected (3,)"),
    "other": (GRADIENT + 1, MSE, 0, "other", "in no way that has a name"),
}

TRUE = {
    "mse": (GRADIENT, MSE),
    "softmax": (JACOBIAN, SOFTMAX),
    "bilinear": (np.outer(W, S), LINEAR),
    "matrix product": (np.einsum("ij,k->ijk", np.eye(3), W), MATRIX_PRODUCT),
    "relu": (np.array([0.0, 0.0, 1.0]), RELU),
    "bias": (2 * (X + W).sum(axis=0), BIAS),
}


@pytest.mark.parametrize("name", CASES)
def test_a_planted_mistake_is_judged_wrong_and_named(name: str) -> None:
    claimed, estimate, output_ndim, kind, text = CASES[name]
    if claimed.shape == estimate.value.shape:
        assert compare(claimed, estimate).verdict is Verdict.WRONG
    diagnosis = diagnose(claimed, estimate, output_ndim, SIZES)
    assert diagnosis.kind == kind
    assert text in diagnosis.text
    assert diagnosis.remedy == REMEDIES[kind]


@pytest.mark.parametrize("name", TRUE)
def test_the_true_derivative_passes(name: str) -> None:
    assert compare(*TRUE[name]).verdict is Verdict.CORRECT


def test_a_transposed_rectangle_is_named_from_its_shape() -> None:
    matrix = GENERATOR.normal(size=(2, 3))
    estimate = jacobian(lambda m: np.sum(m**3), [matrix])
    assert diagnose((3 * matrix**2).T, estimate).kind == "transposed"
    assert diagnose((matrix**2).T, estimate).kind == "shape"


def test_one_entry_alone_needs_a_factor_with_a_name() -> None:
    estimate = jacobian(lambda x: x**2, [np.array(3.0)])
    assert diagnose(3.0, estimate).kind == "factor"
    assert diagnose(5.123, estimate).kind == "other"


def test_every_kind_has_a_case_and_a_remedy() -> None:
    kinds = {kind for kind, _ in (*DETECTORS, *SHAPE_DETECTORS)}
    assert kinds == set(REMEDIES) == {case[3] for case in CASES.values()}


@pytest.mark.parametrize(("value", "text"), [(0.2, "1/5 of"), (7.5, "15/2 times"), (0.4, "2/5 of"), (0.41, "0.41 of")])
def test_factors_are_written_as_people_do(value: float, text: str) -> None:
    assert name_factor(value, 1e-9, {"m": 5, "k": 15}).text.startswith(text)
