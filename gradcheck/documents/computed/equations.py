"""The equations that say what a traced function computes: without indices where there is such a form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import sympy as sp

from gradcheck.computed import Equation
from gradcheck.documents.computed.readable import Readable
from gradcheck.errors import UsageError
from gradcheck.symbolic.binding import substitute
from gradcheck.symbolic.compile import Variable, is_integer, variable_name, variable_shape
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.program import Value
from gradcheck.symbolic.graphs.trace import OUTPUT_INDICES
from gradcheck.symbolic.matrices.form import MatrixForm, matrix_form
from gradcheck.symbolic.printing import latex, text
from gradcheck.symbolic.tensors import sum_over, tensor

LONG_LINE, LONGEST_LINE = 60, 110
"""A line of more characters is written by its intermediates where that is shorter; of still more, it is left out."""

MOST_LINES = 12
MOST_OUTPUTS = 3

OUTPUT = ("f", "g", "F", "output")
UPSTREAM = ("G", "U", "V", "upstream")
LOSS = ("L", "J", "loss")
"""What the outputs, the gradients that come back to them and the loss are called: the first that nothing bears."""


def arguments(found: Readable) -> tuple[str, ...]:
    """The variables with their sizes, such as "X: m × n"."""
    return tuple(map(_argument, found.variables))


def _argument(variable: Variable) -> str:
    sizes = " × ".join(map(text, variable_shape(variable))) or "a number"
    return f"{variable_name(variable)}: {sizes}{', whole numbers' if is_integer(variable) else ''}"


def formula_lines(found: Readable) -> tuple[Equation, ...]:
    """What each output is, after the intermediates where those make it readable; UsageError where nothing does."""
    if found.count > MOST_OUTPUTS:
        raise UsageError(f"it returns {found.count} tensors")
    closed = tuple(_closed(found)) if found.is_short else ()
    if closed and all(len(each.text) <= LONG_LINE for each in closed):
        return closed
    named = tuple(_by_intermediates(found)) if len(found.intermediates) + found.count <= MOST_LINES else ()
    if not named and not closed:
        raise UsageError(f"its formula has {len(found.intermediates)} intermediate values: too many to read")
    lines = named if _longest(named) < _longest(closed) or not closed else closed
    if _longest(lines) > LONGEST_LINE:
        raise UsageError("its formula is too long to read")
    return lines


def _longest(lines: Iterable[Equation]) -> int:
    return max((len(each.text) for each in lines), default=LONGEST_LINE)


def _closed(found: Readable) -> Iterator[Equation]:
    """The outputs in the variables alone."""
    return (_line(_output_name(found, place), each) for place, each in enumerate(found.formulas))


def _by_intermediates(found: Readable) -> Iterator[Equation]:
    """The program's values by their names, then the outputs."""
    yield from map(_intermediate, found.intermediates)
    yield from (_line(_output_name(found, place), each) for place, each in enumerate(found.outlines))


def _output_name(found: Readable, place: int = 0) -> str:
    """What an output is called: f, or f1, f2, ... where there are several."""
    name = found.free_name(OUTPUT)
    return name if found.count == 1 else f"{name}{place + 1}"


def _entry(name: str, formula: Formula) -> sp.Expr:
    return sp.Indexed(name, *formula.output) if formula.output else sp.Symbol(name, real=True)


def _line(name: str, formula: Formula) -> Equation:
    """An output; its form without indices is looked for in whatever it is made of."""
    form = matrix_form(formula.definition, formula.output)
    return _without_indices(name, form) or _by_indices(_entry(name, formula), formula.definition)


def _intermediate(value: Value) -> Equation:
    form = matrix_form(value.meaning, value.ranges)
    taken = set(map(str, value.meaning.free_symbols))
    letters = (letter for letter in OUTPUT_INDICES if letter not in taken)
    named = {axis: sp.Symbol(next(letters), integer=True, nonnegative=True) for axis in value.indices}
    return _without_indices(value.name, form) or _by_indices(value.entry.xreplace(named), value.meaning.xreplace(named))


def _without_indices(name: str, form: MatrixForm | None) -> Equation | None:
    if form is None or len(form.text) > LONGEST_LINE:
        return None
    return Equation(f"{name} = {form.text}", f"{latex(sp.Symbol(name))} = {form.latex}")


def _by_indices(entry: sp.Expr, meaning: sp.Expr) -> Equation:
    return Equation(f"{text(entry)} = {text(meaning)}", f"{latex(entry)} = {latex(meaning)}")


def gradient_lines(found: Readable) -> Iterator[Equation]:
    """For a function of one output in one line, its gradient by each argument, those that are short enough to be read.

    A number has its gradient. What works entry by entry has the derivative of an entry. Of anything else it is said
    what a backward pass makes of the gradient that comes back to the output.
    """
    if found.count > 1 or not found.is_short:
        return
    formula = found.as_column
    for name in formula.wrt:
        if formula.definition.has(*_bearers(formula, name)):
            line = _gradient(found, formula, name)
            if line is not None and len(line.text) <= LONGEST_LINE:
                yield line


def _bearers(formula: Formula, name: str) -> tuple[sp.Basic, ...]:
    variable = formula.variable(name)
    return (variable, variable.label) if isinstance(variable, sp.IndexedBase) else (variable,)


def _gradient(found: Readable, formula: Formula, name: str) -> Equation | None:
    called = _output_name(found)
    if not formula.output:
        return _of_number(formula, called, name)
    if _is_entrywise(formula):
        return _of_entry(formula, called, name)
    return _backward(found, formula, name)


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


def _of_entry(formula: Formula, called: str, name: str) -> Equation:
    variable = formula.variable(name)
    entry = variable[tuple(formula.output)] if isinstance(variable, sp.IndexedBase) else variable
    axes = dict(zip(formula.entry(name)[1], formula.output, strict=True)) if entry is not variable else {}
    slope = formula.jacobian(name)
    for index, at in axes.items():
        slope = substitute(slope, index, at)
    return _by_quotient(_entry(called, formula), entry, slope)


def _backward(found: Readable, formula: Formula, name: str) -> Equation | None:
    form = backward_form(formula, name, found.free_name(UPSTREAM))
    return None if form is None else _derivative(found.free_name(LOSS), name, form)


def backward_form(formula: Formula, name: str, upstream: str) -> MatrixForm | None:
    """∂L/∂x for a number L that is made of the output, by the gradient of L by the output, which is called `upstream`.

    >>> from gradcheck import formula
    >>> print(backward_form(formula("softmax"), "z", "G"))
    G ⊙ s - (Gᵀs) s where s = softmax(z)
    """
    weights = tensor(upstream, *formula.output.values())
    total = weights[tuple(formula.output)] * formula.definition
    for index, size in formula.output.items():
        total = _summed(total, index, size)
    weighed = replace(formula, definition=total, output={}, variables=(*formula.variables, weights), wrt=(name,))
    return weighed.matrix_form(name)


def _summed(total: sp.Expr, index: sp.Symbol, size: sp.Expr) -> sp.Expr:
    return sum_over(size, lambda bound: substitute(total, index, bound))


def upstream_note(found: Readable, lines: Iterable[Equation]) -> tuple[str, ...]:
    """What L and G are, where a line speaks of them."""
    loss = found.free_name(LOSS)
    if not any(each.text.startswith(f"∂{loss}/") for each in lines):
        return ()
    return (f"{found.free_name(UPSTREAM)} is ∂{loss}/∂{_output_name(found)}, by which a loss {loss} depends on it",)
