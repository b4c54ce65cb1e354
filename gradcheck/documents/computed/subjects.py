"""From a call that a document made to a function of its tensors alone, as it was at that moment."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import CodeType, FunctionType
from typing import Any

import torch

from gradcheck.documents.sandbox.calls import Call
from gradcheck.errors import UsageError
from gradcheck.symbolic.derivations.traced_derivation import as_function, with_names

POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class Subject:
    """What is traced: a function or module, what it is called with, and what a reader has to know of it."""

    function: Any
    example: tuple[Any, ...]
    keywords: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def subject_of(call: Call, code: CodeType, namespace: dict[str, Any]) -> Subject:
    """What a call was a call of; `code` is the function's own, and the namespace is as it was when it was called.

    A module is taken with its parameters, a custom function with its forward pass's names, a function with the tensors
    among its global names for which gradients are wanted. Raises UsageError where it is none of these.
    """
    if not call.definition.owner:
        return _of_function(call, code, namespace)
    first, *rest = call.arguments
    keywords = call.keywords or {}
    if isinstance(first, torch.nn.Module):
        return Subject(first, tuple(rest), keywords, _given(first.forward, rest, keywords))
    owner = namespace.get(call.definition.owner)
    if isinstance(owner, type) and issubclass(owner, torch.autograd.Function):
        has_context = owner.setup_context is torch.autograd.Function.setup_context
        example = tuple(call.arguments[has_context:])
        function = as_function(owner)
        return Subject(function, example, keywords, _given(function, example, keywords))
    if isinstance(owner, type) and isinstance(first, owner):
        method = first.forward  # type: ignore[attr-defined]
        return Subject(method, tuple(rest), keywords, _given(method, rest, keywords))
    raise UsageError(f"its class {call.definition.owner} is another one at the end of the document")


def _of_function(call: Call, code: CodeType, namespace: dict[str, Any]) -> Subject:
    if code.co_freevars:
        raise UsageError("it depends on variables of a function around it")
    function = FunctionType(code, namespace, call.definition.name)
    keywords = call.keywords or {}
    subject = Subject(function, call.arguments, keywords, _given(function, call.arguments, keywords))
    parameters = [*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]]
    lifted = {name: value for name, value in (call.reads or {}).items() if _is_wanted(value) and name not in parameters}
    return _lifted(subject, lifted, namespace) if lifted else subject


def _is_wanted(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.requires_grad and value.is_leaf


def _lifted(subject: Subject, values: Mapping[str, torch.Tensor], namespace: dict[str, Any]) -> Subject:
    """The function with global tensors as further arguments."""
    count = len(subject.example)

    def function(*arguments: Any) -> Any:
        held = {name: namespace[name] for name in values}
        namespace.update(zip(values, arguments[count:], strict=True))
        try:
            return subject.function(*arguments[:count], **subject.keywords)
        finally:
            namespace.update(held)

    names = list(dict.fromkeys([*_names(subject.function, count), *values]))
    example = (*subject.example, *(value.detach().clone() for value in values.values()))
    return replace(
        subject, function=with_names(function, subject.function.__name__, names), example=example, keywords={}
    )


def _names(function: Callable[..., Any], count: int) -> Iterator[str]:
    """The names of the first so many positional parameters; `x1`, `x2`, ... where there is none."""
    named = [each.name for each in inspect.signature(function).parameters.values() if each.kind in POSITIONAL]
    yield from (named[place] if place < len(named) else f"x{place + 1}" for place in range(count))


def _given(function: Callable[..., Any], example: Sequence[Any], keywords: Mapping[str, Any]) -> tuple[str, ...]:
    """A note of the plain values that it was called with."""
    values = {**dict(zip(_names(function, len(example)), example, strict=True)), **keywords}
    said = [f"{name} = {value!r}" for name, value in values.items() if isinstance(value, bool | int | float | str)]
    return (f"for {', '.join(said)}",) if said else ()
