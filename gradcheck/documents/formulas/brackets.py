"""What stands between brackets or bars, below a root, and behind a sum's sign."""

from __future__ import annotations

from fractions import Fraction

from gradcheck.documents.formulas.powers import PowerReader
from gradcheck.documents.formulas.progressions import counts
from gradcheck.documents.formulas.tree import (
    INFINITY,
    Call,
    Condition,
    Dots,
    Listed,
    Name,
    Node,
    Norm,
    Number,
    Over,
    Power,
    Series,
    SumOver,
    Times,
    Transposed,
)

RELATIONS = frozenset(("<", "<=", ">", ">="))
CLOSING = {"(": ")", "[": "]", "{": "}", "⟨": "⟩"}


class BracketReader(PowerReader):
    """Reads expressions that something encloses."""

    def arguments(self) -> tuple[Node, ...]:
        """Expressions between brackets, apart by commas or semicolons."""
        opening = self.take().text
        bars, self.bars = self.bars, 0
        found = [self._argument()]
        while self.accept(",", ";", "|"):
            found.append(self._argument())
        self.bars = bars
        self._close(opening)
        return tuple(found)

    def _argument(self) -> Node:
        return self.sum()

    def _close(self, opening: str) -> None:
        if self.kind() != "close" or not self.accept(CLOSING[opening]):
            raise self.stop("a bracket is not closed")

    def bracketed(self) -> Node:
        """An expression in brackets, or a list of entries."""
        opening = self.take().text
        bars, self.bars = self.bars, 0
        entries = [self.sum()]
        while opening != "{" and self.accept(","):
            entries.append(self.entry())
        self.bars = bars
        self._close(opening)
        if opening == "⟨" and len(entries) == 2:
            return Times(Transposed(entries[0]), entries[1])
        return entries[0] if len(entries) == 1 else Listed(tuple(entries))

    def entry(self) -> Node:
        """An entry of a list, or the dots for several."""
        token = self.peek()
        if token is not None and token.text == "…":
            self.place += 1
            return Dots()
        return self.sum()

    def opens_bars(self, ahead: int) -> bool:
        """Whether a norm or an absolute value begins, and no bar stands open."""
        if self.bars or self.is_evaluation(ahead):
            return False
        return self.at("‖", ahead=ahead) or (self.at("|", ahead=ahead) and self._closes(ahead + 1))

    def _closes(self, ahead: int) -> bool:
        """Whether a bar follows within the same brackets: the one of P(x | y) stands alone."""
        depth = 0
        while (token := self.peek(ahead)) is not None and depth >= 0:
            if token.text == "|" and not depth:
                return True
            depth += (token.kind == "open") - (token.kind == "close")
            ahead += 1
        return False

    def is_evaluation(self, ahead: int = 0) -> bool:
        """Whether |_{x = 3} follows."""
        return self.at("|", ahead=ahead) and self.at("_", ahead=ahead + 1) and self.at("{", ahead=ahead + 2)

    def between_bars(self, bar: str) -> Node:
        """‖x‖ with its order below, or |x|."""
        self.bars += 1
        inner = self.sum()
        self.bars -= 1
        self.expect(bar)
        if bar == "|":
            return Call("abs", (inner,))
        order = self.indices() if self.at("_") or self.lowered() else ()
        label = order[0] if order else Number(Fraction(2))
        if label == Number(Fraction(1)):
            return Norm(inner, 1)
        if label == Number(Fraction(2)) or (isinstance(label, Name) and label.label == "F"):
            return Norm(inner)
        raise self.stop("this norm is not known")

    def root(self) -> Node:
        """The square root, or that of the degree in brackets."""
        if self.at("["):
            degree = self.bracketed()
            return Power(self.group(), Over(Number(Fraction(1)), degree))
        return Call("sqrt", (self.group(),))

    def group(self) -> Node:
        """A command's argument: something in braces, or one sign."""
        return self.bracketed() if self.at("{") else self.short_exponent()

    def sum_over(self) -> Node:
        """A sum with its limits."""
        self.place += 1
        indices, lower, upper = [""], None, None
        if self.lowered():
            indices = [*self.take().text[1:]]
        elif self.accept("_"):
            indices, lower = self._lower_limit()
        if self.accept("^"):
            upper = self.group() if self.at("{") else self.short_exponent()
        found = self._summed()
        if len(indices) == 1 and lower is not None and upper is not None:
            if upper == INFINITY:
                return Series(found, Name(indices[0]), lower)
            if counts(found, indices[0]):
                return Series(found, Name(indices[0]), lower, upper)
        for index in reversed(indices):
            found = SumOver(found, index, lower, upper)
        return found

    def _lower_limit(self) -> tuple[list[str], Node | None]:
        """The indices below a sum's sign and where they begin; a set that they run through is all their values."""
        braces = self.accept("{")
        indices = [self._sum_index()]
        while braces and self.kind() in ("name", "sign") and not self.at("=", "∈"):
            self.accept(",")
            indices.append(self._sum_index())
        lower = self.sum() if self.accept("=") else None
        if braces and self.accept("∈"):
            self.factor()
        if braces and not self.at("}"):
            raise self.stop("a sum's limits are not understood")
        if braces:
            self.expect("}")
        return indices, lower

    def _sum_index(self) -> str:
        token = self.take()
        if token.kind != "name":
            raise self.stop("a sum's index is not understood")
        return token.text

    def _summed(self) -> Node:
        """What is summed: the product that follows."""
        return self.signed(self.product)

    def condition(self) -> Condition:
        """A comparison such as x > 0."""
        left = self.sum()
        token = self.peek()
        if token is None or token.kind != "sign" or token.text not in RELATIONS:
            raise self.stop("no comparison")
        self.place += 1
        return Condition(left, token.text, self.sum())
