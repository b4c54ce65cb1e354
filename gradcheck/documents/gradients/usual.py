"""The losses that a gradient may belong to where a document states none: of predictions against targets."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.documents.gradients.losses import Loss
from gradcheck.documents.gradients.synthetic import role_of
from gradcheck.documents.gradients.updates import dotted

USUAL = "gc_usual"
"""What a script calls `usual_loss`."""

Array = NDArray[np.float64]


def _binary(p: Array, y: Array) -> Array:
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


LOSSES: Mapping[str, Callable[[Array, Array], Any]] = {
    "half the sum of squared errors": lambda p, y: ((p - y) ** 2).sum() / 2,
    "the sum of squared errors": lambda p, y: ((p - y) ** 2).sum(),
    "half the mean squared error": lambda p, y: ((p - y) ** 2).mean() / 2,
    "the mean squared error": lambda p, y: ((p - y) ** 2).mean(),
    "the sum of the binary cross-entropies": lambda p, y: _binary(p, y).sum(),
    "the mean of the binary cross-entropies": lambda p, y: _binary(p, y).mean(),
    "the sum of the cross-entropies": lambda p, y: -(y * np.log(p)).sum(),
    "the mean of the cross-entropies": lambda p, y: -(y * np.log(p)).sum() / len(p),
}
"""Each as a function of the predictions and the targets, those first that need the least said."""


def usual_loss(predictions: Any, targets: Any) -> Array:
    """Each of `LOSSES` of predictions and targets, arrays or tensors; nan where it is not defined.

    >>> usual_loss(np.array([1.0, 2.0]), np.array([0.0, 0.0]))[:4]
    array([2.5 , 5.  , 1.25, 2.5 ])
    """
    p, y = (
        np.asarray(each.detach() if hasattr(each, "detach") else each, dtype=float) for each in (predictions, targets)
    )
    if p.shape != y.shape:
        raise ValueError(f"predictions have the shape {p.shape}, targets {y.shape}")
    with np.errstate(all="ignore"):
        return np.array([loss(np.atleast_1d(p), np.atleast_1d(y)) for loss in LOSSES.values()])


def usual_losses(statements: Sequence[ast.stmt]) -> list[Loss]:
    """The losses of the first difference between predictions and targets in these statements."""
    for place, statement in enumerate(statements):
        for prediction, target in _differences(statement):
            before = tuple(statements[:place])
            return [Loss(name, before, _call(prediction, target), statement.lineno) for name in LOSSES]
    return []


def _differences(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    for each in ast.walk(statement):
        if isinstance(each, ast.BinOp) and isinstance(each.op, ast.Sub):
            for prediction, target in ((each.left, each.right), (each.right, each.left)):
                if _is_target(target) and not _is_target(prediction):
                    yield prediction, target


def _is_target(node: ast.expr) -> bool:
    return role_of(dotted(node).rsplit(".", 1)[-1]) == "Y"


def _call(prediction: ast.expr, target: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(USUAL, ast.Load()), [prediction, target], [])
