"""How long each formula takes to derive and compile, by every variable. Aim: under 0.2 s each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import sympy as sp

from gradcheck import catalogue
from gradcheck.symbolic.formula import Formula, _compiled, _jacobian

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

CASES = [(f, wrt) for f in catalogue.formulas() if isinstance(f, Formula) for wrt in f.wrt]


def forget() -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Start as a fresh process does: nothing derived before is remembered."""
    _jacobian.cache_clear()
    _compiled.cache_clear()
    sp.core.cache.clear_cache()
    return (), {}


@pytest.mark.benchmark(group="derive and compile")
@pytest.mark.parametrize(("formula", "wrt"), CASES, ids=[f"{f.name} by {wrt}" for f, wrt in CASES])
def test_derive_and_compile(benchmark: BenchmarkFixture, formula: Formula, wrt: str) -> None:
    assert callable(benchmark.pedantic(lambda: formula.compile("numpy", wrt), setup=forget, rounds=3))
