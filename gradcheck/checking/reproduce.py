"""The call that makes a check again, as one line of code: the same arguments, options and seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch.utils import _pytree as pytree

from gradcheck.checking.evaluation.torch_function import input_names
from gradcheck.checking.expectations.expectation import Call

DEFAULTS: Mapping[str, Any] = {
    "wrt": None,
    "modes": ("reverse",),
    "order": 1,
    "expected": None,
    "rtol": None,
    "symbolic": None,
}
"""Options that are left out where they are as by default."""


def reproducing_call(call: Call, options: Mapping[str, Any], seed: int) -> str:
    """`check_gradients` with the same arguments, by name, and a comment that says what these are.

    >>> x = torch.tensor([0.5, 1.0], dtype=torch.float64)
    >>> reproducing_call(Call(lambda x: x**2, (x,), {}), {"wrt": "x", "order": 1}, 7)
    "check_gradients(fn, x, wrt='x', seed=7)  # x: float64 (2,)"
    """
    names = input_names(call.fn, call.inputs, call.kwargs)
    values = pytree.tree_leaves((call.inputs, dict(call.kwargs)))
    heads = list(dict.fromkeys(_head(name) for name in names))
    positional = heads[: len(heads) - len(call.kwargs)]
    arguments = [_function(call.fn), *positional]
    arguments += ["kwargs=dict(" + ", ".join(f"{name}={name}" for name in call.kwargs) + ")"] if call.kwargs else []
    arguments += [f"{name}={written}" for name, written in _options(options)]
    described = ", ".join(_described(zip(names, values, strict=True)))
    comment = f"  # {described}" if described else ""
    return f"check_gradients({', '.join([*arguments, f'seed={seed}'])}){comment}"


def _function(fn: Any) -> str:
    if isinstance(fn, torch.nn.Module):
        return "module"
    name = getattr(fn, "__name__", "")
    return name if name.isidentifier() else "fn"


def _head(name: str) -> str:
    """The argument that a name such as tree['w'][0] lies in; `input 0` as an identifier."""
    return name.partition("[")[0].replace(" ", "_")


def _options(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The options that were given; those that no literal writes stand for themselves."""
    for name, default in DEFAULTS.items():
        value = options.get(name, default)
        if not _is_plain(value):
            yield name, name
        elif value != default:
            yield name, repr(value)


def _is_plain(value: Any) -> bool:
    parts = value if isinstance(value, tuple | list) else [value]
    return all(isinstance(part, str | int | float | None) for part in parts)


def _described(arguments: Iterable[tuple[str, Any]]) -> Iterator[str]:
    for name, value in arguments:
        if torch.is_tensor(value):
            yield f"{name.replace(' ', '_')}: {str(value.dtype).removeprefix('torch.')} {tuple(value.shape)}"
