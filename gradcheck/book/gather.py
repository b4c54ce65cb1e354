"""Everything the book says of one formula: checked, derived, written without indices, compiled and drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gradcheck.articles.judge import one_line
from gradcheck.book.content import Chapter, Derivative, Drawing, Variable
from gradcheck.book.drawings import formula_drawings, rule_drawings
from gradcheck.checking.formulas.formula_check import check_formula
from gradcheck.rendering.derivation_steps import shown_derivation
from gradcheck.results import FormulaResult
from gradcheck.symbolic.compile import is_integer, variable_name, variable_shape
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.printing import latex
from gradcheck.symbolic.update_rule import UpdateRule

T = TypeVar("T")

NO_RESULTS: tuple[FormulaResult, ...] = ()
NO_DRAWINGS: tuple[Drawing, ...] = ()

IMPORT_RULES, IMPORT_FORMULAS = "from gradcheck import catalogue", "from gradcheck import formula"


@dataclass
class _Attempts:
    """Runs each part of a chapter on its own: what fails is told in the chapter and takes nothing else down."""

    problems: list[str] = field(default_factory=list)

    def run(self, part: str, work: Callable[[], T], otherwise: T) -> T:
        """What `work` returns, or `otherwise` and a problem noted."""
        try:
            return work()
        except Exception as error:
            self.problems.append(f"{part}: {one_line(error)}")
            return otherwise


def chapter(item: Formula | UpdateRule) -> Chapter:
    """The chapter of a formula or of an update rule.

    >>> from gradcheck import formula
    >>> found = chapter(formula("tanh"))
    >>> [each.wrt for each in found.derivatives], len(found.drawings), found.problems
    (['x'], 3, ())
    """
    return _formula_chapter(item) if isinstance(item, Formula) else _rule_chapter(item)


def _rule_chapter(rule: UpdateRule) -> Chapter:
    attempts = _Attempts()
    results = attempts.run("checks", lambda: check_formula(rule), NO_RESULTS)
    return Chapter(
        name=rule.name,
        title=rule.title,
        topic=rule.topic,
        definition=results[0].definition if results else "",
        source=rule.source,
        results=results,
        usage=f"{IMPORT_RULES}\n\ncatalogue.update_rule({rule.name!r}).follow(gradient, start, steps=100)",
        drawings=attempts.run("pictures", lambda: tuple(rule_drawings(rule)), NO_DRAWINGS),
        problems=tuple(attempts.problems),
    )


def _formula_chapter(formula: Formula) -> Chapter:
    attempts = _Attempts()
    results = attempts.run("checks", lambda: check_formula(formula), NO_RESULTS)
    return Chapter(
        name=formula.name,
        title=formula.title,
        topic=formula.topic,
        definition=f"{_output(formula)} = {latex(formula.definition)}",
        source=formula.source,
        results=results,
        variables=tuple(_variable(formula, each) for each in formula.variables),
        kinks=formula.kinks,
        usage=_usage(formula),
        code=attempts.run("code", lambda: _code(formula, None), ""),
        derivatives=tuple(_derivative(formula, result, attempts) for result in results if not result.error),
        drawings=attempts.run("pictures", lambda: tuple(formula_drawings(formula)), NO_DRAWINGS),
        problems=(*(result.error for result in results if result.error), *attempts.problems),
    )


def _derivative(formula: Formula, result: FormulaResult, attempts: _Attempts) -> Derivative:
    wrt = result.wrt
    quotient = rf"\frac{{\partial {_output(formula)}}}{{\partial {latex(formula.entry(wrt)[0])}}}"
    return Derivative(
        wrt=wrt,
        equation=f"{quotient} = {result.gradient}",
        derivation=attempts.run(f"derivation by {wrt}", lambda: shown_derivation(formula.derive(wrt)), None),
        code=attempts.run(f"code by {wrt}", lambda: _code(formula, wrt), ""),
        result=result,
    )


def _output(formula: Formula) -> str:
    return f"f_{{{','.join(map(str, formula.output))}}}" if formula.output else "f"


def _variable(formula: Formula, variable: Any) -> Variable:
    name, shape = variable_name(variable), variable_shape(variable)
    domain = formula.domain(name).description
    if is_integer(variable) and name not in formula.domains:
        domain = "whole numbers"
    return Variable(name, " × ".join(map(str, shape)), domain)


def _usage(formula: Formula) -> str:
    arguments = ", ".join(formula.variable_names)
    lines = (f'{formula.name}.compile("numpy", wrt="{wrt}")({arguments})' for wrt in formula.wrt)
    return "\n".join([IMPORT_FORMULAS, "", f'{formula.name} = formula("{formula.name}")', *lines])


def _code(formula: Formula, wrt: str | None) -> str:
    source = formula.compile("numpy", wrt).source
    return source.replace("_lambdifygenerated", formula.name if wrt is None else f"{formula.name}_by_{wrt}", 1)
