"""Names with their indices, and functions with their arguments."""

from __future__ import annotations

from fractions import Fraction

from gradcheck.documents.formulas.reading import TokenReader
from gradcheck.documents.formulas.tokens import Token
from gradcheck.documents.formulas.tree import Call, Delta, Derivative, Name, Node, Number, Over, Power, Times

NEEDS_BRACKETS = frozenset(["max", "min", "sum", "mean", "norm", "softmax", "sigmoid", "relu", "gelu"])
BARE_KINDS = ("name", "number", "word", "command", "function")
BARE_SIGNS = ("{", "‖", "|", "√", "∑")
"""What the argument of a function may begin with where it has no brackets."""


class NameReader(TokenReader):
    """Reads names and functions."""

    def named(self, token: Token) -> Node:
        """A letter or word with its indices, perhaps called."""
        if token.text == "delta" and self.at("_"):
            indices = self.indices()
            if len(indices) == 2:
                return Delta(*indices)
            return Name("delta", indices)
        indices = self.indices() if self.at("_") or self.lowered() else ()
        label, indices = _word_index(token.text, indices)
        if self.at("(") and not self.is_spaced():
            return Call(label, self.arguments(), indices)
        return Name(label, indices, token.bold)

    def indices(self) -> tuple[Node, ...]:
        """What stands below a name: indices, each a letter, a number or i+1."""
        token = self.take()
        if token.kind == "command":
            return _each(token.text[1:])
        if self.accept("{"):
            found = [*self._index()]
            while self.accept(","):
                found += self._index()
            self.expect("}")
            return tuple(found)
        return tuple(self._one_index())

    def _index(self) -> tuple[Node, ...]:
        """One index or a row of letters between braces."""
        found: list[Node] = []
        while self.kind() in ("name", "number", "word") and not self.at(",", "}"):
            follower = self.peek(1)
            if follower is not None and follower.text in "+-" and follower.kind == "sign":
                found.append(self.sum())
            elif follower is not None and follower.text == "_" and self.kind() == "name":
                found.append(self.atom())
            else:
                found += self._one_index()
        if not found:
            raise self.stop("an index is not understood")
        return tuple(found)

    def _one_index(self) -> tuple[Node, ...]:
        token = self.take()
        if token.kind == "number":
            return (Number(Fraction(token.text)),)
        if token.kind == "name":
            return (Name(token.text, (), token.bold),)
        if token.kind == "word" and token.end - token.start == 2:
            return _each(token.text)
        if token.kind in ("word", "function"):
            return (Name(token.text),)
        raise self.stop("an index is not understood")

    def function(self, token: Token) -> Node:
        """A known function with its argument in brackets, or sin x without."""
        indices: tuple[Node, ...] = ()
        if self.at("_") or (self.lowered() and token.text == "log"):
            indices = self.indices()
        primes = 0
        while self.at("'"):
            primes += len(self.take().text)
        power = self._function_power()
        arguments = self.arguments() if self.at("(", "[") else self._bare_argument(token)
        if primes:
            return Derivative(Name(token.text), (), "'", primes, arguments)
        call: Node = Call(token.text, arguments, indices)
        if token.text == "log" and len(indices) == 1 and isinstance(indices[0], Number):
            call = Over(Call("log", arguments), Call("log", indices))
        return call if power is None else Power(call, power)

    def _function_power(self) -> Node | None:
        """The exponent of sin²x."""
        if self.kind() == "power" and (self.peek() or Token("break", "", 0, 0)).text.isdigit():
            return Number(Fraction(self.take().text))
        if self.at("^"):
            self.place += 1
            return self.bracketed() if self.at("{") else self.short_exponent()
        return None

    def _bare_argument(self, token: Token) -> tuple[Node, ...]:
        """The argument of sin 2x."""
        if token.text in NEEDS_BRACKETS or (self.kind() not in BARE_KINDS and not self.at(*BARE_SIGNS)):
            self.place -= 1
            raise self.stop(f"{token.text} needs an argument")
        if self.at("{") and self.latex:
            return (self.bracketed(),)
        node = self.factor()
        while self.kind() in ("name", "number") and self.begins_factor():
            node = Times(node, self.factor())
        return (node,)


def _each(letters: str) -> tuple[Node, ...]:
    if letters.isdigit():
        return (Number(Fraction(letters)),)
    return tuple(Number(Fraction(each)) if each.isdigit() else Name(each) for each in letters)


def _word_index(label: str, indices: tuple[Node, ...]) -> tuple[str, tuple[Node, ...]]:
    """An index that is a word is part of the name: y_{pred}."""
    if indices and all(isinstance(each, Name) and len(each.label) > 1 for each in indices):
        words = "_".join(each.label for each in indices if isinstance(each, Name))
        return f"{label}_{words}", ()
    return label, indices
