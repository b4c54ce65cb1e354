"""The seeds of random numbers: set before a run, and in a reseeded run shifted wherever the document sets them."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

SEEDING_FUNCTIONS = frozenset(
    {
        "PCG64",
        "PRNGKey",
        "Philox",
        "Random",
        "RandomState",
        "SeedSequence",
        "default_rng",
        "manual_seed",
        "manual_seed_all",
        "seed",
        "seed_everything",
        "set_random_seed",
        "set_seed",
    }
)
"""Functions and methods, by their last name, whose first argument is a seed."""

SEEDING_KEYWORDS = frozenset({"random_state", "seed"})
"""Keyword arguments that are seeds, whatever is called with them."""

SHIFT = 1_000_003
_MODULUS = 2**32


def shifted(seed: object) -> object:
    """Another seed for a seed that is a number or a text; anything else as it is.

    >>> shifted(0), shifted("a"), shifted(None)
    (1000003, "a'", None)
    """
    if isinstance(seed, int) and not isinstance(seed, bool):
        return (seed + SHIFT) % _MODULUS
    return f"{seed}'" if isinstance(seed, str) else seed


def seed_libraries(seed: int, done: set[str]) -> None:
    """Seeds the libraries that are loaded and not yet among those `done`, and adds them there."""
    for name, sow in _SOWERS.items():
        if name in sys.modules and name not in done:
            done.add(name)
            with suppress(AttributeError):
                sow(seed)


def _sow_numpy(seed: int) -> None:
    sys.modules["numpy"].random.seed(seed)


def _sow_torch(seed: int) -> None:
    sys.modules["torch"].manual_seed(seed)


_SOWERS: Mapping[str, Callable[[int], object]] = {"random": random.seed, "numpy": _sow_numpy, "torch": _sow_torch}
