"""Any callable on tensors as a function of flat leaves: the tensors in its arguments, and a module's parameters.

Evaluations get copies, start from the same random state, and leave a module's buffers and mode as they were.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import FunctionType
from typing import Any, NamedTuple

import torch
from torch.utils import _pytree as pytree

from gradcheck.checking.evaluation.large_copy import LargeCopy
from gradcheck.checking.isolation import RandomState
from gradcheck.errors import UnknownName, UsageError

Tensors = list[torch.Tensor]

OUTSIDE_DOMAIN = (RuntimeError, ValueError, ArithmeticError)
"""What a function may raise at a point close by that it is not made for."""

LARGE = 100_000
"""Tensors of more entries than this are worth saving passes over memory."""


@dataclass(frozen=True)
class Leaf:
    """A tensor that is differentiated by: its name, its value, and whether its owner asked for a gradient."""

    name: str
    value: torch.Tensor
    required: bool
    is_parameter: bool


class Output(NamedTuple):
    """A tensor that a function returned, by name."""

    name: str
    value: torch.Tensor


@dataclass(frozen=True)
class TorchFunction:
    """A function of the `leaves`' values, in order, returning its floating-point outputs.

    `evaluate` runs the callable on given values; `unchecked` says which inputs have no derivative,
    `skipped` which outputs of the last evaluation. `copies` of large values serve all evaluations near the point.
    """

    name: str
    leaves: tuple[Leaf, ...]
    evaluate: Callable[[Sequence[torch.Tensor]], list[Output]]
    unchecked: tuple[str, ...] = ()
    skipped: list[str] = field(default_factory=list)
    copies: dict[int, LargeCopy] = field(default_factory=dict, compare=False, repr=False)

    @property
    def values(self) -> Tensors:
        """The point."""
        return [leaf.value for leaf in self.leaves]

    def __call__(self, values: Sequence[torch.Tensor]) -> Tensors:
        """The differentiable outputs at these values."""
        return [output.value for output in self.evaluate(values)]

    def without(self, names: Sequence[str]) -> TorchFunction:
        """The same function of fewer leaves: those named stay at their values."""
        fixed = {leaf.name: leaf.value for leaf in self.leaves if leaf.name in names}
        kept = [leaf for leaf in self.leaves if leaf.name not in names]

        def evaluate(values: Sequence[torch.Tensor]) -> list[Output]:
            moved = dict(zip((leaf.name for leaf in kept), values, strict=True))
            return self.evaluate([moved.get(leaf.name, fixed.get(leaf.name, leaf.value)) for leaf in self.leaves])

        return replace(self, leaves=tuple(kept), evaluate=evaluate)

    def at(self, values: Sequence[torch.Tensor]) -> TorchFunction:
        """The same function at another point."""
        moved = (replace(leaf, value=value) for leaf, value in zip(self.leaves, values, strict=True))
        return replace(self, leaves=tuple(moved))


def torch_function(
    fn: Any, inputs: tuple[Any, ...], kwargs: Mapping[str, Any], wrt: Sequence[str] | str | None, state: RandomState
) -> TorchFunction:
    """Find the leaves of `fn`'s arguments and parameters. UsageError where there is nothing to differentiate by."""
    if not callable(fn):
        raise UsageError(f"fn must be callable on tensors; got {type(fn).__name__}")
    flat, spec = pytree.tree_flatten((inputs, dict(kwargs)))
    names = input_names(fn, inputs, kwargs)
    found = {i: _leaf(names[i], x) for i, x in enumerate(flat) if _is_differentiable(x)}
    parameters = _parameters(fn)
    chosen, skipped = _choose([*found.values(), *parameters.values()], wrt)
    if not chosen:
        raise UsageError("inputs: nothing to differentiate by; pass at least one floating-point tensor")
    plain = not kwargs and all(pytree.tree_is_leaf(x) for x in inputs)
    call = _Call(fn, flat, spec, found, parameters, tuple(leaf.name for leaf in chosen), state, plain)
    _refuse_non_finite(chosen)
    integer = (f"{names[i]} ({_kind(x)})" for i, x in enumerate(flat) if torch.is_tensor(x) and i not in found)
    left_out = (f"{leaf.name} (not named in wrt)" for leaf in skipped)
    empty = (f"{leaf.name} (it has no entries)" for leaf in chosen if not leaf.value.numel())
    return TorchFunction(_title(fn), tuple(chosen), call, (*integer, *left_out, *empty), call.skipped)


@dataclass(frozen=True)
class _Call:
    """Runs the callable with some leaves replaced; the rest keep the values they had."""

    fn: Any
    flat: list[Any]
    spec: Any
    inputs: dict[int, Leaf]
    parameters: dict[str, Leaf]
    order: tuple[str, ...]
    state: RandomState
    plain: bool = False
    skipped: list[str] = field(default_factory=list)

    def __call__(self, values: Sequence[torch.Tensor]) -> list[Output]:
        replaced = dict(zip(self.order, values, strict=True))
        flat = [
            replaced.get(self.inputs[i].name, self.inputs[i].value) if i in self.inputs else _copied(x)
            for i, x in enumerate(self.flat)
        ]
        arguments, keywords = (tuple(flat), {}) if self.plain else pytree.tree_unflatten(flat, self.spec)
        self.state.rewind()
        returned = self._run(replaced, arguments, keywords)
        self.state.observe()
        self.skipped[:] = skipped_outputs(returned)
        return _outputs(returned)

    def _run(self, replaced: Mapping[str, torch.Tensor], arguments: Any, keywords: Any) -> Any:
        if not isinstance(self.fn, torch.nn.Module):
            return self.fn(*arguments, **keywords)
        dtype = next((value.dtype for value in replaced.values()), None)
        state = {name: replaced.get(name, leaf.value) for name, leaf in self.parameters.items()}
        buffers = {name: _buffer(buffer, dtype) for name, buffer in self.fn.named_buffers()}
        mode = {module: module.training for module in self.fn.modules()}
        try:
            return torch.func.functional_call(self.fn, {**state, **buffers}, arguments, keywords)
        finally:
            for module, training in mode.items():
                module.training = training


def _buffer(buffer: torch.Tensor, dtype: torch.dtype | None) -> torch.Tensor:
    """A copy of a buffer, in the precision of the evaluation."""
    return buffer.detach().clone().to(dtype) if buffer.is_floating_point() and dtype else buffer.detach().clone()


def _copied(value: Any) -> Any:
    return value.detach().clone() if torch.is_tensor(value) else value


def _outputs(returned: Any) -> list[Output]:
    """The floating-point tensors in what a function returned, with their places."""
    if torch.is_tensor(returned):
        return [Output("output", returned)] if _is_differentiable(returned) else []
    paths, _ = pytree.tree_flatten_with_path(returned)
    return [Output(f"output{pytree.keystr(path)}", x) for path, x in paths if _is_differentiable(x)]


def skipped_outputs(returned: Any) -> list[str]:
    """The outputs without a derivative, and why."""
    if torch.is_tensor(returned):
        return [] if _is_differentiable(returned) else [f"output ({_kind(returned)})"]
    paths, _ = pytree.tree_flatten_with_path(returned)
    return [
        f"output{pytree.keystr(path)} ({_kind(x)})"
        for path, x in paths
        if torch.is_tensor(x) and not _is_differentiable(x)
    ]


def _is_differentiable(value: Any) -> bool:
    return torch.is_tensor(value) and (value.is_floating_point() or value.is_complex())


def _kind(tensor: torch.Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')}: integers have no derivative"


def _leaf(name: str, tensor: torch.Tensor, *, is_parameter: bool = False) -> Leaf:
    return Leaf(name, tensor.detach().clone(), tensor.requires_grad, is_parameter)


def _parameters(fn: Any) -> dict[str, Leaf]:
    if not isinstance(fn, torch.nn.Module):
        return {}
    return {name: _leaf(name, value, is_parameter=True) for name, value in fn.named_parameters()}


def _choose(leaves: Sequence[Leaf], wrt: Sequence[str] | str | None) -> tuple[list[Leaf], list[Leaf]]:
    """The leaves named in wrt, by name or by the argument that holds them, and the others."""
    if wrt is None:
        frozen = [leaf for leaf in leaves if leaf.is_parameter and not leaf.required]
        return [leaf for leaf in leaves if leaf not in frozen], frozen
    wanted = (wrt,) if isinstance(wrt, str) else tuple(wrt)
    for name in wanted:
        if not any(_bears(leaf, name) for leaf in leaves):
            raise UnknownName("input or parameter", name, [leaf.name for leaf in leaves])
    chosen = [leaf for leaf in leaves if any(_bears(leaf, name) for name in wanted)]
    return chosen, [leaf for leaf in leaves if leaf not in chosen]


def _bears(leaf: Leaf, name: str) -> bool:
    return leaf.name == name or leaf.name.startswith((f"{name}[", f"{name}."))


def _refuse_non_finite(leaves: Sequence[Leaf]) -> None:
    for leaf in leaves:
        if leaf.value.layout is not torch.strided or leaf.value.is_meta:
            kind = "a meta tensor" if leaf.value.is_meta else str(leaf.value.layout).removeprefix("torch.")
            raise UsageError(f"{leaf.name} must be a dense tensor with values; got {kind}")
        if not is_finite(leaf.value):
            index = tuple((~torch.isfinite(leaf.value)).nonzero()[0].tolist())
            raise UsageError(f"{leaf.name} must be finite; it is {leaf.value[index].item()} at index {list(index)}")


def is_finite(tensor: torch.Tensor) -> bool:
    """Whether all entries are finite. One pass over memory decides nearly always: inf and nan survive a sum."""
    plain = tensor.detach()
    parts = torch.view_as_real(plain.resolve_conj()) if plain.is_complex() else plain
    return math.isfinite(parts.sum().item()) or bool(torch.isfinite(tensor).all())


def input_names(fn: Any, inputs: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[str]:
    """A name for every flat argument: the parameter's own, with the path inside it."""
    positional = _positional(fn.forward if isinstance(fn, torch.nn.Module) else fn)
    heads = [positional[i] if i < len(positional) else f"input {i}" for i in range(len(inputs))]
    parts = [*zip(heads, inputs, strict=True), *kwargs.items()]
    return [f"{head}{path}" for head, part in parts for path in _paths(part)]


def _positional(target: Any) -> Sequence[str]:
    """The names of a callable's positional parameters; those of a plain function stand in its code."""
    if isinstance(target, FunctionType) and not target.__dict__:
        return target.__code__.co_varnames[: target.__code__.co_argcount]
    try:
        parameters = list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError):
        return ()
    return [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]


def _paths(part: Any) -> list[str]:
    """Where the leaves of an argument are inside it."""
    if torch.is_tensor(part):
        return [""]
    return [pytree.keystr(path) for path, _ in pytree.tree_flatten_with_path(part)[0]]


def _title(fn: Any) -> str:
    if isinstance(fn, torch.nn.Module):
        return type(fn).__name__
    name = getattr(fn, "__name__", "")
    return f"{name}()" if name.isidentifier() else "the function"
