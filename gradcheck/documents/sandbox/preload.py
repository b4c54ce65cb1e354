"""The libraries that take long to load: they are loaded once, before a run is forked off."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module

LIBRARIES = frozenset({"gradcheck", "matplotlib", "mpmath", "numpy", "sympy", "torch"})


def preload(names: Iterable[str]) -> None:
    """Loads modules of these libraries; what cannot be loaded fails later, where the document asks for it."""
    for name in names:
        if name not in sys.modules and name.partition(".")[0] in LIBRARIES:
            with suppress(Exception):
                import_module(name)
