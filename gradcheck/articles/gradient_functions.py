"""Judges a function that is said to return the gradient of any function, and a descent that is said to arrive."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.descent import Problem, descend
from gradcheck.articles.expressions import show
from gradcheck.articles.gradient import close, gradient
from gradcheck.results import Diagnosis, Evidence


def returns_gradients(data: Data) -> Judgement:
    """Judges `implementation`, a callable from a function of one number to its gradient function.

    It is asked for the gradient of each of `functions`, expressions in `x`, at each of `points`.
    """
    implementation, points = data["implementation"], read.array(data, "points")
    if not callable(implementation):
        raise ValueError(f"data['implementation'] should be callable, not {implementation!r}")
    evidence, wrong = [], []
    for text in (str(function) for function in read.items(data, "functions")):
        true = gradient(text, {"x": points}, "x", total=True)
        gradient_function = implementation(_python_function(text))
        found = np.array([float(gradient_function(float(point))) for point in points])
        evidence += [Evidence("implementation", f"for `{text}` at {show(points)}: {show(found)}"), *true.evidence]
        if not close(found, true.symbolic):
            wrong.append(
                f"for `{text}` it returns {show(found)} at x = {show(points)}, the gradient is {show(true.symbolic)}"
            )
    return Judgement(
        status="refuted" if wrong else "confirmed",
        actual="; ".join(wrong) if wrong else "it returned the gradient of every function that was tried",
        rule="for every function tried it returns the derivative of every oracle",
        diagnosis=Diagnosis("ignores its argument", f"a counterexample: {wrong[0]}") if wrong else None,
        evidence=tuple(evidence),
        suggestion="differentiate the function that is handed in, as gradcheck's own `get_gradient_function` does"
        if wrong
        else "",
    )


def _python_function(text: str) -> Callable[[Any], Any]:
    """The expression as a Python function of one argument, such as a person would write."""
    found: Callable[[Any], Any] = eval(f"lambda x: {text}")
    return found


def arrives(data: Data) -> Judgement:
    """Judges whether `steps` steps at `rate` bring `x` within `tolerance` of the start's distance to the minimum.

    `loss` is a quadratic in one variable; since each step multiplies the distance by one factor, the start does not
    matter, and the number of steps needed is known.
    """
    problem = Problem(read.text(data, "loss"), {"x": read.array(data, "start")}, "x")
    rate, steps, tolerance = read.number(data, "rate"), read.integer(data, "steps"), read.number(data, "tolerance")
    (best,) = problem.stationary_points()
    start = problem.at["x"]
    left = float(np.abs((descend(problem, start, rate, steps)[-1] - best) / (start - best)).max())
    factor = abs(1 - rate * problem.curvature)
    needed = _steps_needed(factor, tolerance)
    confirmed = left <= tolerance
    enough = "no number of steps" if needed is None else f"{needed} steps"
    return Judgement(
        status="confirmed" if confirmed else "refuted",
        actual=f"{show(left, 4)} of the start's distance is left after {steps} steps; "
        f"{enough} reach{'' if needed != 1 else 'es'} {show(tolerance)} of it",
        rule=f"the minimum counts as found when at most {show(tolerance)} of the start's distance to it is left",
        diagnosis=None if confirmed else Diagnosis("too few steps", f"each step leaves {show(factor)} of the distance"),
        evidence=(
            Evidence("iteration", f"{show(left)} after {steps} steps from {show(start)}"),
            Evidence("closed form", f"{show(factor)}^{steps} = {show(factor**steps)}, whatever the start"),
        ),
        suggestion="" if confirmed else f"take {enough}, or say that x is only nearer to the minimum",
    )


def _steps_needed(factor: float, tolerance: float) -> int | None:
    if factor >= 1:
        return None
    return 1 if factor == 0 else math.ceil(math.log(tolerance) / math.log(factor))
