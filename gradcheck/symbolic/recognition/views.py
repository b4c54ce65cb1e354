"""A formula seen in ways in which it may be a known one: whole, row by row, without a factor, its entries in a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.symbolic.compile import Variable, compile_expression, is_integer, variable_name, variable_shape
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import integer_tensor, scalar, tensor

Shape = tuple[sp.Expr, ...]
REDUCED = ("averaged", "summed")


@dataclass(frozen=True)
class Slot:
    """A variable of a view: its shape, and how many axes are run together in each of its entries' axes."""

    name: str
    shape: Shape
    integer: bool = False


@dataclass(frozen=True)
class View:
    """A definition as a function of arrays; `words` says what of the whole it is, `factor` what it lacks."""

    definition: sp.Expr
    variables: tuple[Variable, ...]
    output: Mapping[sp.Symbol, sp.Expr]
    factor: sp.Expr = sp.S.One
    words: tuple[str, ...] = ()
    flat: bool = False
    kept: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The axes that are left of variables that are seen at one place of others."""
    ranks: Mapping[str, int] = field(default_factory=dict)
    """The number of axes that the variables had."""

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The variables as they are given to `values`."""
        slots = (Slot(variable_name(v), variable_shape(v), is_integer(v)) for v in self.variables)
        return tuple(replace(s, shape=(sp.Mul(*s.shape),)) if self.flat and s.shape else s for s in slots)

    @cached_property
    def shape(self) -> Shape:
        """The shape of what `values` returns."""
        shape = tuple(self.output.values())
        return (sp.Mul(*shape),) if self.flat and shape else shape

    @property
    def is_reduced(self) -> bool:
        """Whether it is what is summed, and not the whole."""
        return not set(REDUCED).isdisjoint(self.words)

    @property
    def said(self) -> tuple[str, ...]:
        """What of the whole it is, in words."""
        if not self.kept:
            ends = [f"{word} over its entries" if word in REDUCED else word for word in self.words]
            return tuple(ends)
        name, axes = next(iter(self.kept.items()))
        place = _place(name, axes, self.ranks[name])
        reduced = [word for word in self.words if word in REDUCED]
        said = f"{reduced[0]} over every {place}" if reduced else f"of each {place}"
        return (*(word for word in self.words if word not in REDUCED), said)

    @cached_property
    def seen(self) -> dict[Any, Any]:
        """What was found of it, for whoever asks again."""
        return {}

    @cached_property
    def _compiled(self) -> Any:
        return compile_expression(self.definition, self.variables, self.output, "numpy")

    def values(self, arrays: Sequence[Any], lengths: Callable[[Shape], tuple[int, ...]]) -> Any:
        """The values at arrays of the slots' shapes; `lengths` gives the numbers that a shape stands for."""
        given = arrays
        if self.flat:
            given = [np.reshape(a, lengths(variable_shape(v))) for a, v in zip(arrays, self.variables, strict=True)]
        found = np.asarray(self._compiled(*given))
        return found.reshape(-1) if self.flat and self.output else found


def views(formula: Formula) -> Iterator[View]:
    """The ways to see a formula, the plainest first."""
    ranks = {variable_name(v): len(variable_shape(v)) for v in formula.variables}
    whole = _used(View(formula.definition, formula.variables, formula.output, ranks=ranks))
    yield whole
    bare = _without_factor(whole, sized=False)
    yield from (bare,) if bare is not None else ()
    for view in filter(None, (whole, bare)):
        yield from _in_a_line(view)
        yield from _each(view)
    yield from _summed(_without_factor(whole, sized=True) or whole)


def _used(view: View) -> View:
    """Without the variables that it does not depend on."""
    labels = {str(each.base.label) for each in view.definition.atoms(sp.Indexed)}
    labels |= {str(each.label) for each in view.definition.atoms(sp.IndexedBase)}
    labels |= {each.name for each in view.definition.free_symbols if isinstance(each, sp.Symbol)}
    return replace(view, variables=tuple(v for v in view.variables if variable_name(v) in labels))


def _without_factor(view: View, sized: bool) -> View | None:
    """Without the factors that are made of scalar variables alone; where `sized` also those of sizes and numbers."""
    factors = sp.Mul.make_args(view.definition)
    tensors = [f for f in factors if f.has(sp.Indexed, sp.IndexedBase) or not f.free_symbols.isdisjoint(view.output)]
    scalars = {v for v in view.variables if isinstance(v, sp.Symbol)}
    rest = [f for f in factors if f not in tensors and (sized or not f.free_symbols.isdisjoint(scalars))]
    if not tensors or not rest:
        return None
    tensors = [f for f in factors if f not in rest]
    return _used(replace(view, definition=sp.Mul(*tensors), factor=sp.Mul(*rest)))


def _in_a_line(view: View) -> Iterator[View]:
    """All entries in a line, where several axes are everywhere the same."""
    shapes = {variable_shape(v) for v in view.variables if variable_shape(v)}
    shape = next(iter(shapes), ())
    output = tuple(view.output.values())
    if len(shapes) == 1 and len(shape) > 1 and output in ((), shape):
        words = () if _is_entrywise(view) else ("over all entries",)
        yield replace(view, flat=True, words=(*view.words, *words))


def _is_entrywise(view: View) -> bool:
    """Whether each entry is made of the variables' entries at the same place alone."""
    places = {tuple(entry.indices) for entry in view.definition.atoms(sp.Indexed)}
    return places == {tuple(view.output)} and not view.definition.has(ExprWithLimits)


def _each(view: View) -> Iterator[View]:
    """What it is for one place of an output axis, and of all the axes whose places do not mix."""
    for index in view.output:
        inner = _at_one_place(view, index)
        if inner is not None:
            yield inner
            yield from _each(inner)


def _at_one_place(view: View, index: sp.Symbol) -> View | None:
    """The definition at one value of an index, where each variable has the index on one axis, or has it nowhere."""
    entries = view.definition.atoms(sp.Indexed)
    axes: dict[str, set[int | None]] = {}
    for entry in entries:
        places: list[int | None] = [axis for axis, at in enumerate(entry.indices) if at == index]
        axes.setdefault(str(entry.base.label), set()).update(places or [None])
    names = (name for name in map(variable_name, view.variables) if name in axes)
    axis_of = {name: next(iter(axes[name])) for name in names if len(axes[name]) == 1}
    if len(axis_of) < len(axes) or not any(axis is not None for axis in axis_of.values()):
        return None
    variables = {variable_name(v): _less_axis(v, axis_of.get(variable_name(v))) for v in view.variables}
    inner = view.definition.xreplace({e: _entry(e, variables, index) for e in entries if index in e.indices})
    whole = {base for base in inner.atoms(sp.IndexedBase) if base not in variables.values()}
    if index in inner.free_symbols or whole:
        return None
    output = {i: size for i, size in view.output.items() if i != index}
    kept = {v: _kept(view, v, axis) for v, axis in axis_of.items() if axis is not None}
    return replace(
        view, definition=inner, variables=tuple(variables.values()), output=output, kept={**view.kept, **kept}
    )


def _place(name: str, axes: Sequence[int], rank: int) -> str:
    """What one place of the other axes is called."""
    kinds = {(1, ()): "entry", (2, ()): "entry", (2, (1,)): "row", (2, (0,)): "column"}
    left = " and ".join(map(str, axes))
    return f"{kinds.get((rank, tuple(axes)), f'slice along axis {left}' if axes else 'entry')} of {name}"


def _kept(view: View, name: str, axis: int) -> tuple[int, ...]:
    rank = len(next(variable_shape(v) for v in view.variables if variable_name(v) == name))
    axes = view.kept.get(name, tuple(range(rank)))
    return axes[:axis] + axes[axis + 1 :]


def _entry(entry: sp.Indexed, variables: Mapping[str, Any], index: sp.Symbol) -> sp.Expr:
    base = variables[str(entry.base.label)]
    kept = [at for at in entry.indices if at != index]
    return base[tuple(kept)] if kept else base


def _less_axis(variable: Variable, axis: int | None) -> Variable:
    if axis is None:
        return variable
    shape = variable_shape(variable)
    kept = shape[:axis] + shape[axis + 1 :]
    name = variable_name(variable)
    if is_integer(variable):
        return integer_tensor(name, *kept) if kept else sp.Symbol(name, integer=True)
    return tensor(name, *kept) if kept else scalar(name)


def _summed(view: View) -> Iterator[View]:
    """What is summed, for one value of an index that is summed over, and for all of them together."""
    e = view.definition
    if not isinstance(e, sp.Sum):
        return
    for limits in e.limits:
        index, size = sp.Dummy("b", integer=True, nonnegative=True), limits[2] + 1
        rest = [each for each in e.limits if each != limits]
        body = e.function.xreplace({limits[0]: index})
        averaged = sp.cancel(view.factor * size)
        is_mean = size in view.factor.free_symbols and size not in averaged.free_symbols
        summand = replace(
            view,
            definition=type(e)(body, *rest) if rest else body,
            output={index: size, **view.output},
            factor=averaged if is_mean else view.factor,
            words=(*view.words, "averaged" if is_mean else "summed"),
        )
        inner = _at_one_place(summand, index)
        yield from (inner,) if inner is not None else ()
        yield summand
