"""A function or module named on the command line: traced with an example that is given or drawn, and derived."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from gradcheck.cli_target import callable_target, load_target
from gradcheck.cli_values import point
from gradcheck.errors import UsageError

if TYPE_CHECKING:
    from gradcheck.symbolic.derivations.derivation import Derivation
    from gradcheck.symbolic.graphs.drawn_example import Example

TARGET = re.compile(r"[^:]*[\w.]:[A-Za-z_][\w.]*")


def is_target(text: str) -> bool:
    """Whether a text is of the form MODULE:FUNCTION; no expression is.

    >>> is_target("layers.py:Swish"), is_target("x**2")
    (True, False)
    """
    return TARGET.fullmatch(text) is not None


def derive_target(options: argparse.Namespace) -> Derivation:
    """The derivation of the function that MODULE:FUNCTION names; UsageError for whatever is wrong with it."""
    from gradcheck.symbolic.derivations.traced_derivation import derive_traced

    at = point(options.at)
    with called_target(options.what, options.inputs, options.shapes or "", at) as called:
        return derive_traced(
            called.function,
            called.example.args,
            options.wrt,
            sizes=options.shapes or "",
            output=options.returned,
            kwargs=called.example.kwargs,
            order=options.order,
            at=at or None,
        )


class Called(NamedTuple):
    """A function, and what it is called with."""

    function: Any
    example: Example


@contextmanager
def called_target(what: str, inputs: Sequence[str], sizes: str, at: Mapping[str, Any]) -> Iterator[Called]:
    """The function that MODULE:FUNCTION names, with its inputs as given, or else drawn for the sizes declared.

    Within the block torch draws the same random numbers at every run.
    """
    import torch

    from gradcheck.cli_inputs import input_tensor
    from gradcheck.symbolic.derivations.traced_derivation import as_function
    from gradcheck.symbolic.graphs.drawn_example import Example, drawn_example

    with torch.random.fork_rng(devices=[]):
        generator = torch.manual_seed(0)
        found = load_target(what)
        is_function = isinstance(found, type) and issubclass(found, torch.autograd.Function)
        fn: Any = as_function(found) if is_function else callable_target(found, what, torch.float64)
        given = Example(tuple(input_tensor(text, generator) for text in inputs), {}) if inputs else None
        yield Called(fn, given or drawn_example(fn, sizes, at))


def refuse_inputs(options: argparse.Namespace) -> None:
    """Raises UsageError where an expression is given what only functions take."""
    for option, value in (("--input", options.inputs), ("--returned", options.returned)):
        if value not in ([], None):
            raise UsageError(f"argument {option}: only a function takes it, named as in layers.py:loss")
