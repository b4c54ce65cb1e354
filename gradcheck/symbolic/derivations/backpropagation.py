"""The chain rule in reverse through named intermediates: one short line for each, whatever the depth.

A line reads Σ_k v̄_k ∂v_k/∂x, where v is the intermediate reached and v̄ the derivative of the result by it. The chain
rule takes it one intermediate back: ū_l = Σ_k v̄_k ∂v_k/∂u_l, and ū gets a name. Only the small derivatives ∂v_k/∂u_l
are ever worked out, by the rules for formulas.
Source: Griewank and Walther, Evaluating Derivatives, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import sympy as sp

from gradcheck.symbolic.binding import canonical, with_fresh_indices
from gradcheck.symbolic.contract import contract
from gradcheck.symbolic.derivations.composite import Composite, label
from gradcheck.symbolic.derivations.differentiation import Line, differentiate
from gradcheck.symbolic.derivations.rule import By, Match, Rule
from gradcheck.symbolic.pending import Pending
from gradcheck.symbolic.tensors import Sum

LETTERS = tuple("pqrtuvwabcdefgh")
"""Indices of the intermediate that is left, while the one before it keeps its own."""


@dataclass(frozen=True)
class Small:
    """A small derivative, of one intermediate by another or by the variable: where it starts, and its lines.

    `axes` are the ranges of both entries' indices: an index that stands only as k + 2 has none of its own.
    """

    start: Pending
    lines: tuple[Line, ...]
    axes: Mapping[sp.Symbol, sp.Expr]


@dataclass
class Walk:
    """How far the chain rule has come: what is known of each intermediate's adjoint, and what is finished."""

    composite: Composite
    entry: sp.Expr
    rules: Mapping[str, Rule]
    direct: sp.Expr = sp.S.Zero
    open: dict[sp.Expr, sp.Expr] = field(default_factory=dict)

    @property
    def line(self) -> sp.Expr:
        """The whole derivative as far as it is worked out."""
        terms = (_summed(adjoint * Pending(name, self.entry), name) for name, adjoint in self.open.items())
        return canonical(sp.Add(self.direct, *terms))

    @property
    def output(self) -> tuple[sp.Symbol, ...]:
        """The result's own indices."""
        return tuple(self.composite.formula.output)

    def lines(self) -> Iterator[tuple[Line, tuple[Small, ...]]]:
        """Each line, with the small derivatives that went into it."""
        moving = self.composite.moving(label(self.entry))
        before: sp.Expr = Pending(self.composite.formula.definition, self.entry)
        definition = self.composite.formula.definition
        yield self._through(before, definition, sp.S.One, moving)
        for name, meaning in reversed(moving):
            adjoint = self.open.get(name)
            if adjoint is None:
                continue
            if adjoint.args:
                yield self._named(name, adjoint), ()
            term = _summed(self.open[name] * Pending(name, self.entry), name)
            yield self._through(term, meaning, self.open.pop(name), moving, name)

    def _named(self, name: sp.Expr, adjoint: sp.Expr) -> Line:
        """A name for the derivative of the result by an intermediate."""
        indices = (*self.output, *getattr(name, "indices", ()))
        bar = f"{label(name)}bar"
        shape = (*self.composite.formula.output.values(), *(name.base.shape if isinstance(name, sp.Indexed) else ()))
        named = sp.IndexedBase(bar, shape=shape, real=True)[indices] if indices else sp.Symbol(bar, real=True)
        self.open[name] = named
        rule = self.rules["adjoint"]
        meaning = rule.apply(adjoint, By(self.entry)) or Match(adjoint)
        return Line(rule, adjoint, Match(named, definitions=((named, meaning.after),)), self.line)

    def _through(
        self,
        before: sp.Expr,
        meaning: sp.Expr,
        adjoint: sp.Expr,
        moving: tuple[tuple[sp.Expr, sp.Expr], ...],
        left: sp.Expr = sp.S.Zero,
    ) -> tuple[Line, tuple[Small, ...]]:
        """The chain rule through one intermediate: to those it is made of, and to the variable itself."""
        small = []
        aside = self._aside(left)
        outer, made_of = adjoint.xreplace(aside), with_fresh_indices(meaning).xreplace(aside)
        for target in [*(name for name, _ in moving), self.entry]:
            if label(target) in meaning.free_symbols:
                small.append(self._slope(made_of, target, {**_axes(target), **_axes(left.xreplace(aside))}))
                slope = small[-1].lines[-1].line
                part = canonical(contract(_summed(outer * slope, left.xreplace(aside))))
                self._add(target, _folded(part, target, left, meaning))
        match = self.rules["backpropagation"].apply(self.line, By(self.entry)) or Match(self.line)
        return Line(self.rules["backpropagation"], before, match, match.after), tuple(small)

    def _add(self, target: sp.Expr, part: sp.Expr) -> None:
        """A contribution to an intermediate's adjoint, or to the derivative itself."""
        if target is self.entry:
            self.direct += part
        else:
            self.open[target] = self.open.get(target, sp.S.Zero) + part

    def _aside(self, left: sp.Expr) -> dict[sp.Expr, sp.Expr]:
        """Other letters for the indices of the intermediate that is left, so that the one before may keep the same."""
        formula = self.composite.formula
        taken = {*map(str, formula.axes_of(self.entry)), *formula.variable_names, *map(str, formula.dimensions)}
        free = (letter for letter in LETTERS if letter not in taken)
        indices = getattr(left, "indices", ())
        return {index: sp.Symbol(next(free), integer=True, nonnegative=True) for index in indices}

    def _slope(self, meaning: sp.Expr, target: sp.Expr, axes: Mapping[sp.Symbol, sp.Expr]) -> Small:
        start = canonical(Pending(meaning, target))
        return Small(start, tuple(differentiate(start.function, By.of(target, start), self.rules)), axes)


def _folded(part: sp.Expr, target: sp.Expr, left: sp.Expr, meaning: sp.Expr) -> sp.Expr:
    """The part with the value of the intermediate that was left written by its name: a(1 - a) for σ(h)(1 - σ(h))."""
    indices, others = getattr(left, "indices", ()), getattr(target, "indices", ())
    if not isinstance(meaning, sp.Function) or len(indices) != len(others):
        return part
    return part.xreplace({meaning.xreplace(dict(zip(indices, others, strict=True))): _at(left, others)})


def _at(name: sp.Expr, indices: tuple[sp.Expr, ...]) -> sp.Expr:
    return name.base[indices] if indices else name


def _summed(term: sp.Expr, name: sp.Expr) -> sp.Expr:
    """The sum over an intermediate's indices."""
    axes = _axes(name)
    return Sum(term, *((i, 0, size - 1) for i, size in axes.items())) if axes else term


def _axes(name: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    """The indices of an entry, and the size of the axis that each runs over."""
    return dict(zip(name.indices, name.base.shape, strict=True)) if isinstance(name, sp.Indexed) else {}
