"""Leave nothing changed: random states as they were, and the same random numbers in every evaluation."""

from __future__ import annotations

import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch


@dataclass
class RandomState:
    """The states of the generators that a function may draw from: torch's, NumPy's and Python's.

    The first evaluation shows which of them it draws from; only those are set back before the others, since setting a
    state costs more than many a function.
    """

    torch_state: torch.Tensor
    cuda_states: tuple[torch.Tensor, ...]
    numpy_state: Any
    python_state: Any
    moving: frozenset[str] | None = None
    used: bool = False

    @classmethod
    def now(cls) -> RandomState:
        """The states at this moment."""
        cuda = tuple(torch.cuda.get_rng_state_all()) if torch.cuda.is_initialized() else ()
        return cls(torch.get_rng_state(), cuda, np.random.get_state(), random.getstate())

    def restore(self) -> None:
        """Make all generators continue from here."""
        self.moving = None
        self.rewind()

    def observe(self) -> None:
        """Look which generators have moved since they were restored, once."""
        if self.moving is not None:
            return
        same = {
            "torch": torch.equal(torch.get_rng_state(), self.torch_state),
            "numpy": _same_numpy_state(np.random.get_state(), self.numpy_state),
            "python": random.getstate() == self.python_state,
        }
        self.moving = frozenset(name for name, still in same.items() if not still)

    def rewind(self) -> None:
        """Restore the generators that the function draws from; all of them where that is not known.

        Before the first evaluation they are where they were.
        """
        if not self.used:
            self.used = True
            return
        if self._may_move("torch"):
            torch.set_rng_state(self.torch_state)
        if self.cuda_states:
            torch.cuda.set_rng_state_all(list(self.cuda_states))
        if self._may_move("numpy"):
            np.random.set_state(self.numpy_state)
        if self._may_move("python"):
            random.setstate(self.python_state)

    def _may_move(self, name: str) -> bool:
        return self.moving is None or name in self.moving


def _same_numpy_state(one: Any, other: Any) -> bool:
    return one[0] == other[0] and one[2:] == other[2:] and np.array_equal(one[1], other[1])


@contextmanager
def isolated() -> Iterator[RandomState]:
    """Run with the random state of the start at hand, restore it at the end, and keep warnings of operations away."""
    state = RandomState.now()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield state
    finally:
        state.restore()
