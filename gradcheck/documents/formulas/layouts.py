"""Statements about layout: the gradient of f is the vector, or the matrix, of its partial derivatives."""

from __future__ import annotations

from gradcheck.articles.claims import Judgement
from gradcheck.documents.formulas.statements import Statement


def layout_judgement(statement: Statement) -> Judgement | None:
    """The judgement on a statement of layout; None for any other."""
    del statement
    return None
