"""Follow an update rule and the `torch.optim` optimiser it describes, step by step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from gradcheck.results import FormulaResult, OracleResult, Verdict
from gradcheck.symbolic.printing import latex
from gradcheck.symbolic.update_rule import PARAMETER, Array, UpdateRule

TORCH = "torch.optim"
STEPS = 50
SIZE = 4
SAFETY = 16
"""Multiple of the measured rounding error that two orders of the same operations may differ by."""


def check_update_rule(rule: UpdateRule, seed: int = 0) -> tuple[FormulaResult, ...]:
    """Hold the rule against torch for 50 steps on a smooth loss, from a random start.

    The error bar is measured: the rule is followed in double and in extended precision, and may differ from torch
    by a small multiple of what that changes. A rule that torch is said to leave is held against it with a default dtype
    of double too.
    """
    generator = np.random.default_rng(seed)
    start, curvature = generator.normal(size=SIZE), generator.uniform(0.5, 5.0, SIZE)
    path = np.array(rule.follow(lambda x: _gradient(x, curvature), start, STEPS))
    bar = _rounding(rule, start, curvature, path)
    results = {TORCH: _compared(path, _torch_path(rule, start, curvature), bar)}
    if rule.deviation:
        with _double():
            results[f"{TORCH}, double"] = _compared(path, _torch_path(rule, start, curvature), bar)
    return (_result(rule, results),)


def _compared(path: Array, torch_path: Array, bar: Array) -> OracleResult:
    error = np.abs(path - torch_path)
    step, entry = np.unravel_index(np.argmax(error / bar), error.shape)
    wrong = not error[step, entry] <= bar[step, entry]
    return OracleResult(
        Verdict.WRONG if wrong else Verdict.CORRECT,
        float(error[step, entry]),
        float(bar[step, entry]),
        f"leaves torch.optim at step {int(np.argmax((error > bar).any(1))) + 1}" if wrong else "",
    )


@contextmanager
def _double() -> Iterator[None]:
    """A default dtype of double."""
    import torch

    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(default)


def _gradient(x: Array, curvature: Array) -> Array:
    """The gradient of the sum of curvature x²/2 + cos x."""
    return np.asarray(curvature * x - np.sin(x))


def _torch_path(rule: UpdateRule, start: Array, curvature: Array) -> Array:
    import torch

    parameter = torch.tensor(start, requires_grad=True)
    optimizer = rule.torch_optimizer([parameter])
    path = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        (torch.tensor(curvature) * parameter**2 / 2 + torch.cos(parameter)).sum().backward()
        optimizer.step()
        path.append(parameter.detach().numpy().copy())
    return np.array(path)


def _rounding(rule: UpdateRule, start: Array, curvature: Array, path: Array) -> Array:
    """What rounding may have changed up to each step."""
    extended = rule.follow(lambda x: _gradient(x, curvature), start.astype(np.longdouble), STEPS)
    measured = np.abs(path - np.array(extended)).astype(float).max(1, keepdims=True)
    scale = np.finfo(float).eps * np.abs(np.array([start, *path])).max(1, keepdims=True)[:-1]
    return np.asarray(SAFETY * np.maximum.accumulate(measured + scale, axis=0) * np.ones_like(path))


def _result(rule: UpdateRule, results: dict[str, OracleResult]) -> FormulaResult:
    stale = rule.deviation and results[TORCH].verdict is not Verdict.WRONG
    lines = r" \\ ".join(rf"{latex(symbol)} &\leftarrow {latex(value)}" for symbol, value in rule.assignments)
    return FormulaResult(
        name=rule.name,
        title=rule.title,
        topic=rule.topic,
        wrt=latex(PARAMETER).lstrip("\\"),
        definition=rf"\begin{{aligned}}{lines}\end{{aligned}}",
        gradient="",
        sizes=({"n": SIZE},),
        points=STEPS,
        oracles=results,
        source=rule.source,
        error=f"torch.optim follows the rule, where this was said of it: {rule.deviation}" if stale else "",
        deviations={TORCH: rule.deviation} if rule.deviation else {},
    )
