"""Judges update rules: a rule written as assignments, followed step by step beside `torch.optim`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.descent import Problem
from gradcheck.articles.expressions import Expression, show
from gradcheck.results import Diagnosis, Evidence

Rule = Sequence[tuple[str, str]]
GradientOf = Callable[[NDArray[Any], int], NDArray[Any]]

SAFETY = 16
"""How many times its measured rounding error a path may stand off another program's path."""


def follow(
    rule: Rule, constants: Mapping[str, float], start: NDArray[Any], gradient: GradientOf, steps: int
) -> NDArray[Any]:
    """The parameters `theta` after each step, `[steps, *start.shape]`, in the start's dtype.

    A rule is a sequence of assignments in `theta`, the gradient `g`, the step number `t` from 1, the constants, and
    states of its own, which begin at zero.

    >>> follow([("theta", "theta - rate * g")], {"rate": 0.25}, np.array([8.0]), lambda theta, t: 2 * theta, 2)
    array([[4.],
           [2.]])
    """
    values: dict[str, Any] = {name: np.zeros_like(start) for name, _ in rule}
    values |= {name: start.dtype.type(value) for name, value in constants.items()} | {"theta": start}
    path = []
    for step in range(1, steps + 1):
        values |= {"t": step, "g": gradient(values["theta"], step)}
        for name, text in rule:
            values[name] = Expression(text).numpy(values)
        path.append(values["theta"])
    return np.array(path)


def torch_path(optimizer: str, options: Mapping[str, Any], start: Array, gradient: GradientOf, steps: int) -> Array:
    """The same with an optimiser of `torch.optim`, by its name."""
    import torch

    parameter = torch.tensor(start, requires_grad=True)
    running = getattr(torch.optim, optimizer)([parameter], foreach=False, **options)
    path = []
    for step in range(1, steps + 1):
        parameter.grad = torch.tensor(gradient(parameter.detach().numpy(), step))
        running.step()
        path.append(parameter.detach().numpy().copy())
    return np.array(path)


def rounding_bar(path: Array, rule: Rule, constants: Mapping[str, float], start: Array, gradient: GradientOf) -> Array:
    """How far rounding may carry a `path`, measured beside the same rule in extended precision; one bar a step."""
    extended = follow(rule, constants, start.astype(np.longdouble), gradient, len(path))
    entries = tuple(range(1, path.ndim))
    measured = np.abs(path - extended).astype(np.float64).max(axis=entries)
    least = np.finfo(float).eps * np.abs(np.array([start, *path[:-1]])).max(axis=entries)
    return np.asarray(SAFETY * np.maximum.accumulate(measured + least))


def follows_torch(data: Data) -> Judgement:
    """Judges `rule`, with the `constants`, as the optimiser `optimizer` of torch with `options`.

    Both start at the value of `wrt` in `at` and take `steps` steps on `loss`; the rule is right while it stays within
    its measured rounding error.
    """
    problem = Problem(read.text(data, "loss"), read.arrays(data, "at"), read.text(data, "wrt"))
    start, steps, rule = problem.at[problem.wrt], read.integer(data, "steps"), read.pairs(data, "rule")
    constants = constants_of(data)

    def gradient(theta: NDArray[Any], _: int) -> NDArray[Any]:
        return problem.gradient(theta)

    ours = follow(rule, constants, start, gradient, steps)
    theirs = torch_path(read.text(data, "optimizer"), options_of(data), start, gradient, steps)
    return _compared(data, ours, theirs, rounding_bar(ours, rule, constants, start, gradient))


def _compared(
    data: Data, ours: Array, theirs: Array, bar: Array, *, extra: Iterable[Evidence] = (), finding: str = ""
) -> Judgement:
    error = np.abs(ours - theirs).max(axis=tuple(range(1, ours.ndim)))
    name, steps = f"torch.optim.{read.text(data, 'optimizer')}", len(ours)
    leaves = np.flatnonzero(error > bar)
    confirmed = leaves.size == 0
    left = 0 if confirmed else int(leaves[0])
    actual = (
        f"{finding}the rule follows {name} for {steps} steps, to {show(ours[-1])}"
        if confirmed
        else f"the rule leaves {name} at step {left + 1}: {show(ours[left])} against {show(theirs[left])}"
    )
    return Judgement(
        status="confirmed" if confirmed else "refuted",
        actual=actual,
        rule=f"at every step the rule stays within {SAFETY} times its rounding error, measured in extended precision",
        diagnosis=None if confirmed else Diagnosis("update rule", actual),
        evidence=(
            Evidence("rule", f"after {steps} steps {show(ours[-1])}"),
            Evidence("torch.optim", f"after {steps} steps {show(theirs[-1])}"),
            Evidence("extended precision", f"largest distance from torch {show(error.max(), 1)}", show(bar[-1], 1)),
            *extra,
        ),
        suggestion=read.text(data, "suggestion", "") if confirmed else f"write the update as {name} makes it",
    )


def constants_of(data: Data) -> dict[str, float]:
    """The rule's constants, by name."""
    return {name: float(value) for name, value in read.arrays(data, "constants").items()}


def options_of(data: Data) -> dict[str, Any]:
    """The arguments of torch's optimiser, by name; raises `ValueError` where there are none."""
    options = data.get("options")
    if not isinstance(options, Mapping):
        raise ValueError(f"data['options'] should map options of torch.optim to values, not be {options!r}")
    return dict(options)


def favours_sparse_gradients(data: Data) -> Judgement:
    """Judges whether `rule` moves a parameter with sparse gradients further than one with dense ones.

    The first parameter gets the gradient `size` at every step, the second only at every `period`-th. The rule must
    also follow `optimizer`, and `literal`, the rule as the article words it, is shown beside.
    """
    steps, period, size = read.integer(data, "steps"), read.integer(data, "period"), read.number(data, "size")
    rule, constants, start = read.pairs(data, "rule"), constants_of(data), np.zeros(2)

    def gradient(theta: NDArray[Any], step: int) -> NDArray[Any]:
        return np.array([size, size if step % period == 0 else 0.0], dtype=theta.dtype)

    ours = follow(rule, constants, start, gradient, steps)
    theirs = torch_path(read.text(data, "optimizer"), options_of(data), start, gradient, steps)
    literal = follow(read.pairs(data, "literal"), constants, start, gradient, steps)
    last = (steps // period) * period - 1
    dense, sparse = np.abs(ours[last] - ours[last - 1])
    extra = (
        Evidence(
            "update", f"at step {last + 1}, for one gradient {show(size)}: dense {show(dense)}, sparse {show(sparse)}"
        ),
        Evidence(
            "as worded",
            f"after {period} steps {show(literal[period - 1])}, where torch is at {show(theirs[period - 1])}",
        ),
    )
    moves = f"for one gradient {show(size)} the sparse parameter moves by {show(sparse)}, the dense by {show(dense)}"
    bar = rounding_bar(ours, rule, constants, start, gradient)
    followed = _compared(data, ours, theirs, bar, extra=extra, finding=f"{moves}; ")
    if followed.status != "confirmed" or sparse > dense * (1 + 1e-9):
        return followed
    diagnosis = Diagnosis("no effect", moves)
    return Judgement("refuted", moves, followed.rule, diagnosis, followed.evidence, "name a rule that accumulates")


def has_momentum_and_rates(data: Data) -> Judgement:
    """Judges whether `rule` has momentum (it moves on when the gradient stops) and a rate of its own per dimension.

    Two parameters get gradients `sizes` for `steps` steps, then none. Their rates differ when the first step is not in
    the ratio of the gradients. The rule must also follow `optimizer`.
    """
    sizes, steps = read.array(data, "sizes"), read.integer(data, "steps")
    rule, constants, start = read.pairs(data, "rule"), constants_of(data), np.zeros(2)

    def gradient(theta: NDArray[Any], step: int) -> NDArray[Any]:
        return np.asarray(sizes if step <= steps else np.zeros(2), dtype=theta.dtype)

    ours = follow(rule, constants, start, gradient, steps + 1)
    theirs = torch_path(read.text(data, "optimizer"), options_of(data), start, gradient, steps + 1)
    coasting, rates = np.abs(ours[-1] - ours[-2]), np.abs(ours[0]) / sizes
    momentum, adaptive = bool(np.all(coasting > 0)), bool(abs(rates[0] / rates[1] - 1) > 0.01)
    extra = (
        Evidence("momentum", f"one step after the gradient has stopped the parameters still move by {show(coasting)}"),
        Evidence("rates", f"the first step divided by the gradient {show(sizes)} is {show(rates)}"),
    )
    finding = f"it moves on by {show(coasting)} once the gradient stops, and each dimension has its own rate; "
    bar = rounding_bar(ours, rule, constants, start, gradient)
    followed = _compared(data, ours, theirs, bar, extra=extra, finding=finding)
    if followed.status != "confirmed" or (momentum and adaptive):
        return followed
    lacks = " and ".join(name for name, has in (("momentum", momentum), ("rates of its own", adaptive)) if not has)
    diagnosis = Diagnosis("missing part", f"the rule has no {lacks}")
    return Judgement(
        "refuted", f"the rule has no {lacks}", followed.rule, diagnosis, followed.evidence, "name the part"
    )
