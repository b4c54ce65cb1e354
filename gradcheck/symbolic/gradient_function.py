"""One door from anything that says a function to the function that computes its gradient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from gradcheck.errors import UsageError, nearest
from gradcheck.symbolic.compile import is_integer, variable_shape
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.parser import parse, variables
from gradcheck.symbolic.tracing.entries import numbers
from gradcheck.symbolic.tracing.gradient import TracedGradient, trace_gradient
from gradcheck.symbolic.tracing.inputs import Array, Value, give_back, read
from gradcheck.symbolic.tracing.subject import FormulaSubject, Subject, expression_subject, python_subject
from gradcheck.symbolic.tracing.trace import Tracer, has_tracer

Wrt = str | Iterable[str] | None


class GradientFunction:
    """The gradient of a function, callable with the function's own arguments.

    Made by `get_gradient_function`. Where the function's output is a scalar, a gradient has its variable's shape.
    Where it is an array that depends on the variable entry by entry, so does the elementwise derivative (`x**2` gives
    2x). Any other array output gives the Jacobian: output axes, then input axes. Numbers give floats, arrays float64
    arrays, torch tensors tensors of their own dtype and device.

    At kinks the slopes are torch's: 0 for relu and abs at 0, shared evenly where a maximum ties. A branch that
    `numpy.where` does not take has no influence. Where a derivative does not exist the result is nan or infinite,
    without a warning.

    The function is traced once for each set of shapes: what it captures is a constant from then on.
    """

    def __init__(self, subject: Subject, wrt: Wrt = None) -> None:
        self._subject = subject
        self._traced: dict[Any, TracedGradient] = {}
        self._latest: TracedGradient | None = None
        self._wrt, self._single = _selected(subject, wrt)
        self.__name__ = f"gradient of {subject.name}"
        self.__signature__ = subject.signature
        self.__doc__ = f"The gradient of `{subject.name}` with respect to {', '.join(self._wrt)}."

    def __repr__(self) -> str:
        return f"<{self.__name__} with respect to {', '.join(self._wrt)}>"

    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """The gradient at the given arguments, one for each selected variable."""
        if has_tracer([*args, *keywords.values()]):
            return self._on_tracers(args, keywords)
        values, constants = self._read(args, keywords)
        gradients = self._gradients({name: value.array for name, value in values.items()}, constants)
        others = tuple(values.values())
        results = tuple(give_back(gradients[name], values[name], others) for name in self._wrt)
        return results[0] if self._single else results

    def _gradients(self, arrays: dict[str, Array], constants: dict[str, Any]) -> dict[str, Array]:
        return self._trace({name: array.shape for name, array in arrays.items()}, constants)(arrays)

    @property
    def expression(self) -> Any:
        """The derivative as a SymPy expression in scalar variables, a tuple of them for several.

        Raises TracingError, or what the function itself raises, where the function does not work on scalars.
        """
        traced = self._on_scalars()
        results = tuple(traced.expressions[name][()] for name in self._wrt)
        return results[0] if self._single else results

    @property
    def source(self) -> str:
        """The Python text that computed the gradient last; before the first call, the one for scalars."""
        return (self._latest or self._on_scalars()).compiled.source

    def _on_scalars(self) -> TracedGradient:
        return self._trace(dict.fromkeys(self._variables({}), ()), {}, remember=False)

    def _variables(self, given: Mapping[str, Any]) -> list[str]:
        """The parameters that are traced: those without a default, and those selected."""
        parameters = self._subject.signature.parameters.values()
        names = [each.name for each in parameters if each.default is each.empty or each.name in self._wrt]
        return [name for name in names if name in self._wrt or _may_be_numeric(given.get(name, 0.0))]

    def _read(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[dict[str, Value], dict[str, Any]]:
        variables, constants = self._bound(args, keywords)
        return {name: read(name, value) for name, value in variables.items()}, constants

    def _bound(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """The arguments by name: variables, and constants that were given."""
        try:
            bound = self._subject.signature.bind(*args, **keywords)
        except TypeError as error:
            raise UsageError(f"{self._subject.name}: {error}; accepted are {self.__signature__}") from None
        given = dict(bound.arguments)
        bound.apply_defaults()
        variables = {name: bound.arguments[name] for name in self._variables(bound.arguments)}
        return variables, {name: value for name, value in given.items() if name not in variables}

    def _on_tracers(self, args: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """The gradient as traced values, where a function that calls this one is traced itself."""
        variables, constants = self._bound(args, keywords)
        tracers = {
            name: value if isinstance(value, Tracer) else Tracer(numbers(value)) for name, value in variables.items()
        }
        shapes = {name: (2,) if tracer.uniform else tracer.shape for name, tracer in tracers.items()}
        gradients = self._trace(shapes, constants, remember=False).at(tracers)
        results = tuple(gradients[name] for name in self._wrt)
        return results[0] if self._single else results

    def _trace(
        self, shapes: dict[str, tuple[int, ...]], constants: dict[str, Any], remember: bool = True
    ) -> TracedGradient:
        key = (tuple(shapes.items()), _key(constants))
        traced = self._traced.get(key) if key[1] is not None else None
        if traced is None:
            traced = trace_gradient(self._subject, shapes, self._wrt, constants)
            self._traced[key] = traced
        self._latest = traced if remember else self._latest
        return traced


class FormulaGradientFunction(GradientFunction):
    """The gradient of a formula, compiled from its own definition for arrays of any size.

    A result has the layout of `Formula.compile`: output axes, then input axes. `expression` is in index notation.
    """

    def __init__(self, formula: Formula, wrt: Wrt = None) -> None:
        one = formula.wrt[0] if len(formula.wrt) == 1 else formula.wrt
        super().__init__(FormulaSubject(formula), one if wrt is None else wrt)
        self._formula = formula
        self._compiled: dict[str, Any] = {name: formula.compile("numpy", name) for name in self._wrt}

    @property
    def expression(self) -> Any:
        """The derivative in index notation, a tuple of them for several variables."""
        results = tuple(self._formula.jacobian(name) for name in self._wrt)
        return results[0] if self._single else results

    @property
    def source(self) -> str:
        """The Python text that computes the gradient, one function for each variable."""
        return "\n".join(each.source.replace("_lambdifygenerated", "gradient", 1) for each in self._compiled.values())

    def _gradients(self, arrays: dict[str, Array], constants: dict[str, Any]) -> dict[str, Array]:
        del constants
        pairs = zip(self._formula.variables, arrays.items(), strict=True)
        values = [_prepared(variable, name, array) for variable, (name, array) in pairs]
        return {name: np.asarray(compiled(*values), np.float64) for name, compiled in self._compiled.items()}


def _prepared(variable: Any, name: str, array: Array) -> Any:
    """The array as a formula's compiled code takes it: with as many axes as declared, class indices as integers."""
    axes = len(variable_shape(variable))
    if axes and array.ndim != axes:
        raise UsageError(f"argument `{name}` has {array.ndim} axes; an array with {axes} is accepted")
    return array.astype(np.int64) if is_integer(variable) else array


def get_gradient_function(f: Any, *, wrt: Wrt = None) -> GradientFunction:
    """The function that computes the gradient of `f`, derived with SymPy.

    `f` is a Python function of numbers or arrays, written with operators, `math`, NumPy or torch; a SymPy expression
    (its arguments are its free symbols, sorted by name, or in the order of `wrt` where that names them all); a string
    such as "x**2*sin(x)", read by a grammar of its own (nothing in it is executed); or a formula of the catalogue.

    `wrt` selects variables: a name for one gradient, a tuple of names for a tuple. Without it a function of one
    variable gives one gradient, a function of several a tuple in the order of the arguments. A parameter with a default
    is a constant unless `wrt` names it. What a call returns, `GradientFunction` tells.

    Raises TracingError where `f` does what tracing cannot follow (the message says which line, and what to do),
    ParseError for a text that is no expression, and UsageError for other bad input, such as arrays of more than 2,000
    entries in a function that does not work entry by entry.

    >>> g = get_gradient_function(lambda x: x**3)
    >>> g(2.0)
    12.0
    >>> g.expression
    3*x**2
    >>> get_gradient_function("x*sin(y)", wrt="y").expression
    x*cos(y)
    """
    if isinstance(f, str):
        return GradientFunction(expression_subject(parse(f), _names(wrt), variables(f)), wrt)
    if isinstance(f, sp.Expr):
        return GradientFunction(expression_subject(f, _names(wrt)), wrt)
    if hasattr(f, "variables") and hasattr(f, "jacobian"):
        return FormulaGradientFunction(f, wrt)
    if not callable(f):
        accepted = "a Python function, a scalar SymPy expression, a string or a formula is accepted"
        raise UsageError(f"f is of type {type(f).__name__}; {accepted}")
    return GradientFunction(python_subject(f), wrt)


def _names(wrt: Wrt) -> tuple[str, ...]:
    return (wrt,) if isinstance(wrt, str) else tuple(map(str, wrt or ()))


def _selected(subject: Subject, wrt: Wrt) -> tuple[tuple[str, ...], bool]:
    """The selected names, and whether one gradient is wanted and not a tuple."""
    parameters = subject.signature.parameters
    names = _names(wrt) or tuple(name for name, each in parameters.items() if each.default is each.empty)
    if not names:
        raise UsageError(f"{subject.name} has no variables: every parameter has a default; name one in wrt")
    for name in names:
        if name not in parameters:
            close = " or ".join(map(repr, nearest(name, parameters) or parameters))
            raise UsageError(f"wrt names {name!r}, which {subject.name} does not have; did you mean {close}?")
    return names, isinstance(wrt, str) or (wrt is None and len(names) == 1)


def _may_be_numeric(value: Any) -> bool:
    """Whether a required argument is a variable; a string, a flag or a function is a constant."""
    return not (value is None or isinstance(value, str | bool) or callable(value))


def _key(constants: Mapping[str, Any]) -> Any:
    """What identifies constants in the cache, or None where they cannot be compared."""
    try:
        key = tuple((name, type(value), value) for name, value in constants.items())
        hash(key)
    except TypeError:
        return None
    return key
