"""A derivation: the lines from a definition to its derivative, each held against the definition at 40 digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.contract import contract
from gradcheck.symbolic.evaluate import difference_quotient, evaluate, exact
from gradcheck.symbolic.points import distinct_sizes, sample_point
from gradcheck.symbolic.printing import latex, text
from gradcheck.symbolic.sizes import value

if TYPE_CHECKING:
    from gradcheck.symbolic.formula import Formula

TOLERANCE = 1e-20
"""Lines are evaluated at 40 digits and the difference quotient is right to about 25."""
ENTRIES_CHECKED = 6
SEED = 0


@dataclass(frozen=True)
class Step:
    """One line: the rule that led to it, and how far it is from the definition's difference quotient, relatively."""

    rule: str
    line: sp.Expr
    residual: float

    @property
    def ok(self) -> bool:
        """Whether the line equals the derivative of the definition."""
        return self.residual <= TOLERANCE


@dataclass(frozen=True)
class Derivation:
    """The definition, and the steps that lead from it to the derivative by `entry`."""

    name: str
    definition: sp.Expr
    output: sp.Expr
    entry: sp.Expr
    steps: tuple[Step, ...]

    @property
    def ok(self) -> bool:
        """Whether every line holds."""
        return all(step.ok for step in self.steps)

    def __str__(self) -> str:
        derivative = f"∂{text(self.output)}/∂{text(self.entry)}"
        rows = [f"{text(self.output)} = {text(self.definition)}"]
        for step in self.steps:
            mark = f"holds to {step.residual:.0e}" if step.ok else f"FAILS by {step.residual:.1e}"
            rows += [f"{step.rule} ({mark}):", f"  {derivative} = {text(step.line)}"]
        return "\n".join(rows)

    def _repr_markdown_(self) -> str:
        derivative = rf"\frac{{\partial {latex(self.output)}}}{{\partial {latex(self.entry)}}}"
        rows = [f"$${latex(self.output)} = {latex(self.definition)}$$"]
        rows += [f"{step.rule}:\n\n$${derivative} = {latex(step.line)}$$" for step in self.steps]
        return "\n\n".join(rows)


def derive_by_steps(formula: Formula, wrt: str) -> Derivation:
    """The derivation of a formula's gradient with respect to one of its variables."""
    entry, axes = formula.entry(wrt)
    lines = list(_lines(formula, wrt))
    residuals = _residuals([line for _, line in lines], formula, wrt, axes)
    steps = tuple(Step(rule, line, residual) for (rule, line), residual in zip(lines, residuals, strict=True))
    label = sp.Symbol("f", real=True) if not formula.output else sp.Indexed("f", *formula.output)
    return Derivation(formula.name, canonical(formula.definition), label, entry, steps)


def _lines(formula: Formula, wrt: str) -> Iterator[tuple[str, sp.Expr]]:
    raw = sp.diff(formula.definition, formula.entry(wrt)[0])
    yield "Differentiate term by term", canonical(raw)
    sifted = canonical(contract(raw))
    if sifted != canonical(raw):
        yield "Sift the Kronecker deltas", sifted
    stated = formula.stated_gradient(wrt)
    if stated is not None and canonical(stated) != sifted:
        yield "Write it as textbooks do", canonical(stated)


def _residuals(lines: list[sp.Expr], formula: Formula, wrt: str, axes: Mapping[sp.Symbol, sp.Expr]) -> list[float]:
    """For each line the largest relative distance from the definition's difference quotient, over several entries."""
    sizes = distinct_sizes(formula.dimensions, 0)
    point = exact(sample_point(formula, sizes, np.random.default_rng(SEED)))
    worst = [0.0] * len(lines)
    for at in _positions(formula, axes, sizes):
        environment: dict[Any, Any] = {**point, **{symbol: sizes[symbol.name] for symbol in formula.dimensions}, **at}
        position = tuple(at[symbol] for symbol in axes)
        true = difference_quotient(formula.definition, wrt, position, environment)
        values = (evaluate(line, environment) for line in lines)
        worst = [max(w, float(abs(v - true) / (1 + abs(true)))) for w, v in zip(worst, values, strict=True)]
    return worst


def _positions(
    formula: Formula, axes: Mapping[sp.Symbol, sp.Expr], sizes: Mapping[str, int]
) -> Iterator[dict[Any, int]]:
    """Entries of the Jacobian, spread evenly over all of them."""
    spans = {**formula.output, **axes}
    everywhere = list(product(*(range(value(size, sizes)) for size in spans.values())))
    stride = max(1, len(everywhere) // ENTRIES_CHECKED)
    for at in everywhere[::stride]:
        yield dict(zip(spans, at, strict=True))
