"""How long a check takes beside a forward pass or torch's fast mode, and how much memory beside the parameters."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import torch
from tabulate import tabulate
from torch import nn

from gradcheck import check_gradients
from gradcheck.checking.threads import single_threaded
from tests.benchmarks.peer_asking import PEAK, extra_memory

DOUBLE = torch.float64
PARAMETERS = "2.1 million parameters"
MEMORY_THREADS = 2
"""Threads take memory of their own."""


ROUNDS = 10


def seconds(run: Callable[[], Any]) -> float:
    """The processor time of the fastest of some rounds: what else runs on the machine takes none of it."""
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


class Loss(nn.Module):
    """Two linear layers with a GELU between them, 2.1 million parameters, mean-square output."""

    def __init__(self, planted: bool = False, width: int = 512) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        self.first, self.second = nn.Linear(width, 4 * width).double(), nn.Linear(4 * width, width).double()
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(torch.randn(parameter.shape, generator=generator, dtype=DOUBLE) / 30)
        self.planted = planted

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The loss; with the planted fault one entry of a weight's gradient is off by 1e-3 of their RMS."""
        weight = self.first.weight
        if self.planted:
            weight = weight.clone()
            if weight.requires_grad:
                weight.register_hook(_off_at_one_entry)
        out = self.second(nn.functional.gelu(nn.functional.linear(x, weight, self.first.bias)))
        return torch.as_tensor(out.square().mean())


def _off_at_one_entry(gradient: torch.Tensor) -> torch.Tensor:
    changed = gradient.clone()
    changed[37, 41] += 1e-3 * float(gradient.square().mean().sqrt())
    return changed


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    """Gaussian numbers in float64."""
    return torch.randn(*shape, dtype=DOUBLE, generator=torch.Generator().manual_seed(seed))


Row = tuple[str, str, str, str]


def _softmax() -> Row:
    x = normal(1000).requires_grad_()

    def softmax(x: torch.Tensor) -> torch.Tensor:
        return torch.softmax(x, 0)

    taken = seconds(lambda: check_gradients(softmax, x))
    fast = seconds(lambda: torch.autograd.gradcheck(softmax, x, fast_mode=True))
    return "softmax of 1000, beside torch's fast mode", "2", f"{taken / fast:.1f}", f"{1e3 * taken:.1f} ms"


def _in_forwards(name: str, aim: str, fn: Callable[..., Any], x: torch.Tensor) -> Row:
    with torch.no_grad():
        forward = seconds(lambda: fn(x))
    taken = seconds(lambda: check_gradients(fn, x))
    return f"{name}, in forward passes", aim, f"{taken / forward:.0f}", f"{1e3 * taken:.0f} ms"


def _extra(planted: bool) -> float:
    """The extra memory of a check as a multiple of the parameters' bytes."""
    torch.set_num_threads(MEMORY_THREADS)
    check_gradients(Loss(planted, width=64), normal(2, 64))  # what the first check loads is not this one's
    module, x = Loss(planted), normal(64, 512)
    parameters = sum(parameter.nbytes for parameter in module.parameters())
    _, extra = extra_memory(lambda: check_gradients(module, x))
    return extra / parameters


def _memory(name: str, planted: bool) -> Row:
    """The largest of three measurements, each in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as fresh:
        found = f"{max(fresh.map(_extra, [planted] * 3)):.1f}" if PEAK.exists() else "not measured"
    return f"{name}, extra memory by the parameters'", "6", found, ""


def timings() -> list[Row]:
    """What is measured, the aim, what came out, and how long it took."""
    batch, a, b = normal(64, 512), normal(1_000_000), normal(1_000_000, seed=1)
    return [
        _softmax(),
        _in_forwards(f"{PARAMETERS}, correct", "16", Loss(), batch),
        _in_forwards(f"{PARAMETERS}, one entry off by 1e-3 RMS", "250", Loss(planted=True), batch),
        _in_forwards("MSE of 1e6 inputs", "20", lambda a: (a - b).square().mean(), a),
        _memory(f"{PARAMETERS}, correct", planted=False),
        _memory(f"{PARAMETERS}, one entry off by 1e-3 RMS", planted=True),
    ]


def section() -> str:
    """The published table."""
    with single_threaded():
        rows = timings()
    opening = (
        f"Measured on a CPU, PyTorch {torch.__version__.split('+')[0]}: times are processor time with one thread, "
        "which varies less from run to run than the clock's. Extra memory is how far a process's resident memory rises "
        f"while it checks, with {MEMORY_THREADS} threads, at most in three runs."
    )
    table = tabulate(rows, ("what", "aim", "measured", "time"), tablefmt="github", disable_numparse=True)
    return f"{opening}\n\n{table}"
