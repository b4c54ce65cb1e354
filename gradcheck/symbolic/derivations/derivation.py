"""A derivation: the lines from a definition to its derivative, each by a named rule and verified at 40 digits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradcheck.symbolic.binding import canonical, substitute
from gradcheck.symbolic.derivations.rule import Bindings, Rule
from gradcheck.symbolic.printing import latex, text

if TYPE_CHECKING:
    from gradcheck.symbolic.derivations.step_check import StepCheck
    from gradcheck.symbolic.formula import Formula

TOLERANCE = 1e-20
"""Lines are evaluated at 40 digits and a difference quotient is right to about 25."""

RAISED = ("", "", "²", "³")

Definitions = tuple[tuple[sp.Expr, sp.Expr], ...]
"""Named intermediates: (entry or symbol, what it stands for)."""


@dataclass(frozen=True)
class Step:
    """One rule at work: `before` became `after`, and the whole expression `line`.

    `bindings` says what the rule's letters stood for, `substeps` hold the rules used inside it. `residual` is how far
    the line is from the one before it, relatively, at worst over the points where both were evaluated; `trivial`
    steps may be folded away. `order` counts the derivatives taken so far, `value` is the line at the point that was
    asked for (an array over the derivative's axes), `definitions` are the names that the step introduces.
    """

    rule: Rule
    before: sp.Expr
    after: sp.Expr
    line: sp.Expr
    residual: float
    bindings: Bindings = ()
    substeps: tuple[Step, ...] = ()
    trivial: bool = False
    order: int = 1
    value: Any = None
    definitions: Definitions = ()

    @property
    def ok(self) -> bool:
        """Whether the line holds, and every rule used inside it."""
        return self.residual <= TOLERANCE and all(step.ok for step in self.substeps)

    @property
    def verdict(self) -> str:
        """In a few words, how well the line holds."""
        worst = max([self.residual, *(step.residual for step in self.substeps)])
        return f"holds to {worst:.0e}" if self.ok else f"FAILS by {worst:.1e}"


@dataclass(frozen=True)
class Derivation:
    """The definition, and the steps that lead from it to its derivative by `entries`, one entry for each order.

    `output` is how the defined quantity is called, `axes` are the result's indices with their sizes: output axes, then
    those of the entries. `checks` names what the last line was held against, with the relative distance; `at` gives
    the numbers that the steps' values belong to, `definitions` every name that lines are written with; those of
    `intermediates` come with the definition, the others with the steps. `formula` is what was differentiated,
    `notes` say for what it holds, `recognised` what it is called in the catalogue.

    >>> from gradcheck import derive
    >>> print(derive("x**2*sin(x)"))
    f = x**2*sin(x)
    Product rule (holds to ...):
      df/dx = x**2*d/dx(sin(x)) + sin(x)*d/dx(x**2)
    Power rule (holds to ...):
      df/dx = x**2*d/dx(sin(x)) + 2*x*sin(x)
    Sine (holds to ...):
      df/dx = x**2*cos(x) + 2*x*sin(x)
    Collecting terms (holds to ...):
      df/dx = x*(x*cos(x) + 2*sin(x))
    """

    name: str
    definition: sp.Expr
    output: sp.Expr
    entries: tuple[sp.Expr, ...]
    steps: tuple[Step, ...]
    axes: Mapping[sp.Symbol, sp.Expr] = field(default_factory=dict)
    checks: Mapping[str, float] = field(default_factory=dict)
    at: Mapping[str, Any] | None = None
    definitions: Definitions = ()
    title: str = ""
    intermediates: Definitions = ()
    formula: Formula | None = field(default=None, repr=False, compare=False)
    notes: tuple[str, ...] = ()
    recognised: str = ""

    @property
    def ok(self) -> bool:
        """Whether every line holds, and the last one is the derivative by every check."""
        return all(step.ok for step in self.steps) and all(residual <= TOLERANCE for residual in self.checks.values())

    @property
    def failed(self) -> tuple[Step, ...]:
        """The steps that do not hold."""
        return tuple(step for step in self.steps if not step.ok)

    @property
    def entry(self) -> sp.Expr:
        """What was differentiated by last."""
        return self.entries[-1]

    @property
    def order(self) -> int:
        """How often was differentiated."""
        return len(self.entries)

    @cached_property
    def result(self) -> sp.Expr:
        """The derivative in the variables alone, named intermediates written out, no index bound twice."""
        return canonical(written_out(self.steps[-1].line, self.definitions)) if self.steps else self.definition

    @property
    def groups(self) -> tuple[tuple[Step, ...], ...]:
        """The steps as they are read: each with the trivial ones that follow it. A step that fails stands alone."""
        groups: list[list[Step]] = []
        for step in self.steps:
            heads = not groups or not step.trivial or not step.ok or not groups[-1][-1].ok
            if heads or step.order != groups[-1][-1].order:
                groups.append([step])
            else:
                groups[-1].append(step)
        return tuple(map(tuple, groups))

    def left_side(self, order: int) -> str:
        """The derivative's sign on the left of a line, as text: d²f/dx², ∂f[i]/∂z[j]."""
        sign, taken = self._sign(order), self.entries[:order]
        below = "".join(f"{sign}{text(entry)}{RAISED[count]}" for entry, count in _counted(taken))
        return f"{sign}{RAISED[order]}{text(self.output)}/{below}"

    def left_side_latex(self, order: int) -> str:
        """The derivative's sign on the left of a line, in LaTeX."""
        sign, taken = {"d": "d", "∂": r"\partial"}[self._sign(order)], self.entries[:order]
        powers = ["", "", *(f"^{{{count}}}" for count in range(2, order + 1))]
        below = r" \, ".join(f"{sign} {latex(entry)}{powers[count]}" for entry, count in _counted(taken))
        return rf"\frac{{{sign}{powers[order]} {latex(self.output)}}}{{{below}}}"

    def _sign(self, order: int) -> str:
        scalar = all(isinstance(entry, sp.Symbol) for entry in self.entries[:order])
        return "d" if scalar and len(set(self.entries)) == 1 else "∂"

    def check_step(self, line: str) -> StepCheck:
        """Whether a learner's line is the derivative, and if not, which rule slipped; see `step_check.check_step`."""
        from gradcheck.symbolic.derivations.step_check import check_step

        return check_step(self, line)

    def __str__(self) -> str:
        return "\n".join(self._rows())

    def _rows(self) -> Iterator[str]:
        yield f"{text(self.output)} = {text(self.definition)}"
        for name, meaning in self.intermediates:
            yield f"  where {text(name)} = {text(meaning)}"
        for group in self.groups:
            first, last = group[0], group[-1]
            yield f"{first.rule} ({first.verdict}):"
            number = "" if last.value is None else f" = {_shown(last.value)}"
            yield f"  {self.left_side(last.order)} = {text(last.line)}{number}"
            for step in group:
                for name, meaning in step.definitions:
                    yield f"  where {text(name)} = {text(meaning)}"
        for name, residual in self.checks.items():
            if residual > TOLERANCE:
                yield f"The last line FAILS by {residual:.1e} against {name}"

    def _repr_html_(self) -> str:
        from gradcheck.rendering.derivation import notebook_html

        return notebook_html(self)

    def _repr_latex_(self) -> str:
        from gradcheck.rendering.derivation import notebook_latex

        return notebook_latex(self)

    def _repr_markdown_(self) -> str:
        rows = [f"$${latex(self.output)} = {latex(self.definition)}$$"]
        rows += [f"$${latex(name)} = {latex(meaning)}$$" for name, meaning in self.intermediates]
        for group in self.groups:
            last = group[-1]
            mark = "" if all(step.ok for step in group) else f" ({group[0].verdict})"
            named = [rf",\quad {latex(n)} = {latex(meaning)}" for step in group for n, meaning in step.definitions]
            line = f"{self.left_side_latex(last.order)} = {latex(last.line)}{''.join(named)}"
            rows.append(f"{group[0].rule}{mark}:\n\n$${line}$$")
        return "\n\n".join(rows)


def _shown(value: Any) -> str:
    """A number to six digits, an array as nested lists of them."""
    return f"{value:.6g}" if not getattr(value, "ndim", 0) else f"[{', '.join(map(_shown, value))}]"


def _counted(entries: tuple[sp.Expr, ...]) -> list[tuple[sp.Expr, int]]:
    """Each entry with how often it stands there in a row."""
    return [(entry, len(list(same))) for entry, same in groupby(entries)]


def written_out(line: sp.Expr, definitions: Definitions) -> sp.Expr:
    """The line with every named intermediate replaced by what it stands for."""
    for name, meaning in reversed(definitions):
        if isinstance(name, sp.Indexed):
            entries = {each for each in line.atoms(sp.Indexed) if each.base == name.base}
            pairs = {each: dict(zip(name.indices, each.indices, strict=True)) for each in entries}
            line = line.xreplace({each: _at(meaning, indices) for each, indices in pairs.items()})
        else:
            line = line.xreplace({name: meaning})
    return line


def _at(meaning: sp.Expr, indices: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
    aside = {index: sp.Dummy(str(index), integer=True, nonnegative=True) for index in indices}
    for index, dummy in aside.items():
        meaning = substitute(meaning, index, dummy)
    for index, dummy in aside.items():
        meaning = substitute(meaning, dummy, indices[index])
    return meaning
