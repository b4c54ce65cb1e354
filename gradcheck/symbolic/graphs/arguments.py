"""The tensors in a call: each with a name, whether passed by itself, inside a container, or held by a module."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch.utils import _pytree as pytree

from gradcheck.errors import UsageError


@dataclass(frozen=True)
class Argument:
    """A tensor that a call depends on, by a name that Python and SymPy can both bear."""

    name: str
    value: torch.Tensor
    is_parameter: bool = False
    is_held: bool = False
    """Whether the function holds it, as a module its buffers: nothing is differentiated by it."""
    is_constant: bool = False
    """Whether it is held with the values that it has, and no others."""

    @property
    def is_integer(self) -> bool:
        """Whether nothing can be differentiated by it."""
        return not self.value.is_floating_point()


@dataclass(frozen=True)
class Call:
    """A function of its tensors alone, in order: the arguments', then a module's parameters, then what it holds."""

    title: str
    arguments: tuple[Argument, ...]
    function: Callable[..., Any]
    notes: tuple[str, ...] = ()
    """What a reader has to know of it, in sentences."""

    @property
    def values(self) -> list[torch.Tensor]:
        """The example."""
        return [argument.value for argument in self.arguments]


def call_of(fn: Any, inputs: Sequence[Any], kwargs: Mapping[str, Any], without: Collection[str] = ()) -> Call:
    """The call as a function of its tensors; UsageError where there is none, or `fn` cannot be called.

    A module's buffers are among them, apart from those named in `without`.

    >>> call_of(torch.nn.Linear(2, 1), [torch.zeros(3, 2)], {}).arguments[1].name
    'weight'
    """
    if not callable(fn):
        raise UsageError(f"what must be a function of tensors or a module; got {type(fn).__name__}")
    leaves, spec = pytree.tree_flatten((tuple(inputs), dict(kwargs)))
    places = [place for place, leaf in enumerate(leaves) if torch.is_tensor(leaf)]
    names = _names(fn, inputs, kwargs)
    is_module = isinstance(fn, torch.nn.Module)
    parameters = dict(fn.named_parameters()) if is_module else {}
    buffers = {name: b for name, b in fn.named_buffers() if name not in without} if is_module else {}
    given = [Argument(names[place], leaves[place].detach()) for place in places]
    own = [Argument(identifier(name), value.detach(), is_parameter=True) for name, value in parameters.items()]
    held = [Argument(identifier(name), value.detach(), is_held=True) for name, value in buffers.items()]
    arguments = _distinct((*given, *own, *held))
    if not arguments:
        raise UsageError("example: pass at least one tensor, by itself or in a tuple, list or dict")

    def function(*values: Any) -> Any:
        flat = list(leaves)
        for place, value in zip(places, values, strict=False):
            flat[place] = value
        args, keywords = pytree.tree_unflatten(flat, spec)
        if not parameters and not buffers:
            return fn(*args, **keywords)
        tensors = dict(zip((*parameters, *buffers), values[len(places) :], strict=True))
        return torch.func.functional_call(fn, tensors, args, keywords)

    return Call(_title(fn), arguments, function)


def identifier(name: str) -> str:
    """A name that is one word: a module's path `0.weight` is `weight_0`, an entry `params['W']` is `params_W`.

    >>> identifier("0.weight"), identifier("params['W']"), identifier("layers.1.bias")
    ('weight_0', 'params_W', 'layers_1_bias')
    """
    words = re.findall(r"\w+", name)
    while words and words[0].isdigit() and not all(word.isdigit() for word in words):
        words.append(words.pop(0))
    joined = "_".join(words)
    return joined if joined.isidentifier() else f"x_{joined}"


def _distinct(arguments: Sequence[Argument]) -> tuple[Argument, ...]:
    taken: dict[str, Argument] = {}
    for argument in arguments:
        name = argument.name
        while name in taken:
            name += "_"
        taken[name] = replace(argument, name=name)
    return tuple(taken.values())


def _names(fn: Any, inputs: Sequence[Any], kwargs: Mapping[str, Any]) -> list[str]:
    """A name for every leaf: the parameter's own, with the path inside it."""
    heads = _heads(fn.forward if isinstance(fn, torch.nn.Module) else fn, len(inputs))
    parts = [*zip(heads, inputs, strict=True), *kwargs.items()]
    return [identifier(f"{head}{pytree.keystr(path)}") for head, part in parts for path in _paths(part)]


def _paths(part: Any) -> list[Any]:
    return [path for path, _ in pytree.tree_flatten_with_path(part)[0]]


def _heads(target: Any, count: int) -> list[str]:
    """The names of the positional parameters; `x1`, `x2`, ... beyond those that have one."""
    try:
        parameters = list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return [named[place] if place < len(named) else f"x{place + 1}" for place in range(count)]


def _title(fn: Any) -> str:
    name = type(fn).__name__ if isinstance(fn, torch.nn.Module) else getattr(fn, "__name__", "")
    return name if name.isidentifier() else "f"
