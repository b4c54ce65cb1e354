"""The small values alive in a namespace, told as what has changed since they were last told."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from gradcheck.documents.sandbox.snapshot import Detail, snapshot, type_name
from gradcheck.documents.sandbox.wire import Message, value_to_data

SMALL = 1_000
_NUMBERS = (bool, int, float, complex)
_SHORT = Detail(characters=200)


class Alive:
    """Watches the numbers and small arrays of a namespace."""

    def __init__(self, namespace: Mapping[str, object]) -> None:
        self.namespace = namespace
        self.known: dict[str, object] = {}

    def changes(self) -> dict[str, Message | None]:
        """The values that are new or other than at the last call, by name; None for those that are gone."""
        now = {
            name: content
            for name, thing in list(self.namespace.items())
            if not name.startswith("_") and (content := _content(thing)) is not None
        }
        told: dict[str, Message | None] = {name: None for name in self.known if name not in now}
        for name, content in now.items():
            if self.known.get(name) != content:
                told[name] = value_to_data(snapshot(self.namespace[name], _SHORT))
        self.known = now
        return told


def _content(thing: Any) -> object | None:
    """What tells whether a number or a small array has changed; None for anything else."""
    if isinstance(thing, _NUMBERS):
        return (type(thing), repr(thing))
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    try:
        if torch is not None and isinstance(thing, torch.Tensor):
            return _tensor_content(thing)
        if numpy is not None and isinstance(thing, numpy.ndarray | numpy.generic) and thing.size <= SMALL:
            return (type_name(thing), str(thing.dtype), thing.shape, thing.tobytes())
    except Exception:
        return None
    return None


def _tensor_content(tensor: Any) -> object | None:
    if tensor.numel() > SMALL:
        return None
    gradient = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
    inner = None if gradient is None else _tensor_content(gradient)
    return (type_name(tensor), tensor.dtype, tensor.shape, tensor.requires_grad, repr(tensor.tolist()), inner)
