"""`import gradcheck` is light, and every public name leads somewhere."""

from __future__ import annotations

import subprocess
import sys

import pytest

import gradcheck


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, gradcheck, gradcheck.cli; print([n for n in ('torch', 'sympy', 'numpy') if n in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("name", gradcheck.__all__)
def test_every_public_name_loads_and_is_listed(name: str) -> None:
    assert getattr(gradcheck, name) is not None
    assert name in dir(gradcheck)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'gradcheck' has no attribute 'gradient'"):
        gradcheck.__getattr__("gradient")
