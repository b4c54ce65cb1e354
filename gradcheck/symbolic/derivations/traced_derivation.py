"""The derivation of a torch function: traced to a formula, then derived as any other."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch

from gradcheck.errors import UsageError
from gradcheck.symbolic.backward.gradients import gradients_of
from gradcheck.symbolic.derivations.derivation import Derivation
from gradcheck.symbolic.derivations.derive import derive
from gradcheck.symbolic.derivations.traced_composite import traced_composite
from gradcheck.symbolic.graphs.dimension_names import parse_sizes
from gradcheck.symbolic.graphs.reproduction import TOLERANCE, differentiable
from gradcheck.symbolic.graphs.trace import Trace, trace

WRITTEN_OUT = 1
"""A function of more intermediate values than this is derived by their names."""


def derive_traced(
    fn: Any,
    example: Sequence[Any],
    wrt: Any = None,
    *,
    sizes: str | Mapping[str, str] = "",
    output: int | None = None,
    kwargs: Mapping[str, Any] | None = None,
    order: int = 1,
    at: Mapping[str, Any] | None = None,
) -> Derivation:
    """The derivative of a torch function or module by one of its tensors, step by step.

    `example` and `kwargs` are what `fn` is called with, `sizes` names the sizes, `output` is the number of the tensor
    that is derived, where several are returned; `at` gives values to variables, the others keep the example's. Raises
    NotTraceable where there is no formula, UsageError for bad input.

    >>> X, w = torch.rand(3, 2, dtype=torch.float64), torch.rand(2, dtype=torch.float64)
    >>> derivation = derive_traced(lambda X, w: (X @ w).sum(), (X, w), "w", sizes="X: m n")
    >>> derivation.ok, derivation.result
    (True, Sum(X[k, j], (k, 0, m - 1)))
    """
    traced = trace(as_function(fn, sizes), *example, sizes=sizes, kwargs=kwargs)
    place = _chosen(traced, output)
    few = traced.is_short and len(traced.program.intermediates) <= WRITTEN_OUT
    closed = few or order > 1
    what = traced.formulas[place] if closed else traced_composite(traced.outlines[place], traced.program, place)
    values = {a.name: a.value.tolist() for a in traced.call.arguments} | dict(at) if at else None
    derivation = derive(what, wrt, order=order, at=values)
    notes = (*traced.notes, *_stopped(traced, place, derivation))
    known = traced.recognised[place]
    return replace(derivation, notes=notes, recognised=known.sentence if known else "")


def as_function(fn: Any, sizes: str | Mapping[str, str] = "") -> Any:
    """`fn` itself; an `autograd.Function` with its forward pass's names, a function without any with declared ones."""
    if isinstance(fn, type):
        if not issubclass(fn, torch.autograd.Function):
            raise UsageError(f"what: {fn.__name__} is a class; an instance of it can be derived")
        has_context = fn.setup_context is torch.autograd.Function.setup_context
        return with_names(fn.apply, fn.__name__, list(inspect.signature(fn.forward).parameters)[has_context:])
    if isinstance(fn, torch.nn.Module) or not callable(fn) or _has_signature(fn):
        return fn
    return with_names(fn, getattr(fn, "__name__", "f"), list(parse_sizes(sizes) if isinstance(sizes, str) else sizes))


def _has_signature(fn: Any) -> bool:
    try:
        return bool(inspect.signature(fn).parameters)
    except (TypeError, ValueError):
        return False


def with_names(fn: Callable[..., Any], title: str, names: Sequence[str]) -> Callable[..., Any]:
    """The function under a title, with names for its parameters."""

    def named(*inputs: Any, **options: Any) -> Any:
        return fn(*inputs, **options)

    named.__name__ = title
    parameters = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_ONLY) for name in names]
    named.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return named


def _chosen(traced: Trace, output: int | None) -> int:
    count = len(traced.returned)
    if output is None and count > 1:
        shapes = ", ".join(f"{place} of shape {tuple(each.shape)}" for place, each in enumerate(traced.returned))
        raise UsageError(f"output: {traced.call.title} returns {count} tensors, choose one by its number: {shapes}")
    if output is not None and output not in range(count):
        raise UsageError(f"output: {output} is no number from 0 to {count - 1}, of the tensors that are returned")
    return output or 0


def _stopped(traced: Trace, output: int, derivation: Derivation) -> Iterator[str]:
    """A sentence where autograd differentiates something else than what the function computes."""
    if derivation.order > 1 or not derivation.ok or not traced.returned[output].isfinite().all():
        return
    name = str(getattr(derivation.entry, "base", derivation.entry))
    if other_gradients(traced, output, (name,)):
        yield f"autograd's gradient by {name} is another one: {STOPPED}"


def other_gradients(traced: Trace, output: int, names: Sequence[str]) -> list[str]:
    """The variables by which autograd has another gradient, at the example, than what the function computes.

    It goes through a short formula too; where it differs there, or cannot, the derivatives of the formula decide.
    """
    dtype = traced.returned[output].dtype
    found = {name: _by_autograd(traced.call.function, traced, traced.call.values, output, name) for name in names}
    names = [name for name in names if not _is_that_of_formula(found[name], traced, output, name)]
    expected = _by_derivatives(traced, output, names) if names else {}
    return [name for name in names if not _agree(found[name], expected[name], dtype)]


def _is_that_of_formula(found: torch.Tensor, traced: Trace, output: int, name: str) -> bool:
    """Whether autograd finds the same for the formula, where it is short and compiles to what autograd goes through."""
    if not traced.is_short:
        return False
    try:
        compiled = traced.formulas[output].compile("torch")
        expected = _by_autograd(compiled, traced, _in_double(traced), 0, name)
    except Exception:  # torch has no word, or no derivative, of its own for something in it
        return False
    return _agree(found, expected, traced.returned[output].dtype)


def _by_derivatives(traced: Trace, output: int, names: Sequence[str]) -> Mapping[str, torch.Tensor]:
    weights = [torch.full_like(each, place == output).double() for place, each in enumerate(traced.returned)]
    alone = replace(traced, program=replace(traced.program, wrt=tuple(names)))
    return gradients_of(alone)(_in_double(traced), weights)


def _in_double(traced: Trace) -> list[torch.Tensor]:
    return [value.double() if value.is_floating_point() else value for value in traced.call.values]


STOPPED = "detach(), no_grad() or .data cuts its graph, or a backward pass of its own computes it"


def _by_autograd(
    function: Callable[..., Any], traced: Trace, values: Sequence[torch.Tensor], output: int, name: str
) -> torch.Tensor:
    """The gradient of the sum of the output's entries, zero where the graph does not reach the variable."""
    values = [value.clone() for value in values]
    place = [argument.name for argument in traced.call.arguments].index(name)
    values[place].requires_grad_()
    result = differentiable(function(*values))[output].sum()
    if not result.requires_grad:
        return torch.zeros_like(values[place])
    (found,) = torch.autograd.grad(result, values[place], allow_unused=True, materialize_grads=True)
    return found


def _agree(found: torch.Tensor, expected: torch.Tensor, dtype: torch.dtype) -> bool:
    scale = max(float(expected.abs().max()), 1.0) if expected.numel() else 1.0
    tolerance = 1e3 * TOLERANCE.get(dtype, 1e-3)
    return bool(((found.double() - expected).abs() <= tolerance * scale).all())
