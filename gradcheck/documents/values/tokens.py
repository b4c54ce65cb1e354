"""Compares printed text with stated text: numbers by value, words as words, whatever the spaces between them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gradcheck.articles.printed import half_unit

_TOKEN = re.compile(
    r"(?P<address>0x[0-9a-fA-F]+)|(?P<dots>\.\.\.|…)"
    r"|(?P<number>(?<![\w.])[-+−]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![A-Za-z_\d]))"
    r"|(?P<word>[^\W\d_][\w]*|\w+)|(?P<mark>[^\s\w])"
)
_FREE = frozenset(",;│┃║|+")
"""Marks that only set values apart."""

_RULE = re.compile(r"[-=─━═_*~]{3,}")
"""A line drawn in a table."""

EPSILON = 2.0**-22
"""The rounding of float32, two units, relative to the number."""


@dataclass(frozen=True)
class Token:
    """A word, a mark, a number, `...`, or an address (which stands for any)."""

    kind: str
    text: str
    value: float = 0.0
    half: float = 0.0

    def fits(self, actual: Token) -> bool:
        """Whether the other, as printed by a run, is the same to the digits stated."""
        if self.kind != actual.kind:
            return False
        if self.kind == "address":
            return True
        if self.kind != "number":
            return self.text == actual.text or _node(self.text) == _node(actual.text)
        return abs(self.value - actual.value) <= self.half + self._rounding(actual)

    def near(self, actual: Token) -> bool:
        """Whether the other may be the same, printed with fewer digits."""
        if self.kind != "number" or actual.kind != "number":
            return self.fits(actual)
        return abs(self.value - actual.value) <= max(self.half, actual.half) + self._rounding(actual)

    def _rounding(self, actual: Token) -> float:
        """Room for the rounding of float32, where more digits are written than it has; else of the comparison."""
        spacing = EPSILON * abs(actual.value)
        return spacing if 0 < 20 * self.half < spacing else 1e-9 * self.half


def tokens(text: str) -> tuple[Token, ...]:
    """The text's tokens; lines drawn in tables and the marks between values are left out.

    >>> [token.text for token in tokens("loss: 0.25, w=[1. 2.]")]
    ['loss', ':', '0.25', 'w', '=', '[', '1.', '2.', ']']
    """
    found = (_token(match) for match in _TOKEN.finditer(_RULE.sub(" ", text)))
    return tuple(token for token in found if token.kind != "mark" or token.text not in _FREE)


def _node(word: str) -> str:
    """The name of a node of autograd without its number, which versions of torch give differently."""
    return re.sub(r"(?<=Backward)\d+$", "", word)


def _token(match: re.Match[str]) -> Token:
    kind, text = str(match.lastgroup), match.group()
    if kind != "number":
        return Token(kind, text)
    numeral = text.replace("−", "-")
    return Token(kind, text, float(numeral), half_unit(numeral))


def same_text(stated: str, actual: str) -> bool:
    """Whether the texts agree token by token; `...` in the stated one stands for any run of tokens.

    >>> same_text("[0.25, ..., 1]", "[0.2500 7 8 1.0]"), same_text("loss 0.25", "loss 0.26")
    (True, False)
    """
    return fit(tokens(stated), tokens(actual))


def fit(stated: Sequence[Token], actual: Sequence[Token]) -> bool:
    """Whether the tokens agree, one by one, with `...` free to stand for any run of them."""
    pieces: list[list[Token]] = [[]]
    for token in stated:
        if token.kind == "dots":
            pieces.append([])
        else:
            pieces[-1].append(token)
    printed = [token for token in actual if token.kind != "dots"]
    if len(pieces) == 1:
        return len(stated) == len(printed) and _run(pieces[0], printed, 0)
    first, *middle, last = pieces
    if len(first) + len(last) > len(printed) or not _run(first, printed, 0):
        return False
    if last and not _run(last, printed, len(printed) - len(last)):
        return False
    return _in_order(middle, printed[len(first) : len(printed) - len(last)])


def _run(stated: Sequence[Token], actual: Sequence[Token], start: int) -> bool:
    window = actual[start : start + len(stated)]
    return len(window) == len(stated) and all(one.fits(other) for one, other in zip(stated, window, strict=True))


def _in_order(pieces: Sequence[Sequence[Token]], actual: Sequence[Token]) -> bool:
    """Whether the pieces occur in this order, not overlapping."""
    place = 0
    for piece in pieces:
        starts = range(place, len(actual) - len(piece) + 1)
        found = next((start for start in starts if _run(piece, actual, start)), None)
        if found is None:
            return False
        place = found + len(piece)
    return True
