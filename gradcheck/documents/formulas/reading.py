"""Tokens read one after the other: what every part of the grammar stands on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from gradcheck.documents.formulas.tokens import Token
from gradcheck.documents.formulas.tree import Node, Side

MAX_LENGTH = 3_000
MAX_TOKENS = 700
MAX_DEPTH = 40
"""Limits on a text, its words and its nesting."""


class NotAFormula(Exception):
    """The text is none of the grammar's from here on; `place` is the number of the token."""

    def __init__(self, reason: str, place: int = 0) -> None:
        self.place = place
        super().__init__(reason)


class TokenReader(ABC):
    """Reads tokens from `place` on.

    `unclear` says why the text can be read in two ways, `left` is the first side of an equation whose second one could
    not be read, and `left_end` where it ends; `bars` counts norms that are open, `integrals` those whose dx is to come.
    """

    def __init__(self, tokens: list[Token], latex: bool) -> None:
        self.tokens, self.latex = tokens, latex
        self.place = self.depth = self.bars = self.integrals = self.left_end = 0
        self.unclear = ""
        self.left: Side | None = None

    @abstractmethod
    def sum(self) -> Node:
        """Terms added and subtracted."""

    @abstractmethod
    def product(self) -> Node:
        """Factors multiplied and divided."""

    @abstractmethod
    def factor(self) -> Node:
        """A factor with its powers, transposes and primes."""

    @abstractmethod
    def atom(self) -> Node:
        """A number, a name, a call or something in brackets."""

    @abstractmethod
    def signed(self, read: Callable[[], Node]) -> Node:
        """What is read, with the signs in front."""

    @abstractmethod
    def begins_factor(self, ahead: int = 0) -> bool:
        """Whether a factor follows without a sign."""

    @abstractmethod
    def arguments(self) -> tuple[Node, ...]:
        """Expressions between brackets, apart by commas."""

    @abstractmethod
    def bracketed(self) -> Node:
        """An expression in brackets, or a list of entries."""

    @abstractmethod
    def short_exponent(self) -> Node:
        """An exponent without brackets."""

    def at(self, *texts: str, ahead: int = 0) -> bool:
        """Whether the next token is one of these signs, brackets or commands."""
        token = self.peek(ahead)
        return token is not None and token.kind not in ("name", "word", "number", "break") and token.text in texts

    def peek(self, ahead: int = 0) -> Token | None:
        """The next token, or None at the end."""
        place = self.place + ahead
        return self.tokens[place] if 0 <= place < len(self.tokens) else None

    def kind(self, ahead: int = 0) -> str:
        """The next token's kind, empty at the end."""
        token = self.peek(ahead)
        return token.kind if token else ""

    def take(self) -> Token:
        """The next token, which is passed."""
        token = self.peek()
        if token is None:
            raise self.stop("it ends in the middle")
        self.place += 1
        return token

    def accept(self, *texts: str) -> bool:
        """Pass one of these signs if it is next."""
        if self.at(*texts):
            self.place += 1
            return True
        return False

    def expect(self, text: str) -> None:
        """Pass this sign; anything else is the end of what is understood."""
        if not self.accept(text):
            raise self.stop(f"{text!r} is missing")

    def stop(self, reason: str) -> NotAFormula:
        """The error for what the grammar does not know."""
        return NotAFormula(reason, self.place)

    def lowered(self) -> bool:
        """Whether a lowered letter such as the ᵢ of xᵢ is next."""
        token = self.peek()
        return token is not None and token.kind == "command" and token.text.startswith("_")

    def is_differential(self, ahead: int = 0) -> bool:
        """Whether the dx of an integral is next."""
        token, after = self.peek(ahead), self.peek(ahead + 1)
        if token is None or token.kind not in ("name", "word", "d") or token.text[:1] != "d":
            return False
        apart = len(token.text) == 1 and after is not None and after.kind == "name"
        return apart or (token.kind == "word" and len(token.text) == 2)

    def is_spaced(self) -> bool:
        """Whether white space stands before the next token, where that tells something."""
        token = self.peek()
        return token is not None and token.spaced and not self.latex
