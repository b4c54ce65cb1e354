"""How far a sum reaches that has no brackets: in Σ_j a_j + b_j the index says that b_j is summed too."""

from __future__ import annotations

from dataclasses import replace

from gradcheck.documents.formulas.tree import Name, Negated, Node, Plus, SumOver, Times

REACHES_FURTHER = "the index of a sum stands behind it too; write brackets around all that is summed"


def reaching(left: Node, term: Node) -> Node | None:
    """Both added, the term within the sum on the left whose index stands in it; None where there is none.

    >>> a, b = (Name(label, (Name("j"),)) for label in "ab")
    >>> reaching(Negated(SumOver(a, "j")), b) == Negated(SumOver(Plus(a, b), "j"))
    True
    >>> reaching(SumOver(a, "j"), Name("b", (Name("k"),))) is None
    True
    """
    match left:
        case SumOver(body, index):
            if not _is_index(index, term):
                return None
            return replace(left, body=reaching(body, term) or Plus(body, term))
        case Negated(operand):
            inner = reaching(operand, term)
            return None if inner is None else Negated(inner)
        case Times(_, right):
            inner = reaching(right, term)
            return None if inner is None else replace(left, right=inner)
        case Plus(first, second):
            inner = reaching(second, term)
            return Plus(first, inner) if inner is not None else reaching(first, Plus(second, term))
    return None


def _is_index(label: str, node: Node) -> bool:
    """Whether a name in a term has this index, and no sum of its own gives it one."""
    if isinstance(node, SumOver) and node.index == label:
        return False
    if isinstance(node, Name) and any(each == Name(label) for each in node.indices):
        return True
    return any(_is_index(label, part) for part in node.parts)
