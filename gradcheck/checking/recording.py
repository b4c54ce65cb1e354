"""Tell whoever listens about each check that was made, and keep the seed of checks that name none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradcheck.checking.check import GradientCheck

Listener = Callable[["GradientCheck"], None]

_listeners: list[Listener] = []
_seeds = [0]


def record(check: GradientCheck) -> GradientCheck:
    """Pass a finished check on to every listener, and return it."""
    for listener in tuple(_listeners):
        listener(check)
    return check


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let `listener` hear of each check made within the block.

    >>> from gradcheck.checking.functions import check_gradient_function
    >>> heard = []
    >>> with listening(heard.append):
    ...     check = check_gradient_function(lambda x: x**2, lambda x: 2 * x, 3.0)
    >>> heard == [check]
    True
    """
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)


def chosen_seed(seed: int | None) -> int:
    """The seed that was asked for, or else the default."""
    return _seeds[-1] if seed is None else seed


@contextmanager
def default_seed(seed: int) -> Iterator[None]:
    """Make `seed` the default within the block.

    >>> with default_seed(7):
    ...     chosen_seed(None), chosen_seed(3)
    (7, 3)
    >>> chosen_seed(None)
    0
    """
    _seeds.append(seed)
    try:
        yield
    finally:
        _seeds.pop()
