"""A function or module named on the command line: traced with an example that is given or drawn, and derived."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from gradcheck.cli_target import callable_target, load_target
from gradcheck.cli_values import point
from gradcheck.errors import UsageError

if TYPE_CHECKING:
    from gradcheck.symbolic.derivations.derivation import Derivation

TARGET = re.compile(r"[^:]*[\w.]:[A-Za-z_][\w.]*")


def is_target(text: str) -> bool:
    """Whether a text is of the form MODULE:FUNCTION; no expression is.

    >>> is_target("layers.py:Swish"), is_target("x**2")
    (True, False)
    """
    return TARGET.fullmatch(text) is not None


def derive_target(options: argparse.Namespace) -> Derivation:
    """The derivation of the function that MODULE:FUNCTION names; UsageError for whatever is wrong with it."""
    import torch

    from gradcheck.cli_inputs import input_tensor
    from gradcheck.symbolic.graphs.drawn_example import Example, drawn_example
    from gradcheck.symbolic.graphs.traced_derivation import as_function, derive_traced

    with torch.random.fork_rng(devices=[]):
        generator = torch.manual_seed(0)
        found = load_target(options.what)
        at, sizes = point(options.at), options.shapes or ""
        is_function = isinstance(found, type) and issubclass(found, torch.autograd.Function)
        fn: Any = found if is_function else callable_target(found, options.what, torch.float64)
        fn = as_function(fn, sizes)
        if options.inputs:
            example = Example(tuple(input_tensor(text, generator) for text in options.inputs), {})
        else:
            example = drawn_example(fn, sizes, at)
        return derive_traced(
            fn,
            example.args,
            options.wrt,
            sizes=sizes,
            output=options.returned,
            kwargs=example.kwargs,
            order=options.order,
            at=at or None,
        )


def refuse_inputs(options: argparse.Namespace) -> None:
    """Raises UsageError where an expression is given what only functions take."""
    for option, value in (("--input", options.inputs), ("--returned", options.returned)):
        if value not in ([], None):
            raise UsageError(f"argument {option}: only a function takes it, named as in layers.py:loss")
