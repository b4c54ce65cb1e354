"""Right gradients that other checkers fail: each is CORRECT, and a planted fault at the same point is WRONG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import torch

from gradcheck.checking.torch_check import check_gradients
from gradcheck.results import Verdict
from tests.checking.planted import Backward, Tensor, normal, planted, uniform


@dataclass(frozen=True)
class Case:
    """A function of one input at a point, and a wrong backward pass for it with the kind it is told as."""

    name: str
    forward: Callable[[Tensor], Any]
    x: Tensor
    wrong: Backward
    kind: str
    index: tuple[int, ...] | None = None


def point(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)


def picked(backward: Callable[[Tensor], Tensor], value: float) -> Backward:
    """The slope `value` where x is 0, the right one elsewhere."""
    return lambda g, x: g * torch.where(x == 0, value, backward(x))


def factor(slope: Callable[[Tensor], Tensor], by: float = 1.01) -> Backward:
    return lambda g, x: by * g * slope(x)


def relu_slope(x: Tensor) -> Tensor:
    return (x > 0).to(x.dtype)


KINKS = [
    Case("18 relu(0)", lambda x: x.relu(), point(0, 0, 0), picked(relu_slope, 2.0), "kink"),
    Case("18 relu(0) beside others", lambda x: x.relu(), point(1, 0, -1), picked(relu_slope, -0.5), "kink", (1,)),
    Case(
        "18 clamp at its bound",
        lambda x: x.clamp(-1, 1),
        point(-1, 1, 0.3, 2),
        lambda g, x: g * torch.where(x == 1, 1.5, (x.abs() <= 1).double()),
        "kink",
        (1,),
    ),
    Case("18 max tie", lambda x: x.max(), point(1, 1, 0.3), lambda g, x: 2 * g * (x == 1).double(), "kink"),
    Case("18 sort tie", lambda x: x.sort().values, point(1, 0.3, 1), lambda g, x: 3 * g[[1, 0, 2]], "factor"),
    Case(
        "18 hinge at 1",
        lambda x: (1 - x).clamp(min=0).sum(),
        point(0.5, 1, 2),
        lambda g, x: -g * torch.where(x == 1, 3.0, (x < 1).double()),
        "kink",
        (1,),
    ),
    Case("19 abs(0)", lambda x: x.abs(), point(0, 0), picked(torch.sign, 2.0), "kink"),
    Case("19 abs(0) beside others", lambda x: x.abs(), point(0, 1, -2), picked(torch.sign, -1.5), "kink", (0,)),
]

SCALES = [
    Case("18 relu(5e-7)", lambda x: x.relu(), point(5e-7, 1), factor(relu_slope), "factor"),
    Case("20 log(1e-7)", lambda x: x.log(), point(1e-7), factor(lambda x: 1 / x), "factor"),
    Case("20 log(1e-7) beside 1", lambda x: x.log(), point(1, 1e-7), factor(lambda x: 1 / x), "factor"),
    Case("20 sqrt(1e-8)", lambda x: x.sqrt(), point(1e-8, 2), factor(lambda x: 0.5 / x.sqrt()), "factor"),
    Case("20 1/x at 2e-6", lambda x: 1 / x, point(2e-6, 1), factor(lambda x: -(x**-2)), "factor"),
    Case("21 x*x at 1e8", lambda x: x * x, point(1e8), factor(lambda x: 2 * x), "factor"),
    Case("21 timestamps", lambda x: x * x, point(1.7e9, 1.7e9 + 60), factor(lambda x: 2 * x), "factor"),
    Case("22 sin + 1e9", lambda x: x.sin() + 1e9, normal(5), factor(torch.cos), "factor"),
    Case("23 sin(1e5 x)", lambda x: (1e5 * x).sin(), normal(5), factor(lambda x: 1e5 * (1e5 * x).cos()), "factor"),
    Case("27 softmax near 1e4", lambda x: x.softmax(-1), 1e4 + normal(10), lambda g, x: g * x.softmax(-1), ""),
    Case("27 saturated softmax", lambda x: x.softmax(-1), 1e4 * normal(10), lambda g, x: g * x.softmax(-1), ""),
    Case("27 log_softmax at -1e4", lambda x: x.log_softmax(-1), point(0, -1e4, -3), lambda g, x: 1 * g, ""),
]

LOW = [
    Case(f"24 {str(dtype)[6:]}", lambda x: x.sin(), uniform(50).to(dtype), factor(torch.cos, 2), "factor")
    for dtype in (torch.float32, torch.bfloat16, torch.float16)
] + [
    Case("24 float inside", lambda x: x.float().sin().double(), uniform(50), factor(torch.cos), "factor"),
]


@pytest.mark.parametrize("case", [*SCALES, *LOW], ids=lambda case: case.name)
def test_a_right_gradient_passes(case: Case) -> None:
    check = check_gradients(case.forward, case.x)
    assert (check.verdict, check.findings) == (Verdict.CORRECT, ())


@pytest.mark.parametrize("case", KINKS, ids=lambda case: case.name)
def test_a_valid_subgradient_passes_with_a_finding(case: Case) -> None:
    check = check_gradients(case.forward, case.x)
    (finding,) = check.findings
    assert check.verdict is Verdict.CORRECT
    assert (finding.kind, finding.place, finding.verdict) == ("kink", "x", Verdict.CORRECT)
    assert "the slopes of the two sides differ" in str(check).replace("\n  ", " ")


@pytest.mark.parametrize("case", [*KINKS, *SCALES, *LOW], ids=lambda case: case.name)
def test_its_wrong_twin_fails(case: Case) -> None:
    check = check_gradients(planted(case.forward, case.wrong), case.x)
    finding = check.findings[0]
    assert check.verdict is Verdict.WRONG
    assert finding.place == "x"
    assert not case.kind or finding.kind == case.kind
    assert case.index is None or finding.index == case.index


def test_24_mixed_precisions() -> None:
    def forward(x: Tensor, y: Tensor) -> Tensor:
        return x.sin() * y

    def wrong(g: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return g * x.cos() * y, 1.1 * (g * x.sin()).float()

    x, y = normal(5), normal(5, seed=1).float()
    assert check_gradients(forward, x, y).verdict is Verdict.CORRECT
    (finding,) = check_gradients(planted(forward, wrong), x, y).findings
    assert (finding.kind, finding.place, finding.verdict) == ("factor", "y", Verdict.WRONG)


def noisy() -> Callable[[Tensor], Tensor]:
    generator = np.random.default_rng(0)
    return lambda x: x.sin() + 1e-9 * torch.from_numpy(generator.standard_normal(x.shape))


def counting() -> Callable[[Tensor], Tensor]:
    calls: list[int] = []

    def count(x: Tensor) -> Tensor:
        calls.append(1)
        return x.sin() + 1e-9 * len(calls)

    return count


RESTLESS = {
    "25 noise of 1e-9": noisy,
    "25 global noise": lambda: lambda x: x.sin() + torch.randn_like(x),
    "25 dropout": lambda: lambda x: torch.nn.functional.dropout(x, 0.5).sin(),
    "25 counter": counting,
}


@pytest.mark.parametrize("name", RESTLESS)
def test_25_a_restless_forward_passes_and_its_wrong_twin_fails(name: str) -> None:
    x = normal(20)
    assert check_gradients(RESTLESS[name](), x).verdict is Verdict.CORRECT
    restless = RESTLESS[name]()
    wrong = planted(lambda x: x.clone(), lambda g, x: 1.01 * g)
    (finding,) = check_gradients(lambda x: wrong(restless(x)), x).findings
    assert (finding.kind, finding.place, finding.verdict) == ("factor", "x", Verdict.WRONG)


def network() -> torch.nn.Module:
    nn = torch.nn
    with torch.random.fork_rng():
        torch.manual_seed(0)
        layers = nn.Linear(4, 6), nn.BatchNorm1d(6), nn.GELU(), nn.Dropout(0.3), nn.Linear(6, 2)
        return nn.Sequential(*layers).double().train()


def test_25_batch_norm_in_train_mode_passes_and_keeps_its_statistics() -> None:
    module = network()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    assert check_gradients(module, normal(7, 4)).verdict is Verdict.CORRECT
    after = module.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert all(part.training for part in module.modules())


def test_25_a_wrong_layer_beneath_batch_norm_fails() -> None:
    class Wrong(torch.nn.Module):
        def forward(self, x: Tensor) -> Any:
            return planted(lambda x: x.sin(), lambda g, x: 1.5 * g * x.cos())(x)

    check = check_gradients(torch.nn.Sequential(Wrong(), network()), normal(7, 4))
    assert check.verdict is Verdict.WRONG
    assert (check.findings[0].kind, check.findings[0].place) == ("factor", "input")


def test_an_entry_that_is_zero_is_seen() -> None:
    wrong = planted(lambda x: x.sin(), lambda g, x: g * x.cos() * torch.where(x == 0, 2.0, 1.0))
    (finding,) = check_gradients(wrong, point(1, 0, 2)).findings
    assert (finding.kind, finding.place, finding.index) == ("single_entry", "x", (1,))
    assert check_gradients(torch.sin, point(1, 0, 2)).ok
