"""A call that is checked, and a derivative that is expected of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils import _pytree as pytree

from gradcheck.checking.evaluation.graph import Gradients
from gradcheck.checking.evaluation.torch_function import Tensors


@dataclass(frozen=True)
class Call:
    """What a check was asked about: a callable and its arguments."""

    fn: Any
    inputs: tuple[Any, ...]
    kwargs: Mapping[str, Any]

    def copies(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with every tensor copied and detached."""
        return pytree.tree_map(_copy, self.inputs), pytree.tree_map(_copy, dict(self.kwargs))


@dataclass(frozen=True)
class Expected:
    """An expected derivative: `products(v)` is v·J, None for the `silent` leaves: nothing is expected of those."""

    name: str
    products: Callable[[Tensors], Gradients]
    silent: tuple[str, ...]


def _copy(value: Any) -> Any:
    return value.detach().clone() if torch.is_tensor(value) else value
