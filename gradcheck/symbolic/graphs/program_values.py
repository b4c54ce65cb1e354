"""The values of a program at a point: each value in turn, from those before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradcheck.symbolic.compile import Compiled, Variable, compile_expression
from gradcheck.symbolic.graphs.program import Program, Value


def compiled_outputs(program: Program) -> tuple[Callable[..., Any], ...]:
    """For each output a NumPy function of the variables, in order.

    >>> import numpy as np, torch
    >>> from gradcheck.symbolic.graphs.trace import trace
    >>> (output,) = compiled_outputs(trace(lambda x: (x * x).sum(), torch.ones(3)).program)
    >>> float(output(np.array([1.0, 2.0])))
    5.0
    """
    known: list[Variable] = list(program.variables)
    steps: list[Compiled] = []
    for value in program.intermediates:
        steps.append(_compiled(value, known))
        known.append(value.entry.base if value.indices else value.entry)

    def output(compiled: Compiled) -> Callable[..., Any]:
        def evaluate(*arguments: Any) -> Any:
            values = list(arguments)
            for step in steps:
                values.append(step(*values))
            return compiled(*values)

        return evaluate

    return tuple(output(_compiled(value, known)) for value in program.outputs)


def _compiled(value: Value, known: list[Variable]) -> Compiled:
    return compile_expression(value.meaning, known, value.ranges)
