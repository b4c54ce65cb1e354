"""Our check beside torch's fast mode, and how many forward passes a check of a module takes. Aims: 2 times, 16."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from gradcheck import check_gradients
from gradcheck.results import Verdict
from tests.benchmarks.peer_cases import CASES, Case
from tests.benchmarks.peers import DOUBLE, Loss, ours

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

X = torch.randn(1000, dtype=DOUBLE, generator=torch.Generator().manual_seed(0)).requires_grad_()
BATCH = torch.randn(64, 512, dtype=DOUBLE, generator=torch.Generator().manual_seed(1))


def softmax(x: torch.Tensor) -> torch.Tensor:
    return torch.softmax(x, 0)


@pytest.mark.benchmark(group="softmax of 1000")
def test_softmax(benchmark: BenchmarkFixture) -> None:
    assert benchmark(check_gradients, softmax, X).ok


@pytest.mark.benchmark(group="softmax of 1000")
def test_softmax_by_torch(benchmark: BenchmarkFixture) -> None:
    assert benchmark(torch.autograd.gradcheck, softmax, X, fast_mode=True)


@pytest.mark.benchmark(group="2.1 million parameters")
@pytest.mark.parametrize("run", [Loss(), lambda x: check_gradients(Loss(), x)], ids=["forward", "check"])
def test_module(benchmark: BenchmarkFixture, run: Any) -> None:
    benchmark.pedantic(run, args=(BATCH,), rounds=3)


def test_one_entry_of_a_weight_is_found_and_placed() -> None:
    (finding,) = check_gradients(Loss(planted=True), BATCH).findings
    assert (finding.verdict, finding.place, finding.index) == (Verdict.WRONG, "first.weight", (37, 41))


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_ours_answers_right(case: Case) -> None:
    assert ours(case) == case.correct
