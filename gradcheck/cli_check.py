"""The command `gradcheck check`: load a function or a module, make its inputs, and print what the check found."""

from __future__ import annotations

import argparse
from typing import Any

from gradcheck.checking.expectations.symbolic_choice import WORDS
from gradcheck.cli_target import callable_target, load_target
from gradcheck.errors import UnknownName, UsageError
from gradcheck.results import Verdict

EXAMPLES = """\
inputs:
  randn(3, 4)  rand(3)  zeros(2)  ones(2, 3)  eye(3)  full((2, 3), 1.5)     floating-point, of the dtype asked for
  linspace(-1, 1, 5)  [1.0, 2.0]  [[0.5], [1.5]]  2.5
  randint(0, 10, (3,))  arange(4)  [0, 2, 1]                               whole numbers: labels and indices
  rand(3) + 0.5  -2 * randn(4)                                             + - * / and signs

examples:
  gradcheck check torch:sin --input "randn(3)"
  gradcheck check torch.nn.functional:cross_entropy --input "randn(4, 3)" --input "[0, 2, 1, 1]"
  gradcheck check layers.py:Swish --input "randn(2, 3)" --dtype float32
  gradcheck check models.blocks:Attention --input "randn(2, 5, 8)" --modes all --order 2 --wrt weight

exit codes:
  0  every gradient that was checked is correct
  1  a gradient is wrong, or it could not be decided (INCONCLUSIVE), or there was nothing to check
  2  bad usage, or a function that cannot be loaded or raises
"""

MODES = ("reverse", "forward", "second_order", "batched", "noncontiguous", "all")


def add_check(commands: Any) -> None:
    """Add the command to the subparsers of the command line."""
    check: argparse.ArgumentParser = commands.add_parser(
        "check",
        help="check the gradients of a function or an nn.Module of yours",
        description="Hold autograd's gradients of FUNCTION at the inputs against finite differences that know their"
        " own error; say what is wrong, where, and why.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    check.add_argument(
        "target",
        metavar="MODULE:FUNCTION",
        help="a dotted module name or a path to a .py file, then a function, an nn.Module (a class is called without"
        " arguments) or an autograd.Function",
    )
    check.add_argument(
        "--input",
        dest="inputs",
        metavar="TENSOR",
        action="append",
        default=[],
        help='an input, such as "randn(3, 4)"; once for each',
    )
    _add_options(check)
    check.set_defaults(command=_check)


def _add_options(check: argparse.ArgumentParser) -> None:
    """What a check may be told beside its inputs."""
    check.add_argument(
        "--dtype", metavar="DTYPE", default="float64", help="of floats and parameters (default: float64)"
    )
    check.add_argument("--modes", metavar="MODES", help=f"several of {', '.join(MODES)} (default: reverse)")
    check.add_argument("--order", metavar="N", type=int, choices=(1, 2), help="2 checks second derivatives too")
    check.add_argument("--wrt", metavar="NAMES", help="inputs and parameters to check, separated by commas")
    check.add_argument(
        "--seed", metavar="N", type=_seed, default=0, help="of random inputs and directions (default: 0)"
    )
    check.add_argument(
        "--symbolic",
        choices=tuple(WORDS),
        help="hold the derivative against the formula of the function's code too: always, never, or where something is"
        " not right (default: auto)",
    )


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; a whole number from 0 to 2**63 - 1 is accepted")
    return int(text)


def _check(options: argparse.Namespace) -> int:
    import torch

    from gradcheck.checking.torch_check import check_gradients
    from gradcheck.cli_inputs import DTYPES, input_tensor

    if options.dtype not in DTYPES:
        raise UnknownName("dtype", options.dtype, DTYPES, f"choose from {', '.join(DTYPES)}")
    dtype, generator = DTYPES[options.dtype], torch.Generator().manual_seed(options.seed)
    inputs = [input_tensor(text, generator, dtype) for text in options.inputs]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        fn = callable_target(load_target(options.target), options.target, dtype)
        leaves = [x.requires_grad_() if x.dtype == dtype else x for x in inputs]
        check = check_gradients(fn, *leaves, **_asked(options))
    print(check)
    if check.verdict is Verdict.INCONCLUSIVE:
        print("\nThe gradient is neither shown to be right nor to be wrong.")
    return 0 if check.ok else 1


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """The check's options, those that were given."""
    asked: dict[str, Any] = {"seed": options.seed, "order": options.order}
    asked["symbolic"] = None if options.symbolic is None else WORDS[options.symbolic]
    asked["wrt"] = None if options.wrt is None else _names(options.wrt, "wrt")
    if options.modes is not None:
        modes = _names(options.modes, "modes")
        for mode in modes:
            if mode not in MODES:
                choice = f"choose from {', '.join(MODES)}"
                raise UsageError(f"argument --modes: {UnknownName('mode', mode, MODES, choice)}")
        asked["modes"] = "all" if "all" in modes else modes
    return {name: value for name, value in asked.items() if value is not None}


def _names(text: str, option: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UsageError(f"argument --{option}: no name given")
    return names
