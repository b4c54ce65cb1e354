"""What a gradient is asked of, in one form: names of variables, constants, and an evaluation on traced values."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, cast

import sympy as sp

from gradcheck.errors import UsageError
from gradcheck.symbolic.tracing.call import assignment_error
from gradcheck.symbolic.tracing.entries import mapped, numbers
from gradcheck.symbolic.tracing.errors import (
    NeedsShape,
    nothing_swallowed,
    place_of,
    stopped_in_assignment,
    tracing_error_in,
)
from gradcheck.symbolic.tracing.rebind import Rebinder
from gradcheck.symbolic.tracing.scalars import is_condition
from gradcheck.symbolic.tracing.trace import Tracer

P = inspect.Parameter


class Subject(Protocol):
    """A function to differentiate."""

    @property
    def name(self) -> str:
        """What to call it in messages."""

    @property
    def signature(self) -> inspect.Signature:
        """Its parameters; those without a default are its variables."""

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """Its value at traced values, by the parameters' names."""


@dataclass(frozen=True)
class ExpressionSubject:
    """A SymPy expression as a function of its symbols, in the order given."""

    expression: sp.Expr
    symbols: tuple[sp.Symbol, ...]

    @property
    def name(self) -> str:
        """The expression as text."""
        return str(self.expression)

    @property
    def signature(self) -> inspect.Signature:
        """One parameter a symbol."""
        return inspect.Signature([P(symbol.name, P.POSITIONAL_OR_KEYWORD) for symbol in self.symbols])

    def evaluate(self, values: Mapping[str, Any]) -> Tracer:
        """The expression with the values in place of its symbols, entry by entry."""
        tracers = [values[symbol.name] for symbol in self.symbols]
        uniform = any(tracer.uniform for tracer in tracers)

        def at(*entries: sp.Expr) -> sp.Expr:
            return self.expression.xreplace(dict(zip(self.symbols, entries, strict=True)))

        return Tracer(mapped(at, *(tracer.entries for tracer in tracers)), uniform)


def expression_subject(expression: sp.Expr, order: Sequence[str] = (), also: Sequence[str] = ()) -> ExpressionSubject:
    """An expression as a function of its free symbols: sorted by name, or as `order` says where it names them all.

    `also` names variables that the expression need not hold.
    Raises UsageError where two symbols bear one name or where there is nothing to differentiate by.
    """
    by_name = {symbol.name: symbol for symbol in sorted(expression.free_symbols, key=lambda symbol: symbol.name)}
    if len(by_name) < len(expression.free_symbols):
        raise UsageError(f"two different symbols of `{expression}` bear one name; give each a name of its own")
    extra = also if by_name or also else order
    by_name = {name: by_name.get(name, sp.Symbol(name, real=True)) for name in sorted({*by_name, *extra})}
    if not by_name:
        raise UsageError(f"`{expression}` has no variables; name at least one in wrt")
    names = order if set(order) == set(by_name) else by_name
    return ExpressionSubject(expression, tuple(by_name[name] for name in names))


@dataclass(frozen=True, eq=False)
class FormulaSubject:
    """A formula as a function of its variables, in their order."""

    formula: Any

    @property
    def name(self) -> str:
        """The formula's name."""
        return str(self.formula.name)

    @property
    def signature(self) -> inspect.Signature:
        """One parameter a variable."""
        return inspect.Signature([P(name, P.POSITIONAL_OR_KEYWORD) for name in self.formula.variable_names])

    def evaluate(self, values: Mapping[str, Any]) -> NoReturn:
        """A formula's definition holds for symbolic sizes; it is compiled, not traced."""
        raise UsageError(
            f"the gradient of formula {self.name} cannot be traced ({', '.join(values)}); "
            "write the formula as a Python function to differentiate its gradient again"
        )


@dataclass(frozen=True)
class PythonSubject:
    """A Python function, evaluated through a copy that knows traced values."""

    function: Callable[..., Any]
    signature: inspect.Signature

    @property
    def name(self) -> str:
        """The function's own name."""
        return str(getattr(self.function, "__name__", type(self.function).__name__))

    def evaluate(self, values: Mapping[str, Any]) -> Tracer:
        """What the function returns for traced values, as one; TracingError says which line could not be traced."""
        bound = inspect.BoundArguments(self.signature, dict(values))
        try:
            with nothing_swallowed():
                return self._as_tracer(_traceable(self.function)(*bound.args, **bound.kwargs))
        except NeedsShape:
            raise
        except Exception as error:
            raise self._explained(error) from error.__cause__

    def _explained(self, error: Exception) -> Exception:
        place = place_of(error.__traceback__)
        cause = tracing_error_in(error)
        if cause is not None:
            stored = stopped_in_assignment(error.__traceback__)
            return (assignment_error() if stored else cause).at(place)
        error.add_note(f"raised while {self.name} was traced for its gradient, at {place}")
        return error

    def _as_tracer(self, result: Any) -> Tracer:
        accepted = "a number, array or tensor is accepted"
        if result is None:
            raise UsageError(f"{self.name} returns None; {accepted}")
        if isinstance(result, list | tuple | dict | set | str | bytes):
            kind = type(result).__name__
            raise UsageError(f"{self.name} returns a {kind}; {accepted} (join several with numpy.stack)")
        tracer = result if isinstance(result, Tracer) else self._constant(result)
        if any(is_condition(entry) for entry in tracer.entries.reshape(-1)):
            raise UsageError(f"{self.name} returns a condition; {accepted}")
        return tracer

    def _constant(self, result: Any) -> Tracer:
        try:
            return Tracer(numbers(result))
        except (TypeError, ValueError, AttributeError):
            raise UsageError(
                f"{self.name} returns a {type(result).__name__}; a number, array or tensor is accepted"
            ) from None


def _traceable(function: Callable[..., Any]) -> Callable[..., Any]:
    """The copy of a function, or of the `__call__` of an object that is none."""
    rebinder = Rebinder()
    call = inspect.getattr_static(type(function), "__call__", None)
    copy = rebinder.replaced(function)
    if copy is function and inspect.isfunction(call):
        copy = functools.partial(rebinder.replaced(call), function)
    return cast(Callable[..., Any], copy)


def python_subject(function: Callable[..., Any]) -> PythonSubject:
    """A Python function as a subject; a built-in function without a signature takes one argument `x`.

    A torch module has the parameters of its `forward`.

    Raises UsageError for `*args`, which have no names.
    """
    try:
        signature = inspect.signature(getattr(function, "forward", function))
    except (TypeError, ValueError):
        signature = inspect.Signature([P("x", P.POSITIONAL_ONLY)])
    if any(parameter.kind is P.VAR_POSITIONAL for parameter in signature.parameters.values()):
        raise UsageError("a function of *args cannot be traced; write its arguments by name")
    named = [parameter for parameter in signature.parameters.values() if parameter.kind is not P.VAR_KEYWORD]
    return PythonSubject(function, signature.replace(parameters=named))
