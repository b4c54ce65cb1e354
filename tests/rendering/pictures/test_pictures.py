"""Every picture is the same bytes twice, in the page's colours, told in words, and a file of its own when asked."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from xml.etree import ElementTree

import pytest

from gradcheck import catalogue
from gradcheck.pictures.curve import curve
from gradcheck.pictures.descent import descent
from gradcheck.pictures.expression_line import expression_line
from gradcheck.pictures.formula_line import formula_line
from gradcheck.pictures.heat_map import heat_map
from gradcheck.pictures.step_errors import step_errors
from gradcheck.pictures.tangent import tangent
from gradcheck.rendering.pictures.curve import curve_svg, tangent_svg
from gradcheck.rendering.pictures.descent import descent_svg
from gradcheck.rendering.pictures.element import standalone
from gradcheck.rendering.pictures.heat_map import heat_map_svg
from gradcheck.rendering.pictures.step_errors import step_errors_svg
from gradcheck.symbolic.update_rule import UpdateRule

RULES = tuple(each for each in catalogue.formulas() if isinstance(each, UpdateRule))

PICTURES: dict[str, Callable[[], str]] = {
    "kink": lambda: curve_svg(curve(formula_line(catalogue.formula("relu"))), "p"),
    "kinks": lambda: curve_svg(curve(expression_line("relu(x)*abs(x - 1)")), "p"),
    "poles": lambda: curve_svg(curve(expression_line("tan(x)")), "p"),
    "constant": lambda: curve_svg(curve(expression_line("x - x + 2")), "p"),
    "tangent": lambda: tangent_svg(tangent(expression_line("x**2", at={"x": 1.5})), "p"),
    "half tangents": lambda: tangent_svg(tangent(expression_line("abs(x)", at={"x": 0})), "p"),
    "jacobian": lambda: heat_map_svg(heat_map(catalogue.formula("softmax"), at={"z": [0.0, 0.0]}), "p"),
    "gradient": lambda: heat_map_svg(heat_map(catalogue.formula("det")), "p"),
    "wide": lambda: heat_map_svg(heat_map(catalogue.formula("softmax"), at={"z": [0.1] * 25}), "p"),
    "steps": lambda: step_errors_svg(step_errors(expression_line("sin(x)")), "p"),
    "no complex step": lambda: step_errors_svg(step_errors(expression_line("erf(x)")), "p"),
    "exact steps": lambda: step_errors_svg(step_errors(expression_line("2*x")), "p"),
    "one path": lambda: descent_svg(descent(RULES[:1]), "p"),
    "many paths": lambda: descent_svg(descent(RULES[:6]), "p"),
}

SMALL = 100_000


@cache
def drawn(name: str) -> str:
    return PICTURES[name]()


@pytest.fixture(params=PICTURES)
def svg(request: pytest.FixtureRequest) -> str:
    return drawn(request.param)


@pytest.mark.parametrize("name", ["kinks", "gradient", "steps", "many paths"])
def test_the_same_numbers_give_the_same_bytes(name: str) -> None:
    assert PICTURES[name]() == drawn(name)


def test_colours_come_from_the_page(svg: str) -> None:
    assert "currentColor" in svg
    references = svg.replace("url(#", "").replace('href="#', "")
    assert re.findall(r"#[0-9a-fA-F]{3,6}\b", references) == []


def test_nothing_reaches_beyond_the_picture(svg: str) -> None:
    assert "://" not in svg
    assert not re.search(r"<(image|script|foreignObject|style)\b", svg)
    ids = [value for element in ElementTree.fromstring(svg).iter() if (value := element.get("id"))]
    assert len(ids) == len(set(ids))
    assert all(each.startswith("p-") for each in ids)
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg)) <= set(ids)


def test_it_is_told_in_words(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    by_id = {element.get("id"): element.text for element in root}
    assert by_id[root.get("aria-labelledby")]
    assert by_id[root.get("aria-describedby")]


def test_it_is_small_and_names_no_machine(svg: str) -> None:
    assert len(svg) < SMALL
    assert not re.search(r"font-family|DejaVu|/usr|/tmp|\d{4}-\d\d-\d\d", svg)
    assert not re.search(r"<[^>]*\.\d{3}[^>]*>", svg)


def test_a_file_of_its_own_follows_light_and_dark(svg: str) -> None:
    alone = standalone(svg)
    root = ElementTree.fromstring(alone)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "prefers-color-scheme: dark" in alone
    assert set(re.findall(r"var\((--[\w-]+)\)", alone)) <= set(re.findall(r"(--[\w-]+):", alone))
    assert not re.search(r"://(?!www\.w3\.org/2000/svg)|@import|url\((?!#)", alone)


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG 2 defines it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_numbers_can_be_read_on_the_strongest_colours_of_both_schemes() -> None:
    alone = standalone(drawn("jacobian"))
    schemes = alone.split("prefers-color-scheme: dark")
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", schemes[0]))
    light |= dict(re.findall(r"--(high|low): (#[0-9a-f]{6});", schemes[1]))
    dark = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", schemes[1].split("}")[0]))
    dark |= dict(re.findall(r"--(high|low): (#[0-9a-f]{6});", schemes[2]))
    for palette in (light, dark):
        ink = luminance(palette["ink"])
        for ground in ("high", "low", "paper"):
            darker, lighter = sorted((ink, luminance(palette[ground])))
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kink", ["relu(x), kink at 0: slopes 0 and 1"]),
        ("kinks", ["f(x), kinks at 0, 1"]),
        ("tangent", ["f(x): slope 3 at x = 1.5"]),
        ("half tangents", ["f(x): slope −1 from the left, 1 from the right at x = 0"]),
        ("jacobian", ["0.25", "−0.25", "i  (output)", "j  (entry of z)"]),
        ("gradient", ["a  (row of X)", "b  (column of X)"]),
        ("steps", ["relative error", "step h", "√ε", "∛ε", "forward difference", "complex step"]),
        ("many paths", ["Adam", "Gradient descent"]),
    ],
)
def test_what_matters_is_written_out(name: str, words: list[str]) -> None:
    texts = [element.text for element in ElementTree.fromstring(drawn(name)).iter("text")]
    assert [word for word in words if word not in texts] == []


def test_only_narrow_tables_show_their_numbers() -> None:
    texts = [element.text for element in ElementTree.fromstring(drawn("wide")).iter("text")]
    assert len(texts) < 40


def test_labels_that_look_like_markup_stay_text() -> None:
    line = expression_line("where(x < 1, x, 2*x)")
    svg = curve_svg(curve(line), "p")
    assert ElementTree.fromstring(svg).find("title") is not None
    assert "x < 1" in (ElementTree.fromstring(svg).findtext("title") or "")


def test_matplotlib_waits_for_the_first_picture() -> None:
    code = "import sys, gradcheck.rendering.pictures.descent; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
