"""The versions that results were computed with, and the platform; nothing is imported to learn them."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

import gradcheck

PACKAGES = ("torch", "sympy", "numpy")


def environment(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """The versions of Python, of this package and of `packages`, and the platform; what is not installed is left out.

    >>> sorted(environment())
    ['gradcheck', 'numpy', 'platform', 'python', 'sympy', 'torch']
    """
    return {
        "python": platform.python_version(),
        **{name: found for name in packages if (found := _version(name))},
        "gradcheck": gradcheck.__version__,
        "platform": f"{platform.system()} {platform.machine()}",
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
