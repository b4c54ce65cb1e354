"""Whether a function is least or greatest at a point: its slope is zero there, and no value around it is beyond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from gradcheck.articles.claims import Judgement
from gradcheck.documents.formulas.entries import named_entries
from gradcheck.documents.formulas.evaluation import CONSTANTS, CannotEvaluate
from gradcheck.documents.formulas.links import is_number
from gradcheck.documents.formulas.resolve import Resolver
from gradcheck.documents.formulas.resolved_calls import Unresolved
from gradcheck.documents.formulas.statements import Statement
from gradcheck.documents.formulas.symbolic_oracle import SymbolicOracle, numbers, symbols
from gradcheck.documents.formulas.tree import Call, Derivative, Limit, Name, Node
from gradcheck.documents.formulas.wording import not_checkable, shown
from gradcheck.results import Diagnosis, Evidence

RULE = "the slope is worked out at the point by SymPy, and the values at {count} points around it"
NEAR, FAR = (0.01, 0.1), (0.01, 0.1, 1.0, 6.0)
AROUND = 24
ZERO = mpmath.mpf(10) ** -25
CONSTANT_VALUES = (0.75, -1.3)


@dataclass(frozen=True)
class Place:
    """An expression of some names, and the point at which it is called least (or greatest).

    `everywhere` looks farther away too, `line` is where the function is defined, and `vector` the name whose entries
    `labels` are, if they are.
    """

    node: Node
    labels: tuple[str, ...]
    point: tuple[Node, ...]
    least: bool
    everywhere: bool = False
    line: int = 0
    vector: str = ""

    @classmethod
    def of(cls, statement: Statement, resolver: Resolver) -> Place | None:
        """What a statement in words says; None where it is about no point, or about a function that is not known."""
        first, least = statement.equation.sides[0].node, statement.extreme.startswith("minimum")
        try:
            match first:
                case Call(function, point) if all(map(is_number, point)):
                    return _of_function(resolver, function, point, least)
                case Derivative(of, (Name() as by,), _, _, (place,)) if of is not None:
                    node = resolver.node(replace(first, at=()), frozenset((by.label,)))
                    return cls(node, (by.label,), (place,), least, everywhere=True, line=statement.line)
                case Limit(Derivative() as slope, by, place):
                    node = resolver.node(slope, frozenset((by.label,)))
                    return cls(node, (by.label,), (place,), least, everywhere=True, line=statement.line)
        except Unresolved:
            return None
        return None


def _of_function(resolver: Resolver, function: str, point: tuple[Node, ...], least: bool) -> Place | None:
    found = resolver.definition(function)
    if found is None or found.body is None or not found.parameters:
        return None
    (node,) = named_entries((resolver.node(found.body, frozenset(found.parameters)),))
    if len(found.parameters) == 1 and len(point) > 1:
        (label,) = found.parameters
        whole = any(isinstance(each, Name) and each.label == label for each in node.walk())
        labels = tuple(f"{label}·{place}·0" if whole else f"{label}_{place + 1}" for place in range(len(point)))
        return Place(node, labels, point, least, line=found.line, vector=label if whole else "")
    names = found.arguments or tuple(Name(each) for each in found.parameters)
    labels = tuple(each.label for each in named_entries(names) if isinstance(each, Name))
    return Place(node, labels, point, least, line=found.line)


def extreme_judgement(place: Place) -> Judgement:
    """The judgement on such a statement; one about an expression with other letters is not refuted."""
    labels = place.labels
    names = [each for each in place.node.walk() if isinstance(each, Name)]
    others = sorted({each.label for each in names} - {*labels, *CONSTANTS, place.vector})
    if len(set(labels)) != len(place.point) or any(each.indices for each in names):
        return not_checkable("the point has not as many numbers as the function has variables")
    try:
        vectors = {place.vector: symbols(place.vector, (len(labels), 1))} if place.vector else {}
        scalars = {label: symbols(label, ()) for label in (*labels, *others)}
        oracle = SymbolicOracle({**scalars, **vectors}, {}, {})
        expression = oracle.value(place.node)
        at = [float(SymbolicOracle({}, {}, {}).value(each).item()) for each in place.point]
        found = [
            _tried(place, expression, dict(zip(labels, at, strict=True)), others, each) for each in CONSTANT_VALUES
        ]
    except (CannotEvaluate, ArithmeticError, ValueError, TypeError) as error:
        return not_checkable(f"the function cannot be evaluated there: {error}")
    return _decided(found[: 1 if not others else None], others, at)


@dataclass(frozen=True)
class Tried:
    """What was found: the slopes, the value, and a point with a value beyond it, if there is one."""

    slopes: tuple[Any, ...]
    value: Any
    beyond: tuple[Any, Any] | None
    count: int


def _tried(place: Place, expression: Any, point: dict[str, float], others: Sequence[str], constant: float) -> Tried:
    constants = {label: np.array(constant + number / 7) for number, label in enumerate(others)}

    def value(at: dict[str, float]) -> Any:
        return numbers(expression, {**constants, **{label: np.array(each) for label, each in at.items()}}).item()

    slopes = []
    for label in point:
        slope = np.array(sp.diff(expression.item(), sp.Symbol(label, real=True)), dtype=object)
        slopes.append(numbers(slope, {**constants, **{name: np.array(each) for name, each in point.items()}}).item())
    middle, sign = value(point), 1 if place.least else -1
    generator = np.random.default_rng(0)
    count, beyond = 0, None
    for radius in FAR if place.everywhere else NEAR:
        for _ in range(AROUND):
            step = generator.normal(size=len(point))
            step *= radius / max(float(np.linalg.norm(step)), 1e-9)
            moved = {label: each + float(by) for (label, each), by in zip(point.items(), step, strict=True)}
            other, count = value(moved), count + 1
            if sign * (other - middle) < -ZERO and beyond is None:
                beyond = (tuple(moved.values()), other)
    return Tried(tuple(slopes), middle, beyond, count)


def _decided(found: Sequence[Tried], others: Sequence[str], at: Sequence[float]) -> Judgement:
    first = found[0]
    point = ", ".join(f"{each:g}" for each in at)
    flat = [all(abs(slope) < ZERO for slope in each.slopes) for each in found]
    slopes = ", ".join(shown(each) for each in first.slopes)
    if all(flat) and all(each.beyond is None for each in found):
        return Judgement(
            "confirmed",
            f"the slope is {slopes} at {point}, and no value around it is beyond",
            RULE.format(count=first.count),
            evidence=_evidence(first, slopes, point),
        )
    if others:
        return not_checkable(f"it depends on {', '.join(f'`{each}`' for each in others)}")
    if first.beyond is None:
        return not_checkable("the slope is not zero there, but no value around it is beyond")
    where = ", ".join(f"{each:.4g}" for each in first.beyond[0])
    text = f"at {where} the value is {shown(first.beyond[1])}, beyond the {shown(first.value)} at {point}"
    return Judgement(
        "refuted",
        f"the slope is {slopes} at {point}",
        RULE.format(count=first.count),
        Diagnosis("other", text),
        _evidence(first, slopes, point),
    )


def _evidence(found: Tried, slopes: str, point: str) -> tuple[Evidence, ...]:
    return Evidence("SymPy", f"the slope is {slopes} at {point}"), Evidence(
        "values", f"{shown(found.value)} at {point}"
    )
