"""Gradient descent on an expression, and the judges of what is said about it: falling losses, minima, stopping."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.expressions import Expression, show
from gradcheck.results import Diagnosis, Evidence


@dataclass(frozen=True)
class Problem:
    """A loss to minimise by one variable, with its exact derivatives.

    >>> problem = Problem("(c * x ** 2).sum() / 2", {"c": np.array([1.0, 10.0]), "x": np.array([1.0, 1.0])}, "x")
    >>> problem.gradient(np.array([1.0, 1.0]))
    array([ 1., 10.])
    >>> problem.curvature
    10.0
    """

    text: str
    at: Mapping[str, Array]
    wrt: str

    def loss(self, point: NDArray[Any]) -> float:
        """The loss where the variable has the value `point`."""
        return float(Expression(self.text).numpy({**self.at, self.wrt: point}))

    @cached_property
    def symbols(self) -> NDArray[np.object_]:
        """One symbol for each entry of the variable, in its shape."""
        import sympy as sp

        names = ["_".join([self.wrt, *map(str, index)]) for index in np.ndindex(self.at[self.wrt].shape)]
        found = np.array([sp.Symbol(name) for name in names], dtype=object)
        return found.reshape(self.at[self.wrt].shape)

    @cached_property
    def partials(self) -> list[Any]:
        """SymPy's partial derivatives by the entries of the variable, in order."""
        import sympy as sp

        exact = np.frompyfunc(lambda value: sp.Rational(repr(float(value))), 1, 1)
        values = {name: np.asarray(exact(value), dtype=object) for name, value in self.at.items()}
        loss = Expression(self.text).sympy({**values, self.wrt: self.symbols}).item()
        return [sp.expand(sp.diff(loss, symbol)) for symbol in self.symbols.flat]

    @cached_property
    def gradient(self) -> Callable[[NDArray[Any]], NDArray[Any]]:
        """The symbolic gradient, compiled: an array of the variable's shape to one of the same shape."""
        import sympy as sp

        compiled = sp.lambdify([list(self.symbols.flat)], self.partials, "numpy", cse=True)
        shape = self.at[self.wrt].shape
        return lambda point: np.asarray(compiled(point.ravel())).reshape(shape)

    @cached_property
    def hessian(self) -> Array:
        """The second derivatives at the start."""
        import sympy as sp

        start = dict(zip(self.symbols.flat, self.at[self.wrt].ravel().tolist(), strict=True))
        rows = [[sp.diff(partial, symbol).xreplace(start) for symbol in self.symbols.flat] for partial in self.partials]
        return np.array(rows, dtype=np.float64)

    @property
    def curvature(self) -> float:
        """The largest eigenvalue of the Hessian at the start: the L of an L-smooth quadratic."""
        return float(np.linalg.eigvalsh(self.hessian)[-1])

    @property
    def quadratic(self) -> bool:
        """Whether the gradient is linear, so that the Hessian is the same everywhere."""
        import sympy as sp

        return all(sp.Poly(partial, *self.symbols.flat).total_degree() <= 1 for partial in self.partials)

    def stationary_points(self) -> list[Array]:
        """Every point where the gradient is zero: of a quadratic, or of a polynomial in one variable.

        Raises `ValueError` for any other loss, whose stationary points SymPy cannot be trusted to list.
        """
        import sympy as sp

        if self.quadratic:
            (solution,) = sp.linsolve(self.partials, *self.symbols.flat)
            return [np.array([float(value) for value in solution]).reshape(self.symbols.shape)]
        if self.symbols.size > 1:
            raise ValueError(
                f"cannot list the stationary points of {self.text!r}: neither quadratic nor of one variable"
            )
        roots = sp.Poly(self.partials[0], *self.symbols.flat).real_roots()
        return [np.array(float(root)).reshape(self.symbols.shape) for root in roots]


def descend(problem: Problem, start: Array, rate: float, steps: int) -> list[Array]:
    """The start and the points after each of `steps` steps of gradient descent; stops where one is not finite."""
    path = [start]
    for _ in range(steps):
        path.append(path[-1] - rate * problem.gradient(path[-1]))
        if not np.all(np.isfinite(path[-1])):
            break
    return path


def torch_descend(problem: Problem, start: Array, rate: float, steps: int) -> Array:
    """Where `torch.optim.SGD` and autograd end: the same descent by another program."""
    import torch

    values = {name: torch.tensor(value) for name, value in problem.at.items()}
    point = torch.tensor(start, requires_grad=True)
    optimizer = torch.optim.SGD([point], lr=rate, foreach=False)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.autograd.backward(Expression(problem.text).torch({**values, problem.wrt: point}))
        optimizer.step()
    return np.asarray(point.detach().numpy())


def _problem(data: Data) -> Problem:
    return Problem(read.text(data, "loss"), read.arrays(data, "at"), read.text(data, "wrt"))


def every_step_lowers(data: Data) -> Judgement:
    """Judges whether each step lowers the loss, at every rate of `rates`; the loss has to be quadratic."""
    problem, steps = _problem(data), read.integer(data, "steps")
    limit = 2 / problem.curvature
    evidence = [Evidence("symbolic", f"the largest curvature is L = {show(problem.curvature)}, so 2/L = {show(limit)}")]
    failing: list[str] = []
    for rate in read.array(data, "rates").tolist():
        losses = [problem.loss(point) for point in descend(problem, problem.at[problem.wrt], rate, steps)]
        rises = [step for step in range(1, len(losses)) if losses[step] >= losses[step - 1]]
        ends = problem.loss(torch_descend(problem, problem.at[problem.wrt], rate, steps))
        text = f"rate {show(rate)}: loss {show(losses[0])} at the start, {show(losses[-1])} after {steps} steps"
        evidence += [
            Evidence("iteration", text),
            Evidence("torch.optim.SGD", f"rate {show(rate)}: ends at {show(ends)}"),
        ]
        if rises:
            failing.append(
                f"at rate {show(rate)} the loss rises from {show(losses[0])} to {show(losses[-1])} in {steps} steps"
            )
    condition = f"it holds for a rate below 2/L, here {show(limit)}, where L is the largest curvature of the loss"
    return Judgement(
        status="refuted" if failing else "confirmed",
        actual="; ".join(failing) + f"; {condition}" if failing else f"the loss falls at every step; {condition}",
        rule="every step lowers the loss, at every rate tried; for an L-smooth loss every rate below 2/L does so",
        diagnosis=Diagnosis("missing condition", condition) if failing else None,
        evidence=tuple(evidence),
        suggestion="state the condition: the rate has to be smaller than 2/L" if failing else "",
    )


def reaches_global_minimum(data: Data) -> Judgement:
    """Judges whether descent from each of `starts` ends, within `tolerance`, where the loss is smallest.

    The minimum comes from SymPy's stationary points, exactly; the loss is a quadratic or a polynomial of one variable.
    """
    problem, tolerance = _problem(data), read.number(data, "tolerance")
    rate, steps = read.number(data, "rate"), read.integer(data, "steps")
    stationary = problem.stationary_points()
    best = min(stationary, key=problem.loss)
    evidence = [
        Evidence(
            "symbolic", f"stationary at {', '.join(f'{show(p)} (loss {show(problem.loss(p))})' for p in stationary)}"
        )
    ]
    elsewhere: list[str] = []
    for start in (np.asarray(start, dtype=np.float64) for start in read.items(data, "starts")):
        end = descend(problem, start, rate, steps)[-1]
        other = torch_descend(problem, start, rate, steps)
        evidence.append(Evidence("iteration", f"from {show(start)} to {show(end)}; torch.optim.SGD to {show(other)}"))
        if not np.max(np.abs(end - best)) <= tolerance:
            elsewhere.append(f"from {show(start)} it ends at {show(end)} with loss {show(problem.loss(end))}")
    condition = (
        f"; the rate {show(rate)} has to be below 2/L = {show(2 / problem.curvature)}" if problem.quadratic else ""
    )
    where = f"the global minimum is at {show(best)} with loss {show(problem.loss(best))}"
    return Judgement(
        status="refuted" if elsewhere else "confirmed",
        actual="; ".join([*elsewhere, where])
        if elsewhere
        else f"from every start it ends at {show(best)}; {where}{condition}",
        rule=f"from every start the descent ends within {show(tolerance)} of the exact global minimum",
        diagnosis=_local_minimum(problem, elsewhere, stationary) if elsewhere else None,
        evidence=tuple(evidence),
        suggestion=read.text(data, "suggestion", "") if elsewhere else "",
    )


def _local_minimum(problem: Problem, elsewhere: list[str], stationary: list[Array]) -> Diagnosis:
    if len(stationary) > 1:
        return Diagnosis(
            "not convex", f"a counterexample: `{problem.text}` has several stationary points; {elsewhere[0]}"
        )
    return Diagnosis("rate", f"the rate is too large or the steps too few: 2/L is {show(2 / problem.curvature)}")


def stops_when_settled(data: Data) -> Judgement:
    """Judges the rule `stop when the loss changes by less than threshold`: whether it stops within `steps` steps.

    The loss has to be quadratic: the closed form of its descent must stop at the same step.
    """
    problem, threshold = _problem(data), read.number(data, "threshold")
    rate, steps = read.number(data, "rate"), read.integer(data, "steps")
    losses = [problem.loss(point) for point in descend(problem, problem.at[problem.wrt], rate, steps)]
    stopped = next((k for k in range(1, len(losses)) if abs(losses[k] - losses[k - 1]) < threshold), None)
    closed = _closed_form_stop(problem, rate, threshold, steps)
    confirmed = stopped is not None and stopped == closed
    found = "it never stops" if stopped is None else f"it stops at step {stopped} with loss {show(losses[stopped])}"
    return Judgement(
        status="confirmed" if confirmed else "refuted",
        actual=f"{found} (threshold {show(threshold)}, rate {show(rate)}, at most {steps} steps)",
        rule="the loop runs as the pseudo-code says and stops before the largest number of steps",
        diagnosis=None if confirmed else Diagnosis("no stop", f"{found} within {steps} steps"),
        evidence=(
            Evidence("iteration", found),
            Evidence("closed form", f"the losses of the exact solution first differ by less at step {closed}"),
        ),
        suggestion="" if confirmed else "take a rate below 2/L, or more steps",
    )


def _closed_form_stop(problem: Problem, rate: float, threshold: float, steps: int) -> int | None:
    """The same step from the recursion's solution: each eigenvector's part is multiplied by 1 - rate * eigenvalue."""
    (best,) = problem.stationary_points()
    eigenvalues, vectors = np.linalg.eigh(problem.hessian)
    part = vectors.T @ (problem.at[problem.wrt] - best).ravel()
    previous = math.inf
    for step in range(steps + 1):
        loss = float((eigenvalues * (part * (1 - rate * eigenvalues) ** step) ** 2).sum() / 2)
        if abs(previous - loss) < threshold:
            return step
        previous = loss
    return None
