"""What every test shares: the same examples in each run, and a command line called in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from gradcheck.cli import main

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.load_profile("repeatable")


class Ran(NamedTuple):
    """What a command returned and printed."""

    code: int
    out: str
    err: str


SPLIT = ("test_catalogue_formulas.py", "test_operators.py")
"""Files of many long tests that share no fixture: several processes may take them on."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where a report was just written, so that no test has to write it again."""
    parser.addoption("--fresh-report", metavar="FOLDER", type=Path, help="a report just written by `gradcheck report`")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests of a file share its fixtures, so one process takes them all, where several share the run."""
    for item in items:
        if item.path.name not in SPLIT:
            item.add_marker(pytest.mark.xdist_group(str(item.path)))


@pytest.fixture(autouse=True)
def torch_keeps_its_default() -> Iterator[None]:
    """A test that leaves torch with another default dtype fails, and not those that come after it."""
    yield
    torch = sys.modules.get("torch")
    if torch and torch.get_default_dtype() != torch.float32:
        torch.set_default_dtype(torch.float32)
        pytest.fail("the test leaves torch with another default dtype")


@pytest.fixture
def gradcheck_cli(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run the command line in this process."""

    def run(*arguments: str) -> Ran:
        capsys.readouterr()
        code = main(arguments)
        return Ran(code, *capsys.readouterr())

    return run
