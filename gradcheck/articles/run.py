"""One run over everything: each formula checked, each claim judged, and none able to take the others down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from gradcheck import catalogue
from gradcheck.articles.judge import judge_claim, one_line
from gradcheck.checking.threads import single_threaded
from gradcheck.environment import environment
from gradcheck.errors import UnknownName
from gradcheck.results import ClaimResult, FormulaResult, Report

if TYPE_CHECKING:
    from gradcheck.articles.claims import Claim
    from gradcheck.catalogue import BrokenModule
    from gradcheck.symbolic.formula import Formula
    from gradcheck.symbolic.update_rule import UpdateRule

Progress = Callable[[int, int, str], None]


def report(only: Sequence[str] = (), progress: Progress | None = None) -> Report:
    """Checks the catalogue's formulas and judges the bundled claims; with `only`, those of these names alone.

    Names are claim ids and formula names, in any case. `progress` is called with the number of items done, the number
    of all, and the name of the next one. Raises `UnknownName`, which suggests the nearest, before anything is checked.
    An item that crashes becomes an error in the report; an interruption passes through.

    >>> found = report(only=["a15"])
    >>> [(claim.id, claim.status) for claim in found.claims]
    [('A15', 'not checkable')]
    """
    formulas, claims = catalogue.formulas(), _in_reading_order(catalogue.claims())
    broken = () if only else catalogue.broken()
    chosen = _chosen(only, [*(formula.name for formula in formulas), *(claim.id for claim in claims)])
    formulas = tuple(formula for formula in formulas if formula.name in chosen)
    claims = tuple(claim for claim in claims if claim.id in chosen)
    notify = _Notifier(len(formulas) + len(claims), progress)
    with single_threaded():
        formula_results = [result for formula in formulas for result in _checked(formula, notify)]
        claim_results = [_judged(claim, notify) for claim in claims]
    notify.finished()
    return Report(
        claims=(*claim_results, *(_broken_claims(module) for module in broken if _holds_claims(module))),
        formulas=(*formula_results, *(_broken_formulas(module) for module in broken if not _holds_claims(module))),
        environment=environment(),
    )


class _Notifier:
    """Counts the items and tells who asked."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self.done, self.total, self.progress = 0, total, progress

    def next(self, label: str) -> None:
        if self.progress:
            self.progress(self.done, self.total, label)
        self.done += 1

    def finished(self) -> None:
        if self.progress:
            self.progress(self.done, self.total, "")


def _in_reading_order(claims: Collection[Claim]) -> tuple[Claim, ...]:
    """Article by article; within one, by id: B2 before B10, and what belongs to B7 right after it."""
    return tuple(sorted(claims, key=lambda claim: (claim.path, len(claim.id.partition("-")[0]), claim.id)))


def _chosen(only: Sequence[str], names: Sequence[str]) -> Collection[str]:
    """The names asked for, as they are spelt in the catalogue; all of them where none is asked for."""
    if not only:
        return set(names)
    by_folded = {name.casefold(): name for name in names}
    for asked in only:
        if asked.strip().casefold() not in by_folded:
            raise UnknownName("claim or formula", asked, names, "`gradcheck formulas` lists the formulas")
    return {by_folded[asked.strip().casefold()] for asked in only}


def _checked(formula: Formula | UpdateRule, notify: _Notifier) -> tuple[FormulaResult, ...]:
    from gradcheck.checking.formula_check import check_formula

    notify.next(formula.name)
    try:
        return check_formula(formula)
    except (Exception, SystemExit) as error:
        return (_failed_formula(formula.name, formula.title, formula.topic, one_line(error)),)


def _judged(claim: Claim, notify: _Notifier) -> ClaimResult:
    notify.next(claim.id)
    return judge_claim(claim)


def _failed_formula(name: str, title: str, topic: str, error: str) -> FormulaResult:
    return FormulaResult(name=name, title=title, topic=topic, wrt="", definition="", gradient="", error=error)


def _holds_claims(module: BrokenModule) -> bool:
    return module.name.startswith("gradcheck.reports")


def _broken_formulas(module: BrokenModule) -> FormulaResult:
    return _failed_formula(module.name, "a module that could not be loaded", "", module.error)


def _broken_claims(module: BrokenModule) -> ClaimResult:
    return ClaimResult(
        id=module.name.rpartition(".")[2],
        path="",
        line=0,
        end_line=0,
        statement="the claims of a module that could not be loaded",
        stated="",
        actual="",
        status="error",
        rule=f"the module stopped: {module.error}",
    )
