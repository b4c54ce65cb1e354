"""The doors of the grammar: from a text to a parser that reads it, or to the tree of a whole expression."""

from __future__ import annotations

from gradcheck.documents.formulas.commands import tokenize
from gradcheck.documents.formulas.grammar import Parser
from gradcheck.documents.formulas.reading import MAX_LENGTH, MAX_TOKENS, NotAFormula
from gradcheck.documents.formulas.tree import Node


def parser(text: str, latex: bool = False) -> Parser:
    """A parser for a text; raises NotAFormula for one that is too long."""
    if len(text) > MAX_LENGTH:
        raise NotAFormula(f"longer than {MAX_LENGTH} characters")
    tokens = tokenize(text, latex)
    if len(tokens) > MAX_TOKENS:
        raise NotAFormula(f"longer than {MAX_TOKENS} words")
    return Parser(tokens, latex)


def parse_expression(text: str, latex: bool = False) -> Node:
    """The tree of a whole text; raises NotAFormula.

    >>> parse_expression("2x") == parse_expression(r"2 \\cdot x", latex=True)
    False
    >>> parse_expression("x²") == parse_expression("x^{2}", latex=True)
    True
    """
    reading = parser(text, latex)
    node = reading.sum()
    if reading.peek() is not None:
        raise reading.stop("something is left over")
    return node
