"""Listings of gradient code that break off: nothing in them can be checked, and where they end is said."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from gradcheck.articles.claims import Judgement
from gradcheck.documents.gradients.source import Source, bodies
from gradcheck.documents.gradients.updates import updates_in
from gradcheck.documents.judged import Judged
from gradcheck.results import Diagnosis

ABOUT_GRADIENTS = re.compile(r".*(?:grad|descent|sgd|backprop|backward|梯度).*", re.IGNORECASE | re.DOTALL)

RULE = "a listing that breaks off states no gradient that could be checked; it is read, not run"


def judged_breaks(source: Source) -> Iterator[Judged]:
    """One statement for each function about gradients whose listing ends in a bare name, before any update."""
    for function in source.functions:
        last = _last_statement(function)
        broken = isinstance(last, ast.Expr) and isinstance(last.value, ast.Name)
        if broken and ABOUT_GRADIENTS.fullmatch(function.name) and not updates_in(function):
            line, end_line = source.place(function)
            text = (
                f"the listing breaks off: its last line is the bare name `{ast.unparse(last)}`, and nothing is updated"
            )
            yield Judged(
                line,
                end_line,
                statement=f"`{function.name}` descends along the gradient",
                stated=source.written(function),
                judgement=Judgement(
                    "not checkable",
                    text,
                    f"{RULE}: {text}",
                    Diagnosis("truncated", text),
                    suggestion="print it to its end",
                ),
            )


def _last_statement(node: ast.stmt) -> ast.stmt:
    while inner := [body for body in bodies(node) if body]:
        node = inner[-1][-1]
    return node
