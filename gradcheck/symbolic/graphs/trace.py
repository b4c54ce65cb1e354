"""From a torch function and an example to its formula, for symbolic sizes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import sympy as sp
import torch

from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.functions import held
from gradcheck.symbolic.graphs.arguments import Call
from gradcheck.symbolic.graphs.closed_form import is_short
from gradcheck.symbolic.graphs.conditions import conditions, fixed_sizes, narrowed
from gradcheck.symbolic.graphs.cuts import sentences, without_cuts
from gradcheck.symbolic.graphs.deadline import Deadline
from gradcheck.symbolic.graphs.dimension_names import named_sizes, parse_sizes
from gradcheck.symbolic.graphs.folding import folded
from gradcheck.symbolic.graphs.index_bounds import index_bounds
from gradcheck.symbolic.graphs.program import Program, Value, program
from gradcheck.symbolic.graphs.program_values import compiled_outputs
from gradcheck.symbolic.graphs.recording import Recording, record
from gradcheck.symbolic.graphs.refusals import NO_OUTPUT, NotBuilt, NotTraceable, building
from gradcheck.symbolic.graphs.reproduction import demand_same_values
from gradcheck.symbolic.graphs.tensors import GraphTensor, free_indices, number
from gradcheck.symbolic.graphs.variables import constant, domain_of, input_tensor, variable_of
from gradcheck.symbolic.graphs.walk import Naming, unnamed, walk

if TYPE_CHECKING:
    from gradcheck.symbolic.recognition.wording import Recognition

OUTPUT_INDICES = ("i", "j", "k", "l", "u", "v", "o", "z")
"""What the indices of an output are called, in order, unless a variable or a size bears the letter."""

RECOGNISED_SECONDS = 3.0
"""How long it is looked for what a formula is called."""

MADE = ("formulas", "is_short", "outlines")
"""What a trace makes of its program, once."""


@dataclass(frozen=True)
class Trace:
    """A torch function in index notation: a formula for each tensor that it returns, of the same variables."""

    call: Call
    program: Program
    returned: tuple[torch.Tensor, ...]
    """What the function returns at the example, those of its outputs that have a derivative."""
    values: Callable[[Naming], Sequence[GraphTensor]] = field(repr=False)
    """The outputs in index notation, with names for the values of nodes as `Naming` gives them."""
    notes: tuple[str, ...] = ()
    """What the formulas owe to the example, in sentences: sizes that are fixed, and what has to hold of others."""

    @cached_property
    def recognised(self) -> tuple[Recognition | None, ...]:
        """Which formula of the catalogue each one equals, if any; `.sentence` says it. Found when asked for.

        None where the formulas are long, where something is held constant in them, or where it takes long.
        """
        from gradcheck.symbolic.recognition.recognition import recognised

        if not self.is_short or any(formula.definition.has(held) for formula in self.formulas):
            return (None,) * len(self.outlines)
        try:
            return tuple(recognised(formula, seconds=RECOGNISED_SECONDS) for formula in self.formulas)
        except Exception:  # what it is called is told beside what was asked for, which is not to fail for it
            return (None,) * len(self.outlines)

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        """A formula for each output in the variables alone, however long."""
        with building():
            return tuple(
                replace(outline, definition=folded(_entry(output, outline)))
                for outline, output in zip(self.outlines, self.values(unnamed), strict=True)
            )

    @cached_property
    def is_short(self) -> bool:
        """Whether the formulas are better read in the variables alone."""
        return is_short(self.program)

    @cached_property
    def outlines(self) -> tuple[Formula, ...]:
        """The same in terms of the program's intermediates: no formulas of their own."""
        return tuple(_outline(self.call, self.program, output) for output in self.program.outputs)


def trace(
    fn: Any,
    *example: Any,
    sizes: str | Mapping[str, str] = "",
    kwargs: Mapping[str, Any] | None = None,
    seconds: float = math.inf,
    through_detach: bool = False,
) -> Trace:
    """What `fn` computes, for symbolic sizes.

    `example` are arguments that `fn` can be called with. `sizes` names the sizes, as in `"X: m n, w: n"`; other sizes
    have letters. Sizes are equal where the function's operators demand it. What the function detaches, or computes
    under no_grad(), is held constant in derivatives, unless `through_detach`. Raises NotTraceable where the function
    has no formula that is known here, or none is found in so many `seconds`; UsageError for other bad input.

    >>> import torch
    >>> loss = trace(lambda x, y: ((x - y) ** 2).mean(), torch.zeros(3), torch.ones(3)).formulas[0]
    >>> print(loss.derive("x"))
    f = Σ_k (x[k] - y[k])**2/n
    ...
      ∂f/∂x[j] = 2*(x[j] - y[j])/n
    """
    declared = parse_sizes(sizes) if isinstance(sizes, str) else dict(sizes)
    try:
        with building():
            return _traced(_cut(record(fn, example, kwargs or {}), through_detach), declared, Deadline.after(seconds))
    except NotBuilt as error:
        why_not = error
    with building():
        recording = _cut(record(fn, example, kwargs or {}, why_not), through_detach)
        return _traced(recording, declared, Deadline.after(seconds))


def _cut(recording: Recording, through_detach: bool) -> Recording:
    """The recording with a note of what is cut from derivatives, or with every such cut mended."""
    graph = recording.captured.graph.graph
    if through_detach:
        without_cuts(graph)
        return recording
    call = replace(recording.call, notes=(*recording.call.notes, *sentences(graph)))
    return replace(recording, call=call)


def _traced(recording: Recording, declared: Mapping[str, str], deadline: Deadline) -> Trace:
    """The formulas of a recorded call."""
    call, captured = recording.call, recording.captured
    shapes = {a.name: captured.shape(node) for a, node in zip(call.arguments, captured.placeholders, strict=False)}
    names = named_sizes(shapes, declared, shapes)
    places = {**dict(zip(shapes, (node.name for node in captured.placeholders), strict=True)), **recording.nodes}
    variables = [
        variable_of(a, [sp.sympify(s).xreplace(names) for s in shapes.get(a.name, a.value.shape)])
        for a in call.arguments
    ]
    inputs = {places[a.name]: input_tensor(a, v) for a, v in zip(call.arguments, variables, strict=True)}
    values = partial(
        walk,
        captured.graph,
        inputs,
        lambda target, value: inputs.get(target) or constant(value),
        lambda size: captured.size(size).xreplace(names),
        deadline=deadline,
    )
    made = program(call.title, variables, _wrt(call), values)
    if not made.outputs:
        raise NotTraceable(*NO_OUTPUT)
    asked = conditions(captured, lambda size: size.xreplace(names))
    traced = Trace(call, made, (), values)
    returned = [
        demand_same_values(call, traced.outlines[place], compiled, place, precision=captured.narrowest, asked=asked)
        for place, compiled in enumerate(_compiled(traced))
    ]
    notes = (*call.notes, *fixed_sizes(call, captured), *asked.notes, *narrowed(captured.narrowest, call.values))
    return _returning(traced, returned, notes)


def _returning(traced: Trace, returned: Sequence[torch.Tensor], notes: tuple[str, ...]) -> Trace:
    """The trace with what the function returns, and with the formulas that were made already."""
    finished = replace(traced, returned=tuple(returned), notes=notes)
    vars(finished).update({name: found for name, found in vars(traced).items() if name in MADE})
    return finished


def _compiled(traced: Trace) -> Sequence[Callable[..., Any]]:
    """What is held against the function: its formulas where they are short, else its program."""
    if traced.is_short:
        return [formula.compile("numpy") for formula in traced.formulas]
    return compiled_outputs(traced.program)


def _wrt(call: Call) -> tuple[str, ...]:
    return tuple(argument.name for argument in call.arguments if not argument.is_integer and not argument.is_held)


def _entry(output: GraphTensor, outline: Formula) -> sp.Expr:
    """The output's entry at the formula's own indices."""
    axes = free_indices(output.shape)
    return sp.sympify(number(output.entry(*axes))).xreplace(dict(zip(axes, outline.output, strict=True)))


def _outline(call: Call, made: Program, output: Value) -> Formula:
    """The formula of an output in terms of the program's intermediates."""
    taken = {argument.name for argument in call.arguments} | {
        str(s) for size in output.shape for s in size.free_symbols
    }
    letters = (letter for letter in OUTPUT_INDICES if letter not in taken)
    named = {axis: sp.Symbol(next(letters), integer=True, nonnegative=True) for axis in output.indices}
    bounds = _bounds(made)
    return Formula(
        name=call.title,
        title=f"{call.title}({', '.join(argument.name for argument in call.arguments)})",
        topic="traced",
        definition=output.meaning.xreplace(named),
        variables=made.variables,
        torch=call.function,
        source="",
        domains={argument.name: domain_of(argument, bounds.get(argument.name)) for argument in call.arguments},
        output={named[axis]: size for axis, size in output.ranges.items()},
        wrt=made.wrt,
    )


def _bounds(made: Program) -> dict[str, sp.Expr]:
    """By the name of each integer variable, the size of the axes that its entries are places of."""
    bounds: dict[str, sp.Expr] = {}
    for value in (*made.intermediates, *made.outputs):
        for name, size in index_bounds(value.meaning, value.ranges).items():
            bounds[name] = size if bounds.get(name, size) == size else sp.Min(size, bounds[name])
    return bounds
