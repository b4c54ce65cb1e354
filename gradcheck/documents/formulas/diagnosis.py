"""The slip behind a stated derivative that does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from gradcheck.documents.formulas.evaluation import CONSTANTS
from gradcheck.documents.formulas.links import noun
from gradcheck.documents.formulas.tree import Derivative, Name
from gradcheck.errors import UsageError
from gradcheck.results import Diagnosis
from gradcheck.symbolic.derivations.derive import derive
from gradcheck.symbolic.derivations.ratios import constant_ratio
from gradcheck.symbolic.derivations.rule import NoRule
from gradcheck.symbolic.derivations.step_check import check_step

if TYPE_CHECKING:
    from gradcheck.documents.formulas.trials import Outcome

MULTIPLES = {"1/2": "half", "2": "twice", "-1": "minus"}
LONGEST = 400


def diagnosed(outcome: Outcome) -> Diagnosis:
    """What was done wrong, as far as one of the usual slips explains it."""
    return next(
        (each for each in (_sign(outcome), _slip(outcome), _coupling(outcome), _ratio(outcome)) if each is not None),
        Diagnosis("other", f"it is not {_noun(outcome)}, and none of the usual slips explains it", "derive it anew"),
    )


def _noun(outcome: Outcome) -> str:
    return noun(outcome.sides[0])


def _sign(outcome: Outcome) -> Diagnosis | None:
    """The derivative with the other sign."""
    ratios = list(_ratios(outcome))
    if ratios and all(ratio is not None and abs(ratio + 1) < 1e-15 for ratio in ratios):
        return Diagnosis("sign", f"it is minus {_noun(outcome)}", "turn the sign")
    return None


def _ratio(outcome: Outcome) -> Diagnosis | None:
    """A constant factor between the two sides."""
    ratios = list(_ratios(outcome))
    if not ratios or any(ratio is None for ratio in ratios):
        return None
    found = constant_ratio(ratios)
    if found is None or found == 0:
        return None
    name = MULTIPLES.get(str(found), f"{found} times")
    return Diagnosis("factor", f"it is {name} {_noun(outcome)}: factor {found}", f"multiply by {1 / found}")


def _ratios(outcome: Outcome) -> Iterator[Any]:
    assert outcome.comparison is not None
    for sample in outcome.comparison.samples:
        right, stated = sample.symbolic[0], sample.symbolic[outcome.wrong]
        if right.shape != stated.shape:
            yield None
            return
        for a, b in zip(right.flat, stated.flat, strict=True):
            if a != 0:
                yield b / a
            elif b != 0:
                yield None


def _coupling(outcome: Outcome) -> Diagnosis | None:
    """A Jacobian that is right on its diagonal alone."""
    assert outcome.comparison is not None
    samples = outcome.comparison.samples
    right, stated = (np.stack([each.symbolic[side] for each in samples]) for side in (0, outcome.wrong))
    if right.shape != stated.shape or right.ndim != 2:
        return None
    count = round(right.shape[1] ** 0.5)
    if count < 2 or count * count != right.shape[1]:
        return None
    off = [place for place in range(count * count) if place // count != place % count]
    on = [place for place in range(count * count) if place // count == place % count]
    differs = abs(right - stated) > 1e-15
    if not differs[:, on].any() and differs[:, off].any():
        return Diagnosis(
            "coupling",
            "it is right for i = j alone; the coupling of the other entries is forgotten",
            "add the term for i ≠ j",
        )
    return None


def _slip(outcome: Outcome) -> Diagnosis | None:
    """For scalars: the rule that was misused, found by deriving anew with every usual slip."""
    stated, function, by = scalar_parts(outcome)
    if function is None or by is None:
        return None
    text = str(stated)
    if len(text) > LONGEST or len(str(function)) > LONGEST:
        return None
    try:
        found = check_step(derive(function, by.name), text)
    except (UsageError, NoRule, ValueError, TypeError, ArithmeticError, AttributeError, KeyError):
        return None
    if found.ok or found.kind == "unexplained":
        return None
    return Diagnosis(found.kind, found.text, "")


def scalar_parts(outcome: Outcome) -> tuple[Any, Any, Any]:
    """The stated side, the function and the variable as SymPy expressions, where all are scalars of plain names."""
    assert outcome.comparison is not None
    comparison, node = outcome.comparison, outcome.sides[0]
    if not comparison.reading.is_scalar or not isinstance(node, Derivative) or len(node.by) != 1 or node.where:
        return None, None, None
    stated, by = comparison.sides[outcome.wrong], node.by[0]
    if stated.shape or not isinstance(by, Name) or node.of is None:
        return None, None, None
    from gradcheck.documents.formulas.symbolic_oracle import SymbolicOracle, symbols

    oracle = SymbolicOracle(
        {label: symbols(label, ()) for label in comparison.reading.shapes if label not in CONSTANTS}, {}, {}
    )
    function = oracle.value(node.of)
    return (
        (stated.item(), function.item(), sp.Symbol(by.label, real=True)) if not function.shape else (None, None, None)
    )
