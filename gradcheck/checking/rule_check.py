"""Follow an update rule and the `torch.optim` optimiser it describes, step by step."""

from __future__ import annotations

import numpy as np

from gradcheck.results import FormulaResult, OracleResult, Verdict
from gradcheck.symbolic.printing import latex
from gradcheck.symbolic.update_rule import PARAMETER, Array, UpdateRule

STEPS = 50
SIZE = 4
SAFETY = 16
"""Multiple of the measured rounding error that two orders of the same operations may differ by."""


def check_update_rule(rule: UpdateRule, seed: int = 0) -> tuple[FormulaResult, ...]:
    """Hold the rule against torch for 50 steps on a smooth loss, from a random start.

    The error bar is measured: the rule is followed in double and in extended precision, and may differ from torch
    by a small multiple of what that changes.
    """
    generator = np.random.default_rng(seed)
    start, curvature = generator.normal(size=SIZE), generator.uniform(0.5, 5.0, SIZE)
    path = np.array(rule.follow(lambda x: _gradient(x, curvature), start, STEPS))
    error = np.abs(path - _torch_path(rule, start, curvature))
    bar = _rounding(rule, start, curvature, path)
    step, entry = np.unravel_index(np.argmax(error / bar), error.shape)
    wrong = not error[step, entry] <= bar[step, entry]
    result = OracleResult(
        Verdict.WRONG if wrong else Verdict.CORRECT,
        float(error[step, entry]),
        float(bar[step, entry]),
        f"leaves torch.optim at step {int(np.argmax((error > bar).any(1))) + 1}" if wrong else "",
    )
    return (_result(rule, result),)


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


def _result(rule: UpdateRule, result: OracleResult) -> FormulaResult:
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
        oracles={"torch.optim": result},
        source=rule.source,
    )
