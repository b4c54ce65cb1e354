"""Judges whether one optimiser improves on another, on one stated problem: how many steps each of them needs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.expressions import show
from gradcheck.articles.update_rules import constants_of, follow, options_of, rounding_bar, torch_path
from gradcheck.results import Diagnosis, Evidence, Figure, Series


def needs_fewer_steps(data: Data) -> Judgement:
    """Judges whether every method after the first of `methods` needs fewer steps than the first.

    The problem is the quadratic with the `curvatures` along its axes, from `start`; a method is done at the step from
    which on its loss stays at or below `tolerance` times the first loss, up to `horizon` steps. Each method has a
    `name`, a `rule`, its `constants`, and the `optimizer` of torch with `options` that must walk the same path.
    """
    curvatures, start = read.array(data, "curvatures"), read.array(data, "start")
    tolerance, horizon = read.number(data, "tolerance"), read.integer(data, "horizon")

    def gradient(theta: NDArray[Any], _: int) -> NDArray[Any]:
        return np.asarray(curvatures * theta)

    needed: dict[str, int | None] = {}
    evidence, curves = [], []
    for method in read.mappings(data, "methods"):
        name, (ours, theirs) = read.text(method, "name"), _losses(method, curvatures, start, gradient, horizon)
        needed[name] = _settled(ours, tolerance)
        evidence.append(Evidence("rule", f"{name}: {_steps(needed[name], horizon)}"))
        evidence.append(Evidence("torch.optim", f"{name}: {_steps(_settled(theirs, tolerance), horizon)}"))
        curves.append(Series(name, tuple(map(float, range(0, horizon + 1, 4))), tuple(ours[::4].tolist())))
    plain, *others = needed.values()
    improved = all(steps is not None and (plain is None or steps < plain) for steps in others)
    counts = ", ".join(f"{name}: {_steps(steps, horizon)}" for name, steps in needed.items())
    where = f"on a quadratic with curvatures {show(curvatures)}"
    return Judgement(
        status="confirmed" if improved else "refuted",
        actual=f"{where}, {show(tolerance)} of the first loss is left after: {counts}",
        rule="each of the others needs fewer steps than plain descent on this one problem; that is no general theorem",
        diagnosis=None if improved else Diagnosis("no improvement", f"{where}: {counts}"),
        evidence=tuple(evidence),
        suggestion="name the problem and the rates: on another problem plain descent may win",
        figures=(Figure("Steps on an ill-conditioned quadratic", "step", "loss", tuple(curves), log_y=True),),
    )


def _losses(method: Data, curvatures: Array, start: Array, gradient: Any, horizon: int) -> tuple[Array, Array]:
    """The losses along the rule's path and torch's, the start included; raises `ArithmeticError` where they part."""
    rule, constants = read.pairs(method, "rule"), constants_of(method)
    path = follow(rule, constants, start, gradient, horizon)
    other = torch_path(read.text(method, "optimizer"), options_of(method), start, gradient, horizon)
    bar = rounding_bar(path, rule, constants, start, gradient)
    if np.any(np.abs(path - other).max(axis=1) > bar):
        raise ArithmeticError(f"the rule of {read.text(method, 'name')} leaves torch.optim.{method['optimizer']}")
    ours, theirs = ((curvatures * np.vstack([start, way]) ** 2).sum(axis=1) / 2 for way in (path, other))
    return ours, theirs


def _steps(needed: int | None, horizon: int) -> str:
    return f"more than {horizon} steps" if needed is None else f"{needed} steps"


def _settled(losses: Array, tolerance: float) -> int | None:
    """The step from which on every loss is at or below `tolerance` times the first; None where there is none."""
    above = np.flatnonzero(losses > tolerance * losses[0])
    return int(above[-1]) + 1 if above[-1] + 1 < len(losses) else None
