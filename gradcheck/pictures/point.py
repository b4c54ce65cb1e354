"""A point at which a formula is looked at: the values that were given, and samples of its domains for the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.errors import UnknownName, UsageError
from gradcheck.symbolic.compile import is_integer, variable_shape
from gradcheck.symbolic.domains import Array
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.points import distinct_sizes, sample_point
from gradcheck.symbolic.sizes import measured, value

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
    arrays = {name: _array(formula, name, array) for name, array in given.items()}
    sizes = dict.fromkeys(map(str, formula.dimensions), 1) if small else distinct_sizes(formula.dimensions, 0)
    sizes |= point_sizes(formula, arrays)
    _check_fit(formula, arrays, sizes)
    sampled = sample_point(formula, sizes, np.random.default_rng(SEED))
    return {name: np.asarray(arrays.get(name, drawn)) for name, drawn in sampled.items()}


def subscripted(name: str, entry: Entry) -> str:
    """An entry's name as people write it.

    >>> subscripted("x", (2,)), subscripted("X", (0, 1)), subscripted("w", ())
    ('x₂', 'X₀₁', 'w')
    """
    joint = "," if any(index > 9 for index in entry) else ""
    return name + joint.join("".join(DIGITS[int(digit)] for digit in str(index)) for index in entry)


def _array(formula: Formula, name: str, given: Any) -> Array:
    variable = formula.variable(name)
    whole = is_integer(variable)
    try:
        array = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        raise UsageError(f"at: {name} is no array of numbers; a number or lists of one length are accepted") from None
    if not np.isfinite(array).all() or (whole and (array != np.round(array)).any()):
        raise UsageError(f"at: {name} must hold {'whole' if whole else 'finite'} numbers")
    if array.ndim != len(shape := variable_shape(variable)) or not array.size:
        axes = f"an array with axes {', '.join(map(str, shape))}" if shape else "one number"
        raise UsageError(f"at: {name} has shape {array.shape}; {axes} is accepted")
    return array.astype(int) if whole else array


def point_sizes(formula: Formula, point: Mapping[str, Array]) -> dict[str, int]:
    """Every dimension by name, as the shapes of the given variables' values tell it.

    >>> from gradcheck import formula
    >>> point_sizes(formula("linear"), {"W": np.zeros((4, 2))})
    {'m': 4, 'n': 2}
    """
    shapes = [(name, variable_shape(formula.variable(name))) for name in point]
    return measured(shapes, {name: array.shape for name, array in point.items()})


def _check_fit(formula: Formula, arrays: Mapping[str, Array], sizes: Mapping[str, int]) -> None:
    """UsageError where a given array is not as long as the sizes demand, or a size comes out below 1."""
    for name, array in arrays.items():
        shape = variable_shape(formula.variable(name))
        for axis, (size, length) in enumerate(zip(shape, array.shape, strict=True)):
            if (due := value(size, sizes)) != length:
                told = f"axis {axis} of {name} has length {length}; by the other axes it is {size} = {due}"
                raise UsageError(f"at: {told}")
    if small := [f"{dimension} = {size}" for dimension, size in sizes.items() if size < 1]:
        raise UsageError(f"at: the shapes give {', '.join(small)}, which must be at least 1")


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
