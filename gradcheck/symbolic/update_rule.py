"""An optimiser's update rule: how one step turns parameters, gradient and state into the next ones, entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp

Array = np.ndarray[Any, np.dtype[Any]]

PARAMETER, GRADIENT, STEP = sp.Symbol("theta", real=True), sp.Symbol("g", real=True), sp.Symbol("t", positive=True)
"""A parameter's entry, the loss's gradient by it, and the number of the step, counted from 1."""


@dataclass(frozen=True, eq=False)
class UpdateRule:
    """One step of an optimiser, as assignments made in order; the last one is the parameter's.

    `assignments` pairs a symbol with its new value in terms of the values so far; every assigned symbol but the
    parameter is a state, before the first step 0 or what `start` says. `hyperparameters` gives each remaining symbol
    its value. `torch_optimizer` takes the list of parameters and returns the `torch.optim` optimiser that is described.
    `deviation` says in what torch leaves the rule unless its default dtype is double; a check demands to find it so.
    """

    name: str
    title: str
    assignments: Sequence[tuple[sp.Symbol, sp.Expr]]
    hyperparameters: Mapping[sp.Symbol, float]
    torch_optimizer: Callable[..., Any]
    source: str
    start: Mapping[sp.Symbol, float] = field(default_factory=dict)
    deviation: str = ""
    topic: str = field(default="optimizers", init=False)
    wrt: tuple[str, ...] = field(default=("theta",), init=False)

    def __post_init__(self) -> None:
        known = {PARAMETER, GRADIENT, STEP, *self.hyperparameters, *self.states}
        for symbol, value in self.assignments:
            if unknown := value.free_symbols - known:
                raise ValueError(
                    f"update rule {self.name!r}: {symbol} is set by unknown symbols {sorted(map(str, unknown))}"
                )
        if unknown := set(self.start) - set(self.states):
            raise ValueError(f"update rule {self.name!r}: start names {sorted(map(str, unknown))}, which is no state")

    @property
    def states(self) -> tuple[sp.Symbol, ...]:
        """The symbols carried from step to step besides the parameter, in order of assignment."""
        return tuple(dict.fromkeys(symbol for symbol, _ in self.assignments if symbol != PARAMETER))

    @cached_property
    def compiled(self) -> Callable[..., list[Array]]:
        """(parameter, gradient, step number, *states, *hyperparameters) -> [new parameter, *new states]."""
        value: dict[sp.Symbol, sp.Expr] = {}
        for symbol, expression in self.assignments:
            value[symbol] = expression.xreplace(value)
        arguments = [PARAMETER, GRADIENT, STEP, *self.states, *self.hyperparameters]
        return sp.lambdify(arguments, [value[PARAMETER], *(value[s] for s in self.states)], modules="numpy", cse=True)

    def follow(self, gradient: Callable[[Array], Array], start: Array, steps: int) -> list[Array]:
        """The parameters after each step from `start`, which keeps its dtype (long doubles stay long).

        >>> theta, g = PARAMETER, GRADIENT
        >>> rule = UpdateRule("halving", "Halving", [(theta, theta - g / 4)], {}, lambda _: None, "")
        >>> [float(x) for x in rule.follow(lambda x: 2 * x, np.array(8.0), 3)]
        [4.0, 2.0, 1.0]
        """
        parameter, states = start, [np.full_like(start, self.start.get(state, 0.0)) for state in self.states]
        path = []
        for number in range(1, steps + 1):
            count = parameter.dtype.type(number)
            constants = self.hyperparameters.values()
            with np.errstate(divide="ignore", invalid="ignore"):  # in cases not chosen
                parameter, *states = self.compiled(parameter, gradient(parameter), count, *states, *constants)
            path.append(parameter)
        return path
