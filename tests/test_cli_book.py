"""`gradcheck book`: it writes the site, says what is missing, and leaves an older book alone where it fails."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gradcheck.book import site as site_module
from gradcheck.book.site import Site

Cli = Callable[..., "tuple[int, str, str]"]
FILES = {"index.html": "gradcheck book", "formulas/tanh.html": "tanh"}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def built(monkeypatch: pytest.MonkeyPatch, site: Site) -> list[object]:
    """Let the command find this site, and note what it asked for."""
    asked: list[object] = []

    def build(only: list[str], jobs: int, progress: object) -> Site:
        asked.extend([only, jobs, progress])
        return site

    monkeypatch.setattr(site_module, "build", build)
    return asked


def test_a_book_of_one_formula(gradcheck_cli: Cli) -> None:
    code, out, err = gradcheck_cli("book", "--output", "book", "--only", "gradient_descent")
    assert (code, out, err) == (0, "written: book/index.html and 1 pages\n", "")
    assert sorted(path.name for path in Path("book").rglob("*.html")) == ["gradient_descent.html", "index.html"]


def test_the_options_arrive(gradcheck_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = built(monkeypatch, Site(FILES, (), ()))
    assert gradcheck_cli("book", "--output", "b", "--only", "tanh, relu", "--only", "adam", "--jobs", "3")[0] == 0
    assert asked[:2] == [["tanh", "relu", "adam"], 3]


def test_what_is_missing_is_said_and_exits_with_1(gradcheck_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, Site(FILES, ("tanh: derivation by x: NoRule: none",), ("relu",)))
    code, out, err = gradcheck_cli("book", "--output", "book")
    assert code == 1
    assert err == "gradcheck: tanh: derivation by x: NoRule: none\ngradcheck: relu does not hold\n"
    assert "written: book/index.html" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: --output"),
        (["--output", "book", "--only", ","], "argument --only: no name given"),
        (["--output", "book", "--only", "sotfmax"], "no formula is named 'sotfmax'; did you mean 'softmax'"),
        (["--output", "book", "--jobs", "0"], "argument --jobs: '0' is no number of processes"),
        (["--output", "book", "--jobs", "many"], "argument --jobs: 'many' is no number of processes"),
        (["--output", "."], "holds 'mine.txt', which is no part of a book and would be lost"),
        (["--output", "mine.txt"], "'mine.txt' is no folder"),
        (["--output", "no/such/book"], "argument --output: 'no/such' is no folder"),
    ],
)
def test_bad_usage_is_one_line_and_writes_nothing(arguments: list[str], message: str, gradcheck_cli: Cli) -> None:
    Path("mine.txt").write_text("mine", encoding="utf-8")
    code, out, err = gradcheck_cli("book", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert [path.name for path in Path.cwd().iterdir()] == ["mine.txt"]


def test_an_older_book_stays_where_building_fails(gradcheck_cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    built(monkeypatch, Site(FILES, (), ()))
    gradcheck_cli("book", "--output", "book")
    monkeypatch.undo()
    before = {path: path.read_bytes() for path in Path("book").rglob("*.html")}

    def fail(*_: object) -> Site:
        raise KeyboardInterrupt

    monkeypatch.setattr(site_module, "build", fail)
    assert gradcheck_cli("book", "--output", "book")[0] == 130
    assert {path: path.read_bytes() for path in Path("book").rglob("*.html")} == before
