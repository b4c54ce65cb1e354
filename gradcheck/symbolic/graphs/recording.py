"""A call recorded with all that it depends on: its arguments, and the tensors that the function itself holds."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch

from gradcheck.errors import UsageError
from gradcheck.symbolic.graphs.arguments import Argument, Call, call_of
from gradcheck.symbolic.graphs.capture import Capture, capture
from gradcheck.symbolic.graphs.refusals import COMPLEX, NeedsSizes, NotBuilt, NotTraceable


@dataclass(frozen=True)
class Recording:
    """A call, whose last arguments are the tensors that the function holds, and its graph.

    `nodes` are the graph's own names of those that are no placeholders, by the arguments' names.
    """

    call: Call
    captured: Capture
    nodes: Mapping[str, str]


def record(
    fn: Any, example: Sequence[Any], kwargs: Mapping[str, Any], why_not: NotTraceable | None = None
) -> Recording:
    """The call's graph for symbolic sizes; where the function can only run with numbers, for the example's sizes.

    `why_not` is the reason where symbolic sizes are known to lead nowhere.
    """
    fn = _uncompiled(fn)
    call = call_of(fn, example, kwargs)
    if any(value.is_complex() for value in call.values):
        raise NotTraceable(*COMPLEX)
    captured_call = _captured if why_not is None else partial(_with_numbers, why_not)
    call, captured = captured_call(fn, example, kwargs, call)
    return _with_constants(fn, call, captured)


def _uncompiled(fn: Any) -> Any:
    """What torch.compile was given: only that can be recorded."""
    return getattr(fn, "_orig_mod", None) or getattr(fn, "_torchdynamo_orig_callable", fn)


def _captured(fn: Any, example: Sequence[Any], kwargs: Mapping[str, Any], call: Call) -> tuple[Call, Capture]:
    try:
        captured = capture(call)
    except NeedsSizes as needed:
        _demand_result(call)
        return _with_numbers(needed, fn, example, kwargs, call)
    unused = _unused_buffers(fn, call, captured)
    return _captured(fn, example, kwargs, call_of(fn, example, kwargs, unused)) if unused else (call, captured)


def _with_numbers(
    why: NotTraceable, fn: Any, example: Sequence[Any], kwargs: Mapping[str, Any], call: Call
) -> tuple[Call, Capture]:
    """The graph for the example's sizes, and a note that says so."""
    captured = capture(call, symbolic=False)
    if unused := _unused_buffers(fn, call, captured):
        return _with_numbers(why, fn, example, kwargs, call_of(fn, example, kwargs, unused))
    place = f" ({why.place})" if why.place else ""
    problem = why.in_short if isinstance(why, NotBuilt) else why.problem
    note = f"all sizes are those of the example: with symbolic sizes {problem}{place}"
    return replace(call, notes=(*call.notes, note)), captured


def _demand_result(call: Call) -> None:
    """Raises UsageError where the function does not run on the example itself."""
    try:
        call.function(*(value.clone() for value in call.values))
    except Exception as error:
        said = next(iter(str(error).splitlines()), "")
        raise UsageError(f"example: the function raises {type(error).__name__} on it: {said}") from error


def _unused_buffers(fn: Any, call: Call, captured: Capture) -> set[str]:
    held = [name for name, _ in fn.named_buffers()] if isinstance(fn, torch.nn.Module) else []
    places = [place for place, argument in enumerate(call.arguments) if argument.is_held]
    if len(places) < len(held):
        return set()
    return {name for name, place in zip(held, places, strict=True) if not captured.placeholders[place].users}


def _with_constants(fn: Any, call: Call, captured: Capture) -> Recording:
    """The tensors with axes that the graph holds, as further arguments; those without are numbers."""
    targets = dict.fromkeys(node.target for node in captured.graph.graph.nodes if node.op == "get_attr" and node.users)
    held_by_graph = {target: getattr(captured.graph, target) for target in targets}
    tensors = {target: value for target, value in held_by_graph.items() if torch.is_tensor(value)}
    taken = [argument.name for argument in call.arguments]
    nodes: dict[str, str] = {}
    for target, tensor in tensors.items():
        if tensor.ndim:
            nodes[_free_name(_name_of(fn, tensor), [*taken, *nodes])] = target
    held = [_constant(name, tensors[target]) for name, target in nodes.items()]
    count = len(call.arguments)
    notes = (f"{argument.name} is held by the function, with its values as they are" for argument in held)
    extended = Call(
        call.title,
        (*call.arguments, *held),
        lambda *values: call.function(*values[:count]),
        (*call.notes, *notes),
    )
    return Recording(extended if held else call, captured, nodes)


def _constant(name: str, value: torch.Tensor) -> Argument:
    return Argument(name, value.detach(), is_held=True, is_constant=True)


def _name_of(fn: Any, tensor: torch.Tensor) -> str:
    """What the function calls a tensor from outside of it."""
    target = fn.forward if isinstance(fn, torch.nn.Module) else fn
    try:
        outside = inspect.getclosurevars(target)
    except TypeError:
        return "constant"
    scope = {**outside.globals, **outside.nonlocals}
    return next((name for name, value in scope.items() if value is tensor), "constant")


def _free_name(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name
