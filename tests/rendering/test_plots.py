"""A figure is drawn the same way twice, in the page's colours, whatever its data and labels hold."""

from __future__ import annotations

import subprocess
import sys
from xml.etree import ElementTree

import pytest

from gradcheck.rendering.plots import figure_svg
from gradcheck.results import Figure, Series

CURVE = Series("measured", tuple(range(50)), tuple(0.5**n for n in range(50)))


def drawn(*series: Series, log_y: bool = False) -> str:
    return figure_svg(Figure("Loss", "epoch", "loss", series, log_y), "loss")


def test_the_same_figure_gives_the_same_bytes() -> None:
    assert drawn(CURVE) == drawn(CURVE)
    assert drawn(CURVE) != drawn(CURVE, log_y=True)


def test_colours_come_from_the_page() -> None:
    svg = drawn(*(Series(f"run {n}", (0.0, 1.0), (0.0, float(n))) for n in range(6)))
    assert all(f"var(--series-{n})" in svg for n in (1, 2, 3, 4))
    assert "currentColor" in svg
    assert "#0" not in svg.replace("url(#", "").replace('href="#', "")


def test_nothing_reaches_beyond_the_figure() -> None:
    svg = drawn(CURVE)
    assert "<style" not in svg
    assert "://" not in svg
    assert all(element.get("id", "loss-").startswith("loss-") for element in ElementTree.fromstring(svg).iter())


@pytest.mark.parametrize("log_y", [False, True])
@pytest.mark.parametrize(
    "series",
    [
        (),
        (Series("empty", (), ()),),
        (Series("not finite", (0.0, 1.0, 2.0), (float("nan"), float("inf"), 1.0)),),
        (Series("not positive", (0.0, 1.0), (0.0, -1.0)),),
        (Series('实测 $x^ <b> & "', (0.0, 1.0), (1.0, 2.0)),),
    ],
)
def test_odd_data_and_labels_are_drawn(series: tuple[Series, ...], log_y: bool) -> None:
    root = ElementTree.fromstring(drawn(*series, log_y=log_y))
    texts = {text for element in root.iter() if (text := element.text)}
    assert {one.label for one in series} <= texts
    assert "epoch" in texts


def test_powers_of_ten_read_as_numbers() -> None:
    root = ElementTree.fromstring(drawn(Series("loss", (0.0, 1.0), (0.1, 100.0)), log_y=True))
    texts = {text for element in root.iter() if (text := element.text)}
    assert {"0.1", "1", "10", "100"} <= texts


def test_matplotlib_waits_for_the_first_figure() -> None:
    code = "import sys, gradcheck.rendering.html; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
