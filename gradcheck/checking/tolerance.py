"""A tolerance that a user asks for: it can widen an error bar, never narrow it, and what it decided is said."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

from gradcheck.checking.check import Finding
from gradcheck.checking.probing.probe import Probe
from gradcheck.errors import UsageError
from gradcheck.results import Verdict


def relative_tolerance(rtol: object) -> float:
    """The tolerance, 0 for None; UsageError for anything but a number from 0 to below 1.

    >>> relative_tolerance(None), relative_tolerance(1e-3)
    (0.0, 0.001)
    """
    if rtol is None:
        return 0.0
    if not isinstance(rtol, int | float) or isinstance(rtol, bool) or not 0 <= rtol < 1:
        raise UsageError(f"rtol: must be a number from 0 to below 1, such as 1e-3; got {rtol!r}")
    return float(rtol)


def tolerance_findings(found: Probe) -> Iterator[Finding]:
    """That a probe passed by its tolerance alone."""
    strict = replace(found, rtol=0.0).verdict
    if not found.rtol or strict is found.verdict or found.verdict is not Verdict.CORRECT:
        return
    measured, rtol = float(found.measured.value), f"rtol = {found.rtol:g}"
    size = max(found.size, abs(measured))
    off = f"off by {found.error / size:.1e} of its size" if strict is Verdict.WRONG else "right within the bar"
    text = (
        f"accepted for {rtol}: along a random direction the gradient is {off}, {found.analytic:.8g} where"
        f" {measured:.8g} +- {found.noise:.0e} was measured; without rtol the verdict is {strict}"
    )
    rule = f"an error within the bar passes; {rtol} widened the bar from {found.noise:.0e} to {found.bar:.0e}"
    yield Finding("tolerated", "the point", (), found.analytic, measured, found.bar, rule, text, "", Verdict.CORRECT)


def with_tolerance(finding: Finding, rtol: float) -> Finding:
    """A finding that was made in spite of a tolerance says so in its rule."""
    if not rtol or finding.verdict is not Verdict.WRONG or math.isnan(finding.error_bar):
        return finding
    return replace(finding, rule=f"{finding.rule}; rtol = {rtol:g} widened the bar, and it lies outside still")
