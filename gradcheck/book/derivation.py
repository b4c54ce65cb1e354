"""A derivation as the book shows it."""

from __future__ import annotations

from gradcheck.book.content import RuleUse, ShownDerivation, ShownStep
from gradcheck.symbolic.derivation import Derivation, Step
from gradcheck.symbolic.printing import latex


def shown_derivation(derivation: Derivation) -> ShownDerivation:
    """The definition, then a line a step; trivial steps are folded into the one before them.

    >>> from gradcheck import formula
    >>> shown = shown_derivation(formula("tanh").derive())
    >>> shown.ok, shown.steps[0].ok
    (True, True)
    """
    return ShownDerivation(
        definition=f"{latex(derivation.output)} = {latex(derivation.definition)}",
        steps=tuple(_shown_step(derivation, group) for group in derivation.groups),
        checks=tuple(derivation.checks.items()),
        ok=derivation.ok,
    )


def _shown_step(derivation: Derivation, group: tuple[Step, ...]) -> ShownStep:
    last = group[-1]
    return ShownStep(
        rules=tuple(use for step in group for use in _uses(step)),
        line=f"{derivation.left_side_latex(last.order)} = {latex(last.line)}",
        verdict=_verdict(group),
        ok=all(step.ok for step in group),
        named=tuple(f"{latex(name)} = {latex(meaning)}" for step in group for name, meaning in step.definitions),
    )


def _verdict(group: tuple[Step, ...]) -> str:
    """How well the group's lines hold, in a few words: the first that fails speaks for it."""
    if all(step.residual == 0 for step in group):
        return "holds exactly"
    return next((step.verdict for step in group if not step.ok), max(group, key=lambda step: step.residual).verdict)


def _uses(step: Step) -> list[RuleUse]:
    """The step's own rule, then those used inside it."""
    rule = step.rule
    letters = tuple((letter, latex(meaning)) for letter, meaning in step.bindings)
    own = RuleUse(rule.title, rule.statement, rule.prose, rule.reference, letters)
    return [own, *(use for inner in step.substeps for use in _uses(inner))]
