"""Whether a computation comes by an infinite value on its way, such as a square that overflows."""

from __future__ import annotations

from typing import Any

import torch
from torch.utils import _pytree as pytree
from torch.utils._python_dispatch import TorchDispatchMode


class WatchInfinite(TorchDispatchMode):
    """Looks at what each operator returns; `met` says whether an entry was infinite.

    >>> with WatchInfinite() as watch:
    ...     quotient = 1 / torch.tensor(1e200, dtype=torch.float64) ** 2
    >>> float(quotient), watch.met
    (0.0, True)
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.met = False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """What the operator returns."""
        returned = func(*args, **(kwargs or {}))
        floats = (each for each in pytree.tree_leaves(returned) if torch.is_tensor(each) and each.is_floating_point())
        self.met = self.met or any(bool(each.isinf().any()) for each in floats)
        return returned
