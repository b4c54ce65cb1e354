"""From torch code to a verified derivation: a network, an attention head, a layer norm. Aim: under 1 s each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gradcheck.symbolic.derivations.traced_derivation import derive_traced
from tests.symbolic.graphs.test_usual_functions import FUNCTIONS, drawn

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

BY = {"two-layer network": "W", "attention head": "K", "layer norm": "g"}
"""The variable that each is derived by."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_trace_and_derive(benchmark: BenchmarkFixture, name: str) -> None:
    function, (example, *_) = FUNCTIONS[name]
    derivation = benchmark(lambda: derive_traced(function, drawn(example), BY[name]))
    assert derivation.ok
