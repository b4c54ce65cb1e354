"""How long `import gradcheck` takes, beside an interpreter that imports nothing. Aim: under 50 ms between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


@pytest.mark.benchmark(group="import", min_rounds=10)
@pytest.mark.parametrize("code", ["pass", "import gradcheck"])
def test_import(benchmark: BenchmarkFixture, python: Callable[..., None], code: str) -> None:
    benchmark(python, "-c", code)
