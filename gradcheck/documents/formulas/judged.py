"""Every formula of a document that states a derivative, judged. The document's code is never run here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradcheck.documents.document import Document
from gradcheck.documents.formulas.numbered import with_own_names
from gradcheck.documents.formulas.statements import Statement, definitions, statements
from gradcheck.documents.judged import Judged


def judged_formulas(document: Document) -> Iterator[Judged]:
    """The stated derivatives in prose, displays, inline mathematics and comments, held against SymPy and autograd.

    >>> from gradcheck.documents.document import Passage
    >>> prose = Passage("prose", "Let `y = x^2`. Then dy/dx = 2x.", (7,))
    >>> [(each.stated, each.judgement.status) for each in judged_formulas(Document("a.md", "markdown", (prose,)))]
    [('dy/dx = 2x', 'confirmed')]
    """
    found = list(statements(document))
    if not any(each.is_claim for each in found):
        return
    from gradcheck.documents.formulas.judge import Judge

    judge = Judge(definitions(document, found), document)
    named = _with_own_names(found)
    other = Judge(definitions(document, named), document)
    for statement, again in zip(found, named, strict=True):
        judged = judge.judged(statement) if statement.is_claim else None
        if judged is not None and judged.judgement.status == "not checkable" and again != statement:
            judged = _decided(other.judged(again)) or judged
        if judged is not None:
            yield judged


def _with_own_names(found: list[Statement]) -> list[Statement]:
    """The statements with names of their own for quantities that are told apart by numbers."""
    equations = with_own_names([each.equation for each in found])
    return [replace(each, equation=equation) for each, equation in zip(found, equations, strict=True)]


def _decided(judged: Judged | None) -> Judged | None:
    return judged if judged is not None and judged.judgement.status != "not checkable" else None
