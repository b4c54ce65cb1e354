"""Sums that leave terms out: 1 + x + x^2 + ... and 1 + x + ... + x^n, where the terms written are those of powers."""

from __future__ import annotations

from fractions import Fraction

from gradcheck.documents.formulas.tree import BOUND, Name, Node, Number, Plus, Power, Series, Times

ONE = Number(Fraction(1))
FEWEST = 3
"""So many terms have to be written for a rule to be seen in them."""
COUNTER = Name(f"k{BOUND}")


def continued(written: Node, last: Node | None = None) -> Series | None:
    """The sum whose first terms are written, without end or up to a last term; None where no rule is seen.

    >>> x = Name("x")
    >>> found = continued(Plus(Plus(ONE, x), Power(x, Number(Fraction(2)))))
    >>> found.lower.value, found.upper, continued(Plus(ONE, x))
    (Fraction(0, 1), None, None)
    """
    terms = _terms(written)
    factor, powers = _common(terms)
    if len(terms) < FEWEST or factor is None:
        return None
    base = next((power[0] for power in powers if power is not None), None)
    exponents = [_exponent(each, base) for each in powers]
    first = exponents[0]
    if base is None or first is None or exponents != [first + place for place in range(len(terms))]:
        return None
    end = None if last is None else _end(last, factor, base)
    if last is not None and end is None:
        return None
    body = Power(base, COUNTER)
    return Series(body if factor == ONE else Times(factor, body), COUNTER, Number(Fraction(first)), end)


def counts(node: Node, letter: str) -> bool:
    """Whether a letter stands for a number in a tree, and nowhere for an index: the k of x^k.

    >>> counts(Power(Name("x"), Name("k")), "k"), counts(Name("x", (Name("k"),)), "k")
    (True, False)
    """
    inner = list(node.walk())
    below = [each for found in inner for each in getattr(found, "indices", ()) for each in each.walk()]
    return Name(letter) in inner and Name(letter) not in below


def _terms(node: Node) -> list[Node]:
    return [*_terms(node.left), node.right] if isinstance(node, Plus) else [node]


Raised = tuple[Node, Node] | None
"""A base and its exponent; None for the number 1."""


def _common(terms: list[Node]) -> tuple[Node | None, list[Raised]]:
    """The factor that all terms have, and what each is without it."""
    plain = [_raised(each) for each in terms]
    if terms[0] == ONE or not isinstance(terms[-1], Times):
        return ONE, [None if term == ONE else power for term, power in zip(terms, plain, strict=True)]
    factor = terms[-1].left
    if not all(each == factor or (isinstance(each, Times) and each.left == factor) for each in terms):
        return None, []
    return factor, [_raised(each.right) if isinstance(each, Times) else None for each in terms]


def _raised(term: Node) -> tuple[Node, Node]:
    return (term.base, term.exponent) if isinstance(term, Power) else (term, ONE)


def _exponent(power: Raised, base: Node | None) -> int | None:
    if power is None:
        return 0
    exponent = power[1]
    whole = isinstance(exponent, Number) and exponent.value.denominator == 1
    return int(exponent.value) if power[0] == base and isinstance(exponent, Number) and whole else None


def _end(last: Node, factor: Node, base: Node) -> Node | None:
    """The exponent of the last term."""
    if factor != ONE:
        if not (isinstance(last, Times) and last.left == factor):
            return None
        last = last.right
    return last.exponent if isinstance(last, Power) and last.base == base else None
