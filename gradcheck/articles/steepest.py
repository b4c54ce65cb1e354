"""Judges the meaning of the gradient: the direction in which a function rises fastest, and how fast."""

from __future__ import annotations

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.expressions import Expression, show
from gradcheck.articles.gradient import ROUNDING, gradient, slope_along
from gradcheck.results import Diagnosis, Evidence

DIRECTIONS = 2000
"""How many unit directions are tried beside the stated one."""


def steepest_direction(data: Data) -> Judgement:
    """Judges `direction` and `size`, expressions in the gradient `g`, at every point of `points` of `function`.

    The stated direction has to be the one with the largest directional derivative among all unit vectors, and the
    stated size has to be that derivative.
    """
    function = read.text(data, "function")
    direction, size = Expression(read.text(data, "direction")), Expression(read.text(data, "size"))
    evidence: list[Evidence] = []
    for point in read.mappings(data, "points"):
        at = read.as_arrays(point)
        found = gradient(function, at, "x")
        unit = np.asarray(direction.numpy({"g": found.symbolic}), dtype=float)
        unit = unit / np.sqrt((unit**2).sum())
        slope = float(slope_along(function, at, "x", unit))
        rivals = _directions(found.symbolic.size) @ found.symbolic
        best, stated = float(np.abs(rivals).max()), float(size.numpy({"g": found.symbolic}))
        evidence += [
            Evidence(
                "forward", f"along {show(unit)} the slope at {show(at['x'])} is {show(slope)}; stated {show(stated)}"
            ),
            Evidence("directions", f"the largest slope along {_crowd(found.symbolic.size)} is {show(best)}"),
            *found.evidence,
        ]
        slack = ROUNDING * max(1.0, abs(slope))
        if slope < best - slack or abs(slope - stated) > slack:
            return _refuted(show(slope), show(best), show(float(np.sqrt((found.symbolic**2).sum()))), tuple(evidence))
    evidence.append(Evidence("symbolic", _lagrange_identity(3)))
    return Judgement(
        status="confirmed",
        actual="the directional derivative over unit vectors is largest along the gradient and equals its norm",
        rule="no unit direction has a larger slope (Cauchy-Schwarz), and the slope along the gradient is its norm",
        evidence=tuple(evidence),
    )


def _refuted(slope: str, best: str, norm: str, evidence: tuple[Evidence, ...]) -> Judgement:
    return Judgement(
        status="refuted",
        actual=f"the stated direction has slope {slope}, another has {best}; the norm of the gradient is {norm}",
        rule="the direction of steepest ascent has the largest slope among unit vectors, equal to the gradient's norm",
        diagnosis=Diagnosis("direction", "another unit direction rises faster, or the stated size is not the slope"),
        evidence=evidence,
        suggestion="the direction of steepest ascent is the gradient divided by its norm",
    )


def _directions(dimension: int) -> Array:
    """Unit vectors spread at random over the sphere, always the same ones, or both on a line: `[n, dimension]`."""
    if dimension == 1:
        return np.array([[1.0], [-1.0]])
    sample = np.random.default_rng(0).standard_normal((DIRECTIONS, dimension))
    return np.asarray(sample / np.sqrt((sample**2).sum(axis=1, keepdims=True)))


def _crowd(dimension: int) -> str:
    return "the only two unit vectors" if dimension == 1 else f"{DIRECTIONS} other unit vectors"


def _lagrange_identity(dimension: int) -> str:
    """Proves Cauchy-Schwarz in this dimension: |g|^2 |u|^2 - (g.u)^2 is a sum of squares, so never negative."""
    import sympy as sp

    g, u = sp.symbols(f"g:{dimension}"), sp.symbols(f"u:{dimension}")
    gap = sum(a**2 for a in g) * sum(b**2 for b in u) - sum(a * b for a, b in zip(g, u, strict=True)) ** 2
    squares = sum((g[i] * u[j] - g[j] * u[i]) ** 2 for i in range(dimension) for j in range(i))
    if sp.expand(gap - squares) != 0:
        raise ArithmeticError("Lagrange's identity failed")
    return "|g|²|u|² - (g·u)² = Σ (gᵢuⱼ - gⱼuᵢ)² ≥ 0, expanded in three dimensions; equality only along g"
