"""Reverse mode on a program: the adjoint of every value, by the chain rule from the last to the first.

The adjoint of h is the derivative of Σ grad_output · output by h: Σ over the values q that hold h of Σ q̄ ∂q/∂h.
Source: Griewank and Walther, Evaluating Derivatives (2008), section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import sympy as sp

from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.compile import Variable, variable_name, variable_shape
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.graphs.program import Program, Value
from gradcheck.symbolic.graphs.tensors import free_indices
from gradcheck.symbolic.tensors import Sum, scalar, tensor

PREFIX = "grad_"
FOLDED = (sp.Function, sp.Pow, sp.Add)
"""What is looked for in its own derivative: e^x is its own, and σ' is σ(1 - σ)."""
MOST_INDICES = 4
"""A value with more axes is not looked for in its own derivative."""


def adjoints(program: Program) -> list[Value]:
    """The adjoints of the intermediates from the last on, then of the variables that have one, in order.

    Those of the outputs are given: they are called `grad_output`.
    """
    found: dict[str, list[sp.Expr]] = {}
    made: list[Value] = []
    for output in reversed(program.outputs):
        _pull(output, adjoint_entry(output), program, found)
    for value in reversed(program.intermediates):
        if value.name in found:
            adjoint = _named(value.entry, found[value.name])
            if _is_short(adjoint.meaning):
                _pull(value, adjoint.meaning, program, found)
                continue
            made.append(adjoint)
            _pull(value, adjoint.entry, program, found)
    moving = (variable for variable in program.variables if variable_name(variable) in program.wrt)
    made += [_named(own_entry(each), found.get(variable_name(each), [])) for each in moving]
    return made


def _is_short(meaning: sp.Expr) -> bool:
    """Whether a meaning is another value's entry, but for a number."""
    return bool(meaning.as_coeff_Mul()[1].is_Symbol or isinstance(meaning.as_coeff_Mul()[1], sp.Indexed))


def adjoint_entry(value: Value) -> sp.Expr:
    """The entry of a value's adjoint at the value's own indices."""
    return _like(value.entry)


def own_entry(variable: Variable) -> sp.Expr:
    """A variable's entry at indices of its own."""
    return variable[free_indices(variable_shape(variable))] if variable_shape(variable) else variable


def _like(entry: sp.Expr) -> sp.Expr:
    if isinstance(entry, sp.Indexed):
        return tensor(f"{PREFIX}{entry.base.label}", *entry.base.shape)[tuple(entry.indices)]
    return scalar(f"{PREFIX}{entry}")


def _named(entry: sp.Expr, parts: Sequence[sp.Expr]) -> Value:
    """The adjoint of an entry: the sum of its parts, which stand at the entry's label's own indices."""
    indices = tuple(entry.indices) if isinstance(entry, sp.Indexed) else ()
    at = dict(zip(PLACES, indices, strict=False))
    return Value(_like(entry), in_front(sp.Add(*(part.xreplace(at) for part in parts))))


def in_front(expression: sp.Expr) -> sp.Expr:
    """What all terms of a sum share is written before it: 2 g (p - y) for g (2 p - 2 y), y (g - s) for g y - s y.

    >>> g, p, y, s = sp.symbols("g p y s")
    >>> in_front(g * (2 * p - 2 * y)), in_front(g * y - s * y)
    (2*g*(p - y), y*(g - s))
    """
    if not expression.args or isinstance(expression, sp.Indexed):
        return expression
    made = expression.func(*map(in_front, expression.args))
    if isinstance(made, sp.Add):
        return _shared_in_front(made)
    if not isinstance(made, sp.Mul):
        return made
    contents, factors = zip(*(each.primitive() if each.is_Add else (sp.S.One, each) for each in made.args), strict=True)
    return sp.Mul(*contents, *factors)


def _shared_in_front(total: sp.Add) -> sp.Expr:
    """The factors that all terms have, but for numbers, before the sum of what is left of them."""
    own = [{each for each in sp.Mul.make_args(term) if not each.is_number} for term in total.args]
    shared = set.intersection(*own)
    if not shared:
        return total
    rest = (sp.Mul(*(each for each in sp.Mul.make_args(term) if each not in shared)) for term in total.args)
    return sp.Mul(*shared, sp.Add(*rest))


PLACES = tuple(sp.Dummy(f"place{axis}", integer=True, nonnegative=True) for axis in range(16))
"""The indices at which the parts of an adjoint are gathered."""


def _pull(value: Value, adjoint: sp.Expr, program: Program, found: dict[str, list[sp.Expr]]) -> None:
    """Pass a value's adjoint on to all that the value is made of."""
    weighted = adjoint * value.meaning
    total = Sum(weighted, *((i, 0, size - 1) for i, size in value.ranges.items())) if value.ranges else weighted
    for name, entry in _targets(program, value):
        found.setdefault(name, []).append(_with_name(derivative(total, entry), value))


def _targets(program: Program, value: Value) -> Iterator[tuple[str, sp.Expr]]:
    """The entries, at the places, of what a value is made of."""
    for variable in program.variables:
        if variable_name(variable) in program.wrt and _label(variable) in value.meaning.free_symbols:
            yield variable_name(variable), _at_places(variable)
    for other in program.intermediates:
        if other.label in value.meaning.free_symbols and other.label != value.label:
            yield other.name, _at_places(other.entry.base if other.indices else other.entry)


def _label(variable: Variable) -> sp.Symbol:
    return variable.label if isinstance(variable, sp.IndexedBase) else variable


def _at_places(variable: Variable) -> sp.Expr:
    shape = variable_shape(variable)
    return variable[PLACES[: len(shape)]] if shape else variable


def _with_name(expression: sp.Expr, value: Value) -> sp.Expr:
    """The expression with the value's meaning, at whatever indices, written by the value's name: y(1 - y) for σ'."""
    if len(value.indices) > MOST_INDICES or not isinstance(value.meaning, FOLDED):
        return expression
    found = {part: name for part in expression.atoms(type(value.meaning)) if (name := _name_of(part, value))}
    return expression.xreplace(found) if found else expression


def _name_of(part: sp.Expr, value: Value) -> sp.Expr | None:
    """The value's entry that the part equals, or a power of the entry; None where it is none."""
    whole, power = _as_power(part, value.meaning)
    others = _free_indices(value.meaning).difference(value.indices)
    free = sorted(_free_indices(part) - others, key=str)
    if len(free) != len(value.indices):
        return None
    wanted = canonical(whole)
    for chosen in permutations(free, len(value.indices)):
        at = dict(zip(value.indices, chosen, strict=True))
        if canonical(value.meaning.xreplace(at)) == wanted:
            return value.entry.xreplace(at) ** power
    return None


def _free_indices(expression: sp.Expr) -> set[sp.Symbol]:
    """The free symbols that are indices, and not sizes, which are positive."""
    return {s for s in expression.free_symbols if s.is_integer and s.is_nonnegative and not s.is_positive}


def _as_power(part: sp.Expr, meaning: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """A part as a whole power of one that has the exponent of the meaning: 1/√u is (√u)⁻¹."""
    if isinstance(part, sp.Pow) and isinstance(meaning, sp.Pow) and meaning.exp.is_Rational:
        power = part.exp / meaning.exp
        if power.is_integer:
            return part.base**meaning.exp, power
    return part, sp.S.One
