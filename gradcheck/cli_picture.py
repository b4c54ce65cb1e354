"""The command `gradcheck picture`: draw a formula or an expression as an SVG file."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from gradcheck.cli_values import check_file, point
from gradcheck.errors import UsageError

EXAMPLES = """\
kinds:
  function   the function and its derivative, with its kinks       NAME is a formula or an expression
  tangent    the tangent at a point, with its slope                NAME is a formula or an expression
  steps      how wrong finite differences are at each step         NAME is a formula or an expression
  jacobian   the Jacobian, or the gradient, as a heat map          NAME is a formula
  paths      paths of optimisers on one surface                    NAME is one or several update rules, or optimizers

examples:
  gradcheck picture relu --kind function --output relu.svg
  gradcheck picture "x**2*sin(x)" --kind tangent --at x=1.5 --output tangent.svg
  gradcheck picture softmax --kind jacobian --at "z=[1, 2, 0.5]" --output softmax.svg
  gradcheck picture "a*exp(x)" --kind steps --at a=2 --at x=1 --wrt x --output steps.svg
  gradcheck picture momentum,adam --kind paths --output paths.svg
"""

ALL_RULES = "optimizers"
"""What stands for every update rule of the catalogue."""


def add_picture(commands: Any) -> None:
    """Add the command to the subparsers of the command line."""
    picture: argparse.ArgumentParser = commands.add_parser(
        "picture",
        help="draw a function, a tangent, a Jacobian, step errors or optimisers' paths",
        description="Draw a formula of the catalogue, or an expression, as an SVG that follows light and dark.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    picture.add_argument("name", metavar="NAME", help="a formula's name, an expression such as x**2, or update rules")
    picture.add_argument("--kind", required=True, choices=tuple(KINDS), help="what to draw")
    picture.add_argument(
        "--at",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="the value of a variable, such as x=1.5 or z=[1, 2]; once for each",
    )
    picture.add_argument("--wrt", metavar="NAME", help="the variable to differentiate by")
    picture.add_argument(
        "--span", metavar=("FROM", "TO"), nargs=2, type=float, help="the interval that a function is drawn over"
    )
    picture.add_argument("--output", metavar="FILE.svg", required=True, help="the file to write, or - to print it")
    picture.set_defaults(command=_picture)


def _picture(options: argparse.Namespace) -> int:
    from gradcheck.rendering.files import write_atomically
    from gradcheck.rendering.pictures.element import standalone

    if options.output != "-" and not options.output.endswith(".svg"):
        raise UsageError(f"argument --output: {options.output!r} does not end in .svg; pictures are SVG")
    svg = standalone(KINDS[options.kind](options))
    if options.output == "-":
        print(svg, end="")
        return 0
    path = check_file(options.output)
    write_atomically(path, svg)
    print("written:", path)
    return 0


def _formula(options: argparse.Namespace) -> Any:
    """The formula of that name; UsageError where it is an update rule's, or nobody's."""
    from gradcheck import catalogue
    from gradcheck.symbolic.update_rule import UpdateRule

    if any(isinstance(each, UpdateRule) and each.name == options.name for each in catalogue.formulas()):
        raise UsageError(f"argument NAME: {options.name!r} is an update rule; it is drawn with --kind paths")
    return catalogue.formula(options.name)


def _line(options: argparse.Namespace) -> Any:
    """The line through the point: of the formula of that name, otherwise of the expression."""
    from gradcheck import catalogue
    from gradcheck.pictures.expression_line import expression_line
    from gradcheck.pictures.formula_line import formula_line

    known = {each.name for each in catalogue.formulas()}
    if options.name in known or (options.name.isidentifier() and len(options.name) > 1):
        return formula_line(_formula(options), options.wrt, point(options.at))
    return expression_line(options.name, options.wrt, point(options.at))


def _no(options: argparse.Namespace, *names: str) -> None:
    """Refuse options that mean nothing for the kind."""
    for name in names:
        if getattr(options, name):
            raise UsageError(f"argument --{name}: a picture of kind {options.kind} takes none")


def _function(options: argparse.Namespace) -> str:
    from gradcheck.pictures.curve import curve
    from gradcheck.rendering.pictures.curve import curve_svg

    return curve_svg(curve(_line(options), options.span))


def _tangent(options: argparse.Namespace) -> str:
    from gradcheck.pictures.tangent import tangent
    from gradcheck.rendering.pictures.curve import tangent_svg

    return tangent_svg(tangent(_line(options), options.span))


def _steps(options: argparse.Namespace) -> str:
    from gradcheck.pictures.step_errors import step_errors
    from gradcheck.rendering.pictures.step_errors import step_errors_svg

    _no(options, "span")
    return step_errors_svg(step_errors(_line(options)))


def _jacobian(options: argparse.Namespace) -> str:
    from gradcheck.pictures.heat_map import heat_map
    from gradcheck.rendering.pictures.heat_map import heat_map_svg

    _no(options, "span")
    return heat_map_svg(heat_map(_formula(options), options.wrt, point(options.at)))


def _paths(options: argparse.Namespace) -> str:
    from gradcheck import catalogue
    from gradcheck.pictures.descent import descent
    from gradcheck.rendering.pictures.descent import descent_svg
    from gradcheck.symbolic.update_rule import UpdateRule

    _no(options, "span", "at", "wrt")
    if options.name == ALL_RULES:
        rules = [each for each in catalogue.formulas() if isinstance(each, UpdateRule)]
    else:
        rules = [catalogue.update_rule(name.strip()) for name in options.name.split(",")]
    return descent_svg(descent(rules))


KINDS: dict[str, Callable[[argparse.Namespace], str]] = {
    "function": _function,
    "tangent": _tangent,
    "jacobian": _jacobian,
    "steps": _steps,
    "paths": _paths,
}
"""Each kind of picture and what draws it."""
