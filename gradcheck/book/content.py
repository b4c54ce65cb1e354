"""What a page of the book holds: plain data, with mathematics as LaTeX and pictures as SVG."""

from __future__ import annotations

from dataclasses import dataclass

from gradcheck.rendering.derivation_steps import ShownDerivation
from gradcheck.results import FormulaResult


@dataclass(frozen=True)
class Derivative:
    """The derivative by one variable: as an equation, derived (without indices too where it has such a form), coded."""

    wrt: str
    equation: str
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
