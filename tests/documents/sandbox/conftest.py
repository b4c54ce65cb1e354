"""One sandbox for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradcheck.documents.sandbox.sandbox import Sandbox
from tests.documents.sandbox.blocks import SMALL


@pytest.fixture(scope="session")
def torch_sandbox() -> Iterator[Sandbox]:
    """One with the usual limits, in which the libraries are loaded once."""
    with Sandbox() as opened:
        yield opened


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(SMALL) as opened:
        yield opened
