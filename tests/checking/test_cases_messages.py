"""What a failing check says, and what it leaves as it was."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch

from gradcheck.checking.torch_check import check_gradients
from gradcheck.errors import UsageError
from gradcheck.results import Verdict
from tests.checking.planted import Tensor, normal, planted


def one_entry_doubled(g: Tensor, x: Tensor) -> Tensor:
    found = g * x.cos()
    found[37, 41] *= 2
    return found


def test_28_the_message_names_the_entry() -> None:
    check = check_gradients(planted(lambda x: x.sin(), one_entry_doubled), normal(60, 60))
    (finding,) = check.findings
    assert (finding.kind, finding.place, finding.index) == ("single_entry", "x", (37, 41))
    message = str(check)
    assert "x[37, 41]" in " ".join(message.split())
    assert max(map(len, message.splitlines())) <= 100
    assert check_gradients(planted(lambda x: x.sin(), lambda g, x: g * x.cos()), normal(60, 60)).ok


class Named(NamedTuple):
    """A wrong function, its right twin, the inputs, and how the mistake is told."""

    name: str
    wrong: Callable[..., Any]
    right: Callable[..., Any]
    inputs: tuple[Tensor, ...]
    kind: str
    place: str
    says: str


def product(a: Tensor, b: Tensor) -> Tensor:
    return a @ b


A, B, X = normal(3, 3), normal(3, 3, seed=1), normal(5)

NAMED = [
    Named("detached", lambda x: x.detach() ** 2, lambda x: x**2, (X,), "none", "x", "no gradient at all (None)"),
    Named("half detached", lambda x: x * x.detach(), lambda x: x * x, (X,), "factor", "x", "1/2 of the true one"),
    Named(
        "None",
        planted(lambda x, y: x * y, lambda g, x, y: (g * y, None)),
        planted(lambda x, y: x * y, lambda g, x, y: (g * y, g * x)),
        (X, normal(5, seed=1)),
        "none",
        "y",
        "a backward that returns None",
    ),
    Named(
        "transpose",
        planted(product, lambda g, a, b: (g @ b, a.T @ g)),
        planted(product, lambda g, a, b: (g @ b.T, a.T @ g)),
        (A, B),
        "transposed",
        "a",
        "transposed",
    ),
    Named(
        "masked branch",
        lambda x: torch.where(x > 0, x.sqrt(), 0.0),
        lambda x: torch.where(x > 0, x.abs().sqrt(), 0.0),
        (torch.tensor([2.0, -1.0, 3.0], dtype=torch.float64),),
        "not_finite",
        "x",
        "0 * inf",
    ),
]


@pytest.mark.parametrize("case", NAMED, ids=lambda case: f"29 {case.name}")
def test_a_mistake_is_named(case: Named) -> None:
    check = check_gradients(case.wrong, *case.inputs)
    finding = check.findings[0]
    assert (check.verdict, finding.kind, finding.place) == (Verdict.WRONG, case.kind, case.place)
    assert case.says in " ".join(str(check).split())
    assert check_gradients(case.right, *case.inputs).verdict is Verdict.CORRECT


def test_30_random_and_wrong_are_both_said() -> None:
    wrong = planted(lambda x: x.sin(), lambda g, x: g * x.cos() * (1 + torch.rand_like(x)))
    check = check_gradients(wrong, normal(10))
    assert check.verdict is Verdict.WRONG
    assert [finding.kind for finding in check.findings] == ["other", "random_backward"]
    assert {finding.place for finding in check.findings} == {"x"}
    assert "wrong" in check.findings[0].text
    assert "random" in check.findings[1].text
    assert check_gradients(planted(lambda x: x.sin(), lambda g, x: g * x.cos()), normal(10)).ok


class RaisesLater:
    """Overwrites its input, and raises on the third call."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, x: Tensor) -> Tensor:
        self.calls += 1
        out = x.clone().sin()
        x.mul_(2)
        if self.calls == 3:
            raise LookupError("no third time")
        return out


def test_31_inputs_are_unchanged_when_f_raises() -> None:
    x, fn = normal(4).requires_grad_(), RaisesLater()
    before = x.detach().clone()
    states = torch.get_rng_state()
    with pytest.raises(LookupError, match="no third time"):
        check_gradients(fn, x)
    assert fn.calls == 3
    assert torch.equal(x, before)
    assert x.grad is None
    assert torch.equal(torch.get_rng_state(), states)


def test_31_a_function_that_raises_at_once_is_the_users_to_mend() -> None:
    with pytest.raises(UsageError, match="fn raises at the point: ZeroDivisionError"):
        check_gradients(lambda x: x * (1 / 0), X)


def nested(inner: Callable[..., Any]) -> Callable[..., Any]:
    def fn(tree: Any, scale: Tensor) -> Any:
        return {"a": inner(tree["w"], tree["n"]["b"][0]), "c": [None, scale.sin()]}

    return fn


def test_32_nested_inputs_and_outputs_are_named_by_their_keys() -> None:
    def double(g: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        return g * y, 2 * g * x

    tree, scale = {"w": normal(3), "n": {"b": [normal(3, seed=1)]}}, normal(2)
    check = check_gradients(nested(planted(torch.mul, double)), tree, scale)
    (finding,) = check.findings
    assert (finding.kind, finding.place, finding.verdict) == ("factor", "tree['n']['b'][0]", Verdict.WRONG)
    assert "output['a']" in finding.text
    assert check_gradients(nested(torch.mul), tree, scale).ok


def test_33_every_generator_stays_where_it_was() -> None:
    torch.manual_seed(5)
    states = torch.get_rng_state(), str(np.random.get_state()), random.getstate()

    def draws(x: Tensor) -> Tensor:
        return x.sin() * torch.rand(()) * np.random.rand() * random.random()

    for fn in (draws, planted(lambda x: x.sin(), lambda g, x: 2 * g)):
        check_gradients(fn, normal(4))
    assert torch.equal(torch.get_rng_state(), states[0])
    assert (str(np.random.get_state()), random.getstate()) == states[1:]


def test_34_a_large_failing_check_needs_no_matrix() -> None:
    """A Jacobian of 1e5 by 1e5 would take 80 GB."""
    x = normal(100_000)
    check = check_gradients(planted(lambda x: x.softmax(0), lambda g, x: g * x.softmax(0)), x)
    assert (check.verdict, check.findings[0].place) == (Verdict.WRONG, "x")
    assert check.findings[0].kind == "missing_coupling"
    assert check_gradients(lambda x: x.softmax(0), x).ok


def test_a_module_and_its_gradients_stay_as_they_were() -> None:
    module = torch.nn.Linear(3, 2).double()
    module.bias.requires_grad_(False)
    x = normal(4, 3).requires_grad_()
    module(x).sum().backward()
    assert module.weight.grad is not None
    assert x.grad is not None
    before = module.weight.grad.clone(), x.grad.clone(), module.weight.detach().clone()
    check = check_gradients(module, x)
    assert check.ok
    assert "bias (not named in wrt)" in check.unchecked
    assert torch.equal(module.weight.grad, before[0])
    assert torch.equal(x.grad, before[1])
    assert torch.equal(module.weight, before[2])
    assert module.weight.requires_grad
    assert not module.bias.requires_grad


LAYOUTS = {
    "transposed": normal(4, 5).T,
    "strided": normal(4, 6)[:, ::2],
    "expanded": normal(4, 1).expand(4, 5),
    "no axes": torch.tensor(0.3, dtype=torch.float64),
    "complex": torch.complex(normal(4), normal(4, seed=1)),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_inputs_of_any_layout(name: str) -> None:
    x = LAYOUTS[name]
    before = x.clone()
    assert check_gradients(planted(torch.exp, lambda g, x: g * x.exp().conj()), x).verdict is Verdict.CORRECT
    (finding,) = check_gradients(planted(lambda x: x.exp(), lambda g, x: -g * x.exp().conj()), x).findings
    assert (finding.kind, finding.place, finding.verdict) == ("sign", "x", Verdict.WRONG)
    assert len(finding.index) == x.ndim
    assert torch.equal(x, before)
