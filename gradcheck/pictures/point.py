"""A point at which a formula is looked at: the values that were given, and samples of its domains for the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.errors import UnknownName, UsageError
from gradcheck.symbolic.compile import is_integer, variable_name, variable_shape
from gradcheck.symbolic.domains import Array
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.points import distinct_sizes, sample_point

SEED = 0
DIGITS = "₀₁₂₃₄₅₆₇₈₉"

Given = Mapping[str, Any]
Entry = tuple[int, ...]


def formula_point(formula: Formula, given: Given, small: bool = False) -> dict[str, Array]:
    """A value of every variable, in the formula's order: what is `given`, and for the others a fixed sample.

    Sizes are those of the given arrays, otherwise small distinct numbers, or all 1 where `small`. Raises UnknownName
    for a name that is no variable, UsageError where a value is no array of finite numbers or its shape does not fit.

    >>> from gradcheck import formula
    >>> formula_point(formula("linear_scalar"), {"w": 2.0})["w"]
    array(2.)
    """
    for name in given:
        if name not in formula.variable_names:
            known = ", ".join(formula.variable_names)
            raise UnknownName(f"variable of {formula.name}", name, formula.variable_names, f"it has {known}")
    arrays = {name: _array(formula, name, value) for name, value in given.items()}
    sizes = dict.fromkeys(map(str, formula.dimensions), 1) if small else distinct_sizes(formula.dimensions, 0)
    sizes |= _sizes(formula, arrays)
    sampled = sample_point(formula, sizes, np.random.default_rng(SEED))
    return {name: np.asarray(arrays.get(name, value)) for name, value in sampled.items()}


def subscripted(name: str, entry: Entry) -> str:
    """An entry's name as people write it.

    >>> subscripted("x", (2,)), subscripted("X", (0, 1)), subscripted("w", ())
    ('x₂', 'X₀₁', 'w')
    """
    joint = "," if any(index > 9 for index in entry) else ""
    return name + joint.join("".join(DIGITS[int(digit)] for digit in str(index)) for index in entry)


def _array(formula: Formula, name: str, value: Any) -> Array:
    variable = formula.variable(name)
    whole = is_integer(variable)
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise UsageError(f"at: {name} is no array of numbers; a number or lists of one length are accepted") from None
    if not np.isfinite(array).all() or (whole and (array != np.round(array)).any()):
        raise UsageError(f"at: {name} must hold {'whole' if whole else 'finite'} numbers")
    if array.ndim != len(shape := variable_shape(variable)) or not array.size:
        axes = f"an array with axes {', '.join(map(str, shape))}" if shape else "one number"
        raise UsageError(f"at: {name} has shape {array.shape}; {axes} is accepted")
    return array.astype(int) if whole else array


def _sizes(formula: Formula, arrays: Mapping[str, Array]) -> dict[str, int]:
    """The sizes that the arrays' shapes give; UsageError where two of them contradict each other."""
    sizes: dict[str, tuple[int, str]] = {}
    for variable in formula.variables:
        name = variable_name(variable)
        for axis, size in zip(variable_shape(variable), arrays[name].shape if name in arrays else (), strict=False):
            known, by = sizes.setdefault(str(axis), (size, name))
            if size != known:
                raise UsageError(f"at: {axis} is {known} by the shape of {by}, but {size} by the shape of {name}")
    return {axis: size for axis, (size, _) in sizes.items()}


def is_elementwise(formula: Formula, wrt: str) -> bool:
    """Whether each output entry depends on the variable's entry at the same index alone.

    >>> from gradcheck import formula
    >>> is_elementwise(formula("tanh"), "x"), is_elementwise(formula("softmax"), "z")
    (True, False)
    """
    entry = formula.entry(wrt)[1]
    if not entry or list(entry.values()) != list(formula.output.values()):
        return False
    deltas = [sp.KroneckerDelta(i, j) for i, j in zip(formula.output, entry, strict=True)]
    jacobian = formula.jacobian(wrt)
    return all(jacobian.xreplace({each: sp.S.Zero}) == 0 for each in deltas)
