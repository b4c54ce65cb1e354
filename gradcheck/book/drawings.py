"""The pictures of a formula's page: those that say something about it."""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck import catalogue
from gradcheck.book.content import Drawing
from gradcheck.errors import UsageError
from gradcheck.pictures.curve import curve
from gradcheck.pictures.descent import descent
from gradcheck.pictures.formula_line import formula_line
from gradcheck.pictures.heat_map import heat_map
from gradcheck.pictures.line import Line
from gradcheck.pictures.step_errors import step_errors
from gradcheck.rendering.pictures.curve import curve_svg
from gradcheck.rendering.pictures.descent import descent_svg
from gradcheck.rendering.pictures.heat_map import heat_map_svg
from gradcheck.rendering.pictures.step_errors import step_errors_svg
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.update_rule import UpdateRule

BESIDE = "gradient_descent"
"""The rule whose path is drawn beside every other's."""


def formula_drawings(formula: Formula) -> Iterator[Drawing]:
    """The function with its kinks, the Jacobian by the first variable, and the errors of finite differences.

    A picture that makes no sense (a table of one number, a point without a derivative) is left out.
    """
    for draw in (_curve, _jacobian, _steps):
        try:
            drawing = draw(formula)
        except UsageError:
            continue
        if drawing is not None:
            yield drawing


def rule_drawings(rule: UpdateRule) -> Iterator[Drawing]:
    """The rule's path, beside that of plain gradient descent."""
    rules = dict.fromkeys([catalogue.update_rule(BESIDE), rule])
    found = descent([*rules])
    steps = len(found.paths[0].points) - 1
    yield Drawing(f"{steps} steps on {found.surface.text}, to the minimum at the cross", descent_svg(found, "paths"))


def _curve(formula: Formula) -> Drawing:
    line = formula_line(formula)
    return Drawing(f"{_name(line)} and its derivative{_held(line)}", curve_svg(curve(line), "curve"))


def _jacobian(formula: Formula) -> Drawing | None:
    found = heat_map(formula)
    if found.values.size == 1:
        return None
    kind = "The Jacobian" if formula.output else "The gradient"
    return Drawing(f"{kind} by {found.wrt} at a random point", heat_map_svg(found, "jacobian"))


def _steps(formula: Formula) -> Drawing:
    line = formula_line(formula)
    caption = f"How wrong a measured slope is, for each step, at {line.variable} = {line.at:g}{_held(line)}"
    return Drawing(caption, step_errors_svg(step_errors(line), "steps"))


def _name(line: Line) -> str:
    return line.name if line.variable.isalpha() else f"{line.name} as {line.variable} varies"


def _held(line: Line) -> str:
    return f" ({line.fixed})" if line.fixed else ""
