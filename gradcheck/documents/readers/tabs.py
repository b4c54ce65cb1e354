"""Cells of a book that is written for several frameworks at once: each names on its first line those it is for."""

from __future__ import annotations

import re
from dataclasses import replace

from gradcheck.documents.document import Passage

_TAB = re.compile(r"\s*(?:%%|#@)tab +(?P<names>[\w, ]+)$")

READ = frozenset(("all", "pytorch", "torch", "numpy", "python"))
"""The frameworks whose cells are Python to run; a cell for others only is in the language of its framework."""


def in_its_tab(passage: Passage) -> Passage:
    """A cell without the line that names its frameworks, its language that of another framework where it is for one.

    >>> in_its_tab(Passage("code", "%%tab mxnet, jax\\nx = 1", (1, 2), "python")).language
    'mxnet'
    """
    tab = _TAB.match(passage.text.split("\n", 1)[0]) if passage.kind == "code" else None
    if not tab:
        return passage
    names = [name.strip() for name in tab["names"].split(",")]
    if READ.isdisjoint(names):
        return replace(passage, language=names[0])
    text = passage.text.partition("\n")[2]
    return replace(passage, text=text, lines=passage.lines[1:]) if text.strip() else passage
