"""Ill-conditioned points are said to be so (case 26), well-conditioned ones are not, and cost nothing more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn import functional

from gradcheck.checking.diagnosis import conditioning
from gradcheck.checking.evaluation.reference import rounding_response
from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import Tensor, normal, planted


def hilbert(n: int, dtype: torch.dtype = torch.float64) -> Tensor:
    i = torch.arange(n, dtype=dtype)
    return torch.reciprocal(i[:, None] + i + 1)


@pytest.mark.parametrize("n", [7, 8, 10, 12])
def test_26_the_inverse_of_a_hilbert_matrix_is_ill_conditioned(n: int) -> None:
    check = check_gradients(torch.linalg.inv, hilbert(n))
    finding = check.findings[0]
    assert (finding.kind, finding.place, len(finding.index)) == ("ill_conditioned", "input 0", 2)
    assert finding.verdict is check.verdict is not Verdict.WRONG
    assert "one unit in its last place" in finding.text


def test_26_a_wrong_gradient_there_is_still_wrong() -> None:
    def wrong(g: Tensor, x: Tensor) -> Any:
        y = torch.linalg.inv(x)
        return y.mT @ g @ y.mT  # the sign is missing

    check = check_gradients(planted(torch.linalg.inv, wrong), hilbert(7))
    assert (check.verdict, check.findings[0].kind) == (Verdict.WRONG, "sign")
    assert check_gradients(planted(torch.linalg.inv, lambda g, x: -wrong(g, x)), hilbert(7)).ok


def test_26_in_float32_a_smaller_matrix_does() -> None:
    check = check_gradients(torch.linalg.inv, hilbert(5, torch.float32))
    assert check.findings[0].kind == "ill_conditioned"
    assert check_gradients(torch.linalg.inv, hilbert(5)).findings == ()


def test_the_response_to_rounding_is_that_of_the_precision() -> None:
    """The square's gradient moves just as its input does, by one or two units in the last place of float64."""
    from gradcheck.checking.evaluation.graph import Graph
    from gradcheck.checking.evaluation.torch_function import torch_function
    from gradcheck.checking.isolation import isolated

    with isolated() as state:
        function = torch_function(torch.square, (normal(50),), {}, None, state)
        v = [torch.ones(50, dtype=torch.float64)]
        gradient = Graph.of(function).backward(v)
        (moved,) = rounding_response(function, gradient, v, torch.Generator().manual_seed(0))
    assert moved is not None
    relative = (moved / (2 * normal(50))).abs() / torch.finfo(torch.float64).eps
    assert bool(((relative >= 0.5) & (relative <= 2)).all())


ORDINARY: dict[str, Callable[[Tensor], Any]] = {
    "sin": torch.sin,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "square": torch.square,
    "cube": lambda x: x**3,
    "log": lambda x: x.abs().log(),
    "root": lambda x: x.abs().sqrt(),
    "reciprocal": torch.reciprocal,
    "softmax": lambda x: x.softmax(-1),
    "log_softmax": lambda x: x.log_softmax(-1),
    "logsumexp": lambda x: x.logsumexp(-1),
    "variance": lambda x: x.var(),
    "norm": lambda x: x.norm(),
    "product": lambda x: x.prod(),
    "cumsum": lambda x: x.cumsum(-1),
    "cumprod": lambda x: x.cumprod(-1),
    "relu": torch.relu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "mish": functional.mish,
    "erf": torch.erf,
    "layer norm": lambda x: functional.layer_norm(x, x.shape),
    "normalised": lambda x: functional.normalize(x, dim=0),
    "mean square": lambda x: (x * x).mean(),
    "arctangent": torch.atan,
    "outer product": lambda x: x[:, None] @ x[None],
    "maximum": torch.max,
    "sorted": lambda x: x.sort().values,
    "Fourier": torch.fft.fft,
    "inverse": lambda x: torch.linalg.inv(x.reshape(4, 4) / x.abs().max() + 3 * torch.eye(4).double()),
}


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e3])
@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_functions_are_not(name: str, scale: float) -> None:
    check = check_gradients(ORDINARY[name], scale * normal(16))
    assert check.verdict is Verdict.CORRECT
    assert "ill_conditioned" not in [finding.kind for finding in check.findings]


LOW: dict[str, Callable[[Tensor], Any]] = {
    "layer norm": lambda x: functional.layer_norm(x, (16,)),
    "softmax": lambda x: x.softmax(-1),
    "gelu": functional.gelu,
    "matrix product": lambda x: x.mT @ x,
    "mean square": lambda x: (x * x).mean(),
}


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
@pytest.mark.parametrize("name", LOW)
def test_low_precision_is_no_bad_condition(name: str, dtype: torch.dtype) -> None:
    for seed in range(3):
        check = check_gradients(LOW[name], normal(8, 16, seed=seed).to(dtype), seed=seed)
        assert check.verdict is not Verdict.WRONG
        assert "ill_conditioned" not in [finding.kind for finding in check.findings]


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_check_does_not_look_into_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditioning, "rounding_response_along", None)
    assert check_gradients(ORDINARY[name], normal(16)).ok
