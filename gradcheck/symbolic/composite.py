"""Deep composites: intermediates with names, so that neither a network nor its derivative is ever written out.

Each intermediate is an expression of the variables and of earlier intermediates. A closed formula is taken apart by
naming what an elementary function is applied to, wherever that holds a sum, and the function's value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic.binding import canonical, with_fresh_indices
from gradcheck.symbolic.derivation import Definitions, written_out
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import LogSumExp

DEEP = 2
"""From this many functions of sums inside each other on, a formula is taken apart."""
INDICES = ("k", "l", "m", "r", "s", "t", "u", "v")
Ranges = Mapping[sp.Symbol, sp.Expr]


@dataclass(frozen=True)
class Composite:
    """A formula whose definition is written with named intermediates: (entry, its meaning), in order.

    >>> from gradcheck import formula
    >>> [str(name) for name, _ in taken_apart(formula("two_layer_relu")).intermediates]
    ['h1[k]', 'a1[k]']
    """

    formula: Formula
    intermediates: Definitions

    @cached_property
    def closed(self) -> sp.Expr:
        """The definition in the variables alone."""
        return written_out(self.formula.definition, self.intermediates)

    def moving(self, variable: sp.Symbol) -> Definitions:
        """The intermediates that depend on a variable, directly or by others."""
        labels, found = {variable}, []
        for name, meaning in self.intermediates:
            if labels & meaning.free_symbols:
                labels.add(label(name))
                found.append((name, meaning))
        return tuple(found)


def label(name: sp.Expr) -> sp.Symbol:
    """What an intermediate or a variable is called."""
    return name.base.label if isinstance(name, sp.Indexed) else name


def depth(expression: sp.Expr) -> int:
    """How many functions of sums are nested in each other."""
    inner = max(map(depth, expression.args), default=0)
    return inner + 1 if _is_layer(expression) else inner


def _is_layer(expression: sp.Expr) -> bool:
    return isinstance(expression, sp.Function) and len(expression.args) == 1 and _mixes(expression.args[0])


def _mixes(argument: sp.Expr) -> bool:
    """Whether entries are summed in an argument, other than to normalise a softmax."""
    return argument.has(sp.Sum) and not argument.has(LogSumExp)


def taken_apart(formula: Formula) -> Composite:
    """The formula with a name for the argument and the value of every function of a sum: h1, a1, h2, a2, ..."""
    namer = _Namer(formula)
    definition = namer.outermost(canonical(formula.definition), dict(formula.output))
    return Composite(replace(formula, definition=definition, stated={}), tuple(namer.definitions))


class _Namer:
    """Names layers from the inside out; the same layer at other indices has the same name."""

    def __init__(self, formula: Formula) -> None:
        self.taken = {*formula.variable_names, *map(str, formula.dimensions)}
        self.definitions: list[tuple[sp.Expr, sp.Expr]] = []
        self._known: dict[sp.Expr, sp.IndexedBase | sp.Symbol] = {}
        self._letters = [letter for letter in INDICES if letter not in {*self.taken, *map(str, formula.output)}]
        self._layers = 0

    def outermost(self, expression: sp.Expr, ranges: Ranges) -> sp.Expr:
        """The expression with its layers named but for itself."""
        if not _is_layer(expression):
            return self.named(expression, ranges)
        return expression.func(self._entry("h", self.named(expression.args[0], ranges), ranges))

    def named(self, expression: sp.Expr, ranges: Ranges) -> sp.Expr:
        """The expression with its layers named."""
        if not expression.has(sp.Sum):
            return expression
        if isinstance(expression, ExprWithLimits):
            ranges = {**ranges, **{bound: upper + 1 for bound, _, upper in reversed(expression.limits)}}
        rebuilt = expression.func(*(self.named(argument, ranges) for argument in expression.args))
        if not _is_layer(expression):
            return rebuilt
        inner = self._entry("h", rebuilt.args[0], ranges)
        return self._entry("a", rebuilt.func(inner), ranges)

    def _entry(self, letter: str, meaning: sp.Expr, ranges: Ranges) -> sp.Expr:
        indices = tuple(_free_indices(meaning, ranges))
        own = tuple(sp.Symbol(name, integer=True, nonnegative=True) for name in self._letters[: len(indices)])
        aside = [sp.Dummy(integer=True, nonnegative=True) for _ in own]
        moved = with_fresh_indices(meaning.xreplace(dict(zip(indices, aside, strict=True))))
        pattern = canonical(moved.xreplace(dict(zip(aside, own, strict=True))))
        if pattern not in self._known:
            self._layers += letter == "h"
            base = self._base(f"{letter}{self._layers}", [ranges[index] for index in indices])
            self._known[pattern] = base
            self.definitions.append((_at(base, own), pattern))
        return _at(self._known[pattern], indices)

    def _base(self, name: str, shape: list[sp.Expr]) -> sp.IndexedBase | sp.Symbol:
        name = next(
            each for each in (name, *(f"{name}_{number}" for number in range(1, 1000))) if each not in self.taken
        )
        self.taken.add(name)
        return sp.IndexedBase(name, shape=tuple(shape), real=True) if shape else sp.Symbol(name, real=True)


def _free_indices(meaning: sp.Expr, ranges: Ranges) -> list[sp.Symbol]:
    return [index for index in ranges if index in meaning.free_symbols]


def _at(base: sp.IndexedBase | sp.Symbol, indices: tuple[sp.Symbol, ...]) -> sp.Expr:
    return base[indices] if indices else base
