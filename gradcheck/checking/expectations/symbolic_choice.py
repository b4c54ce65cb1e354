"""When a check asks for the formula of a function's code: the choices, and the default of a test run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

Symbolic: TypeAlias = Literal["auto"] | bool
CHOICES: tuple[Symbolic, ...] = ("auto", True, False)
WORDS: dict[str, Symbolic] = {"auto": "auto", "always": True, "never": False}
"""What they are called on a command line."""

_defaults: list[Symbolic] = ["auto"]


def chosen_symbolic(symbolic: Symbolic | None) -> Symbolic:
    """The choice that was made, or else the default; UsageError for what is none."""
    if symbolic is None:
        return _defaults[-1]
    if symbolic not in CHOICES:
        from gradcheck.errors import UsageError

        raise UsageError(f'symbolic must be "auto", True or False; got {symbolic!r}')
    return symbolic


@contextmanager
def default_symbolic(symbolic: Symbolic) -> Iterator[None]:
    """Make `symbolic` the default within the block.

    >>> with default_symbolic(False):
    ...     chosen_symbolic(None), chosen_symbolic("auto")
    (False, 'auto')
    """
    _defaults.append(symbolic)
    try:
        yield
    finally:
        _defaults.pop()
