"""What the benchmarks share: a command in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def python() -> Callable[..., None]:
    """Run a fresh interpreter with these arguments from the checkout's root."""
    root = Path(__file__).resolve().parent.parent.parent

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], cwd=root, check=True, capture_output=True)

    return run
