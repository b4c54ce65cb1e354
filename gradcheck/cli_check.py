"""The command `gradcheck check`: load a function or a module, make its inputs, and print what the check found."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from gradcheck.checking.symbolic_choice import WORDS
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
    check.set_defaults(command=_check)


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
        fn = _callable(_load(options.target), options.target, dtype)
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


def _load(target: str) -> Any:
    """The object that MODULE:FUNCTION names."""
    module_name, _, path = target.rpartition(":")
    if not module_name or not path:
        raise UsageError(f"argument MODULE:FUNCTION: {target!r} names no function; write layers.py:Swish or torch:sin")
    try:
        module = _file(Path(module_name)) if module_name.endswith(".py") else _module(module_name)
    except UsageError:
        raise
    except (Exception, SystemExit) as error:
        reason = next(iter(str(error).splitlines()), "")
        raise UsageError(f"{module_name} raises {type(error).__name__} when it is imported: {reason}") from error
    found: Any = module
    for name in path.split("."):
        if not hasattr(found, name):
            known = [each for each in dir(found) if not each.startswith("_")]
            raise UsageError(f"{module_name}: {UnknownName('function', name, known)}")
        found = getattr(found, name)
    return found


def _file(path: Path) -> ModuleType:
    """A module by its file; its neighbours can be imported, as when it is run."""
    if not path.is_file():
        raise UsageError(f"argument MODULE:FUNCTION: there is no file {str(path)!r}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"argument MODULE:FUNCTION: {str(path)!r} is no Python file")
    _importable(path.resolve().parent)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # dataclasses and pickles look their module up
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        raise
    return module


def _module(name: str) -> ModuleType:
    _importable(Path.cwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            raise UsageError(f"argument MODULE:FUNCTION: there is no module {error.name!r}") from None
        raise


def _importable(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _callable(found: Any, target: str, dtype: Any) -> Any:
    """The function to check: a module of the dtype, an autograd.Function's `apply`, or the function itself."""
    import torch

    if isinstance(found, type) and issubclass(found, torch.autograd.Function):
        return found.apply
    if isinstance(found, type) and issubclass(found, torch.nn.Module):
        try:
            found = found()
        except Exception as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise UsageError(f"{target} cannot be made without arguments: {reason}") from error
    if isinstance(found, torch.nn.Module):
        return found.to(dtype)
    if isinstance(found, type) or not callable(found):
        raise UsageError(
            f"{target} is a {type(found).__name__}; a function, nn.Module or autograd.Function is accepted"
        )
    return found
