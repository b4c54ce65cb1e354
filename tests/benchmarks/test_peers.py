"""Our check beside torch's fast mode and the peers, and how long a check of a module takes in forward passes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from gradcheck import check_gradients
from gradcheck.results import Verdict
from tests.benchmarks import peer_asking, peers
from tests.benchmarks.peer_asking import ask, asking
from tests.benchmarks.peer_cases import Answer, Case, judged
from tests.benchmarks.peer_speed import Loss, normal
from tests.benchmarks.peer_table import CASES, NUMBERS
from tests.benchmarks.peer_tools import ALL, TOOLS

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

X, BATCH = normal(1000).requires_grad_(), normal(64, 512, seed=1)
PAGE = Path(__file__).parents[2] / peers.PUBLISHED


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


def test_every_case_has_a_row_and_every_row_a_name_of_its_own() -> None:
    assert {case.number for case in CASES} == set(range(1, NUMBERS + 1))
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_ours_answers_right(case: Case) -> None:
    assert judged(case, ask("gradcheck", case)) == "right"


SINE, SEVENFOLD = (next(case for case in CASES if case.name.startswith(name)) for name in ("33 ", "12 the same"))


@pytest.mark.parametrize("tool", TOOLS)
def test_each_tool_accepts_a_right_gradient_and_rejects_a_wrong_one(tool: str) -> None:
    assert ask(tool, SINE).says == "accepts"
    assert ask(tool, SEVENFOLD).says == "rejects"


def test_every_tool_is_installed() -> None:
    assert list(TOOLS) == list(ALL)


ENDLESS = next(i for i, case in enumerate(CASES) if case.name.startswith("5 mean square n=100000"))


def test_endless_work_is_an_answer_and_the_next_case_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with asking("torch slow") as process:
        assert process.answer(CASES.index(SINE)).says == "accepts"
        monkeypatch.setattr(peer_asking, "SECONDS", 1)
        assert process.answer(ENDLESS) == Answer("no answer", "no answer in 1 s")
        monkeypatch.undo()
        assert process.answer(CASES.index(SINE)).says == "accepts"


def test_a_crash_is_an_answer_and_the_next_case_is_asked() -> None:
    with asking("torch fast") as process:
        process.process.kill()
        assert process.answer(0) == Answer("no answer", "crashes")
        assert process.answer(CASES.index(SINE)).says == "accepts"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer("rejects"), "right"),
        (Answer("accepts"), "**accepts it**"),
        (Answer("raises", "TypeError: no"), "raises TypeError"),
        (Answer("no answer", "out of memory"), "out of memory"),
    ],
)
def test_an_answer_is_judged(answer: Answer, says: str) -> None:
    assert judged(SEVENFOLD, answer) == says


def test_measuring_one_part_keeps_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "SECTIONS", {"a": ("A", lambda: "new"), "b": ("B", lambda: "never")})
    page = f"{peers.TITLE}\n\n## A\n\nold\n\n## B\n\nkept\n"
    assert peers.measured(page, ["a"]) == page.replace("old", "new")


def test_the_published_page_shows_these_cases_and_tools() -> None:
    rows = [
        [cell.strip() for cell in row.strip("|").split("|")] for row in re.findall(r"(?m)^\|.*\|$", PAGE.read_text())
    ]
    assert ["case", *ALL] in rows
    assert [row[0] for row in rows if re.match(r"\d+ ", row[0]) and len(row) == len(ALL) + 1] == [c.name for c in CASES]
