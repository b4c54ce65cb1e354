"""The report as JSON, schema 1: the same bytes for the same findings, and back again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from math import isfinite
from typing import Any

from gradcheck.computed import computed_from_data
from gradcheck.errors import UsageError
from gradcheck.results import (
    ClaimResult,
    Diagnosis,
    Evidence,
    FormulaResult,
    KinkResult,
    OracleResult,
    PrintedResult,
    Report,
    Verdict,
)

SCHEMA = 1

_LEFT_OUT = {"figures"}
_SIGNIFICANT_DIGITS = {"worst_error": 3, "error_bar": 3, "ratio": 3, "analytic": 12, "numeric": 12}
_DEFAULT_DIGITS = 6


def render(report: Report) -> str:
    """The report as JSON text: keys sorted, two spaces of indent, a newline at the end."""
    return json.dumps(report_to_dict(report), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def report_to_dict(report: Report) -> dict[str, Any]:
    """The report as JSON-ready data.

    Floats are shortened to a few significant digits; the non-finite ones, which JSON lacks, become the strings
    "nan", "inf" and "-inf". Figures are left out, and so is `computed` where that was not asked for.

    >>> report_to_dict(Report((), (), {}))["summary"]["refuted"]
    0
    """
    data = {"schema": SCHEMA, "summary": report.summary, **plain(report)}
    return data if report.computed is not None else {key: data[key] for key in data if key != "computed"}


def report_from_dict(data: Mapping[str, Any]) -> Report:
    """The report that `report_to_dict` wrote, without its figures.

    Raises UsageError where the data is of another schema.

    >>> report_from_dict(report_to_dict(Report((), (), {}))) == Report((), (), {})
    True
    """
    if data.get("schema") != SCHEMA:
        raise UsageError(f"data: a report of schema {SCHEMA} is expected, this one says {data.get('schema')!r}")
    return Report(
        claims=tuple(_claim(claim) for claim in data["claims"]),
        formulas=tuple(_formula(formula) for formula in data["formulas"]),
        environment=dict(data["environment"]),
        documents=tuple(data["documents"]),
        computed=tuple(map(computed_from_data, data["computed"])) if "computed" in data else None,
    )


def plain(value: Any, name: str = "") -> Any:
    """A result, or a part called `name`, as JSON-ready data.

    >>> plain((Verdict.WRONG, 0.1234567, float("inf")))
    ['WRONG', 0.123457, 'inf']
    """
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name), f.name) for f in fields(value) if f.name not in _LEFT_OUT}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return _short(value, name) if isinstance(value, float) else value


def _short(value: float, name: str) -> float | str:
    if not isfinite(value):
        return str(float(value))
    return float(f"{value + 0.0:.{_SIGNIFICANT_DIGITS.get(name, _DEFAULT_DIGITS)}g}")


def _diagnosis(data: Mapping[str, Any] | None) -> Diagnosis | None:
    return Diagnosis(**data) if data else None


def _claim(data: Mapping[str, Any]) -> ClaimResult:
    evidence = tuple(Evidence(**item) for item in data["evidence"])
    return ClaimResult(**{**data, "diagnosis": _diagnosis(data["diagnosis"]), "evidence": evidence})


def _formula(data: Mapping[str, Any]) -> FormulaResult:
    return FormulaResult(
        **{
            **data,
            "sizes": tuple(dict(sizes) for sizes in data["sizes"]),
            "edges": tuple(data["edges"]),
            "oracles": {name: _oracle(result) for name, result in data["oracles"].items()},
            "kinks": tuple(_kink(kink) for kink in data["kinks"]),
            "printed": tuple(_printed(printed) for printed in data["printed"]),
            "diagnosis": _diagnosis(data["diagnosis"]),
        }
    )


def _oracle(data: Mapping[str, Any]) -> OracleResult:
    worst_error, error_bar = float(data["worst_error"]), float(data["error_bar"])
    return OracleResult(Verdict(data["verdict"]), worst_error, error_bar, data["reason"])


def _printed(data: Mapping[str, Any]) -> PrintedResult:
    under = data["under_condition"]
    decided = {"verdict": Verdict(data["verdict"]), "under_condition": Verdict(under) if under else None}
    return PrintedResult(**{**data, **decided, "diagnosis": _diagnosis(data["diagnosis"])})


def _kink(data: Mapping[str, Any]) -> KinkResult:
    slopes = {side: float(data[side]) for side in ("left", "right", "chosen")}
    return KinkResult(where=data["where"], verdict=Verdict(data["verdict"]), **slopes)
