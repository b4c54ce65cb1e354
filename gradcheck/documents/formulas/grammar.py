"""The grammar of formulas: from tokens to the tree, for LaTeX and for one line of Unicode alike.

It reads as far as it understands and says where it stopped. Nothing is ever evaluated.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from gradcheck.documents.formulas.tokens import Token, tokenize
from gradcheck.documents.formulas.tree import (
    Call,
    Condition,
    Delta,
    Derivative,
    Dots,
    Entry,
    Equation,
    Listed,
    Name,
    Negated,
    Node,
    Norm,
    Number,
    Over,
    Plus,
    Power,
    Side,
    SumOver,
    Times,
    Transposed,
)

MAX_LENGTH = 3_000
MAX_TOKENS = 700
MAX_DEPTH = 40
"""Limits on a text, its words and its nesting."""

PRODUCT_SIGNS = frozenset("·*⊙@")
RELATIONS = frozenset(("<", "<=", ">", ">="))
EQUALS = frozenset(("=", ":=", "=="))
LETTER_FUNCTIONS = frozenset(("sigma", "phi", "psi", "f", "g", "h", "F", "G", "u", "v"))
LISTS = frozenset(("max", "min"))
FRACTIONS = frozenset(("frac", "dfrac", "tfrac", "cfrac"))


class NotAFormula(Exception):
    """The text is none of the grammar's from here on; `place` is the number of the token."""

    def __init__(self, reason: str, place: int = 0) -> None:
        self.place = place
        super().__init__(reason)


class Parser:
    """Reads tokens from `place` on."""

    def __init__(self, tokens: list[Token], latex: bool) -> None:
        self.tokens, self.latex = tokens, latex
        self.place = 0
        self.depth = 0
        self.bars = 0
        self.unclear = ""
        self.left: Side | None = None
        self.left_end = 0

    # -- looking at tokens ------------------------------------------------------------------------------------------

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

    # -- equations --------------------------------------------------------------------------------------------------

    def equation(self) -> Equation:
        """Sides held equal, as far as they can be read; at least two."""
        sides, relations = [self.side()], []
        self.left, self.left_end = None, self.place
        if self.at(*EQUALS, "≈") or (self.at("&") and self.at(*EQUALS, "≈", ahead=1)):
            self.left = sides[0]
        while self.at(*EQUALS, "≈") or (self.at("&") and self.at(*EQUALS, "≈", ahead=1)):
            back = self.place
            self.accept("&")
            relation = self.take().text
            try:
                self.accept("&")
                sides.append(self.side())
                relations.append(relation)
            except NotAFormula:
                self.place = back
                break
            self._aligned_continuation()
        if len(sides) < 2:
            raise self.stop("there is no second side")
        return Equation(tuple(sides), tuple(relations), self.unclear)

    def _aligned_continuation(self) -> None:
        """A line break of an aligned display in front of the next equals sign."""
        ahead = 0
        while self.at("\\\\", "&", ahead=ahead):
            ahead += 1
        if ahead and self.at(*EQUALS, ahead=ahead):
            self.place += ahead

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
        node = self._signed(self._product)
        while self.at("+", "-"):
            back = self.place
            sign = self.take().text
            self.accept("&")
            depth = self.depth
            try:
                right = self._product()
            except NotAFormula:
                if depth > 1:
                    raise
                self.place, self.depth = back, depth
                break
            node = Plus(node, Negated(right) if sign == "-" else right)
        self.depth -= 1
        return node

    def _signed(self, read: Callable[[], Node]) -> Node:
        if self.accept("-"):
            return Negated(self._signed(read))
        return self._signed(read) if self.accept("+") else read()

    def _product(self) -> Node:
        node = self._factor()
        while True:
            if self.at("/"):
                self.place += 1
                self._note_unclear_quotient()
                node = Over(node, self._signed(self._factor))
            elif self.at(*PRODUCT_SIGNS):
                sign = self.take().text
                node = Times(node, self._signed(self._factor), sign)
            elif self._begins_factor():
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
            return self._factor()
        except NotAFormula:
            self.place, self.depth, self.bars = back, depth, bars
            if self.at("(") and self.kind(1) in ("break", "word"):
                return None
            raise

    def _is_equation_number(self) -> bool:
        """(3) at the end of a line."""
        return (
            self._spaced()
            and self.at("(")
            and self.kind(1) == "number"
            and self.at(")", ahead=2)
            and self.kind(3) in ("", "break")
        )

    def _note_unclear_quotient(self) -> None:
        """1/2x may mean either x/2 or 1/(2x)."""
        if self.kind() in ("number", "name") and self._begins_factor(ahead=1):
            follower = self.peek(1)
            if follower is not None and not follower.spaced:
                self.unclear = "a quotient followed by a factor can be read in two ways; write brackets"

    def _begins_factor(self, ahead: int = 0) -> bool:
        """Whether a factor follows without a sign: 2x, x(1 - x), 2 sin x; words stand only beside signs."""
        token, before = self.peek(ahead), self.peek(ahead - 1)
        if token is None or before is None:
            return False
        if token.kind == "command":
            return token.text in FRACTIONS or token.text == "sqrt"
        if token.kind in ("name", "function", "d"):
            return before.kind != "word" and not self._is_article(ahead)
        if token.kind == "open":
            return token.text != "{" or self.latex
        if token.kind == "word":
            return before.kind == "number" and not token.spaced
        if token.kind == "number":
            return before.kind == "close" and not token.spaced and self.latex
        return token.text in ("∂", "∇", "∑", "√") or (token.text in ("‖", "|") and not self.bars)

    def _is_article(self, ahead: int) -> bool:
        """The a of "2x a result"."""
        token, after = self.peek(ahead), self.peek(ahead + 1)
        lone = token is not None and token.text in ("a", "I") and token.spaced and not self.latex
        return lone and after is not None and after.kind in ("word", "break") and after.spaced

    def _factor(self) -> Node:
        """A factor with its powers, transposes and primes."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.stop("nested too deeply")
        node = self._primary()
        while True:
            if self.kind() == "power":
                node = self._raised(node, self.take().text)
            elif self.at("^"):
                self.place += 1
                node = self._called(self._power(node))
            elif self.at("'", "''"):
                node = self._primed(node)
            elif self.at("_") and isinstance(node, Call | Plus | Times | Power | Over | Transposed):
                node = self._entry(node)
            else:
                self.depth -= 1
                return node

    def _called(self, node: Node) -> Node:
        """g²(x) is the square of g(x)."""
        if not isinstance(node, Power) or not isinstance(node.base, Name) or self._spaced() or not self.at("("):
            return node
        if node.base.label not in LETTER_FUNCTIONS or node.base.indices:
            return node
        return Power(Call(node.base.label, self._arguments()), node.exponent)

    def _entry(self, node: Node) -> Node:
        indices = self.indices()
        if isinstance(node, Call):
            return Call(node.function, node.arguments, node.indices + indices)
        return Entry(node, indices)

    def _power(self, base: Node) -> Node:
        token = self.peek()
        if token is None:
            raise self.stop("an exponent is missing")
        if token.kind == "power":
            return self._raised(base, self.take().text)
        if self.at("'") or (self.at("{") and self.at("'", ahead=1)):
            return self._primed_in_exponent(base)
        if token.text == "{" and self.at("}", ahead=2) and self.kind(1) == "power":
            self.place += 1
            raised = self._raised(base, self.take().text)
            self.expect("}")
            return raised
        if token.text == "{" or (token.text == "(" and not self.latex):
            exponent = self._bracketed()
        else:
            exponent = self._short_exponent()
        if isinstance(exponent, Name) and exponent.label == "T" and not exponent.indices:
            return Transposed(base)
        return self._labelled(base, exponent, token.text)

    def _labelled(self, base: Node, exponent: Node, opening: str) -> Node:
        """A power; a name with (l) above is a name of its own."""
        token = self.tokens[self.place - 2] if self.place > 1 else None
        if opening == "{" and token is not None and token.text == ")" and isinstance(base, Name):
            inner = exponent
            if isinstance(inner, Number | Name):
                mark = inner.label if isinstance(inner, Name) else str(inner.value)
                return Name(f"{base.label}^({mark})", base.indices, base.bold)
        return Power(base, exponent)

    def _short_exponent(self) -> Node:
        if self.latex:
            token = self.take()
            if token.kind == "number" and len(token.text) > 1:
                raise self.stop("an exponent of several digits needs braces")
            if token.kind == "name":
                return Name(token.text, (), token.bold)
            self.place -= 1
            return self._atom()
        return self._signed(self._atom_with_power)

    def _atom_with_power(self) -> Node:
        node = self._atom()
        if self.at("^"):
            self.place += 1
            return self._power(node)
        return node

    def _raised(self, base: Node, text: str) -> Node:
        if text in ("T", "t"):
            return Transposed(base)
        if text == "n":
            return Power(base, Name("n"))
        if not text.lstrip("+-").isdigit():
            raise self.stop(f"{text!r} is no exponent")
        return Power(base, _signed_number(int(text)))

    def _primed_in_exponent(self, base: Node) -> Node:
        braces = self.accept("{")
        node = self._primed(base)
        if braces:
            self.expect("}")
        return node

    def _primed(self, node: Node) -> Node:
        """f'(x): the derivative of f at x."""
        order = 0
        while self.at("'", "''"):
            order += len(self.take().text)
        if order > 3 or not isinstance(node, Name | Call):
            raise self.stop("a prime stands behind the name of a function")
        at = self._arguments() if self.at("(") and not self._spaced() else ()
        return Derivative(node, (), "'", order, at)

    def _spaced(self) -> bool:
        token = self.peek()
        return token is not None and token.spaced and not self.latex

    # -- primaries --------------------------------------------------------------------------------------------------

    def _primary(self) -> Node:
        from gradcheck.documents.formulas import derivative_notation

        token = self.peek()
        if token is None:
            raise self.stop("it ends in the middle")
        if token.kind == "d" or self.at("∂", "∇"):
            return derivative_notation.read(self)
        if token.kind == "command" and token.text in FRACTIONS:
            return self._fraction()
        if self.at("∑"):
            return self._sum_over()
        return self._atom()

    def _atom(self) -> Node:
        """A number, a name, a call or something in brackets."""
        token = self.take()
        match token.kind:
            case "number":
                return Number(Fraction(token.text)) if len(token.text) < 60 else self._too_long()
            case "name" | "word":
                return self._named(token)
            case "function":
                return self._function(token)
            case "open":
                self.place -= 1
                return self._bracketed()
            case "command" if token.text == "sqrt":
                return self._root()
            case "command" if token.text == "begin":
                return self._environment()
            case "sign" if token.text in ("‖", "|"):
                return self._between_bars(token.text)
            case "sign" if token.text == "√":
                return Call("sqrt", (self._factor(),))
            case "sign" if token.text == "∇":
                self.place -= 1
                return self._primary()
        self.place -= 1
        if token.kind == "command" and token.text in FRACTIONS:
            return self._fraction()
        raise self.stop(f"{token.text!r} is not understood")

    def _too_long(self) -> Node:
        raise self.stop("the number is too long")

    def _named(self, token: Token) -> Node:
        """A letter or word with its indices, perhaps called."""
        if token.text == "delta" and self.at("_"):
            indices = self.indices()
            if len(indices) == 2:
                return Delta(*indices)
            return Name("delta", indices)
        indices = self.indices() if self.at("_") or self._lowered() else ()
        label, indices = _word_index(token.text, indices)
        if self.at("(") and not self._spaced():
            return self._call_or_product(label, indices, token)
        return Name(label, indices, token.bold)

    def _call_or_product(self, label: str, indices: tuple[Node, ...], token: Token) -> Node:
        back = self.place
        try:
            arguments = self._arguments()
        except NotAFormula:
            self.place = back
            raise
        return Call(label, arguments, indices)

    def _lowered(self) -> bool:
        token = self.peek()
        return token is not None and token.kind == "command" and token.text.startswith("_")

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
        if token.kind == "word" and len(token.text) == 2:
            return _each(token.text)
        if token.kind in ("word", "function"):
            return (Name(token.text),)
        raise self.stop("an index is not understood")

    def _function(self, token: Token) -> Node:
        """A known function with its argument in brackets, or sin x without."""
        exponent: list[str] = []
        indices: tuple[Node, ...] = ()
        if self.at("_"):
            indices = self.indices()
        primes = 0
        while self.at("'"):
            primes += len(self.take().text)
        power = self._function_power()
        if token.text == "softmax" and self.kind() == "open" and self.at("{"):
            self.stop("a softmax needs brackets")
        arguments = self._arguments() if self.at("(", "[") else self._bare_argument(token, exponent)
        if primes:
            return Derivative(Name(token.text), (), "'", primes, arguments)
        call = Call(token.text, arguments, indices)
        return call if power is None else Power(call, power)

    def _function_power(self) -> Node | None:
        """The exponent of sin²x."""
        if self.kind() == "power" and (self.peek() or Token("break", "", 0, 0)).text.isdigit():
            return Number(Fraction(self.take().text))
        if self.at("^"):
            self.place += 1
            return self._bracketed() if self.at("{") else self._short_exponent()
        return None

    def _bare_argument(self, token: Token, _: list[str]) -> tuple[Node, ...]:
        if self.kind() not in ("name", "number", "word", "command", "function") and not self.at(
            "{", "‖", "|", "√", "∑"
        ):
            self.place -= 1
            if token.text in LISTS or token.text in ("sum", "mean", "norm", "softmax", "sigmoid", "relu", "gelu"):
                raise self.stop(f"{token.text} needs an argument")
            raise self.stop("a function needs an argument")
        node = self._factor()
        while self.kind() in ("name", "number") and self._begins_factor():
            node = Times(node, self._factor())
        return (node,)

    def _arguments(self) -> tuple[Node, ...]:
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
        if self.kind() != "close" or not self.accept({"(": ")", "[": "]", "{": "}"}[opening]):
            raise self.stop("a bracket is not closed")

    def _bracketed(self) -> Node:
        opening = self.take().text
        bars, self.bars = self.bars, 0
        entries = [self.sum()]
        while opening != "{" and self.accept(","):
            entries.append(self.entry())
        self.bars = bars
        self._close(opening)
        return entries[0] if len(entries) == 1 else Listed(tuple(entries))

    def entry(self) -> Node:
        """An entry of a list, or the dots for several."""
        token = self.peek()
        if token is not None and token.text == "…":
            self.place += 1
            return Dots()
        return self.sum()

    def _between_bars(self, bar: str) -> Node:
        """‖x‖ with its order below, or |x|."""
        self.bars += 1
        inner = self.sum()
        self.bars -= 1
        self.expect(bar)
        if bar == "|":
            return Call("abs", (inner,))
        order = self.indices() if self.at("_") or self._lowered() else ()
        label = order[0] if order else Number(Fraction(2))
        if label == Number(Fraction(1)):
            return Norm(inner, 1)
        if label == Number(Fraction(2)) or (isinstance(label, Name) and label.label == "F"):
            return Norm(inner)
        raise self.stop("this norm is not known")

    def _root(self) -> Node:
        if self.at("["):
            degree = self._bracketed()
            return Power(self._group(), Over(Number(Fraction(1)), degree))
        return Call("sqrt", (self._group() if self.at("{") else self._factor(),))

    def _group(self) -> Node:
        """A command's argument: something in braces, or one sign."""
        return self._bracketed() if self.at("{") else self._short_exponent()

    def _fraction(self) -> Node:
        from gradcheck.documents.formulas import derivative_notation

        self.place += 1
        back = self.place
        found = derivative_notation.fraction(self)
        if found is not None:
            return found
        self.place = back
        return Over(self._group(), self._group())

    def _sum_over(self) -> Node:
        self.place += 1
        index, lower, upper = "", None, None
        if self._lowered():
            index = self.take().text[1:]
        elif self.accept("_"):
            index, lower = self._lower_limit()
        if self.accept("^"):
            upper = self._group() if self.at("{") else self._short_exponent()
        body = self._summed()
        return SumOver(body, index, lower, upper)

    def _lower_limit(self) -> tuple[str, Node | None]:
        braces = self.accept("{")
        token = self.take()
        if token.kind != "name":
            raise self.stop("a sum's index is not understood")
        lower = self.sum() if self.accept("=") else None
        if braces and not self.at("}"):
            raise self.stop("a sum's limits are not understood")
        if braces:
            self.expect("}")
        return token.text, lower

    def _summed(self) -> Node:
        """What is summed: the product that follows."""
        return self._signed(self._product)

    def _environment(self) -> Node:
        from gradcheck.documents.formulas import environments

        return environments.read(self)

    def condition(self) -> Condition:
        """A comparison such as x > 0."""
        left = self.sum()
        token = self.peek()
        if token is None or token.kind != "sign" or token.text not in RELATIONS:
            raise self.stop("no comparison")
        self.place += 1
        return Condition(left, token.text, self.sum())


def _each(letters: str) -> tuple[Node, ...]:
    if letters.isdigit():
        return (Number(Fraction(letters)),)
    return tuple(Number(Fraction(each)) if each.isdigit() else Name(each) for each in letters)


def _signed_number(value: int) -> Node:
    return Negated(Number(Fraction(-value))) if value < 0 else Number(Fraction(value))


def _word_index(label: str, indices: tuple[Node, ...]) -> tuple[str, tuple[Node, ...]]:
    """An index that is a word is part of the name: y_{pred}."""
    if indices and all(isinstance(each, Name) and len(each.label) > 1 for each in indices):
        words = "_".join(each.label for each in indices if isinstance(each, Name))
        return f"{label}_{words}", ()
    return label, indices


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
