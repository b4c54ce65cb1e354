"""Reruns the training demo whose printed result the article has lost."""

from __future__ import annotations

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.expressions import show
from gradcheck.articles.printed import parse_printed
from gradcheck.results import Diagnosis, Evidence, Figure, Series

CURVE_POINTS = 200
"""The most points that a curve is drawn with."""


def training_demo(data: Data) -> Judgement:
    """Reruns linear regression by batch descent and judges `printed`, the parameters said to be printed, if any.

    `samples` points `intercept + slope x + noise` are drawn with NumPy's legacy generator from `seed`, as the listing
    does, then the start; `steps` steps at `rate`. Without a printed value the claim is not checkable, and the
    reproduced one is reported.
    """
    X, y, start = _draw(data)
    rate, steps = read.number(data, "rate"), read.integer(data, "steps")
    theta, losses = start, []
    for _ in range(steps):
        residual = X @ theta - y
        losses.append(float((residual**2).mean()))
        theta = theta - rate * X.T @ residual / len(y)
    best = np.asarray(np.linalg.lstsq(X, y, rcond=None)[0], dtype=np.float64)
    closed = _closed_form(X, best, start, rate, steps)
    if np.max(np.abs(theta - closed)) > 1e-9:
        raise ArithmeticError(f"the iteration gives {show(theta)}, the closed form {show(closed)}")
    printed = data.get("printed")
    confirmed = isinstance(printed, str) and parse_printed(printed).allows(theta, float(np.finfo(float).eps))
    status = "not checkable" if printed is None else "confirmed" if confirmed else "refuted"
    rule = "the output is lost, so there is nothing to compare; the listing is rerun as it stands"
    values = ", ".join(f"{value:.4f}" for value in theta.ravel())
    return Judgement(
        status="not checkable" if printed is None else "confirmed" if confirmed else "refuted",
        actual=f"[{values}]",
        rule=rule if printed is None else "a printed decimal states half a unit in its last place",
        diagnosis=Diagnosis("printed value", f"the run ends at {show(theta)}") if status == "refuted" else None,
        evidence=(
            Evidence("iteration", f"after {steps} steps {show(theta)}, loss {show(losses[-1])}"),
            Evidence("closed form", f"the recursion's solution gives {show(closed)}"),
            Evidence("least squares", f"the minimum itself is {show(best)}: the run has not reached it"),
        ),
        suggestion=f"print the result as text: about [{values}], against the least-squares {show(best, 5)}",
        figures=(_loss_curve(losses),),
    )


def _draw(data: Data) -> tuple[Array, Array, Array]:
    """The design matrix with its column of ones, the targets, and the start: the same draws in the same order."""
    generator = np.random.RandomState(read.integer(data, "seed"))
    samples, scale = read.integer(data, "samples"), read.number(data, "scale")
    x = scale * generator.rand(samples, 1)
    y = read.number(data, "intercept") + read.number(data, "slope") * x + generator.randn(samples, 1)
    return np.hstack([np.ones((samples, 1)), x]), y, np.asarray(generator.randn(2, 1))


def _closed_form(X: Array, best: Array, start: Array, rate: float, steps: int) -> Array:
    """Where the recursion stands after `steps` steps: its distance to the minimum times (I - rate X'X/m)^steps."""
    step = np.eye(X.shape[1]) - rate * X.T @ X / len(X)
    return np.asarray(best + np.linalg.matrix_power(step, steps) @ (start - best))


def _loss_curve(losses: list[float]) -> Figure:
    return Figure("Batch gradient descent", "step", "mean squared error", (thinned("loss", losses),), log_y=True)


def thinned(label: str, values: list[float]) -> Series:
    """A curve over the steps 0, 1, ... with at most `CURVE_POINTS` points, evenly spread, both ends kept.

    >>> thinned("loss", [3.0, 2.0, 1.0]).x
    (0.0, 1.0, 2.0)
    """
    steps = np.unique(np.linspace(0, len(values) - 1, min(CURVE_POINTS, len(values))).round().astype(int))
    return Series(label, tuple(float(step) for step in steps), tuple(values[step] for step in steps))
