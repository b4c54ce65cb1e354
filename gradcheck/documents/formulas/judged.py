"""Every formula of a document that states a derivative, judged. The document's code is never run here."""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck.documents.document import Document
from gradcheck.documents.formulas.statements import definitions, statements
from gradcheck.documents.judged import Judged


def judged_formulas(document: Document) -> Iterator[Judged]:
    """The stated derivatives in prose, displays, inline mathematics and comments, held against SymPy and autograd.

    >>> from gradcheck.documents.document import Passage
    >>> prose = Passage("prose", "Let `y = x^2`. Then dy/dx = 2x.", (7,))
    >>> [(each.stated, each.judgement.status) for each in judged_formulas(Document("a.md", "markdown", (prose,)))]
    [('dy/dx = 2x', 'confirmed')]
    """
    found = list(statements(document))
    claims = [each for each in found if each.is_claim]
    if not claims:
        return
    from gradcheck.documents.formulas.judge import Judge

    judge = Judge(definitions(document, found), document)
    for statement in claims:
        judged = judge.judged(statement)
        if judged is not None:
            yield judged
