"""An output of a traced function as a composite: the values that its program names are the intermediates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sympy as sp

from gradcheck.symbolic.derivations.composite import INDICES, OF_ENTRIES, Composite
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.program import Program, Value


def traced_composite(formula: Formula, program: Program, place: int) -> Composite:
    """The output of that place; `formula` has all but its definition."""
    output = program.outputs[place]
    definition = output.meaning.xreplace(dict(zip(output.indices, formula.output, strict=True)))
    taken = {*formula.variable_names, *map(str, formula.dimensions), *map(str, formula.output), *OF_ENTRIES}
    letters = [letter for letter in INDICES if letter not in taken]
    named = tuple(_with_letters(value, letters) for value in program.intermediates)
    return Composite(replace(formula, definition=definition), named)


def _with_letters(value: Value, letters: Sequence[str]) -> tuple[sp.Expr, sp.Expr]:
    symbols = (sp.Symbol(letter, integer=True, nonnegative=True) for letter in letters)
    named: Mapping[Any, Any] = dict(zip(value.indices, symbols, strict=False))
    return value.entry.xreplace(named), value.meaning.xreplace(named)
