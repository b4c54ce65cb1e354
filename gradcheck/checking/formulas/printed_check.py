"""Does an identity hold as it is printed, and does it hold under the condition that it lacks?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gradcheck.checking.diagnosis.diagnose import diagnose
from gradcheck.checking.verdict import Comparison, compare_exact, term_size
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Diagnosis, PrintedResult, Verdict
from gradcheck.symbolic.compile import compile_expression
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.points import SIZES, distinct_sizes, sample_point
from gradcheck.symbolic.printed import Printed
from gradcheck.symbolic.printing import latex

Inputs = tuple[Any, ...]
Compiled = Callable[..., Any]

READING = 1e-9
"""Error bar, relative to the largest entry, with which the true gradient is handed to the diagnosis."""


def check_printed(formula: Formula, wrt: str, seed: int = 0) -> tuple[PrintedResult, ...]:
    """One result for each identity that a source prints for the gradient with respect to a variable.

    The true gradient is the derived one, which `check_formula` holds against every oracle.
    """
    return tuple(_judged(formula, printed, seed) for printed in formula.printed if printed.wrt == wrt)


def _judged(formula: Formula, printed: Printed, seed: int) -> PrintedResult:
    derived = formula.compile("numpy", printed.wrt)
    expression = printed.gradient(*formula.entry(printed.wrt)[1])
    stated = compile_expression(expression, formula.variables, formula.axes(printed.wrt))
    points = list(_points(formula, seed))
    found = [_compared(stated, derived, inputs) for inputs in points]
    verdict = _worst(found)
    return PrintedResult(
        where=printed.where,
        gradient=latex(expression),
        verdict=verdict,
        diagnosis=_diagnosis(formula, stated, derived, points, found) if verdict is Verdict.WRONG else None,
        needs=printed.needs,
        under_condition=_under_condition(formula, printed, stated, derived, seed) if printed.needs else None,
        slip=printed.slip,
    )


def _under_condition(formula: Formula, printed: Printed, stated: Compiled, derived: Compiled, seed: int) -> Verdict:
    narrowed = replace(formula, domains={**formula.domains, **printed.domains})
    return _worst([_compared(stated, derived, inputs) for inputs in _points(narrowed, seed)])


def _points(formula: Formula, seed: int) -> Iterator[Inputs]:
    """Random points at every choice of sizes."""
    generator = np.random.default_rng(seed)
    for choice in range(len(SIZES)):
        values = sample_point(formula, distinct_sizes(formula.dimensions, choice), generator)
        yield tuple(values[name] for name in formula.variable_names)


def _compared(stated: Compiled, derived: Compiled, inputs: Inputs) -> Comparison:
    claimed, true = (np.asarray(function(*inputs), dtype=float) for function in (stated, derived))
    scale = np.maximum(term_size(stated, inputs), term_size(derived, inputs))
    return compare_exact(claimed, true, scale)


def _worst(found: Sequence[Comparison]) -> Verdict:
    verdicts = {comparison.verdict for comparison in found}
    return next(v for v in (Verdict.WRONG, Verdict.INCONCLUSIVE, Verdict.CORRECT) if v in verdicts)


def _diagnosis(
    formula: Formula, stated: Compiled, derived: Compiled, points: Sequence[Inputs], found: Sequence[Comparison]
) -> Diagnosis:
    inputs = next(p for p, comparison in zip(points, found, strict=True) if comparison.verdict is Verdict.WRONG)
    claimed, true = (np.asarray(function(*inputs), dtype=float) for function in (stated, derived))
    bar = np.full_like(true, READING * np.max(np.abs(true), initial=0.0))
    return diagnose(claimed, Estimate(true, bar, 0), len(formula.output))
