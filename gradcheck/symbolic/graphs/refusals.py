"""Why a torch function has no graph: which call or operator stopped it, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gradcheck.symbolic.tracing.errors import TracingError, place_of


class NotTraceable(TracingError):
    """A torch function does something that has no formula, or none that is known here."""


@contextmanager
def refusal() -> Iterator[None]:
    """Turns what torch raises while it records the call into a sentence about the user's own line."""
    try:
        yield
    except TracingError:
        raise
    except Exception as error:
        problem, remedy = explained(error)
        raise NotTraceable(problem, remedy, place_of(error.__traceback__)) from error


def explained(error: Exception) -> tuple[str, str]:
    """What stopped the recording, and what to do."""
    for kind, problem, remedy in SENTENCES:
        if kind in {each.__name__ for each in type(error).__mro__}:
            return problem, remedy
    return f"it raises {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}", CALL_FIRST


CALL_FIRST = "check that the function runs on the example as it is"
SENTENCES: tuple[tuple[str, str, str], ...] = (
    (
        "GuardOnDataDependentSymNode",
        "it branches on the value of a tensor, or turns one into a Python number",
        "write the choice with torch.where, or pass the number as an argument",
    ),
    (
        "DataDependentOutputException",
        "it turns the value of a tensor into a Python number",
        "keep it a tensor, or pass the number as an argument",
    ),
    (
        "DynamicOutputShapeException",
        "the shape of a result depends on values",
        "select with torch.where instead of a mask, so that shapes do not depend on values",
    ),
)
"""The error's class, what it means, and what to do."""
