"""Which variable of a known formula may be which of a view's, by ranks and sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

import sympy as sp

from gradcheck.symbolic.compile import is_integer, variable_name, variable_shape
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.recognition.sizes import Bound, meaning, unified
from gradcheck.symbolic.recognition.views import Shape, Slot

SIZES = ((3, 2, 4, 5, 6, 7, 8, 9), (2, 4, 3, 5, 7, 6, 9, 8), (4, 3, 5, 2, 6, 8, 7, 9))
"""Sizes of the dimensions in three tries, none twice in one."""
Sizes = tuple[tuple[str, int], ...]
Numbers = Mapping[sp.Symbol, int]
MOST = 120
"""How many assignments to one formula are tried."""


@dataclass(frozen=True)
class Place:
    """The known variable that a slot is, or is the transpose of."""

    name: str
    transposed: bool = False


@dataclass(frozen=True)
class Assignment:
    """A place for every slot of a view; `left` are the known formula's other variables.

    `dimensions` are the known formula's, `own` the sizes of the view's slots set apart, `shape` that of its output.
    """

    places: tuple[Place, ...]
    left: tuple[str, ...]
    bound: Bound
    dimensions: tuple[sp.Symbol, ...]
    own: Shape
    shape: Shape
    transposed: bool = False

    @cached_property
    def numbers(self) -> tuple[Numbers, ...]:
        """A number for every size that is free, in each of the tries; those that all make whole numbers if any do."""
        meanings = (meaning(size, self.bound) for size in (*self.dimensions, *self.own, *self.shape))
        free = dict.fromkeys(s for size in meanings for s in sorted(size.free_symbols, key=by_name))
        tries = []
        for sizes in SIZES:
            orders = [dict(zip(free, sizes[: len(free)][::step], strict=True)) for step in (1, -1)]
            tries.append(next((numbers for numbers in orders if self._lengths(numbers) is not None), orders[0]))
        return tuple(tries)

    @cached_property
    def sizes(self) -> tuple[Sizes, ...]:
        """The dimensions of the known formula by name, in each of the tries; none where some are no whole numbers."""
        found = [self._lengths(numbers) for numbers in self.numbers]
        return tuple(each for each in found if each is not None) if None not in found else ()

    def _lengths(self, numbers: Numbers) -> Sizes | None:
        try:
            return tuple((d.name, self.length(d, numbers)) for d in self.dimensions)
        except ValueError:
            return None

    def length(self, size: sp.Expr, numbers: Numbers) -> int:
        """The number that a size of the known formula, or of the view set apart, stands for; ValueError for none."""
        means = meaning(size, self.bound)
        if means in numbers:
            return numbers[means]
        value = sp.sympify(means.xreplace(numbers))
        value = value if value.is_Integer else sp.expand(value)
        if not (value.is_Integer and value.is_positive):
            raise ValueError(f"{size} would be {value}")
        return int(value)

    @cached_property
    def demanded(self) -> tuple[str, ...] | None:
        """The sizes of the view that have to be equal, in words; None where some would have to be given numbers."""
        own = dict.fromkeys(s for size in self.own for s in size.free_symbols)
        meanings = {size: meaning(size, self.bound) for size in own}
        if len(set().union(*(each.free_symbols for each in meanings.values()), set())) == len(own):
            return ()
        groups: dict[sp.Expr, list[str]] = {}
        for size, means in meanings.items():
            groups.setdefault(means, []).append(size.name.rstrip("'"))
        if not all(means.is_Symbol for means in groups):
            return None
        return tuple(" = ".join(sorted(names)) for names in groups.values() if len(names) > 1)

    @property
    def oddity(self) -> int:
        """How much a person would have to be told: transposed arguments."""
        return sum(place.transposed for place in self.places) + self.transposed


def by_name(size: sp.Symbol) -> str:
    """What symbols are sorted by."""
    return str(size.name)


@cache
def apart(sizes: Shape) -> Shape:
    """Sizes of the view as symbols that no known formula has."""
    return tuple(map(_marked, map(sp.sympify, sizes)))


def _marked(size: sp.Expr) -> sp.Expr:
    return size.xreplace({s: sp.Symbol(f"{s.name}'", integer=True, positive=True) for s in size.free_symbols})


@lru_cache(maxsize=4096)
def assignments(slots: Sequence[Slot], shape: Shape, known: Formula) -> tuple[Assignment, ...]:
    """Every way to give each slot a variable of its rank, so that the sizes agree, those of equal names first.

    `shape` is that of the view's output.
    """
    variables = described(known)
    own = tuple(size for slot in slots for size in apart(slot.shape))
    made = []
    for places, bound in _placed(slots, (), {}, variables):
        left = tuple(name for name in variables.shapes if name not in {place.name for place in places})
        for transposed, full in _with_output(bound, apart(shape), tuple(known.output.values())):
            made.append(Assignment(places, left, full, variables.dimensions, own, apart(shape), transposed))
        if len(made) >= MOST:
            break
    return tuple(each for each in made[:MOST] if each.demanded is not None and each.sizes)


class Described(NamedTuple):
    """What is asked of a known formula again and again: its dimensions, its variables' shapes, those of integers."""

    dimensions: tuple[sp.Symbol, ...]
    shapes: Mapping[str, Shape]
    integer: frozenset[str]


@cache
def described(known: Formula) -> Described:
    """The formula's variables."""
    shapes = {variable_name(v): variable_shape(v) for v in known.variables}
    return Described(known.dimensions, shapes, frozenset(variable_name(v) for v in known.variables if is_integer(v)))


def _with_output(bound: Bound, shape: Shape, known: Shape) -> Iterator[tuple[bool, Bound]]:
    for transposed in (False, True) if len(shape) == 2 else (False,):
        full = unified(known, shape[:: -1 if transposed else 1], bound)
        if full is not None:
            yield transposed, full


def _placed(
    slots: Sequence[Slot], before: tuple[Place, ...], bound: Bound, known: Described
) -> Iterator[tuple[tuple[Place, ...], Bound]]:
    if not slots:
        yield before, bound
        return
    slot, *rest = slots
    taken = {place.name for place in before}
    free = [name for name in known.shapes if name not in taken and (name in known.integer) == slot.integer]
    for name in sorted(free, key=lambda name: name != slot.name):
        for transposed in (False, True) if len(slot.shape) == 2 else (False,):
            shape = apart(slot.shape)[:: -1 if transposed else 1]
            further = unified(known.shapes[name], shape, bound)
            if further is not None:
                yield from _placed(rest, (*before, Place(name, transposed)), further, known)
