"""The grammar of formulas: from tokens to the tree, for LaTeX and for one line of Unicode alike.

It reads as far as it understands and says where it stopped. Nothing is ever evaluated.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradcheck.documents.formulas.equation_reading import EQUALS, EquationReader
from gradcheck.documents.formulas.reading import MAX_DEPTH, NotAFormula
from gradcheck.documents.formulas.scopes import REACHES_FURTHER, reaching
from gradcheck.documents.formulas.signs import FRACTIONS, INDICATOR, OPENING
from gradcheck.documents.formulas.tokens import Token
from gradcheck.documents.formulas.tree import (
    Call,
    Cases,
    Derivative,
    Negated,
    Node,
    Number,
    Over,
    Plus,
    Power,
    Side,
    Times,
    Transposed,
)

_NOTHING = Token("break", "", 0, 0)
PRODUCT_SIGNS = frozenset("·*⊙@")
MAX_DIGITS = 60


class Parser(EquationReader):
    """Reads sums and products."""

    def side(self) -> Side:
        """One side of an equation, or the list of its entries."""
        first = self.peek()
        node = self.sum()
        last = self.tokens[self.place - 1]
        return Side(node, first.start if first else 0, last.end)

    def sum(self) -> Node:
        """Terms added and subtracted."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.stop("nested too deeply")
        node = self.signed(self.product)
        while self.at("+", "-"):
            if self.leaves_out():
                node = self.progression(node)
                continue
            back = self.place
            sign = self.take().text
            self.accept("&")
            depth = self.depth
            try:
                right = self.product()
            except NotAFormula:
                if depth > 1:
                    raise
                self.place, self.depth = back, depth
                break
            node = self.added(node, Negated(right) if sign == "-" else right)
        self.depth -= 1
        return node

    def added(self, node: Node, term: Node) -> Node:
        """Two terms added; it is noted where it is not clear how far a sum reaches."""
        further = reaching(node, term)
        if further is None:
            return Plus(node, term)
        self.unclear = REACHES_FURTHER
        return further

    def leaves_out(self) -> bool:
        """Whether dots stand for the terms that follow: + … ."""
        return self.at("+") and (self.peek(1) or _NOTHING).text == "…"

    def progression(self, written: Node) -> Node:
        """The sum that is written with dots for its other terms, perhaps with its last one."""
        from gradcheck.documents.formulas.progressions import continued

        self.place += 2
        if self.at(",") and self.at(*EQUALS, ahead=1):
            self.place += 1
        last = self.product() if self.accept("+") else None
        found = continued(written, last)
        if found is None:
            raise self.stop("which terms are left out is not understood")
        return found

    def signed(self, read: Callable[[], Node]) -> Node:
        if self.accept("-"):
            return Negated(self.signed(read))
        return self.signed(read) if self.accept("+") else read()

    def product(self) -> Node:
        node = self.factor()
        while True:
            if self.at("/"):
                self.place += 1
                self._note_unclear_quotient()
                node = Over(node, self.signed(self.factor))
            elif self.at(*PRODUCT_SIGNS):
                sign = self.take().text
                node = Times(node, self.signed(self.factor), sign)
            elif self.begins_factor():
                following = self._following_factor()
                if following is None:
                    return node
                node = Times(node, following)
            else:
                return node

    def _following_factor(self) -> Node | None:
        """A factor without a sign; None where a bracket turns out to hold a remark, and no formula."""
        back, depth, bars = self.place, self.depth, self.bars
        if self._is_equation_number():
            return None
        try:
            return self.factor()
        except NotAFormula:
            self.place, self.depth, self.bars = back, depth, bars
            if self.at("(") and self.kind(1) in ("break", "word"):
                return None
            raise

    def _is_equation_number(self) -> bool:
        """(3) at the end of a line."""
        return (
            self.is_spaced()
            and self.at("(")
            and self.kind(1) == "number"
            and self.at(")", ahead=2)
            and self.kind(3) in ("", "break")
        )

    def _note_unclear_quotient(self) -> None:
        """1/2x may mean either x/2 or 1/(2x)."""
        if self.kind() in ("number", "name") and self.begins_factor(ahead=1):
            follower = self.peek(1)
            if follower is not None and not follower.spaced:
                self.unclear = "a quotient followed by a factor can be read in two ways; write brackets"

    def begins_factor(self, ahead: int = 0) -> bool:
        """Whether a factor follows without a sign: 2x, x(1 - x), 2 sin x; words stand only beside signs."""
        token, before = self.peek(ahead), self.peek(ahead - 1)
        if token is None or before is None or (self.integrals and self.is_differential(ahead)):
            return False
        tests: dict[str, bool] = {
            "command": token.text in FRACTIONS or token.text in ("sqrt", "begin", "lim"),
            "open": token.text != "{" or self.latex,
            "word": before.kind == "number" and not token.spaced,
            "number": before.kind == "close" and not token.spaced and self.latex,
            "sign": token.text in ("∂", "∇", "∑", "∫", "√") or self.opens_bars(ahead),
        }
        if token.kind in ("name", "function", "d"):
            below = self.latex and (self.peek(ahead - 2) or _NOTHING).text == "_"
            return (before.kind != "word" or below) and not self._is_article(ahead)
        return tests.get(token.kind, False)

    def _is_article(self, ahead: int) -> bool:
        """The a of "2x a result"."""
        token, after = self.peek(ahead), self.peek(ahead + 1)
        lone = token is not None and token.text in ("a", "I") and token.spaced and not self.latex
        return lone and after is not None and after.kind in ("word", "break") and after.spaced

    def factor(self) -> Node:
        """A factor with its powers, transposes and primes."""
        from gradcheck.documents.formulas import derivative_notation, limit_notation

        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.stop("nested too deeply")
        node = self._primary()
        while True:
            if self.kind() == "power":
                node = self.raised(node, self.take().text)
            elif self.at("^"):
                self.place += 1
                node = self.called(self.power(node))
            elif self.at("'", "''"):
                node = self.primed(node)
            elif isinstance(node, Derivative) and self.is_evaluation():
                node = derivative_notation.evaluated(self, node)
            elif self.is_evaluation():
                node = limit_notation.evaluated(self, node)
            elif self.at("_") and isinstance(node, Call | Plus | Times | Power | Over | Transposed):
                node = self.entry_of(node)
            else:
                self.depth -= 1
                return node

    def _primary(self) -> Node:
        from gradcheck.documents.formulas import derivative_notation, limit_notation

        token = self.peek()
        if token is None:
            raise self.stop("it ends in the middle")
        if token.kind == "d" or self.at("∂", "∇"):
            return derivative_notation.read(self)
        if token.kind == "command" and token.text in FRACTIONS:
            return self._fraction()
        if self.at("∑"):
            return self.sum_over()
        if self.at("∫"):
            return limit_notation.integral(self)
        return limit_notation.limit(self) if self.at("lim") else self.atom()

    def atom(self) -> Node:
        """A number, a name, a call or something in brackets."""
        token = self.take()
        by_kind = ATOMS.get(token.kind)
        if by_kind is not None:
            return by_kind(self, token)
        by_text = SIGNED_ATOMS.get((token.kind, token.text))
        if by_text is not None:
            return by_text(self, token)
        self.place -= 1
        if token.kind == "command" and token.text in FRACTIONS:
            return self._fraction()
        raise self.stop(f"{token.text!r} is not understood")

    def number(self, token: Token) -> Node:
        """A number, if it has no more digits than a formula's."""
        if len(token.text) > MAX_DIGITS:
            raise self.stop("the number is too long")
        return Number(Fraction(token.text))

    def indicator(self) -> Node:
        """1 where the comparison in brackets holds, else 0."""
        closing = OPENING[self.take().text]
        condition = self.condition()
        self.expect(closing)
        return Cases((Number(Fraction(1)), Number(Fraction(0))), (condition, None))

    def opened(self) -> Node:
        """What the bracket encloses that was just taken."""
        self.place -= 1
        return self.bracketed()

    def nabla(self) -> Node:
        """What the ∇ begins that was just taken."""
        self.place -= 1
        return self._primary()

    def _fraction(self) -> Node:
        from gradcheck.documents.formulas import derivative_notation

        self.place += 1
        back = self.place
        found = derivative_notation.fraction(self)
        if found is not None:
            return found
        self.place = back
        return Over(self.group(), self.group())

    def environment(self) -> Node:
        """An environment of LaTeX."""
        from gradcheck.documents.formulas import environments

        return environments.read(self)


ATOMS: dict[str, Callable[[Parser, Token], Node]] = {
    "number": lambda parser, token: parser.number(token),
    "name": lambda parser, token: parser.named(token),
    "word": lambda parser, token: parser.named(token),
    "function": lambda parser, token: parser.indicator() if token.text == INDICATOR else parser.function(token),
    "open": lambda parser, _: parser.opened(),
}
SIGNED_ATOMS: dict[tuple[str, str], Callable[[Parser, Token], Node]] = {
    ("command", "sqrt"): lambda parser, _: parser.root(),
    ("command", "begin"): lambda parser, _: parser.environment(),
    ("sign", "‖"): lambda parser, _: parser.between_bars("‖"),
    ("sign", "|"): lambda parser, _: parser.between_bars("|"),
    ("sign", "√"): lambda parser, _: Call("sqrt", (parser.factor(),)),
    ("sign", "∇"): lambda parser, _: parser.nabla(),
}
"""What a token begins, by its kind, or by its kind and its text."""
