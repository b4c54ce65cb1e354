"""An expression as a formula: which variables it has, where they live, and which indices are free."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import product
from typing import Any

import mpmath as mp
import numpy as np
import sympy as sp

from gradcheck.errors import UsageError
from gradcheck.symbolic.compile import Variable, variable_name
from gradcheck.symbolic.derivations.rule import NoRule
from gradcheck.symbolic.derivations.verification import exact_point
from gradcheck.symbolic.domains import POSITIVE, POSITIVE_DETERMINANT, REAL, UNIT_INTERVAL, Domain
from gradcheck.symbolic.evaluate import NoValue, evaluate, exact
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.points import distinct_sizes, sample_point
from gradcheck.symbolic.tensors import MatrixEntry
from gradcheck.symbolic.tracing.scalars import with_decimals
from gradcheck.symbolic.tracing.special import with_torch_conventions

ABOVE_ONE = Domain("numbers above 1", lambda generator, shape, _: generator.uniform(1.1, 3.0, shape))
DOMAINS = (REAL, POSITIVE, UNIT_INTERVAL, ABOVE_ONE)
"""Where an expression's variables may live: the first in which the expression is a real number is taken."""
MIXED = 4
"""Up to this many variables may live in different domains."""
TRIED = 3


def expression_formula(expression: sp.Expr, names: Iterable[str] = (), title: str = "") -> Formula:
    """The expression f as a formula; `names` adds variables that it does not hold.

    Raises NoRule for a function that is not known, UsageError where no point is found at which the expression is a
    real number.

    >>> x = sp.Symbol("x", real=True)
    >>> expression_formula(sp.acosh(x)).domains["x"].description
    'numbers above 1'
    """
    expression = with_decimals(with_torch_conventions(expression))
    found = _variables(expression)
    held = {variable_name(variable) for variable in found}
    found += [sp.Symbol(name, real=True) for name in names if name not in held]
    formula = Formula(
        name="f",
        title=title or "f",
        topic="expressions",
        definition=expression,
        variables=tuple(found),
        wrt=tuple(map(variable_name, found)),
        output=_free_indices(expression),
        torch=_no_counterpart,
        source="",
    )
    object.__setattr__(formula, "domains", _domains(formula))
    return formula


def _no_counterpart(*_: Any) -> Any:
    raise UsageError("an expression has no torch counterpart")


def _variables(expression: sp.Expr) -> list[Variable]:
    """Tensors, then scalars, each by name; neither indices nor sizes."""
    bases = {each.base for each in expression.atoms(sp.Indexed)} | {
        each.matrix for each in expression.atoms(MatrixEntry)
    }
    for base in bases:
        if base.shape is None:
            raise UsageError(f"what: the tensor {base.label} has no shape; give it one, as in tensor('x', n)")
    labels = {base.label for base in bases}
    sizes = {symbol for base in bases for size in base.shape or () for symbol in size.free_symbols}
    indices = {symbol for each in expression.atoms(sp.Indexed) for i in each.indices for symbol in i.free_symbols}
    scalars = {s for s in expression.free_symbols if isinstance(s, sp.Symbol)} - labels - sizes - indices
    return [*sorted(bases, key=str), *sorted(scalars, key=str)]


def _free_indices(expression: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    """The indices that no sum binds, with the sizes of the axes they run over."""
    entries = sorted(expression.atoms(sp.Indexed), key=str)
    spans = {i: size for each in entries for i, size in zip(each.indices, each.base.shape or (), strict=False)}
    entries = sorted(expression.atoms(MatrixEntry), key=str)
    spans |= {i: size for each in entries for i, size in zip(each.indices, each.matrix.shape, strict=False)}
    return {i: spans[i] for i in sorted(expression.free_symbols, key=str) if i in spans}


def _domains(formula: Formula) -> dict[str, Domain]:
    matrices = {each.matrix for each in formula.definition.atoms(MatrixEntry)}
    fitting = [_fitting(variable, matrices) for variable in formula.variables]
    for choice in _choices(fitting):
        domains = dict(zip(formula.variable_names, choice, strict=True))
        if all(_is_real(formula, domains, seed) for seed in range(TRIED)):
            return domains
    raise UsageError(f"what: no point was found at which {formula.definition} is a real number")


def _fitting(variable: Variable, matrices: Collection[sp.Expr]) -> Sequence[Domain]:
    """Where a variable may live, by what is known of it."""
    if variable in matrices:
        return (POSITIVE_DETERMINANT,)
    return DOMAINS[1:] if variable.is_positive else DOMAINS


def _choices(fitting: Sequence[Sequence[Domain]]) -> Iterator[Sequence[Domain]]:
    """The same domain for all where it fits, then mixtures."""
    yield from (tuple(each if each in own else own[0] for own in fitting) for each in DOMAINS)
    if 1 < len(fitting) <= MIXED:
        yield from product(*fitting)


def _is_real(formula: Formula, domains: dict[str, Domain], seed: int) -> bool:
    sizes = distinct_sizes(formula.dimensions, 0)
    tried = Formula(**{**vars(formula), "domains": domains})
    point = exact(sample_point(tried, sizes, np.random.default_rng(seed)))
    place = exact_point(formula, point, sizes).within(dict.fromkeys(formula.output, 0))
    try:
        value = evaluate(formula.definition, place)
    except (ZeroDivisionError, ValueError, OverflowError):
        return False
    except NoValue as error:
        raise NoRule(error.expression) from None
    return isinstance(value, mp.mpf) and bool(mp.isfinite(value))
