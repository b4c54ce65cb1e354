"""Finite differences with an honest error bar.

The bar is a claim that tests hold against known derivatives: the true value lies within it. It comes from steps
scaled to the point, extrapolation, and the noise that the steps reveal, never from a fixed tolerance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gradcheck.numeric.estimate import Estimate
from gradcheck.numeric.lines import entry_scales, guarded, output, precision
from gradcheck.numeric.one_sided import Kink, kink, one_sided
from gradcheck.numeric.sweep import Sweep

__all__ = ["Estimate", "Kink", "differentiate", "directional", "jacobian", "kink", "one_sided"]

Array = NDArray[np.float64]

SMALL = 1e-3
"""An entry smaller than this beside its array's largest may have to be stepped on the array's scale: rounding hides
what it does on its own."""

UNCLEAR = 1e-6
"""A bar this wide beside the largest slope is worth that second try."""


def differentiate(
    phi: Callable[[float], ArrayLike], scale: float = 1.0, noise: float | None = None, *, widen: bool = True
) -> Estimate:
    """The derivative of a line function at 0, of the shape of its outputs.

    `scale` is the distance over which `phi` is expected to change, `noise` its known absolute noise beyond rounding.
    Unless it may `widen` them, steps stay the first ten. What `phi` raises at 0 passes through; ArithmeticError and
    ValueError at other points disqualify their steps.

    >>> import math
    >>> slope = differentiate(lambda t: math.exp(2 * t))
    >>> abs(slope.value - 2) <= slope.error_bar < 1e-9
    np.True_
    """
    base = output(phi(0.0))
    flat = base.astype(np.float64).ravel()
    with np.errstate(all="ignore"):
        displace = guarded(lambda _, t: phi(t), flat.size)
        found = Sweep(displace, flat, np.array([abs(float(scale))]), precision(base), noise or 0.0).estimate(
            widen=widen
        )
    return found.reshape(*base.shape)


def jacobian(f: Callable[..., ArrayLike], inputs: Sequence[NDArray[Any]], wrt: int = 0) -> Estimate:
    """The dense Jacobian of `f(*inputs)` with respect to `inputs[wrt]`: output axes, then input axes.

    `f` returns one array; it gets copies, so that the inputs stay as they are whatever it does. Each entry is
    stepped on its own scale. UsageError where the outputs are no real numbers.

    >>> j = jacobian(lambda x: x**2, [np.array([1.0, 3.0])])
    >>> np.round(np.abs(j.value), 9)
    array([[2., 0.],
           [0., 6.]])
    """
    arguments = [np.array(x) for x in inputs]
    point = arguments[wrt].astype(np.float64)

    def displaced(entry: int, t: float) -> ArrayLike:
        moved = point.copy()
        moved.flat[entry] += t
        arguments[wrt] = moved
        return f(*arguments)

    with np.errstate(all="ignore"):
        base = output(displaced(0, 0.0) if point.size else f(*arguments))
        flat = base.astype(np.float64).ravel()
        scales, largest = entry_scales(point)
        sweep = Sweep(guarded(displaced, flat.size), flat, scales, precision(base))
        found = _retried(sweep, sweep.estimate(), largest)
    return _laid_out(found, base.shape, point.shape)


def _retried(sweep: Sweep, found: Estimate, scale: float) -> Estimate:
    """Lines far smaller than `scale` and still unclear get a second chance on it; the smaller bar wins."""
    small = sweep.scales < SMALL * scale
    lines = np.flatnonzero(
        small & (found.error_bar > UNCLEAR * np.nanmax(np.abs(found.value), initial=0.0)).any(axis=1)
    )
    if not len(lines):
        return found
    again = replace(
        sweep, displace=lambda line, t: sweep.displace(int(lines[line]), t), scales=np.full(len(lines), scale)
    ).estimate()
    better = again.error_bar < found.error_bar[lines]
    for old, new in zip(found.parts, again.parts, strict=True):
        old[lines] = np.where(better, new, old[lines])
    return replace(found, evaluations=found.evaluations + again.evaluations - 1)


def directional(f: Callable[..., ArrayLike], inputs: Sequence[NDArray[Any]], directions: Sequence[Array]) -> Estimate:
    """The derivative of `f(*inputs)` along `directions`, one array for each input, of the shape of the output.

    >>> d = directional(np.multiply, [np.array(2.0), np.array(3.0)], [np.array(1.0), np.array(-1.0)])
    >>> abs(d.value - 1) <= d.error_bar
    np.True_
    """
    points = [np.array(x, dtype=np.float64) for x in inputs]
    length = np.sqrt(sum(float(np.sum(u * u)) for u in directions)) or 1.0
    size = np.sqrt(sum(float(np.sum(x * x)) for x in points)) or 1.0
    return differentiate(lambda t: f(*(x + t * u for x, u in zip(points, directions, strict=True))), size / length)


def _laid_out(found: Estimate, outputs: tuple[int, ...], point: tuple[int, ...]) -> Estimate:
    """Slopes of shape (entries, outputs) as a Jacobian: output axes, then input axes."""
    jump = None if found.jump is None else found.jump.T
    flipped = Estimate(found.value.T, found.error_bar.T, found.evaluations, jump, found.magnitude)
    return flipped.reshape(*outputs, *point)
