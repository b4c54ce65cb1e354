"""How long a derivation takes with its verification. Aim: 0.5 s in the median, 5 s at most; linear in the depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sympy as sp

from gradcheck import catalogue
from gradcheck.symbolic.derivations.derive import derive
from gradcheck.symbolic.formula import Formula
from tests.symbolic.derivations.networks import squared_error

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

CASES = [(f, wrt) for f in catalogue.formulas() if isinstance(f, Formula) for wrt in f.wrt]


def forget() -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Start without what SymPy remembers."""
    sp.core.cache.clear_cache()
    return (), {}


@pytest.mark.benchmark(group="derive and verify")
@pytest.mark.parametrize(("formula", "wrt"), CASES, ids=[f"{f.name} by {wrt}" for f, wrt in CASES])
def test_derive_and_verify(benchmark: BenchmarkFixture, formula: Formula, wrt: str) -> None:
    assert benchmark.pedantic(lambda: formula.derive(wrt), setup=forget, rounds=1).ok


@pytest.mark.benchmark(group="layers")
@pytest.mark.parametrize("layers", range(2, 7))
def test_layers(benchmark: BenchmarkFixture, layers: int) -> None:
    network = squared_error(layers)
    assert benchmark.pedantic(lambda: derive(network, "W1"), setup=forget, rounds=1).ok
