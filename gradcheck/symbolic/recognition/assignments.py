"""Which variable of a known formula may be which of a view's, by ranks and sizes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

import sympy as sp

from gradcheck.symbolic.compile import is_integer, variable_name, variable_shape
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.recognition.sizes import Bound, meaning, unified
from gradcheck.symbolic.recognition.views import Shape, Slot, View

SIZES = ((3, 2, 4, 5, 6, 7, 8, 9), (2, 4, 3, 5, 7, 6, 9, 8), (4, 3, 5, 2, 6, 8, 7, 9))
"""Sizes of the dimensions in three tries, none twice in one."""
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
    """A place for every slot of a view; `left` are the known formula's other variables."""

    places: tuple[Place, ...]
    left: tuple[str, ...]
    bound: Bound
    transposed: bool = False

    def numbers(self, view: View, known: Formula, choice: int) -> Numbers:
        """A number for every size that is free, in one of the tries."""
        sizes = (*known.dimensions, *(size for slot in view.slots for size in apart(slot.shape)), *apart(view.shape))
        meanings = (meaning(size, self.bound) for size in sizes)
        free = dict.fromkeys(s for size in meanings for s in sorted(size.free_symbols, key=str))
        return dict(zip(free, SIZES[choice], strict=False))

    def is_sized(self, view: View, known: Formula) -> bool:
        """Whether all sizes are whole numbers in every try."""
        try:
            for choice in range(len(SIZES)):
                numbers = self.numbers(view, known, choice)
                for size in known.dimensions:
                    self.length(size, numbers)
        except ValueError:
            return False
        return True

    def length(self, size: sp.Expr, numbers: Numbers) -> int:
        """The number that a size of the known formula, or of the view set apart, stands for; ValueError for none."""
        value = sp.expand(meaning(size, self.bound).xreplace(numbers))
        if not (value.is_Integer and value.is_positive):
            raise ValueError(f"{size} would be {value}")
        return int(value)

    def demanded(self, view: View) -> tuple[str, ...] | None:
        """The sizes of the view that have to be equal, in words; None where some would have to be given numbers."""
        own = dict.fromkeys(s for slot in view.slots for size in apart(slot.shape) for s in size.free_symbols)
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


@cache
def apart(sizes: Shape) -> Shape:
    """Sizes of the view as symbols that no known formula has."""
    return tuple(map(_marked, map(sp.sympify, sizes)))


def _marked(size: sp.Expr) -> sp.Expr:
    return size.xreplace({s: sp.Symbol(f"{s.name}'", integer=True, positive=True) for s in size.free_symbols})


def assignments(view: View, known: Formula) -> Iterator[Assignment]:
    """Every way to give each slot a variable of its rank, so that the sizes agree, those of equal names first."""
    shapes = {variable_name(v): variable_shape(v) for v in known.variables}
    integer = {variable_name(v) for v in known.variables if is_integer(v)}
    found = _placed(view.slots, (), {}, shapes, integer)
    yield from islice(_with_output(found, view, known, tuple(shapes)), MOST)


def _with_output(
    found: Iterator[tuple[tuple[Place, ...], Bound]], view: View, known: Formula, names: tuple[str, ...]
) -> Iterator[Assignment]:
    for places, bound in found:
        left = tuple(name for name in names if name not in {place.name for place in places})
        for transposed in (False, True) if len(view.shape) == 2 else (False,):
            shape = apart(view.shape)[:: -1 if transposed else 1]
            full = unified(tuple(known.output.values()), shape, bound)
            if full is not None:
                yield Assignment(places, left, full, transposed)


def _placed(
    slots: Sequence[Slot],
    before: tuple[Place, ...],
    bound: Bound,
    shapes: dict[str, Shape],
    integer: set[str],
) -> Iterator[tuple[tuple[Place, ...], Bound]]:
    if not slots:
        yield before, bound
        return
    slot, *rest = slots
    taken = {place.name for place in before}
    free = [name for name in shapes if name not in taken and (name in integer) == slot.integer]
    for name in sorted(free, key=lambda name: name != slot.name):
        for transposed in (False, True) if len(slot.shape) == 2 else (False,):
            shape = apart(slot.shape)[:: -1 if transposed else 1]
            further = unified(shapes[name], shape, bound)
            if further is not None:
                yield from _placed(rest, (*before, Place(name, transposed)), further, shapes, integer)
