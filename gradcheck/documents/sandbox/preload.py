"""The libraries that take long to load: they are loaded once, before a run is forked off."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module

LIBRARIES = frozenset({"gradcheck", "matplotlib", "mpmath", "numpy", "sympy", "torch"})


_STARTING_PROCESSES = "torch._inductor"


def is_preloaded(name: str) -> bool:
    """Whether a module belongs to these libraries, and does not start processes or threads as it is loaded.

    >>> is_preloaded("torch.nn"), is_preloaded("os"), is_preloaded("torch._inductor.async_compile")
    (True, False, False)
    """
    return name.partition(".")[0] in LIBRARIES and not name.startswith(_STARTING_PROCESSES)


def preload(names: Iterable[str]) -> None:
    """Loads modules of these libraries; what cannot be loaded fails later, where the document asks for it."""
    for name in names:
        if name not in sys.modules and is_preloaded(name):
            with suppress(Exception):
                import_module(name)
