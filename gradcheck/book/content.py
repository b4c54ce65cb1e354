"""What a page of the book holds: plain data, with mathematics as LaTeX and pictures as SVG."""

from __future__ import annotations

from dataclasses import dataclass

from gradcheck.results import FormulaResult


@dataclass(frozen=True)
class RuleUse:
    """A rule at work: what it says, and what its letters stood for, as pairs of LaTeX."""

    title: str
    statement: str
    prose: str
    reference: str
    letters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ShownStep:
    """A line of a derivation with the rules that led to it; the first names the step, the others are folded into it.

    `named` are the intermediates that the step introduces, each as an equation.
    """

    rules: tuple[RuleUse, ...]
    line: str
    verdict: str
    ok: bool
    named: tuple[str, ...] = ()


@dataclass(frozen=True)
class ShownDerivation:
    """A derivation from the definition to the last line, which `checks` held against other ways to get it."""

    definition: str
    steps: tuple[ShownStep, ...]
    checks: tuple[tuple[str, float], ...]
    ok: bool


@dataclass(frozen=True)
class Derivative:
    """The derivative by one variable: as an equation, without indices where that can be written, derived, coded."""

    wrt: str
    equation: str
    matrix_form: str
    derivation: ShownDerivation | None
    code: str
    result: FormulaResult


@dataclass(frozen=True)
class Drawing:
    """A picture with its caption."""

    caption: str
    svg: str


@dataclass(frozen=True)
class Variable:
    """A variable's name, its axes as text (empty for a number), and where it lives."""

    name: str
    axes: str
    domain: str


@dataclass(frozen=True)
class Chapter:
    """Everything that the book says of one formula or update rule.

    `problems` tell in a sentence each what could not be worked out; `results` are the checks, one for each variable.
    """

    name: str
    title: str
    topic: str
    definition: str
    source: str
    results: tuple[FormulaResult, ...]
    variables: tuple[Variable, ...] = ()
    kinks: str = ""
    usage: str = ""
    code: str = ""
    derivatives: tuple[Derivative, ...] = ()
    drawings: tuple[Drawing, ...] = ()
    problems: tuple[str, ...] = ()
