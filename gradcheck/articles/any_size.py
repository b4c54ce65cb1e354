"""The catalogue as the symbolic oracle: a loss that is one of its formulas is derived there, for symbolic sizes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data
from gradcheck.articles.data import Array
from gradcheck.articles.gradient import close
from gradcheck.results import Evidence


def derived_for_any_size(
    spec: Data, outputs: Sequence[Array], points: Sequence[Mapping[str, Array]], wrt: str
) -> list[Array] | None:
    """The derivatives by `wrt` at several points, from one formula of the catalogue, derived once for all sizes.

    `spec` has the formula's `name` and, in `variables`, which of the points' values each of its variables takes.
    `outputs` are the values to be differentiated. They may be any one multiple of the formula's; where they are not,
    it is another function, and the answer is None.

    >>> spec = {"name": "squared_norm", "variables": {"X": "X", "w": "theta", "y": "y"}}
    >>> at = {"X": np.array([[1.0, 2.0]]), "theta": np.array([1.0, 1.0]), "y": np.array([1.0])}
    >>> derived_for_any_size(spec, [np.array(2.0)], [at], "theta")
    [array([2., 4.])]
    """
    from gradcheck.catalogue import formula

    found, names = formula(read.text(spec, "name")), read.texts(spec, "variables")
    arguments = [[point[names[name]] for name in found.variable_names] for point in points]
    definition = _compiled(found.name, None)
    scale = _common_scale(outputs, [np.asarray(definition(*values)) for values in arguments])
    if scale is None:
        return None
    (variable,) = [name for name, given in names.items() if given == wrt]
    derivative = _compiled(found.name, variable)
    return [scale * np.asarray(derivative(*values), dtype=np.float64) for values in arguments]


@cache
def _compiled(name: str, wrt: str | None) -> Callable[..., object]:
    from gradcheck.catalogue import formula

    return formula(name).compile("numpy", wrt)


def any_size_evidence(spec: Data, wrt: str) -> Evidence:
    """That the catalogue's derivation, which holds for every size, gave the same."""
    from gradcheck.catalogue import formula

    found = formula(read.text(spec, "name"))
    sizes = ", ".join(dimension.name for dimension in found.dimensions)
    return Evidence("symbolic", f"`{found.name}`, derived for symbolic {sizes}, gives the same derivative by {wrt}")


def _common_scale(outputs: Sequence[Array], values: Sequence[Array]) -> float | None:
    """The number that turns every value into its output; None where there is none."""
    left, right = (np.concatenate([np.ravel(part) for part in parts]) for parts in (outputs, values))
    scale = round(float(left @ right / (right @ right)), 9) if np.any(right) else 0.0
    return scale if scale and close(left, scale * right) else None
