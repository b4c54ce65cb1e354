"""Leave nothing changed: random states as they were, and the same random numbers in every evaluation."""

from __future__ import annotations

import ctypes
import pickle
import random
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.random.mtrand import get_bit_generator

MT19937_BYTES = 4 * 624 + 4
"""What NumPy's legacy generator holds: 624 words and the place among them."""

EVERY = frozenset({"torch", "numpy", "python"})

WORDS = torch.int64
"""States are compared faster in long words than in bytes."""


@dataclass(frozen=True)
class _NumpyState:
    """The state of NumPy's global generator, and the words in memory by which a change of it is seen.

    Reading a state, or setting it, takes as long as many a small function: once a check, not once an evaluation.
    """

    words: bytes
    state: Any

    @classmethod
    def now(cls) -> _NumpyState:
        """The state at this moment, read anew: equal words do not tell of a Gaussian number that is kept."""
        return cls(_numpy_words(), np.random.get_state(legacy=False))

    @property
    def has_number_left(self) -> bool:
        """Whether a Gaussian number drawn with the last one is kept; the words do not tell when that goes."""
        return bool(self.state["has_gauss"])

    @property
    def has_moved(self) -> bool:
        """Whether the generator is elsewhere by now."""
        if _numpy_words() != self.words:
            return True
        return self.has_number_left and not np.random.get_state(legacy=False)["has_gauss"]


def _numpy_words() -> bytes:
    generator = get_bit_generator()
    if isinstance(generator, np.random.MT19937):
        return ctypes.string_at(generator.ctypes.state_address, MT19937_BYTES)
    return pickle.dumps(generator.state)


@dataclass
class RandomState:
    """The states of the generators that a function may draw from: torch's, NumPy's and Python's.

    The first evaluation shows which of them it draws from; only those are set back before the others: the rest go on
    where a backward pass draws from them, which shows.
    """

    torch_state: torch.Tensor
    cuda_states: tuple[torch.Tensor, ...]
    numpy_state: _NumpyState
    python_state: Any
    moving: frozenset[str] | None = None
    used: bool = False

    @classmethod
    def now(cls) -> RandomState:
        """The states at this moment."""
        cuda = tuple(torch.cuda.get_rng_state_all()) if torch.cuda.is_initialized() else ()
        return cls(torch.get_rng_state(), cuda, _NumpyState.now(), random.getstate())

    def restore(self) -> None:
        """Make all generators continue from here."""
        self._set_back(EVERY)

    def rewind(self) -> None:
        """Restore the generators that the function draws from, all of them where that is not known.

        Before the first evaluation they are where they were.
        """
        if self.used:
            self._set_back(EVERY if self.moving is None else self.moving)
        self.used = True

    def observe(self) -> None:
        """Look which generators the first evaluation has moved."""
        if self.moving is None:
            moved = {
                "torch": not torch.equal(torch.get_rng_state().view(WORDS), self.torch_state.view(WORDS)),
                "numpy": self.numpy_state.has_moved,
                "python": random.getstate() != self.python_state,
            }
            self.moving = frozenset(name for name, has in moved.items() if has)

    def _set_back(self, names: frozenset[str]) -> None:
        if "torch" in names:
            torch.set_rng_state(self.torch_state)
        if self.cuda_states:
            torch.cuda.set_rng_state_all(list(self.cuda_states))
        if "numpy" in names and self.numpy_state.has_moved:
            np.random.set_state(self.numpy_state.state)
        if "python" in names:
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
