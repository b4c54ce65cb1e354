"""The command `gradcheck backward`: a hand-written backward pass, generated for a function and checked."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from gradcheck.cli_traced import called_target, is_target
from gradcheck.cli_values import check_file
from gradcheck.errors import UsageError

if TYPE_CHECKING:
    from gradcheck.checking.generated_backward import GeneratedBackward

EXAMPLES = """\
examples:
  gradcheck backward layers.py:loss --sizes "X: m n, w: n, y: m"    an autograd.Function for torch
  gradcheck backward layers.py:Swish --input "randn(4)"             with an example of its own
  gradcheck backward layers.py:loss --sizes "x: n" --library numpy --output loss_gradient.py

MODULE:FUNCTION, --sizes and --input are as in gradcheck derive.

exit codes:
  0  the code is right: its gradients passed a check at the example
  1  its gradients did not pass the check; the check is printed, not the code
  2  bad usage, or the function has no formula
"""


def add_backward(commands: Any) -> None:
    """Add the command to the subparsers of the command line."""
    backward: argparse.ArgumentParser = commands.add_parser(
        "backward",
        help="print a backward pass for a function of yours, made from its formula and checked",
        description="Print code for a torch function and its gradient, as a person would write it by hand: an"
        " autograd.Function, or NumPy functions. It is made from the function's formula, for any sizes, and checked.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    backward.add_argument("what", metavar="MODULE:FUNCTION", help="a function, nn.Module or autograd.Function")
    backward.add_argument("--sizes", metavar="SIZES", default="", help='its arguments and sizes, as "X: m n, w: n"')
    backward.add_argument(
        "--input",
        metavar="TENSOR",
        action="append",
        default=[],
        dest="inputs",
        help='an argument, such as "randn(3, 4)"; once for each, as in gradcheck check',
    )
    backward.add_argument("--library", choices=("torch", "numpy"), default="torch", help="of the code (default: torch)")
    backward.add_argument("--output", metavar="FILE", help="the file to write, or - to print (default)")
    backward.set_defaults(command=_backward)


def _backward(options: argparse.Namespace) -> int:
    from gradcheck.rendering.files import write_atomically

    if not is_target(options.what):
        raise UsageError(f"argument MODULE:FUNCTION: {options.what!r} names no function; write layers.py:loss")
    path = check_file(options.output) if options.output not in (None, "-") else None
    made = _made(options)
    if not made.ok:
        print(made.check, file=sys.stderr)
        return 1
    code = "".join([*(f"# {note}\n" for note in made.notes), made.source])
    if path is None:
        print(code, end="")
    else:
        write_atomically(path, code)
        print("written:", path)
    return 0


def _made(options: argparse.Namespace) -> GeneratedBackward:
    from gradcheck.checking.generated_backward import generate_backward

    with called_target(options.what, options.inputs, options.sizes, {}) as called:
        return generate_backward(
            called.function,
            *called.example.args,
            sizes=options.sizes,
            kwargs=called.example.kwargs,
            library=options.library,
        )
