"""A book of three formulas: every page reads alone, links arrive, bytes repeat, and a browser can search it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from gradcheck import UnknownName
from gradcheck.book.folder import write_folder
from gradcheck.book.site import Site, build
from tests.pages import CHROMIUM, OFFLINE, Page

NAMES = ["relu", "softmax", "adam"]


@pytest.fixture(scope="module")
def site() -> Site:
    return build(NAMES)


@pytest.fixture(params=["index.html", *(f"formulas/{name}.html" for name in NAMES)])
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_there_is_a_page_a_formula_and_an_index(site: Site) -> None:
    assert sorted(site.files) == ["formulas/adam.html", "formulas/relu.html", "formulas/softmax.html", "index.html"]
    assert (site.problems, site.failed) == ((), ())


def test_every_element_is_closed_and_every_id_is_unique(site: Site, path: str) -> None:
    page = Page(site.files[path])
    assert page.open == []
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert set(page.values("aria-labelledby")) <= set(ids)


def test_every_link_arrives(site: Site, path: str) -> None:
    anchors = {name: set(Page(text).values("id")) for name, text in site.files.items()}
    for link in Page(site.files[path]).values("href"):
        file, _, anchor = link.partition("#")
        if link == "data:,":
            continue
        parts: list[str] = []
        for part in (PurePosixPath(path).parent / file if file else PurePosixPath(path)).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        target = "/".join(parts)
        assert target in site.files, link
        assert not anchor or anchor in anchors[target], link


def test_nothing_is_loaded_from_elsewhere(site: Site, path: str) -> None:
    html = site.files[path]
    assert "default-src 'none'" in html
    assert not re.search(r"://|@import|url\((?!#)|<(iframe|object|embed|img)\b", html)
    assert not any(name.startswith("on") for _, attributes in Page(html).elements for name in attributes)


def test_only_the_index_holds_a_script_and_only_that_one_may_run(site: Site, path: str) -> None:
    html = site.files[path]
    assert html.count("<script") == (path == "index.html")
    assert ("script-src 'sha256-" in html) == (path == "index.html")


def test_a_page_says_it_all(site: Site) -> None:
    softmax = Page(site.files["formulas/softmax.html"]).text
    for words in ("Definition", "The derivative by z holds", "Without indices", "Chain rule", "Pictures", "Checks"):
        assert words in softmax
    assert "Reverse mode" in softmax
    assert "def softmax_by_z(z):" in softmax
    relu = Page(site.files["formulas/relu.html"]).text
    assert "Where it kinks" in relu
    assert "any slope in [0, 1] is a subgradient" in relu
    assert "torch.optim" in Page(site.files["formulas/adam.html"]).text


def test_pages_have_their_landmarks_math_and_pictures(site: Site) -> None:
    for name, pictures in zip(NAMES, (3, 3, 1), strict=True):
        elements = Page(site.files[f"formulas/{name}.html"]).elements
        tags = [tag for tag, _ in elements]
        assert all(tags.count(landmark) == 1 for landmark in ("main", "nav", "header", "footer", "h1"))
        assert sum(attributes.get("class") == "plot" for _, attributes in elements) == pictures
        assert tags.count("math") >= 1
        assert ("html", {"lang": "en"}) in elements


def test_the_index_reads_without_its_script(site: Site) -> None:
    page = Page(site.files["index.html"])
    assert "3 formulas: 3 confirmed" in page.text
    assert all(title in page.text for title in ("Rectified linear unit", "Softmax", "Adam"))
    assert ("form", {"id": "search", "role": "search", "hidden": None}) in page.elements


def test_the_same_book_twice_is_the_same_bytes(site: Site) -> None:
    again = build(["adam", "relu"])
    assert body(again.files["formulas/relu.html"]) == body(site.files["formulas/relu.html"])
    assert body(again.files["formulas/adam.html"]) == body(site.files["formulas/adam.html"])


def body(html: str) -> str:
    """A page without the links to its neighbours, which depend on what else is in the book."""
    return re.sub(r'<div class="pages">.*?</div>', "", html, flags=re.DOTALL)


def test_an_unknown_name_is_refused_before_any_work() -> None:
    with pytest.raises(UnknownName, match="did you mean 'softmax'"):
        build(["sotfmax"])


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")
def test_a_browser_reads_and_searches_it(site: Site, tmp_path: Path) -> None:
    write_folder(tmp_path / "book", site.files)

    def opened(name: str, anchor: str = "") -> Page:
        url = (tmp_path / "book" / name).as_uri() + anchor
        command = [str(CHROMIUM), *OFFLINE, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", url]
        return Page(subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout)

    assert opened("formulas/relu.html").text == Page(site.files["formulas/relu.html"]).text
    found = opened("index.html", "#q=ReLU%20linear")
    shown = [attributes for tag, attributes in found.elements if tag == "li" and "data-words" in attributes]
    assert [("hidden" in each, "relu" in (each["data-words"] or "")) for each in shown].count((False, True)) == 1
    assert sum("hidden" not in each for each in shown) == 1
    assert "1 found" in found.text
    assert ("form", {"id": "search", "role": "search"}) in found.elements
