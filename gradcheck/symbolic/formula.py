"""A formula: its definition in index notation, where its variables live, and the torch function it should equal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.errors import UnknownName, UsageError
from gradcheck.symbolic.compile import (
    Backend,
    Compiled,
    Variable,
    compile_expression,
    is_integer,
    variable_name,
    variable_shape,
)
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.domains import REAL, Domain
from gradcheck.symbolic.points import sample_point
from gradcheck.symbolic.printed import Printed
from gradcheck.symbolic.sizes import dimensions
from gradcheck.symbolic.tensors import index

if TYPE_CHECKING:
    from gradcheck.results import FormulaResult
    from gradcheck.symbolic.derivations.derivation import Derivation
    from gradcheck.symbolic.matrices.form import MatrixForm

Axes = Mapping[sp.Symbol, sp.Expr]
INPUT_INDICES = {
    1: ("j", "q"),
    2: ("a b", "p q", "r s"),
    3: ("a b c", "p q r", "r s t"),
    4: ("a b c d", "p q r s"),
}
"""Names of the indices of the entry that is differentiated by, for each number of axes, in order of preference."""
RARE_INDICES = (*"αβγεζηθικλμνξ", *(f"α{number}" for number in range(1, 100)))
"""Names for them where others bear all of those."""


@dataclass(frozen=True, eq=False)
class Edge:
    """A point where implementations go wrong: its name, and the value of every variable there.

    `kink` says that the one-sided slopes by some variable differ there, `jump` that the formula itself jumps there
    and has no slope; a check demands to find them so.
    """

    name: str
    point: Mapping[str, Any]
    kink: bool = False
    jump: bool = False


@dataclass(frozen=True, eq=False)
class Formula:
    """A documented formula.

    `definition` is an index expression; `output` maps its free indices, in order, to their dimensions. `variables`
    are tensors and scalars in the order in which `torch` takes them. `wrt` names the variables to differentiate by
    (all real ones unless given), `domains` where each variable lives (the real numbers unless given). `stated` holds
    gradients as textbooks print them: variable name -> function of the entry's indices; `printed` holds what a source
    prints that may be wrong, to be judged. `deviations` says where torch's own derivatives are wrong, and in what:
    variable name -> oracle ("reverse" or "forward") -> sentence. A check then demands to find that oracle wrong, and
    reports it as a finding.

    >>> from gradcheck import formula
    >>> softmax = formula("softmax")
    >>> softmax.compile("numpy", wrt="z")([0.0, 0.0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """

    name: str
    title: str
    topic: str
    definition: sp.Expr
    variables: tuple[Variable, ...]
    torch: Callable[..., Any]
    source: str
    output: Axes = field(default_factory=dict)
    wrt: tuple[str, ...] = ()
    domains: Mapping[str, Domain] = field(default_factory=dict)
    stated: Mapping[str, Callable[..., sp.Expr]] = field(default_factory=dict)
    printed: tuple[Printed, ...] = ()
    edges: tuple[Edge, ...] = ()
    kinks: str = ""
    deviations: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = {variable_name(variable) for variable in self.variables}
        mappings = {"domains": self.domains, "stated": self.stated, "deviations": self.deviations}
        for role, given in {"wrt": self.wrt, **mappings}.items():
            if unknown := set(given) - names:
                raise ValueError(
                    f"formula {self.name!r}: {role} names {sorted(unknown)}, variables are {sorted(names)}"
                )
        if not self.wrt:
            real = (variable_name(v) for v in self.variables if not is_integer(v))
            object.__setattr__(self, "wrt", tuple(real))

    @property
    def variable_names(self) -> tuple[str, ...]:
        """The variables' names, in order."""
        return tuple(map(variable_name, self.variables))

    @property
    def dimensions(self) -> tuple[sp.Symbol, ...]:
        """Every symbolic size, in order of first appearance."""
        return dimensions(variable_shape(variable) for variable in self.variables)

    def variable(self, name: str) -> Variable:
        """The variable of that name; raises UsageError, suggesting the nearest, where there is none."""
        for variable in self.variables:
            if variable_name(variable) == name:
                return variable
        raise UnknownName(f"variable of {self.name}", name, self.variable_names)

    def domain(self, name: str) -> Domain:
        """Where the variable lives."""
        return self.domains.get(name, REAL)

    def entry(self, wrt: str | None = None) -> tuple[sp.Expr, Axes]:
        """The entry that is differentiated by, and its indices with their dimensions."""
        variable = self.variable(self._chosen(wrt))
        shape = variable_shape(variable)
        if not shape:
            return variable, {}
        indices = tuple(map(index, self._input_names(len(shape))))
        return variable[indices], dict(zip(indices, shape, strict=True))

    def jacobian(self, wrt: str | None = None) -> sp.Expr:
        """The derivative of the entry at the output indices with respect to `entry(wrt)`.

        For a scalar formula that is its gradient. Layout: output axes, then input axes.
        """
        return _jacobian(self, self._chosen(wrt))

    gradient = jacobian

    def axes_of(self, entry: sp.Expr) -> Axes:
        """The axes of the derivative by an entry: those of the output, then the entry's own."""
        if not isinstance(entry, sp.Indexed):
            return self.output
        return {**self.output, **dict(zip(entry.indices, entry.base.shape, strict=True))}

    @property
    def output_entry(self) -> sp.Expr:
        """How the defined quantity is called: f, or its entry at the output's indices."""
        return sp.Indexed("f", *self.output) if self.output else sp.Symbol("f", real=True)

    def axes(self, wrt: str | None = None) -> Axes:
        """The Jacobian's axes: those of the output, then those of the variable."""
        return {**self.output, **self.entry(wrt)[1]}

    def stated_gradient(self, wrt: str) -> sp.Expr | None:
        """The gradient as textbooks print it, on the same axes, or None where none is stated."""
        stated = self.stated.get(wrt)
        return None if stated is None else sp.sympify(stated(*self.entry(wrt)[1]))

    def compile(self, backend: Backend = "numpy", wrt: str | None = None) -> Compiled:
        """A function of the variables, in order: the definition itself, or its Jacobian where `wrt` names a variable.

        Results take the dtype of the inputs; the generated code is on `.source`.
        """
        return _compiled(self, backend, wrt)

    def matrix_form(self, wrt: str | None = None) -> MatrixForm | None:
        """The Jacobian without indices, such as 2 Xᵀ(Xw - y) / m, verified at random points, or None."""
        return _matrix_form(self, self._chosen(wrt))

    def matrix_definition(self) -> MatrixForm | None:
        """The definition without indices, such as ‖Xw - y‖² / m, verified at random points, or None."""
        return _matrix_form(self, None)

    def derive(self, wrt: str | None = None, *, order: int = 1, at: Mapping[str, Any] | None = None) -> Derivation:
        """From the definition to the derivative, step by step, each line verified at 40 digits.

        The arguments are those of `gradcheck.derive`.
        """
        from gradcheck.symbolic.derivations.derive import derive

        return derive(self, wrt, order=order, at=at)

    def check(self, seed: int = 0) -> tuple[FormulaResult, ...]:
        """Hold every derivative against every oracle; one result for each variable differentiated by."""
        from gradcheck.checking.formulas.formula_check import check_formula

        return check_formula(self, seed=seed)

    def _input_names(self, axes: int) -> list[str]:
        """Index names that no variable, size, output index or bound index bears."""
        bound = (str(k) for each in self.definition.atoms(ExprWithLimits) for k in each.bound_symbols)
        taken = {*self.variable_names, *map(str, self.dimensions), *map(str, self.output), *bound}
        preferred = map(str.split, INPUT_INDICES.get(axes, ()))
        rare = [name for name in RARE_INDICES if name not in taken][:axes]
        return next((names for names in preferred if taken.isdisjoint(names)), rare)

    def _chosen(self, wrt: str | None) -> str:
        if wrt is not None:
            return wrt
        if len(self.wrt) > 1:
            raise UsageError(f"wrt: {self.name} has several variables, choose one of {', '.join(self.wrt)}")
        return self.wrt[0]


@cache
def _compiled(formula: Formula, backend: Backend, wrt: str | None) -> Compiled:
    if wrt is None:
        return compile_expression(formula.definition, formula.variables, formula.output, backend)
    return compile_expression(formula.jacobian(wrt), formula.variables, formula.axes(wrt), backend)


@cache
def _matrix_form(formula: Formula, wrt: str | None) -> MatrixForm | None:
    from gradcheck.symbolic.matrices.form import matrix_form

    expression = formula.definition if wrt is None else formula.jacobian(wrt)
    axes = formula.output if wrt is None else formula.axes(wrt)
    return matrix_form(expression, axes, formula.variables, partial(sample_point, formula))


@cache
def _jacobian(formula: Formula, wrt: str) -> sp.Expr:
    return derivative(formula.definition, formula.entry(wrt)[0])
