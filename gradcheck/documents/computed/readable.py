"""A traced function in its plainest terms: tensors that only count 0, 1, 2, ... are the indices that they are."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import sympy as sp
import torch

from gradcheck.symbolic.binding import substitute
from gradcheck.symbolic.compile import Variable, is_integer, variable_name, variable_shape
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.arguments import Argument
from gradcheck.symbolic.graphs.program import Value
from gradcheck.symbolic.graphs.trace import Trace
from gradcheck.symbolic.tensors import scalar, tensor


class Readable:
    """A trace's formulas, or else its program, without the tensors that count, as `x[range(len(x)), y]` makes them.

    >>> from gradcheck.symbolic.graphs.trace import trace
    >>> picked = trace(lambda x, y: x[torch.arange(3), y], torch.rand(3, 2), torch.tensor([0, 1, 1]))
    >>> Readable(picked).formulas[0].definition
    x[i, y[i]]
    """

    def __init__(self, traced: Trace) -> None:
        self.traced = traced
        self._counting = {argument.name for argument in traced.call.arguments if _counts(argument)}

    @property
    def is_short(self) -> bool:
        """Whether the formulas are better read in the variables alone."""
        return self.traced.is_short

    @property
    def count(self) -> int:
        """How many tensors are returned."""
        return len(self.traced.outlines)

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(v for v in self.traced.program.variables if variable_name(v) not in self._counting)

    @cached_property
    def formulas(self) -> tuple[Formula, ...]:
        """The outputs in the variables alone."""
        return tuple(map(self._formula, self.traced.formulas))

    @property
    def as_column(self) -> Formula:
        """The first output, with matrices of one column as that column."""
        return as_column(self.formulas[0])

    @cached_property
    def intermediates(self) -> tuple[Value, ...]:
        """The program's named values."""
        return tuple(Value(each.entry, self._plain(each.meaning)) for each in self.traced.program.intermediates)

    @cached_property
    def outlines(self) -> tuple[Formula, ...]:
        """The outputs in terms of those."""
        return tuple(map(self._formula, self.traced.outlines))

    def free_name(self, names: tuple[str, ...]) -> str:
        """The first of these names that nothing bears."""
        taken = {variable_name(v) for v in self.variables} | {each.name for each in self.intermediates}
        taken |= {str(symbol) for v in self.variables for size in variable_shape(v) for symbol in size.free_symbols}
        return next(name for name in names if name not in taken)

    def _formula(self, formula: Formula) -> Formula:
        if not self._counting:
            return formula
        domains = {name: domain for name, domain in formula.domains.items() if name not in self._counting}
        return replace(formula, definition=self._plain(formula.definition), variables=self.variables, domains=domains)

    def _plain(self, expression: sp.Expr) -> sp.Expr:
        counted = {e: e.indices[0] for e in expression.atoms(sp.Indexed) if str(e.base.label) in self._counting}
        return expression.xreplace(counted)


def as_column(formula: Formula) -> Formula:
    """The formula with matrices of one column as that column, and single entries as numbers.

    It stays as it is where it says more of one than its entries.
    """
    columns = {variable_name(v): _column(v) for v in formula.variables if _column(v) is not v}
    definition, output = formula.definition, dict(formula.output)
    while len(output) > 1 and output[last := list(output)[-1]] == 1:
        definition = substitute(definition, last, sp.S.Zero)
        del output[last]
    entries = [entry for entry in definition.atoms(sp.Indexed) if str(entry.base.label) in columns]
    definition = definition.xreplace({entry: _less_axes(entry, columns[str(entry.base.label)]) for entry in entries})
    if any(str(base.label) in columns and base not in columns.values() for base in definition.atoms(sp.IndexedBase)):
        return formula
    variables = tuple(columns.get(variable_name(v), v) for v in formula.variables)
    return replace(formula, definition=definition, output=output, variables=variables)


def _column(variable: Variable) -> Variable:
    """A tensor of floats without those of its axes of size 1 that stand at its end."""
    shape = kept = variable_shape(variable)
    while kept and kept[-1] == 1:
        kept = kept[:-1]
    if is_integer(variable) or kept == shape:
        return variable
    return tensor(variable_name(variable), *kept) if kept else scalar(variable_name(variable))


def _less_axes(entry: sp.Indexed, variable: Variable) -> sp.Expr:
    indices = entry.indices[: len(variable_shape(variable))]
    return variable[indices] if indices else variable


def _counts(argument: Argument) -> bool:
    value = argument.value
    is_held = argument.is_constant and argument.is_integer and value.ndim == 1
    return is_held and torch.equal(value, torch.arange(len(value), dtype=value.dtype))
