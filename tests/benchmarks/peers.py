"""Checkers side by side on the same functions: `python -m tests.benchmarks.peers` writes the published page.

Each tool is asked the same question of the same function; what it answers is held against what is true. A peer that
is not installed has no column.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tabulate import tabulate
from torch import nn

from gradcheck import check_gradients
from gradcheck.results import Verdict
from tests.benchmarks.peer_cases import CASES, Case

PUBLISHED = Path("reports/published/benchmarks.md")
DOUBLE = torch.float64


def ours(case: Case) -> bool:
    """Whether check_gradients accepts."""
    return check_gradients(case.fn, case.point()).verdict is Verdict.CORRECT


def torch_fast(case: Case) -> bool:
    """Whether torch's gradcheck accepts in fast mode."""
    return torch.autograd.gradcheck(
        case.fn, (case.point(),), fast_mode=True, raise_exception=False, check_undefined_grad=False
    )


def torch_slow(case: Case) -> bool:
    """Whether torch's gradcheck accepts as it is called by default."""
    return torch.autograd.gradcheck(case.fn, (case.point(),), raise_exception=False, check_undefined_grad=False)


def _scalar(case: Case, x: Any) -> float:
    """The sum of the outputs: SciPy checks gradients of scalar functions only."""
    with torch.no_grad():
        return float(case.fn(torch.as_tensor(x, dtype=DOUBLE).reshape(case.x.shape)).sum())


def _gradient(case: Case, x: Any) -> Any:
    point = torch.as_tensor(x, dtype=DOUBLE).reshape(case.x.shape).clone().requires_grad_()
    out = case.fn(point).sum()
    found = torch.autograd.grad(out, point, allow_unused=True)[0] if out.requires_grad else None
    return np.zeros(point.numel()) if found is None else found.numpy().ravel()


def scipy(case: Case) -> bool:
    """Whether check_grad's error is below 1e-6 of the gradient's norm, the rule of thumb of its documentation."""
    from scipy.optimize import check_grad

    x = case.x.double().numpy().ravel()
    error = check_grad(lambda p: _scalar(case, p), lambda p: _gradient(case, p), x)
    return bool(error <= 1e-6 * (np.linalg.norm(_gradient(case, x)) + 1))


TOOLS: Mapping[str, Callable[[Case], bool]] = {
    "gradcheck": ours,
    "torch fast": torch_fast,
    "torch slow": torch_slow,
    **({"scipy": scipy} if find_spec("scipy") else {}),
}

TOO_LARGE = 100
"""Entries above which tools that take one evaluation or more for each entry are not asked."""


def answer(tool: str, case: Case) -> str:
    """What a tool says of a case: right, wrong, or why there is no answer."""
    if case.x.numel() > TOO_LARGE and tool not in ("gradcheck", "torch fast"):
        return "not asked (large)"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            accepted = TOOLS[tool](case)
        except Exception as error:
            return f"raises {type(error).__name__}"
    return "right" if accepted == case.correct else "**accepts it**" if accepted else "**rejects it**"


def matrix() -> list[list[str]]:
    """A row for each case, a column for each tool, and how many each gets right."""
    rows = [[case.name, "right" if case.correct else "wrong", *(answer(t, case) for t in TOOLS)] for case in CASES]
    totals = []
    for column in range(2, 2 + len(TOOLS)):
        answers = [row[column] for row in rows if not row[column].startswith("not asked")]
        totals.append(f"{answers.count('right')} of {len(answers)}")
    return [*rows, ["got right", "", *totals]]


def seconds(run: Callable[[], Any], rounds: int = 3) -> float:
    """The fastest of some rounds."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


class Loss(nn.Module):
    """Two linear layers with a GELU between them, 2.1 million parameters, mean-square output."""

    def __init__(self, planted: bool = False) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        first, second = nn.Linear(512, 2048).double(), nn.Linear(2048, 512).double()
        self.first, self.second = first, second
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=DOUBLE) / 30)
        self.planted = planted

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The loss; with the planted fault one entry of a weight's gradient is off by 1e-3 of their RMS."""
        weight = self.first.weight.clone()
        if self.planted and weight.requires_grad:
            weight.register_hook(_off_at_one_entry)
        out = self.second(torch.nn.functional.gelu(torch.nn.functional.linear(x, weight, self.first.bias)))
        return torch.as_tensor(out.square().mean())


def _off_at_one_entry(gradient: torch.Tensor) -> torch.Tensor:
    changed = gradient.clone()
    changed[37, 41] += 1e-3 * float(gradient.square().mean().sqrt())
    return changed


def timings() -> list[list[str]]:
    """What is measured, the aim, and what came out."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1000, dtype=DOUBLE, generator=generator, requires_grad=True)
    softmax = seconds(lambda: check_gradients(lambda x: torch.softmax(x, 0), x), 10)
    fast = seconds(lambda: torch.autograd.gradcheck(lambda x: torch.softmax(x, 0), x, fast_mode=True), 10)
    rows = [["softmax of 1000, beside torch's fast mode", "2", f"{softmax / fast:.1f}", f"{1e3 * softmax:.1f} ms"]]
    batch = torch.randn(64, 512, dtype=DOUBLE, generator=generator)
    right = Loss()
    with torch.no_grad():
        forward = seconds(lambda: right(batch), 10)
    rows.append(_in_forwards("2.1 million parameters, correct", "16", lambda: check_gradients(right, batch), forward))
    wrong = Loss(planted=True)
    rows.append(
        _in_forwards("one of its entries off by 1e-3 RMS", "250", lambda: check_gradients(wrong, batch), forward)
    )
    a, b = (torch.randn(1_000_000, dtype=DOUBLE, generator=generator) for _ in range(2))

    def mse(a: torch.Tensor) -> torch.Tensor:
        return (a - b).square().mean()

    rows.append(_in_forwards("MSE of 1e6 inputs", "20", lambda: check_gradients(mse, a), seconds(lambda: mse(a), 10)))
    return rows


def _in_forwards(name: str, aim: str, run: Callable[[], Any], forward: float) -> list[str]:
    taken = seconds(run)
    return [f"{name}, in forward passes", aim, f"{taken / forward:.0f}", f"{1e3 * taken:.0f} ms"]


def document() -> str:
    """The published page."""
    headers = ("case", "the gradient is", *TOOLS)
    opening = (
        "Measured by `python -m tests.benchmarks.peers` on a CPU with "
        f"{torch.get_num_threads()} threads, PyTorch {torch.__version__.split('+')[0]}; times vary from run to run. "
        "Extra memory was not measured."
    )
    asked = (
        "What each tool says of each case, as run, each with its own defaults but for torch's test with "
        "undefined gradients (SciPy sees the sum of the outputs). JAX, HIPS autograd and numdifftools were "
        f"not run. Above {TOO_LARGE} entries those that step every entry were not asked."
    )
    parts = (
        "# Benchmarks",
        opening,
        "## Time",
        tabulate(timings(), ("what", "aim", "measured", "time"), tablefmt="github", disable_numparse=True),
        "## Cases and tools",
        asked,
        tabulate(matrix(), headers, tablefmt="github", disable_numparse=True),
    )
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    PUBLISHED.write_text(document())
