"""The equations that say what a traced function computes: without indices where there is such a form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import sympy as sp

from gradcheck.computed import Equation
from gradcheck.errors import UsageError
from gradcheck.symbolic.binding import substitute
from gradcheck.symbolic.compile import Variable, is_integer, variable_name, variable_shape
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.program import Value
from gradcheck.symbolic.graphs.trace import Trace
from gradcheck.symbolic.matrices.form import MatrixForm, matrix_form
from gradcheck.symbolic.printing import latex, text
from gradcheck.symbolic.tensors import sum_over, tensor

LONGEST_LINE = 110
"""A line of more characters is not read: it is written by its intermediates, or left out."""

MOST_LINES = 12
MOST_OUTPUTS = 3

NAMES = ("f", "g", "F", "output")
UPSTREAM = ("G", "U", "V", "upstream")
"""What the outputs are called, and the gradients that come back to them: the first that no variable bears."""


def arguments(traced: Trace) -> tuple[str, ...]:
    """The variables with their sizes, such as "X: m × n"."""
    return tuple(map(_argument, traced.program.variables))


def _argument(variable: Variable) -> str:
    sizes = " × ".join(map(text, variable_shape(variable))) or "a number"
    return f"{variable_name(variable)}: {sizes}{', whole numbers' if is_integer(variable) else ''}"


def formula_lines(traced: Trace) -> tuple[Equation, ...]:
    """What each output is, after the intermediates where those make it readable; UsageError where nothing does."""
    if len(traced.outlines) > MOST_OUTPUTS:
        raise UsageError(f"it returns {len(traced.outlines)} tensors")
    closed = [_closed(traced, place) for place in range(len(traced.outlines))] if traced.is_short else [None]
    lines = [each for each in closed if each is not None]
    if len(lines) == len(closed):
        return tuple(lines)
    intermediates = len(traced.program.intermediates)
    if intermediates + len(traced.outlines) > MOST_LINES:
        raise UsageError(f"its formula has {intermediates} intermediate values: too many to read")
    lines = [*map(_intermediate, traced.program.intermediates), *_outputs(traced)]
    if any(len(each.text) > LONGEST_LINE for each in lines):
        raise UsageError("its formula is too long to read")
    return tuple(lines)


def _closed(traced: Trace, place: int) -> Equation | None:
    formula = traced.formulas[place]
    form = formula.matrix_definition()
    name = output_name(traced, place)
    short = _without_indices(name, form) or _by_indices(_entry(name, formula), formula.definition)
    return short if len(short.text) <= LONGEST_LINE else None


def output_name(traced: Trace, place: int) -> str:
    """What an output is called: f, or f1, f2, ... where there are several."""
    name = _free(NAMES, traced)
    return name if len(traced.outlines) == 1 else f"{name}{place + 1}"


def _free(names: tuple[str, ...], traced: Trace) -> str:
    taken = {variable_name(v) for v in traced.program.variables} | {each.name for each in traced.program.intermediates}
    taken |= {str(size) for v in traced.program.variables for size in variable_shape(v)}
    return next(name for name in names if name not in taken)


def _entry(name: str, formula: Formula) -> sp.Expr:
    return sp.Indexed(name, *formula.output) if formula.output else sp.Symbol(name, real=True)


def _intermediate(value: Value) -> Equation:
    form = matrix_form(value.meaning, value.ranges)
    return _without_indices(value.name, form) or _by_indices(value.entry, value.meaning)


def _outputs(traced: Trace) -> Iterator[Equation]:
    for place, outline in enumerate(traced.outlines):
        name = output_name(traced, place)
        form = matrix_form(outline.definition, outline.output)
        yield _without_indices(name, form) or _by_indices(_entry(name, outline), outline.definition)


def _without_indices(name: str, form: MatrixForm | None) -> Equation | None:
    if form is None or len(form.text) > LONGEST_LINE:
        return None
    return Equation(f"{name} = {form.text}", f"{latex(sp.Symbol(name))} = {form.latex}")


def _by_indices(entry: sp.Expr, meaning: sp.Expr) -> Equation:
    return Equation(f"{text(entry)} = {text(meaning)}", f"{latex(entry)} = {latex(meaning)}")


def gradient_lines(traced: Trace) -> Iterator[Equation]:
    """For a function of one short output, its gradient by each argument, those that are short enough to be read.

    A number has its gradient. What works entry by entry has the derivative of an entry. Of anything else it is said
    what a backward pass makes of the gradient that comes back to the output.
    """
    if len(traced.outlines) > 1 or not traced.is_short:
        return
    formula = traced.formulas[0]
    for name in formula.wrt:
        if formula.definition.has(*_bearers(formula, name)):
            found = _gradient(traced, formula, name)
            if found is not None and len(found.text) <= LONGEST_LINE:
                yield found


def _bearers(formula: Formula, name: str) -> tuple[sp.Basic, ...]:
    variable = formula.variable(name)
    return (variable, variable.label) if isinstance(variable, sp.IndexedBase) else (variable,)


def _gradient(traced: Trace, formula: Formula, name: str) -> Equation | None:
    called = output_name(traced, 0)
    if not formula.output:
        return _of_number(formula, called, name)
    if _is_entrywise(formula):
        return _of_entry(formula, called, name)
    return _backward(traced, formula, name)


def _of_number(formula: Formula, called: str, name: str) -> Equation:
    form = formula.matrix_form(name)
    if form is not None:
        return _derivative(called, name, form)
    entry = formula.entry(name)[0]
    return _by_quotient(sp.Symbol(called, real=True), entry, formula.jacobian(name))


def _derivative(above: str, below: str, form: MatrixForm) -> Equation:
    left = rf"\frac{{\partial {latex(sp.Symbol(above))}}}{{\partial {latex(sp.Symbol(below))}}}"
    return Equation(f"∂{above}/∂{below} = {form.text}", f"{left} = {form.latex}")


def _by_quotient(output: sp.Expr, entry: sp.Expr, meaning: sp.Expr) -> Equation:
    left = rf"\frac{{\partial {latex(output)}}}{{\partial {latex(entry)}}}"
    return Equation(f"∂{text(output)}/∂{text(entry)} = {text(meaning)}", f"{left} = {latex(meaning)}")


def _is_entrywise(formula: Formula) -> bool:
    """Whether every entry is made of entries at the same place alone."""
    entries = formula.definition.atoms(sp.Indexed)
    return bool(entries) and all(tuple(entry.indices) == tuple(formula.output) for entry in entries)


def _of_entry(formula: Formula, called: str, name: str) -> Equation | None:
    variable = formula.variable(name)
    entry = variable[tuple(formula.output)] if isinstance(variable, sp.IndexedBase) else variable
    axes = dict(zip(formula.entry(name)[1], formula.output, strict=True)) if entry is not variable else {}
    slope = formula.jacobian(name)
    for index, at in axes.items():
        slope = substitute(slope, index, at)
    return _by_quotient(_entry(called, formula), entry, slope)


def _backward(traced: Trace, formula: Formula, name: str) -> Equation | None:
    """∂L/∂x for a number L that is made of the output, by the gradient of L by the output."""
    upstream = _free(UPSTREAM, traced)
    weights = tensor(upstream, *formula.output.values())
    total = weights[tuple(formula.output)] * formula.definition
    for index, size in formula.output.items():
        total = _summed(total, index, size)
    weighed = replace(formula, definition=total, output={}, variables=(*formula.variables, weights), wrt=(name,))
    form = weighed.matrix_form(name)
    return None if form is None else _derivative("L", name, form)


def _summed(total: sp.Expr, index: sp.Symbol, size: sp.Expr) -> sp.Expr:
    return sum_over(size, lambda bound: substitute(total, index, bound))


def upstream_note(traced: Trace, lines: Iterable[Equation]) -> tuple[str, ...]:
    """What L and G are, where a line speaks of them."""
    if not any(each.text.startswith("∂L/") for each in lines):
        return ()
    return (f"{_free(UPSTREAM, traced)} = ∂L/∂{output_name(traced, 0)} comes back to it from a loss L",)
