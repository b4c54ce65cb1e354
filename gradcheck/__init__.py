"""Says whether a gradient is right, where it is wrong, and why.

Public names load on first use, so that `import gradcheck` itself stays fast: it imports neither torch nor SymPy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradcheck import catalogue
    from gradcheck.articles.run import report
    from gradcheck.catalogue import derive, formula
    from gradcheck.checking.assertions import GradientError, assert_gradient_function, assert_gradients
    from gradcheck.checking.generated_backward import generate_backward
    from gradcheck.checking.torch_check import check_gradients
    from gradcheck.documents.verify import verify
    from gradcheck.errors import UnknownName, UsageError
    from gradcheck.symbolic.gradient_function import get_gradient_function

__version__ = "0.1.0"

__all__ = [
    "GradientError",
    "UnknownName",
    "UsageError",
    "__version__",
    "assert_gradient_function",
    "assert_gradients",
    "catalogue",
    "check_gradients",
    "derive",
    "formula",
    "generate_backward",
    "get_gradient_function",
    "report",
    "verify",
]

_HOME = {
    "GradientError": "gradcheck.checking.assertions",
    "UnknownName": "gradcheck.errors",
    "UsageError": "gradcheck.errors",
    "assert_gradient_function": "gradcheck.checking.assertions",
    "assert_gradients": "gradcheck.checking.assertions",
    "check_gradients": "gradcheck.checking.torch_check",
    "derive": "gradcheck.catalogue",
    "formula": "gradcheck.catalogue",
    "generate_backward": "gradcheck.checking.generated_backward",
    "get_gradient_function": "gradcheck.symbolic.gradient_function",
    "report": "gradcheck.articles.run",
    "verify": "gradcheck.documents.verify",
}


def __getattr__(name: str) -> Any:
    if name == "catalogue":
        return import_module("gradcheck.catalogue")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
