"""One run over everything: each formula checked, each claim judged, and none able to take the others down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from gradcheck import catalogue
from gradcheck.articles.claims import Claim
from gradcheck.articles.judge import judge_claim, one_line
from gradcheck.checking.threads import single_threaded
from gradcheck.environment import environment
from gradcheck.errors import UnknownName
from gradcheck.results import ClaimResult, FormulaResult, Report
from gradcheck.workers import shared_out

if TYPE_CHECKING:
    from gradcheck.catalogue import BrokenModule
    from gradcheck.symbolic.formula import Formula
    from gradcheck.symbolic.update_rule import UpdateRule

    Item = Formula | UpdateRule | Claim

Result = FormulaResult | ClaimResult
Progress = Callable[[int, int, str], None]


def report(only: Sequence[str] = (), progress: Progress | None = None, jobs: int = 1) -> Report:
    """Checks the catalogue's formulas and judges the bundled claims; with `only`, those of these names alone.

    Names are claim ids and formula names, in any case. `progress` is called with the number of items done, the number
    of all, and the name of the next one; `jobs` processes share the work. Raises `UnknownName`, which suggests the
    nearest, before anything is checked. An item that crashes becomes an error in the report; an interruption passes
    through.

    >>> found = report(only=["a15"])
    >>> [(claim.id, claim.status) for claim in found.claims]
    [('A15', 'not checkable')]
    """
    formulas, claims = catalogue.formulas(), _in_reading_order(catalogue.claims())
    broken = () if only else catalogue.broken()
    chosen = _chosen(only, [*(formula.name for formula in formulas), *(claim.id for claim in claims)])
    formulas = tuple(formula for formula in formulas if formula.name in chosen)
    claims = tuple(claim for claim in claims if claim.id in chosen)
    items: list[Item] = [*formulas, *claims]
    found = [result for results in _found(items, jobs, progress or _nobody) for result in results]
    found += [_broken(module) for module in broken]
    return Report(
        claims=tuple(result for result in found if isinstance(result, ClaimResult)),
        formulas=tuple(result for result in found if isinstance(result, FormulaResult)),
        environment=environment(),
    )


def _found(items: Sequence[Item], jobs: int, tell: Progress) -> Iterator[Sequence[Result]]:
    """What each item came to, in order; whoever watches is told before each."""
    names = [*map(_name, items), ""]
    tell(0, len(items), names[0])
    for done, results in enumerate(_alone(items) if jobs == 1 else _shared(names[:-1], jobs), 1):
        tell(done, len(items), names[done])
        yield results


def _nobody(done: int, total: int, label: str) -> None:
    """Nobody wants to hear of the progress."""


def _alone(items: Sequence[Item]) -> Iterator[Sequence[Result]]:
    with single_threaded():
        yield from map(_checked, items)


def _shared(names: Sequence[str], jobs: int) -> Iterator[Sequence[Result]]:
    """Several processes at work, which are told names: formulas and claims do not travel."""
    return shared_out(_checked_by_name, names, jobs, _lost)


def _checked_by_name(name: str) -> Sequence[Result]:
    items: list[Item] = [*catalogue.formulas(), *catalogue.claims()]
    with single_threaded():
        return _checked(next(item for item in items if _name(item) == name))


def _lost(name: str) -> Sequence[Result]:
    reason = "the process that checked it ended in the middle of its work"
    if name in {claim.id for claim in catalogue.claims()}:
        return (_failed_claim(name, "a claim that could not be judged", reason),)
    return (_failed_formula(name, "a formula that could not be checked", "", reason),)


def _name(item: Item) -> str:
    return item.id if isinstance(item, Claim) else item.name


def _checked(item: Item) -> Sequence[Result]:
    return (judge_claim(item),) if isinstance(item, Claim) else _checked_formula(item)


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


def _checked_formula(formula: Formula | UpdateRule) -> Sequence[FormulaResult]:
    from gradcheck.checking.formulas.formula_check import check_formula

    try:
        return check_formula(formula)
    except (Exception, SystemExit) as error:
        return (_failed_formula(formula.name, formula.title, formula.topic, one_line(error)),)


def _failed_formula(name: str, title: str, topic: str, error: str) -> FormulaResult:
    return FormulaResult(name=name, title=title, topic=topic, wrt="", definition="", gradient="", error=error)


def _failed_claim(name: str, statement: str, reason: str) -> ClaimResult:
    return ClaimResult(name, "", 0, 0, statement, stated="", actual="", status="error", rule=reason)


def _broken(module: BrokenModule) -> Result:
    """A module of formulas or of claims that could not be loaded."""
    if module.name.startswith("gradcheck.reports"):
        title = "the claims of a module that could not be loaded"
        return _failed_claim(module.name.rpartition(".")[2], title, f"the module stopped: {module.error}")
    return _failed_formula(module.name, "a module that could not be loaded", "", module.error)
