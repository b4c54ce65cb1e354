"""Means and variances stated in words: "the uniform distribution $U(-a, a)$ has variance $\\frac{a^2}{3}$"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from gradcheck.documents.formulas.parse import parse_expression
from gradcheck.documents.formulas.reading import NotAFormula
from gradcheck.documents.formulas.resolved_calls import substituted
from gradcheck.documents.formulas.spoken_values import Spoken
from gradcheck.documents.formulas.tree import Call, Equation, Name, Node, Side

DISTRIBUTIONS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "uniform": (("a", "b"), {"mean": "(a + b)/2", "variance": "(b - a)^2/12"}),
    "bernoulli": (("p",), {"mean": "p", "variance": "p (1 - p)"}),
    "binomial": (("n", "p"), {"mean": "n p", "variance": "n p (1 - p)"}),
    "poisson": (("m",), {"mean": "m", "variance": "m"}),
}
"""Distributions that all documents write with the same parameters, with their means and variances."""
_STATED = re.compile(
    rf"\b(?P<kind>{'|'.join(DISTRIBUTIONS)})\s+distribution\s+\$(?P<of>[^$\n]{{1,60}})\$\s+has\s+(?:an?\s+|the\s+)?"
    r"(?P<moment>mean|variance)\s+(?:of\s+)?\$(?P<value>[^$\n]{1,80})\$",
    re.IGNORECASE,
)


def spoken_moments(text: str) -> Iterator[Spoken]:
    """The means and variances that a paragraph states of distributions that it names.

    >>> [len(each.equation.sides) for each in spoken_moments("The uniform distribution $U(0, b)$ has mean $b/2$.")]
    [3]
    """
    for found in _STATED.finditer(text):
        parameters, moments = DISTRIBUTIONS[found["kind"].lower()]
        of, value = _read(found["of"]), _read(found["value"])
        if not isinstance(of, Call) or len(of.arguments) != len(parameters) or value is None:
            continue
        moment = found["moment"].lower()
        body = substituted(parse_expression(moments[moment]), dict(zip(parameters, of.arguments, strict=True)), {})
        first = found.start()
        sides = (
            Side(Name(moment), first, first),
            Side(body, first, first),
            Side(value, found.start("value"), found.end("value")),
        )
        yield Spoken(Equation(sides, ("=", "=")))


def _read(text: str) -> Node | None:
    try:
        return parse_expression(text, latex=True)
    except NotAFormula:
        return None
