"""How long a cold report takes, beside importing what it needs. Aim: within 3 times, at most 6 times."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture


@pytest.mark.benchmark(group="report")
def test_imports_alone(benchmark: BenchmarkFixture, python: Callable[..., None]) -> None:
    benchmark.pedantic(python, args=("-c", "import torch, sympy"), rounds=3, warmup_rounds=1)


@pytest.mark.benchmark(group="report")
def test_cold_report(benchmark: BenchmarkFixture, python: Callable[..., None], tmp_path: Path) -> None:
    arguments = ("-m", "gradcheck", "report", "--output", str(tmp_path))
    benchmark.pedantic(python, args=arguments, rounds=3, warmup_rounds=1)
    assert (tmp_path / "report.json").is_file()
