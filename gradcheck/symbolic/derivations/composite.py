"""Deep composites: intermediates with names, so that neither a network nor its derivative is ever written out.

Each intermediate is an expression of the variables and of earlier intermediates. A closed formula is taken apart by
naming what an elementary function is applied to, wherever that holds a sum, and the function's value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic.binding import canonical, with_fresh_indices
from gradcheck.symbolic.derivations.derivation import Definitions, written_out
from gradcheck.symbolic.formula import INPUT_INDICES, Formula
from gradcheck.symbolic.tensors import LogSumExp, Sum

DEEP = 2
"""From this many functions of sums inside each other on, a formula is taken apart."""
INDICES = "klmtuvwcdefghoz"
"""What the indices of intermediates are called, unless the formula or the entries of its variables bear the letter."""
OF_ENTRIES = {name for choices in INPUT_INDICES.values() for each in choices for name in each.split()}
Ranges = Mapping[sp.Symbol, sp.Expr]


@dataclass(frozen=True)
class Composite:
    """A formula whose definition is written with named intermediates: (entry, its meaning), in order.

    >>> from gradcheck import formula
    >>> [str(name) for name, _ in taken_apart(formula("chain_rule")).intermediates]
    ['h1[k]', 'a1[k]', 'h2[k]']
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
    """Whether entries are summed in an argument, neither to normalise a softmax nor within a function of their own."""
    return not argument.has(LogSumExp) and _sums(argument)


def _sums(expression: sp.Expr) -> bool:
    return isinstance(expression, sp.Sum) or (
        not isinstance(expression, sp.Function) and any(map(_sums, expression.args))
    )


def is_deep(formula: Formula) -> bool:
    """Whether the formula is better read with named intermediates: layers in layers, or a mean used more than once."""
    definition = canonical(formula.definition)
    return depth(definition) >= DEEP or bool(_Namer(formula).repeated(definition))


def taken_apart(formula: Formula) -> Composite:
    """The formula with names for its parts.

    Layers in layers: the argument and the value of every function of a sum are h1, a1, h2, a2, ... Otherwise means
    that stand there more than once, and those made of them, are m1, m2, ..., such as a mean and a variance.
    """
    namer = _Namer(formula)
    definition = namer.outermost(canonical(formula.definition), dict(formula.output))
    return Composite(replace(formula, definition=definition, stated={}), tuple(namer.definitions))


class _Namer:
    """Names layers from the inside out; the same layer at other indices has the same name."""

    def __init__(self, formula: Formula) -> None:
        self.taken = {*formula.variable_names, *map(str, formula.dimensions)}
        self.definitions: list[tuple[sp.Expr, sp.Expr]] = []
        self._known: dict[sp.Expr, sp.IndexedBase | sp.Symbol] = {}
        self._letters = [
            letter for letter in INDICES if letter not in {*self.taken, *OF_ENTRIES, *map(str, formula.output)}
        ]
        self._count = dict.fromkeys("hm", 0)
        self._layered = depth(formula.definition) >= DEEP
        self._repeated = frozenset[sp.Expr]() if self._layered else self.repeated(canonical(formula.definition))

    def repeated(self, definition: sp.Expr) -> frozenset[sp.Expr]:
        """The means that stand in the definition more than once."""
        counts = Counter(self._pattern(each, _indices(each)) for each in _means(definition))
        return frozenset(pattern for pattern, count in counts.items() if count > 1)

    def outermost(self, expression: sp.Expr, ranges: Ranges) -> sp.Expr:
        """The expression with its layers named but for itself."""
        if not self._layered or not _is_layer(expression):
            return self.named(expression, ranges)
        return expression.func(self._entry("h", self.named(expression.args[0], ranges), ranges))

    def named(self, expression: sp.Expr, ranges: Ranges) -> sp.Expr:
        """The expression with its layers named."""
        if not expression.has(sp.Sum):
            return expression
        number, rest = expression.as_coeff_Mul()
        if not self._layered and _is_mean(rest):
            return number * self._mean(rest, ranges)
        inside = _within(expression, ranges)
        rebuilt = expression.func(*(self.named(argument, inside) for argument in expression.args))
        if not self._layered or not _is_layer(expression):
            return rebuilt
        inner = self._entry("h", rebuilt.args[0], ranges)
        return self._entry("a", rebuilt.func(inner), ranges)

    def _entry(self, letter: str, meaning: sp.Expr, ranges: Ranges) -> sp.Expr:
        indices = tuple(_free_indices(meaning, ranges))
        pattern = self._pattern(meaning, indices)
        if pattern not in self._known:
            counted = "h" if letter == "a" else letter
            self._count[counted] += letter == counted
            base = self._base(f"{letter}{self._count[counted]}", [ranges[index] for index in indices])
            self._known[pattern] = base
            self.definitions.append((_at(base, self._own(indices)), pattern))
        return _at(self._known[pattern], indices)

    def _mean(self, mean: sp.Expr, ranges: Ranges) -> sp.Expr:
        """The mean with its parts named; itself where it is repeated, or made of means with names."""
        whole = _sum_in(mean)
        rebuilt = mean.xreplace({whole: Sum(self.named(whole.function, _within(whole, ranges)), *whole.limits)})
        names = {label(name) for name, _ in self.definitions}
        repeated = self._pattern(mean, _indices(mean)) in self._repeated
        return self._entry("m", rebuilt, ranges) if repeated or names & rebuilt.free_symbols else rebuilt

    def _own(self, indices: tuple[sp.Symbol, ...]) -> tuple[sp.Symbol, ...]:
        return tuple(sp.Symbol(name, integer=True, nonnegative=True) for name in self._letters[: len(indices)])

    def _pattern(self, meaning: sp.Expr, indices: tuple[sp.Symbol, ...]) -> sp.Expr:
        """The meaning at indices of its own, so that the same at other indices compares equal."""
        own = self._own(indices)
        aside = [sp.Dummy(integer=True, nonnegative=True) for _ in own]
        moved = with_fresh_indices(meaning.xreplace(dict(zip(indices, aside, strict=True))))
        return canonical(moved.xreplace(dict(zip(aside, own, strict=True))))

    def _base(self, name: str, shape: list[sp.Expr]) -> sp.IndexedBase | sp.Symbol:
        name = next(
            each for each in (name, *(f"{name}_{number}" for number in range(1, 1000))) if each not in self.taken
        )
        self.taken.add(name)
        return sp.IndexedBase(name, shape=tuple(shape), real=True) if shape else sp.Symbol(name, real=True)


def _sum_in(mean: sp.Expr) -> sp.Sum:
    return next(each for each in sp.Mul.make_args(mean) if isinstance(each, sp.Sum))


def _is_mean(expression: sp.Expr) -> bool:
    """A sum over sizes."""
    factors = sp.Mul.make_args(expression)
    sizes = [each for each in factors if not isinstance(each, sp.Sum)]
    return bool(sizes) and len(factors) == len(sizes) + 1 and all((1 / each).is_integer for each in sizes)


def _means(expression: sp.Expr) -> Iterator[sp.Expr]:
    """Every mean in the expression, outermost first."""
    _, rest = expression.as_coeff_Mul() if isinstance(expression, sp.Expr) else (1, expression)
    if _is_mean(rest):
        yield rest
        expression = _sum_in(rest).function
        yield from _means(expression)
    else:
        for argument in expression.args:
            yield from _means(argument)


def _within(expression: sp.Expr, ranges: Ranges) -> Ranges:
    """The ranges with those of the indices that the expression binds."""
    if not isinstance(expression, ExprWithLimits):
        return ranges
    return {**ranges, **{bound: upper + 1 for bound, _, upper in reversed(expression.limits)}}


def _indices(mean: sp.Expr) -> tuple[sp.Symbol, ...]:
    """The free indices of a mean, in the order in which its entries bear them."""
    free = mean.free_symbols
    entries = sorted((each for each in mean.atoms(sp.Indexed)), key=str)
    found = dict.fromkeys(i for each in entries for i in each.indices if isinstance(i, sp.Symbol) and i in free)
    return tuple(found)


def _free_indices(meaning: sp.Expr, ranges: Ranges) -> list[sp.Symbol]:
    return [index for index in ranges if index in meaning.free_symbols]


def _at(base: sp.IndexedBase | sp.Symbol, indices: tuple[sp.Symbol, ...]) -> sp.Expr:
    return base[indices] if indices else base
