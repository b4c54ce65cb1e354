"""The gradient of a subject at given shapes: traced, differentiated entry by entry, compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.errors import UsageError
from gradcheck.symbolic.tracing.derivative import Compiled, compile_numpy, gradient
from gradcheck.symbolic.tracing.entries import Entries, boxed, mapped
from gradcheck.symbolic.tracing.errors import NeedsShape
from gradcheck.symbolic.tracing.inputs import Array
from gradcheck.symbolic.tracing.subject import Subject
from gradcheck.symbolic.tracing.trace import Tracer

MAX_SYMBOLS = 2_000
"""How many entries all arguments may have together, where a function is no plain entry-by-entry one."""

MAX_DERIVATIVES = 20_000
"""How many partial derivatives a Jacobian may have."""

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class TracedGradient:
    """Derivatives as expressions, by the name of the variable, and compiled.

    `uniform`: each expression holds for every entry of arrays of one `shape`.
    """

    symbols: dict[str, Entries]
    expressions: dict[str, Entries]
    compiled: Compiled
    uniform: bool
    shape: tuple[int, ...]

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """The derivatives at a point, float64."""
        values = [value for name in self.symbols for value in self._arguments(arrays[name])]
        results = iter(self.compiled(*values))
        return {name: self._result(results, entries) for name, entries in self.expressions.items()}

    def at(self, tracers: Mapping[str, Tracer]) -> dict[str, Tracer]:
        """The derivatives where other traced values stand in place of the symbols."""
        uniform = any(tracer.uniform for tracer in tracers.values())
        if uniform and not self.uniform:
            raise NeedsShape
        values = [tracers[name].entries for name in self.symbols]
        if self.uniform:
            return {name: Tracer(self._by_entry(each[()], values), uniform) for name, each in self.expressions.items()}
        symbols = [symbol for each in self.symbols.values() for symbol in each.reshape(-1)]
        put = dict(zip(symbols, (entry for each in values for entry in each.reshape(-1)), strict=True))
        return {name: Tracer(mapped(lambda e: e.xreplace(put), each)) for name, each in self.expressions.items()}

    def _by_entry(self, expression: sp.Expr, values: Sequence[Entries]) -> Entries:
        symbols = [each[()] for each in self.symbols.values()]
        return mapped(lambda *entries: expression.xreplace(dict(zip(symbols, entries, strict=True))), *values)

    def _arguments(self, array: Array) -> Sequence[Any]:
        return [array] if self.uniform else list(array.reshape(-1))

    def _result(self, results: Any, entries: Entries) -> Array:
        if self.uniform:
            return np.array(np.broadcast_to(next(results), self.shape), dtype=np.float64)
        flat = np.array([next(results) for _ in range(entries.size)], dtype=np.float64)
        return flat.reshape(entries.shape)


def trace_gradient(
    subject: Subject, shapes: Shapes, wrt: Sequence[str], constants: Mapping[str, Any]
) -> TracedGradient:
    """Trace at these shapes; where the function works entry by entry, one expression serves arrays of any size."""
    arrays = {shape for shape in shapes.values() if shape}
    if len(arrays) == 1:
        try:
            return _uniform(subject, shapes, wrt, constants)
        except NeedsShape:
            pass
    return _by_entries(subject, shapes, wrt, constants)


def _uniform(subject: Subject, shapes: Shapes, wrt: Sequence[str], constants: Mapping[str, Any]) -> TracedGradient:
    symbols = {name: boxed(sp.Symbol(name, real=True)) for name in shapes}
    output = subject.evaluate(
        {**{name: Tracer(symbols[name].copy(), bool(shape)) for name, shape in shapes.items()}, **constants}
    )
    if not output.uniform:
        raise NeedsShape
    slopes = gradient(output.entries[()], [symbols[name][()] for name in wrt])
    expressions = {name: boxed(slope) for name, slope in zip(wrt, slopes, strict=True)}
    return _compiled(symbols, expressions, next(shape for shape in shapes.values() if shape))


def _by_entries(subject: Subject, shapes: Shapes, wrt: Sequence[str], constants: Mapping[str, Any]) -> TracedGradient:
    _check_size("the arguments have", "entries", sum(int(np.prod(shape)) for shape in shapes.values()), MAX_SYMBOLS)
    symbols = _distinct_symbols(shapes)
    output = subject.evaluate({**{name: Tracer(each.copy()) for name, each in symbols.items()}, **constants})
    wanted = sum(symbols[name].size for name in wrt)
    _check_size("the Jacobian has", "partial derivatives", output.entries.size * wanted, MAX_DERIVATIVES)
    flat = [symbol for name in wrt for symbol in symbols[name].reshape(-1)]
    rows = [gradient(entry, flat) for entry in output.entries.reshape(-1)]
    jacobian = np.array([boxed(entry)[()] for row in rows for entry in row], dtype=object).reshape(len(rows), len(flat))
    starts = np.cumsum([0, *(symbols[name].size for name in wrt)])
    expressions = {
        name: _shaped(jacobian[:, start:end], output.entries, symbols[name])
        for name, start, end in zip(wrt, starts[:-1], starts[1:], strict=True)
    }
    return _compiled(symbols, expressions, None)


def _shaped(jacobian: Entries, output: Entries, variable: Entries) -> Entries:
    """The Jacobian, output axes first; for an entry-by-entry function its diagonal, in the variable's shape."""
    if output.shape == variable.shape and _is_diagonal(jacobian):
        return np.diagonal(jacobian).reshape(variable.shape)
    return jacobian.reshape(output.shape + variable.shape)


def _is_diagonal(jacobian: Entries) -> bool:
    return all(slope == 0 or row == column for (row, column), slope in np.ndenumerate(jacobian))


def _distinct_symbols(shapes: Shapes) -> dict[str, Entries]:
    """A symbol for every entry, such as x_0_1; with more underscores where an argument bears that name itself."""
    for joint in ("_", "__", "___"):
        symbols = {name: _symbols(name, shape, joint) for name, shape in shapes.items()}
        names = [symbol for each in symbols.values() for symbol in each.reshape(-1)]
        if len(set(names)) == len(names):
            return symbols
    raise UsageError(f"the names {', '.join(shapes)} are too much alike; rename one")


def _symbols(name: str, shape: tuple[int, ...], joint: str) -> Entries:
    entries = np.empty(shape, dtype=object)
    for place in np.ndindex(*shape):
        entries[place] = sp.Symbol(joint.join([name, *map(str, place)]), real=True)
    return entries


def _compiled(
    symbols: dict[str, Entries], expressions: dict[str, Entries], shape: tuple[int, ...] | None
) -> TracedGradient:
    arguments = [symbol for each in symbols.values() for symbol in each.reshape(-1)]
    bodies = [entry for each in expressions.values() for entry in each.reshape(-1)]
    compiled = compile_numpy(arguments, bodies)
    return TracedGradient(symbols, expressions, compiled, shape is not None, shape or ())


def _check_size(subject: str, unit: str, size: int, limit: int) -> None:
    if size > limit:
        raise UsageError(f"{subject} {size:,} {unit}; up to {limit:,} are traced entry by entry")
