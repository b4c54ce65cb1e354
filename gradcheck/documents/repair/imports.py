"""Imports that a document leaves out because every reader knows them: `np` is NumPy."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gradcheck.documents.document import Passage, Repair
from gradcheck.documents.repair.names import bound
from gradcheck.documents.repair.python import tree, without_magics

USUAL: Mapping[str, str] = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "torch": "import torch",
    "plt": "import matplotlib.pyplot as plt",
    "pd": "import pandas as pd",
    "math": "import math",
    "random": "import random",
}
"""How a name is imported wherever it stands for a library."""
OF_TORCH: Mapping[str, str] = {
    "nn": "from torch import nn",
    "F": "import torch.nn.functional as F",
    "optim": "from torch import optim",
}
"""The same in a document that speaks of torch; elsewhere such a name may be another library's."""
IMPORTS: Mapping[str, str] = {**USUAL, **OF_TORCH}
_LANGUAGES = frozenset(("", "python"))


def with_usual_imports(passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """The passages, with the import of each library that the code uses and never names, where it is first used."""
    modules = [_module(passage) for passage in passages]
    code = [module for module in modules if module is not None]
    if any(_imports_all(module) for module in code):
        return tuple(passages)
    unbound = _table(passages).keys() - frozenset[str]().union(*map(bound, code))
    missing = {name for name in unbound if not _is_missed_on_purpose(name, passages)}
    found = []
    for passage, module in zip(passages, modules, strict=True):
        used = missing & _libraries(module) if module is not None and missing else frozenset[str]()
        found.append(_with(passage, sorted(used)) if used else passage)
        missing -= used
    return tuple(found)


def _module(passage: Passage) -> ast.Module | None:
    code = passage.kind in ("code", "session") and passage.language in _LANGUAGES
    return tree(without_magics(passage.text)) if code else None


def _imports_all(module: ast.Module) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.names[0].name == "*" for node in ast.walk(module))


def _table(passages: Iterable[Passage]) -> Mapping[str, str]:
    return IMPORTS if any("torch" in passage.text for passage in passages) else USUAL


def _is_missed_on_purpose(name: str, passages: Iterable[Passage]) -> bool:
    """Whether the document shows what becomes of code that lacks the import."""
    return any(f"name '{name}' is not defined" in passage.text for passage in passages)


def _libraries(module: ast.Module) -> frozenset[str]:
    """The names of which an attribute is read: np.exp."""
    return frozenset(
        node.value.id
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    )


def _with(passage: Passage, names: Sequence[str]) -> Passage:
    """The passage with the imports in front of its first line of Python."""
    lines = passage.text.split("\n")
    place = next(place for place, line in enumerate(lines) if _is_python(line))
    indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
    added = [f"{indent}{IMPORTS[name]}" for name in names]
    line = passage.lines[place]
    told = ", ".join(f"`{each.strip()}`" for each in added)
    return replace(
        passage,
        text="\n".join([*lines[:place], *added, *lines[place:]]),
        lines=(*passage.lines[:place], *[line] * len(added), *passage.lines[place:]),
        repairs=(*passage.repairs, Repair(line, f"the document leaves out {told}")),
    )


def _is_python(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("%", "!", "#", "from __future__"))
