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

    `numpy_moves` says whether the function was seen to draw from NumPy's: setting its state costs more than many a
    function.
    """

    torch_state: torch.Tensor
    cuda_states: tuple[torch.Tensor, ...]
    numpy_state: Any
    python_state: Any
    numpy_moves: bool = True

    @classmethod
    def now(cls) -> RandomState:
        """The states at this moment."""
        cuda = tuple(torch.cuda.get_rng_state_all()) if torch.cuda.is_initialized() else ()
        return cls(torch.get_rng_state(), cuda, np.random.get_state(), random.getstate())

    def restore(self) -> None:
        """Make the generators continue from here."""
        self.rewind()
        np.random.set_state(self.numpy_state)

    def observe(self) -> None:
        """Look whether NumPy's generator has moved since it was restored."""
        name, keys, *rest = np.random.get_state(legacy=True)
        before_name, before_keys, *before = self.numpy_state
        self.numpy_moves = (name, rest) != (before_name, before) or not np.array_equal(keys, before_keys)

    def rewind(self) -> None:
        """Restore the generators that the function draws from."""
        torch.set_rng_state(self.torch_state)
        if self.cuda_states:
            torch.cuda.set_rng_state_all(list(self.cuda_states))
        if self.numpy_moves:
            np.random.set_state(self.numpy_state)
        random.setstate(self.python_state)


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
