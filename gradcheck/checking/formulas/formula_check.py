"""Hold a formula's symbolic derivative against every oracle, at several sizes and at the edges the formula names.

Autograd and finite differences speak for the torch counterpart, the complex step for the compiled definition, the
stated gradient for the textbooks: an agreement ties definition, derivative, torch and literature together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.checking import oracles
from gradcheck.checking.diagnosis.diagnose import diagnose
from gradcheck.checking.formulas.printed_check import check_printed
from gradcheck.checking.formulas.rule_check import check_update_rule
from gradcheck.checking.oracles import ComplexStepUnsupported, OracleUnsupported
from gradcheck.checking.threads import single_threaded
from gradcheck.checking.verdict import WIDEST, Comparison, compare, compare_exact, term_size
from gradcheck.numeric import complex_step
from gradcheck.numeric.estimate import Estimate
from gradcheck.results import Diagnosis, FormulaResult, KinkResult, OracleResult, Verdict
from gradcheck.symbolic.compile import compile_expression, is_integer, variable_name, variable_shape
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.points import SIZES, distinct_sizes, sample_point
from gradcheck.symbolic.printing import latex
from gradcheck.symbolic.sizes import measured
from gradcheck.symbolic.update_rule import UpdateRule

Array = NDArray[Any]

VALUE = Diagnosis(
    "value",
    "the values of the definition and of its torch counterpart differ, their derivatives agree",
    "Look for a constant that one of them lacks.",
)
"""What derivatives cannot see."""

SEVERITY = (Verdict.CORRECT, Verdict.INCONCLUSIVE, Verdict.WRONG)
"""From best to worst: a formula is as good as its worst point."""


@dataclass(frozen=True)
class Point:
    """Where a formula is tried: a random point of some sizes, or an edge it names."""

    name: str
    inputs: tuple[Array, ...]
    sizes: Mapping[str, int]
    edge: Edge | None = None


@dataclass(frozen=True)
class PointCheck:
    """What every oracle said at one point; the derivative as derived, measured, chosen by autograd, and stated."""

    point: Point
    comparisons: Mapping[str, Comparison]
    analytic: Array
    measured: Estimate
    chosen: Array
    stated: Array | None


@dataclass(frozen=True)
class Derivatives:
    """The functions that are held against each other, compiled once for all points."""

    formula: Formula
    wrt: str
    position: int
    definition: Callable[..., Any]
    symbolic: Callable[..., Any]
    stated: Callable[..., Any] | None


def check_formula(formula: Formula | UpdateRule, seed: int = 0) -> tuple[FormulaResult, ...]:
    """One result for each variable the formula is differentiated by; an update rule gives one result.

    >>> from gradcheck import formula
    >>> [result.ok for result in check_formula(formula("softmax"))]
    [True]
    """
    if isinstance(formula, UpdateRule):
        return check_update_rule(formula, seed)
    points = [*_random_points(formula, seed), *(_at_edge(formula, edge) for edge in formula.edges)]
    with single_threaded():
        checks = {wrt: _check_points(formula, wrt, points) for wrt in formula.wrt}
    missing = tuple(_missing_kinks([check for found in checks.values() for check in found]))
    return tuple(_result(formula, wrt, found, missing) for wrt, found in checks.items())


def _random_points(formula: Formula, seed: int) -> Iterator[Point]:
    generator = np.random.default_rng(seed)
    for choice in range(len(SIZES)):
        sizes = distinct_sizes(formula.dimensions, choice)
        values = sample_point(formula, sizes, generator)
        yield Point("a random point", tuple(values[name] for name in formula.variable_names), sizes)


def _at_edge(formula: Formula, edge: Edge) -> Point:
    inputs = tuple(
        np.asarray(edge.point[name], dtype=int if is_integer(formula.variable(name)) else float)
        for name in formula.variable_names
    )
    shapes = [(variable_name(variable), variable_shape(variable)) for variable in formula.variables]
    sizes = measured(shapes, {name: x.shape for name, x in zip(formula.variable_names, inputs, strict=True)})
    return Point(edge.name, inputs, sizes, edge)


def _check_points(formula: Formula, wrt: str, points: Sequence[Point]) -> list[PointCheck]:
    derivatives = _compiled(formula, wrt)
    return [_check_point(derivatives, point) for point in points]


def _result(formula: Formula, wrt: str, checks: Sequence[PointCheck], missing: tuple[KinkResult, ...]) -> FormulaResult:
    deviations = formula.deviations.get(wrt, {})
    return FormulaResult(
        name=formula.name,
        title=formula.title,
        topic=formula.topic,
        wrt=wrt,
        definition=latex(formula.definition),
        gradient=latex(formula.jacobian(wrt)),
        sizes=tuple(check.point.sizes for check in checks if check.point.edge is None),
        points=len(checks),
        oracles=_worst_by_oracle(checks),
        kinks=(*(kink for check in checks for kink in _kinks(check)), *missing),
        diagnosis=_diagnosis(formula, _without(checks, deviations)),
        source=formula.source,
        error=_stale(checks, deviations),
        deviations=deviations,
        edges=tuple(edge.name for edge in formula.edges),
        remark=formula.kinks,
        printed=check_printed(formula, wrt),
    )


def _without(checks: Sequence[PointCheck], oracles: Collection[str]) -> list[PointCheck]:
    """The checks less what these oracles said."""
    kept = ({name: c for name, c in check.comparisons.items() if name not in oracles} for check in checks)
    return [replace(check, comparisons=comparisons) for check, comparisons in zip(checks, kept, strict=True)]


def _stale(checks: Sequence[PointCheck], deviations: Mapping[str, str]) -> str:
    """What to say where a deviation of torch that the formula tells of is not there."""
    wrong = {name for check in checks for name in _contradicting(check)}
    stale = [
        f"{name} agrees, where this was said of it: {text}" for name, text in deviations.items() if name not in wrong
    ]
    return "; ".join(stale)


def _compiled(formula: Formula, wrt: str) -> Derivatives:
    stated = formula.stated_gradient(wrt)
    return Derivatives(
        formula,
        wrt,
        formula.variable_names.index(wrt),
        formula.compile("numpy"),
        formula.compile("numpy", wrt),
        None if stated is None else compile_expression(stated, formula.variables, formula.axes(wrt)),
    )


def _check_point(d: Derivatives, point: Point) -> PointCheck:
    analytic = np.asarray(d.symbolic(*point.inputs), dtype=float)
    rounding = term_size(d.symbolic, point.inputs)
    chosen = oracles.reverse(d.formula.torch, point.inputs, d.position)
    measured = oracles.finite_difference(d.formula.torch, point.inputs, d.position)
    comparisons = {
        "reverse": compare_exact(analytic, chosen, rounding),
        "finite_difference": compare(analytic, _beside_jumps(point, measured, analytic)),
    }
    with suppress(OracleUnsupported):
        forward = oracles.forward(d.formula.torch, point.inputs, d.position)
        comparisons["forward"] = compare_exact(analytic, forward, rounding)
    with suppress(ComplexStepUnsupported):
        comparisons["complex_step"] = _complex_step(d, point, analytic, measured)
    stated = None if d.stated is None else np.asarray(d.stated(*point.inputs), dtype=float)
    if stated is not None:
        comparisons["stated"] = compare_exact(stated, analytic, rounding)
    if all(comparison.verdict is not Verdict.WRONG for comparison in comparisons.values()):
        comparisons |= _differing_values(d, point)
    return PointCheck(point, comparisons, analytic, measured, chosen, stated)


def _differing_values(d: Derivatives, point: Point) -> dict[str, Comparison]:
    """The definition beside its torch counterpart, where the values of the two differ."""
    value = np.asarray(d.definition(*point.inputs), dtype=float)
    found = compare_exact(value, oracles.value(d.formula.torch, point.inputs), term_size(d.definition, point.inputs))
    return {"value": found} if found.verdict is Verdict.WRONG else {}


def _complex_step(d: Derivatives, point: Point, analytic: Array, measured: Estimate) -> Comparison:
    """The complex step of the compiled definition; at a kink or jump it follows one branch and is not asked."""
    if not np.isfinite(measured.error_bar).all() or (measured.jump is not None and measured.jump.any()):
        raise ComplexStepUnsupported("it follows one branch")
    return compare(analytic, complex_step.jacobian(d.definition, point.inputs, d.position))


def _worst_by_oracle(checks: Sequence[PointCheck]) -> dict[str, OracleResult]:
    names = dict.fromkeys(name for check in checks for name in check.comparisons)
    return {name: _worst(name, checks) for name in names}


def _worst(oracle: str, checks: Sequence[PointCheck]) -> OracleResult:
    found = [(check.comparisons[oracle], check.point) for check in checks if oracle in check.comparisons]
    comparison, point = max(found, key=lambda pair: (SEVERITY.index(pair[0].verdict), pair[0].ratio))
    failed = comparison.verdict is not Verdict.CORRECT
    where = f"at {point.name}, entry {list(comparison.index)}"
    reason = f"{where}: {comparison.reason}".rstrip(": ") if failed else ""
    return OracleResult(comparison.verdict, comparison.worst_error, comparison.error_bar, reason)


def _kinks(check: PointCheck) -> Iterator[KinkResult]:
    """The kinks found at an edge, one for each distinct triple of slopes and autograd's choice."""
    if check.point.edge is None:
        return
    measured, bar = check.measured, check.measured.slope_bar
    seen = set()
    for index in _kinked(check):
        left, right, chosen = (float(a[index]) for a in (measured.left, measured.right, check.chosen))
        between = min(left, right) - bar[index] <= chosen <= max(left, right) + bar[index]
        left, right, chosen = (round(slope, 6) for slope in (left, right, chosen))
        if (left, right, chosen) not in seen:
            seen.add((left, right, chosen))
            verdict = Verdict.CORRECT if between else Verdict.WRONG
            yield KinkResult(check.point.edge.name, left, right, chosen, verdict)


def _kinked(check: PointCheck) -> list[tuple[int, ...]]:
    jump = check.measured.jump
    return [] if jump is None else [tuple(map(int, index)) for index in np.argwhere(jump != 0)]


def _jumps(point: Point, measured: Estimate) -> NDArray[np.bool_]:
    """The entries at which the function jumps, where an edge says that it does: no difference quotient settles."""
    largest = np.max(np.abs(measured.value), initial=0.0, where=np.isfinite(measured.value))
    unsettled = ~(measured.slope_bar <= WIDEST * (largest or measured.magnitude))
    return unsettled if point.edge is not None and point.edge.jump else np.zeros_like(unsettled)


def _beside_jumps(point: Point, measured: Estimate, analytic: Array) -> Estimate:
    """What was measured, with nothing to say where the function jumps."""
    jumps = _jumps(point, measured)
    value, bar = np.where(jumps, analytic, measured.value), np.where(jumps, 0.0, measured.error_bar)
    return replace(measured, value=value, error_bar=bar)


def _missing_kinks(checks: Sequence[PointCheck]) -> Iterator[KinkResult]:
    """The edges said to be kinks or jumps at which no variable has one: the formula's own statement is wrong."""
    kinked = {check.point.edge for check in checks if _kinked(check)}
    jumping = {check.point.edge for check in checks if _jumps(check.point, check.measured).any()}
    for edge in dict.fromkeys(check.point.edge for check in checks if check.point.edge is not None):
        promised = {"kink": edge.kink and edge not in kinked, "jump": edge.jump and edge not in jumping}
        for kind, missing in promised.items():
            if missing:
                yield KinkResult(f"{edge.name}: no {kind} found", np.nan, np.nan, np.nan, Verdict.WRONG)


def _diagnosis(formula: Formula, checks: Sequence[PointCheck]) -> Diagnosis | None:
    """Name the mistake at the first point where an oracle contradicts; a factor, by a size that explains it."""
    contradicted = [check for check in checks if _contradicting(check)]
    wrong = [check for check in contradicted if _contradicting(check) != {"value"}]
    if not wrong:
        return VALUE if contradicted else None
    accused, derivative = _accused(wrong[0])
    named = diagnose(derivative, wrong[0].measured, len(formula.output))
    if named.kind == "factor":
        named = replace(named, text=_explained_factor(formula, wrong, named.text))
    return replace(named, text=f"{accused}: {named.text}")


def _explained_factor(formula: Formula, wrong: Sequence[PointCheck], text: str) -> str:
    """A factor that is the same at all sizes has nothing to do with them; another is told where a size explains it."""
    outputs = len(formula.output)
    if len({diagnose(_accused(check)[1], check.measured, outputs).text for check in wrong}) == 1:
        return text
    told = (diagnose(_accused(check)[1], check.measured, outputs, check.point.sizes).text for check in wrong)
    return next((each for each in told if each.endswith(")")), text)


def _contradicting(check: PointCheck) -> set[str]:
    return {name for name, found in check.comparisons.items() if found.verdict is Verdict.WRONG}


def _accused(check: PointCheck) -> tuple[str, Array]:
    """The derivative that stands alone against the others."""
    wrong = _contradicting(check)
    if wrong == {"stated"} and check.stated is not None:
        return "the stated gradient", check.stated
    if "reverse" in wrong and "finite_difference" not in wrong:
        return "autograd", check.chosen
    return "the derived gradient", check.analytic
