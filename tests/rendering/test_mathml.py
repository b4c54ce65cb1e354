"""LaTeX becomes MathML, never other markup."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from gradcheck.rendering.mathml import mathml


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{&lt;script&gt;}",
        r"\href{javascript:alert(1)}{x}",
        r"\style{background:red}{x}",
        r"a < b & c",
        r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
    ],
)
def test_only_type_setting_survives(latex: str) -> None:
    element = mathml(latex)
    assert element is not None
    nodes = list(ElementTree.fromstring(element).iter())
    assert all(node.tag.startswith("m") for node in nodes)
    assert not {"href", "style", "class", "id", "xmlns"} & {name for node in nodes for name in node.attrib}


@pytest.mark.parametrize("latex", ["", "{", r"\begin{matrix}", r"\left( x", r"\frac"])
def test_what_cannot_be_read_is_none(latex: str) -> None:
    assert mathml(latex) is None


def test_symbols_are_characters() -> None:
    element = mathml(r"\sum_{k=1}^{n} x_k")
    assert element is not None
    assert "∑" in element
    assert "&amp;" not in element


@pytest.mark.parametrize(("latex", "stretchy"), [(r"\lVert x \rVert_2", "false"), (r"\left\| x \right\|", "true")])
def test_bars_stretch_where_latex_does(latex: str, stretchy: str) -> None:
    root = ElementTree.fromstring(mathml(latex) or "")
    assert [bar.get("stretchy") for bar in root.iter("mo")] == [stretchy, stretchy]


def test_a_function_name_stands_apart_from_its_neighbours_by_a_thin_space() -> None:
    root = ElementTree.fromstring(mathml(r"x \log y + \max(a, b)") or "")
    names = {name.text: (name.get("lspace"), name.get("rspace")) for name in root.iter("mo") if name.get("lspace")}
    assert names == {"log": ("0.1667em", "0.1667em"), "max": ("0.1667em", "0")}


def test_aligned_lines_stand_under_each_other() -> None:
    root = ElementTree.fromstring(mathml(r"\begin{aligned}m &\leftarrow a \\ v &\leftarrow b\end{aligned}") or "")
    assert [[cell.tag for cell in row] for row in root.iter("mtr")] == [["mtd", "mtd"], ["mtd", "mtd"]]
    assert "&amp;" not in (mathml(r"\begin{aligned}m &= a\end{aligned}") or "&amp;")


def test_bold_letters_and_digits_are_characters() -> None:
    root = ElementTree.fromstring(mathml(r"2 \mathbf{1} \mathbf{A}") or "")
    assert "".join(root.itertext()) == "2𝟏𝐀"
