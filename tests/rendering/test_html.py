"""The page is one file that parses, asks for nothing, lets no text become markup, and reads in order."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from gradcheck.rendering import render
from gradcheck.rendering.html import anchors, prose
from gradcheck.results import ClaimResult, Diagnosis, Evidence, Report
from tests.pages import CHROMIUM, OFFLINE, Page


@pytest.fixture
def page(report: Report) -> Page:
    return Page(render(report, "html"))


def test_every_element_is_closed(page: Page) -> None:
    assert page.open == []


def test_ids_are_unique_and_every_link_arrives(page: Page) -> None:
    ids = list(page.values("id"))
    assert len(ids) == len(set(ids))
    targets = {value[1:] for value in page.values("href") if value.startswith("#")}
    assert targets <= set(ids)
    assert set(page.values("aria-labelledby")) <= set(ids)


def test_nothing_is_loaded_from_elsewhere(report: Report, page: Page) -> None:
    links = [*page.values("href"), *page.values("src"), *page.values("xlink:href")]
    assert links
    assert all(link.startswith("#") or link == "data:," for link in links)
    html = render(report, "html")
    assert not re.search(r"://|@import|url\((?!#)", html)
    assert "default-src 'none'" in html


def test_no_text_becomes_markup(page: Page) -> None:
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "iframe", "img", "object", "form"}
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert "<script>alert('x')</script> & \"quoted\" | piped | $math$" in page.text
    assert "Log determinant <i>" in page.text


def test_the_headline_stands_on_top(page: Page) -> None:
    headline = "6 claims: 2 refuted, 1 confirmed, 1 not reproducible, 1 not checkable, 1 error"
    assert page.text.index(headline) < page.text.index("A14")


def test_no_claims_is_said_loudly() -> None:
    assert "No claims found" in Page(render(Report((), (), {}), "html")).text


def test_headings_are_in_order(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_landmarks_and_table_scopes(page: Page) -> None:
    tags = [tag for tag, _ in page.elements]
    assert all(tags.count(landmark) == 1 for landmark in ("main", "nav", "header", "footer"))
    assert all(attributes.get("scope") in ("col", "row") for tag, attributes in page.elements if tag == "th")
    assert ("html", {"lang": "en"}) in page.elements


def test_a_status_is_a_word_and_a_shape(report: Report, page: Page) -> None:
    shapes = {value for value in page.values("href") if value.startswith("#shape-")}
    for claim in report.claims:
        assert claim.status in page.text
        assert f"#shape-{claim.status.replace(' ', '-')}" in shapes


def test_formulas_show_oracles_kinks_and_math(page: Page) -> None:
    assert "1.2e-16 / 4.5e-14" in page.text
    assert "Kinks: where the slopes" in page.text
    assert "LinAlgError: singular matrix <X> | X" in page.text
    assert sum(tag == "math" for tag, _ in page.elements) >= 8
    assert r"\begin{unfinished" in page.text


def test_a_figure_is_inline_and_titled(page: Page) -> None:
    plots = [attributes for tag, attributes in page.elements if tag == "svg" and attributes.get("class") == "plot"]
    assert [plot["aria-labelledby"] for plot in plots] == ["claim-B9-figure-1-title"]


def test_claims_of_one_id_keep_their_own_anchor(report: Report) -> None:
    twins = (report.claims[0], replace(report.claims[0], line=99))
    ids = list(Page(render(Report(twins, (), {}), "html")).values("id"))
    assert {"claim-A1", "claim-A1-2"} <= set(ids)
    assert anchors("claim", ["a b", "a-b", "a b-2"]) == ["claim-a-b", "claim-a-b-2", "claim-a-b-2-2"]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, as WCAG 2 defines it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_every_colour_of_text_can_be_read_in_both_schemes(report: Report) -> None:
    palettes = re.findall(r":root \{(.*?)\n *\}", render(report, "html"), flags=re.DOTALL)
    assert len(palettes) == 3
    for palette in palettes:
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", palette))
        texts = ("ink", "muted", "link", "confirmed", "refuted", "error", "unstable", "neutral")
        assert min(contrast(colours[text], colours[ground]) for text in texts for ground in ("paper", "panel")) >= 4.5


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_reads_the_page(report: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(report, "html"), encoding="utf-8")
    command = [str(CHROMIUM), *OFFLINE, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", file.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    seen = Page(done.stdout)
    assert seen.text == Page(render(report, "html")).text
    assert "script" not in {tag for tag, _ in seen.elements}


def test_code_of_several_lines_keeps_them() -> None:
    assert prose("write `[[1.],\n [2.]]`") == 'write <code class="rows">[[1.],\n [2.]]</code>'
    assert prose("a ` b\nc ` d ` e") == "a ` b\nc <code> d </code> e"


def test_a_statement_of_a_document_is_set_as_it_stands_there(report: Report) -> None:
    evidence = (Evidence("run", "tensor(4.)"),)
    claim = ClaimResult(
        id="0a",
        path="a.md",
        line=3,
        end_line=3,
        statement="`print(x)` prints",
        stated="tensor(3.)",
        actual="tensor(4.)",
        status="refuted",
        rule="it is not: tensor(4.)",
        diagnosis=Diagnosis("raised", "tensor(4.)"),
        evidence=evidence,
    )
    page = render(replace(report, claims=(claim,), documents=("a.md",)), "html")
    assert page.count('<span class="lines">tensor(') == 2
    assert "Error bar" not in page.partition("<main")[2].partition("</article>")[0]
    assert "Decided by" not in page
    assert "<b>Diagnosis:</b> raised" in page
