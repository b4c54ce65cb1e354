"""The docstrings of the installed torch that state outputs, each written as a document of its own."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

PROMPT = ">>> "
PREAMBLE = "import io, itertools, math, numpy, torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"
"""What torch's documentation takes for granted; that of `torch.autograd.functional` also that its names are there."""


def write_docstrings(folder: Path) -> None:
    """One file in reStructuredText a docstring of torch, torch.nn, its functions, torch.linalg, autograd and optim."""
    import torch
    import torch.autograd.functional

    homes = (torch, torch.nn, torch.nn.functional, torch.linalg, torch.autograd.functional, torch.optim, torch.special)
    folder.mkdir(parents=True, exist_ok=True)
    for module in homes:
        for name, text in _docstrings(module):
            own = "; from torch.autograd.functional import *" if module is torch.autograd.functional else ""
            opening = "\n".join(f"    {PROMPT}{line}" for line in f"{PREAMBLE.rstrip()}{own}".splitlines())
            body = f"{name}\n{'=' * len(name)}\n\n{opening}\n\n{text}\n"
            (folder / f"{name}.rst").write_text(body, encoding="utf-8")


def _docstrings(module: ModuleType) -> Iterator[tuple[str, str]]:
    met: set[Any] = set()
    for name in sorted(vars(module)):
        member = getattr(module, name)
        if name.startswith("_") or inspect.ismodule(member) or not callable(member) or id(member) in met:
            continue
        met.add(id(member))
        text = inspect.getdoc(member) or ""
        if PROMPT in text:
            yield f"{module.__name__}.{name}", text
