"""What cannot be traced is refused with the user's own line, what was wrong with it, and what to write instead."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from gradcheck.errors import UsageError
from gradcheck.symbolic.graphs import walk
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.graphs.tensors import GraphTensor
from gradcheck.symbolic.graphs.trace import trace

X = torch.tensor([0.3, -0.7, 1.1], dtype=torch.float64)


def by_if(x: torch.Tensor) -> torch.Tensor:
    if x.sum() > 0:
        return x
    return -x


def by_while(x: torch.Tensor) -> torch.Tensor:
    while x.sum() < 10:
        x = x * 2
    return x


def caught(x: torch.Tensor) -> torch.Tensor:
    try:
        return x * x[0].item()
    except Exception:
        return x


def changed(x: torch.Tensor) -> torch.Tensor:
    x[0] = 1.0
    return x * x


def changed_through_view(x: torch.Tensor) -> torch.Tensor:
    x.view(-1)[1:].mul_(2)
    return x * x


def added(x: torch.Tensor) -> torch.Tensor:
    x += 1
    return x * x


def hooked(x: torch.Tensor) -> torch.Tensor:
    x.register_hook(lambda gradient: gradient)
    return x * 2


CASES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "if": (by_if, "branches on the value of a tensor"),
    "while": (by_while, "branches on the value of a tensor"),
    "bool": (lambda x: x * bool(x.sum() > 0), "branches on the value of a tensor"),
    "max of Python": (lambda x: max(x[0], x[1]), "branches on the value of a tensor"),
    "sorted": (lambda x: sorted(x)[1], "branches on the value of a tensor"),
    "in": (lambda x: x if 2.0 in x else x * 2, "asks whether tensors are equal"),
    "equal": (lambda x: x if torch.equal(x, x) else x * 2, "asks whether tensors are equal"),
    "allclose": (lambda x: x if torch.allclose(x, x) else x * 2, "asks whether tensors are equal"),
    "item": (lambda x: x * x[0].item(), "`.item()` turns the value of a tensor into a Python number"),
    "item, caught": (caught, "`.item()` turns the value of a tensor into a Python number"),
    "float": (lambda x: x * float(x[0]), "`float()` turns the value"),
    "int": (lambda x: x * int(x[0]), "`int()` turns the value"),
    "format": (lambda x: x * float(f"{x[0]:.2f}"), "`format()` turns the value"),
    "numpy": (lambda x: torch.from_numpy(x.numpy() * 2), "leaves torch for NumPy or Python"),
    "function of NumPy": (np.sin, "leaves torch for NumPy or Python"),
    "tolist": (lambda x: torch.tensor(x.tolist()), "turns the value of a tensor into a Python number"),
    "mask": (lambda x: x[x > 0].sum(), "a mask selects entries"),
    "masked_select": (lambda x: x.masked_select(x > 0).sum(), "a mask selects entries"),
    "nonzero": (lambda x: x[torch.nonzero(x)].sum(), "the shape of a result depends on values"),
    "where of one": (lambda x: x[torch.where(x > 0)].sum(), "the shape of a result depends on values"),
    "unique": (lambda x: torch.unique(x).sum(), "the shape of a result depends on values"),
    "argument, written to": (changed, "changes its argument in place"),
    "argument, through a view": (changed_through_view, "changes its argument in place"),
    "argument, added to": (added, "changes its argument in place"),
    "rand": (lambda x: x * torch.rand(3), "draws random numbers"),
    "randn_like": (lambda x: x + torch.randn_like(x), "draws random numbers"),
    "bernoulli": (lambda x: torch.bernoulli(x.sigmoid()) * x, "draws random numbers"),
    "generator": (lambda x: x * torch.randn(3, generator=torch.Generator()), "draws random numbers"),
    "dropout": (lambda x: functional.dropout(x, 0.5, training=True), "draws random numbers"),
    "complex": (lambda x: torch.fft.fft(x).abs(), "computes with complex numbers"),
    "hook": (hooked, "hangs a hook on a tensor"),
    "unknown operator": (lambda x: torch.cummax(x, 0).values, "torch's operator cummax"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_refusal_names_the_line_and_what_is_wrong(name: str) -> None:
    function, problem = CASES[name]
    with pytest.raises(NotTraceable) as caught:
        trace(function, X)
    assert problem in caught.value.problem
    assert caught.value.remedy
    assert name == "function of NumPy" or caught.value.place.partition(":")[0].endswith(Path(__file__).name)


WITHOUT_PLACE: dict[str, tuple[Callable[[Any], Any], str]] = {
    "Python's random": (lambda x: x * random.random(), "draws random numbers"),
    "NumPy's random": (lambda x: x * float(np.random.rand()), "draws random numbers"),
    "nothing": (lambda _: None, "returns no tensor of floats"),
    "a number": (lambda _: 3.0, "returns no tensor of floats"),
    "a size": (lambda x: x.shape[0], "returns no tensor of floats"),
    "integers": (lambda x: x.argmax(), "returns no tensor of floats"),
    "its type": (lambda x: x * (2 if type(x) is torch.Tensor else 3), "gives other values than the function itself"),
    "its text": (lambda x: x * len(str(x)), "gives other values than the function itself"),
}


@pytest.mark.parametrize("name", WITHOUT_PLACE)
def test_a_refusal_of_the_whole_function(name: str) -> None:
    function, problem = WITHOUT_PLACE[name]
    with pytest.raises(NotTraceable) as caught:
        trace(function, X)
    assert problem in caught.value.problem


def test_complex_tensors_are_refused() -> None:
    with pytest.raises(NotTraceable, match="complex numbers"):
        trace(lambda z: z.abs(), torch.ones(3, dtype=torch.complex128))


@pytest.mark.parametrize("function", [lambda x: x @ torch.eye(5), lambda x, y: x + y])
def test_a_function_that_does_not_run_on_the_example_is_said_to(function: Callable[..., Any]) -> None:
    with pytest.raises(UsageError, match="example: the function raises"):
        trace(function, X)


def test_a_rule_that_fails_is_a_refusal_that_names_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(walk, "operators", lambda: {"sin": failing})
    with pytest.raises(NotTraceable, match="cannot be built: operator sin: ZeroDivisionError: by zero"):
        trace(torch.sin, X)


def test_an_entry_that_fails_is_a_refusal_that_names_the_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: object) -> None:
        raise KeyError("cosine")

    monkeypatch.setattr(walk, "operators", lambda: {"sin": lambda x: GraphTensor(x.shape, failing)})
    with pytest.raises(NotTraceable, match="cannot be built: operator sin: KeyError: 'cosine'"):
        trace(torch.sin, X)


def test_a_list_of_the_tensors_entries_is_no_refusal() -> None:
    assert str(trace(lambda x: sum(entry * entry for entry in x), X).formulas[0].definition) == (
        "x[0]**2 + x[1]**2 + x[2]**2"
    )


def test_what_torch_raises_on_the_way_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(NotTraceable, match="complex numbers"):
        trace(lambda x: torch.fft.irfft2(x).sum(), torch.rand(4, 3))
    assert [record for record in caplog.records if record.exc_info] == []
