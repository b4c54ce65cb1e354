"""The command `gradcheck derive`: a derivative step by step, as a page, as a quiz, or a learner's line checked."""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

from gradcheck.cli_traced import derive_target, is_target, refuse_inputs
from gradcheck.cli_values import check_file, point
from gradcheck.errors import UsageError

if TYPE_CHECKING:
    from gradcheck.symbolic.derivations.derivation import Derivation

EXAMPLES = """\
examples:
  gradcheck derive "x**2*sin(x)" --wrt x                  an expression, step by step
  gradcheck derive "x**2*sin(x)" --wrt x --at x=1.5       the numbers of a point carried through every step
  gradcheck derive "sin(x*y)" --wrt x,y                   by x, then by y; --order 2 for twice by the same
  gradcheck derive softmax                                a formula of the catalogue (gradcheck formulas lists them)
  gradcheck derive "norm(X@w - y)**2 / m" --wrt w --shapes "X: m n, w: n, y: m"
  gradcheck derive layers.py:loss --sizes "X: m n, w: n, y: m int" --wrt w     a function or nn.Module of yours
  gradcheck derive torch.nn.functional:softplus --input "randn(3)"
  gradcheck derive softmax --output softmax.html          a page; .md, .tex and .json too
  gradcheck derive "sin(x**2)" --quiz                     each step asked, the answers at the end
  gradcheck derive "sin(x**2)" --check "cos(x**2)"        is this line right, and if not, which rule slipped?

functions of yours:
  MODULE:FUNCTION is a dotted module name or a path to a .py file, then a function, an nn.Module or an
  autograd.Function. Its operators are traced to a formula, which has to give the function's own values at other
  sizes too. --sizes names the sizes of its arguments: "X: m n" is a matrix, "x: 3" a vector of three entries, "c:" a
  number, "y: m int" whole numbers (classes, indices). An example is drawn from them; --input gives one.

exit codes:
  0  every step holds; the checked line is right
  1  a step does not hold; the checked line is wrong
  2  bad usage, or a failure of the tool itself
"""

SUFFIXES = {".txt": "text", ".md": "md", ".tex": "latex", ".html": "html", ".json": "json"}
"""The format that a file's name asks for."""
FORMATS = tuple(SUFFIXES.values())
LEAST_COLUMNS, COLUMNS = 50, 100
LEADING_MINUS = re.compile(r"-[^-]")


def add_derive(commands: Any) -> None:
    """Add the command to the subparsers of the command line."""
    derive: argparse.ArgumentParser = commands.add_parser(
        "derive",
        help="derive a formula or an expression step by step, every step named and verified",
        description="Derive a formula of the catalogue, an expression, or a torch function of yours, each step by a"
        " named rule and verified at 40 digits. An expression is parsed by a grammar of its own; nothing in it is"
        " executed.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    # An expression may start with a minus, as a negative number may.
    derive._negative_number_matcher = LEADING_MINUS  # noqa: SLF001
    derive.add_argument(
        "what",
        metavar="NAME_OR_EXPR",
        help="a formula's name, an expression such as x**2*sin(x), or a function as MODULE:FUNCTION",
    )
    _add_mathematics(derive)
    _add_form(derive)
    derive.set_defaults(command=_derive)


def _add_mathematics(derive: argparse.ArgumentParser) -> None:
    """What is derived: by what, how often, where, and with which sizes and inputs."""
    derive.add_argument("--wrt", metavar="NAMES", help="the variable; x,y differentiates by one after the other")
    derive.add_argument("--order", metavar="N", type=_order, default=1, help="how often, from 1 to 3 (default: 1)")
    derive.add_argument(
        "--at",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="a value for each variable, such as x=1.5 or z=[1, 2], carried through every step",
    )
    derive.add_argument(
        "--shapes",
        "--sizes",
        metavar="SHAPES",
        help='for a matrix expression or a function: its variables and sizes, as "X: m n, w: n, c:"',
    )
    derive.add_argument(
        "--input",
        dest="inputs",
        metavar="TENSOR",
        action="append",
        default=[],
        help='an argument of a function, such as "randn(3, 4)"; once for each, as in gradcheck check',
    )
    derive.add_argument(
        "--returned", metavar="N", type=int, help="which of several tensors that a function returns, counted from 0"
    )


def _add_form(derive: argparse.ArgumentParser) -> None:
    """How it is shown."""
    derive.add_argument("--detail", choices=("folded", "full"), default="folded", help="show trivial steps too")
    derive.add_argument("--format", choices=FORMATS, help="the form (default: as the output file is called, or text)")
    derive.add_argument("--output", metavar="FILE", help="the file to write, or - to print (default)")
    derive.add_argument("--quiz", action="store_true", help="ask for each step, the answers apart (text, md or html)")
    derive.add_argument("--check", metavar="LINE", help="a learner's line: is it the derivative, and if not, why?")


def _order(text: str) -> int:
    if text not in ("1", "2", "3"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to 3")
    return int(text)


def _derive(options: argparse.Namespace) -> int:
    from gradcheck.symbolic.parser import ParseError

    try:
        return _answered(options)
    except ParseError as error:
        print(f"gradcheck: {error}{_hint(options)}", file=sys.stderr)
        return 2


def _hint(options: argparse.Namespace) -> str:
    """What a matrix expression without shapes lacks."""
    if options.shapes is None and re.search(r"@|\.T\b", options.what):
        return '\nfor a matrix expression, declare its variables: --shapes "X: m n, w: n, y: m"'
    return ""


def _answered(options: argparse.Namespace) -> int:
    path = check_file(options.output) if options.output not in (None, "-") else None
    form = options.format or (SUFFIXES.get(path.suffix, "") if path else "text")
    if not form:
        raise UsageError(f"argument --output: {options.output!r} ends in none of {', '.join(SUFFIXES)}; give --format")
    derivation = _derivation(options)
    if options.check is not None:
        return _checked(options, derivation)
    from gradcheck.rendering.derivation import render_derivation
    from gradcheck.rendering.files import write_atomically

    rendered = render_derivation(derivation, form, options.detail, options.quiz, _width())
    if path is None:
        print(rendered, end="")
    else:
        write_atomically(path, rendered)
        print("written:", path)
    return 0 if derivation.ok else 1


def _width() -> int:
    """The terminal's columns within reason; a file or a pipe has always as many."""
    return min(max(shutil.get_terminal_size().columns, LEAST_COLUMNS), COLUMNS) if sys.stdout.isatty() else COLUMNS


def _derivation(options: argparse.Namespace) -> Derivation:
    from gradcheck import catalogue

    if is_target(options.what):
        return derive_target(options)
    refuse_inputs(options)
    at = point(options.at) or None
    if options.shapes is None:
        return catalogue.derive(options.what, options.wrt, order=options.order, at=at)
    from gradcheck.symbolic.derivations.derive import derive
    from gradcheck.symbolic.matrices.parser import matrix_formula

    return derive(matrix_formula(options.what, options.shapes), options.wrt, order=options.order, at=at)


def _checked(options: argparse.Namespace, derivation: Derivation) -> int:
    if options.quiz or options.output or options.format:
        raise UsageError("argument --check: it prints one verdict, and takes neither --quiz, --format nor --output")
    verdict = derivation.check_step(options.check)
    print(verdict)
    return 0 if verdict.ok else 1
