"""The commands of LaTeX as tokens, and the tokens of a whole text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from gradcheck.documents.formulas.signs import (
    ANGLES,
    COMMAND,
    COMMANDS,
    COMPARED,
    ELLIPSES,
    EMS,
    FONTS,
    FUNCTIONS,
    GREEK,
    GROUP,
    HATS,
    INDICATOR,
    JOINING,
    PLAIN,
    SILENT,
    TWO_UPRIGHT,
    VARIANTS,
    WIDE,
    WIDTH,
)
from gradcheck.documents.formulas.tokens import PlainTokenizer, Token


class Tokenizer(PlainTokenizer):
    """Splits one text, commands and all."""

    def command(self) -> None:
        found = COMMAND.match(self.text, self.place)
        if found is None:
            self.emit("break", "\\", 1)
            return
        name, length = found.group(1), len(found.group())
        if name in SILENT:
            self._silent(name, length)
        elif name in WIDE:
            self.emit("break", name, length)
        elif name == "hspace":
            self._space_of(length)
        elif name == "\\":
            self.emit("command", "\\\\", length)
        elif name in ELLIPSES:
            self.emit("break", "…", length)
        elif name in FONTS or name in PLAIN or name in HATS:
            self._styled(name, length)
        else:
            self._named(name, length)

    def _silent(self, name: str, length: int) -> None:
        self.place += length
        self.spaced = True
        if name in ("left", "right") and self.text[self.place : self.place + 1] == ".":
            self.place += 1

    def _space_of(self, length: int) -> None:
        """Space of a stated width, which sets formulas apart where it is wide."""
        group = GROUP.match(self.text, self.place + length)
        taken = group.end() - self.place if group else length
        if group and (width := WIDTH.fullmatch(group.group(1).strip())) and float(width[1]) * EMS[width[2]] >= 1:
            self.emit("break", "quad", taken)
        else:
            self._silent("hspace", taken)

    def _named(self, name: str, length: int) -> None:
        spelled = VARIANTS.get(name, name)
        if name in COMMANDS:
            sign = COMMANDS[name]
            self.emit("power" if sign == "⊤" else "sign", "T" if sign == "⊤" else sign, length)
        elif name in FUNCTIONS and name != "sqrt":  # whose argument is in braces, or one sign
            self.emit("function", FUNCTIONS[name], length)
        elif spelled in GREEK.values() or name in VARIANTS:
            self.emit("name", spelled, length)
        elif name in ANGLES:
            self.emit("open" if name == "langle" else "close", ANGLES[name], length)
        elif name in "{}":
            self.emit("open" if name == "{" else "close", "[" if name == "{" else "]", length)
        else:
            self.emit("command", name, length)

    def _styled(self, style: str, length: int) -> None:
        """A letter or a word in another font or under a mark, as one token."""
        inner, end = self._argument(self.place + length)
        if inner is None:
            self.emit("command", style, length)
            return
        sub = Tokenizer(inner, latex=style not in PLAIN).run()
        one = sub[0] if len(sub) == 1 else None
        taken = end - self.place
        if inner.strip() == "1" and COMPARED.match(self.text, end):
            self.emit("function", INDICATOR, taken)
        elif style in PLAIN and TWO_UPRIGHT.fullmatch(inner) and self._is_below():
            self.emit("word", inner, taken)
        elif one is None or one.kind not in ("name", "word", "function", "power", "number", "sign"):
            words = style in PLAIN
            self.emit("break" if words else "command", inner.strip() if words else style, taken if words else length)
        elif style in HATS:
            self.emit("name", f"{one.text}_{HATS[style]}", taken, one.bold)
        elif inner in ("T", "⊤", "\\top") and self.tokens and self.tokens[-1].text == "^":
            self.emit("power", "T", taken)
        else:
            self.emit(one.kind, one.text, taken, bold=style in FONTS or one.bold)

    def _is_below(self) -> bool:
        """Whether what comes next is an index."""
        ahead = [token.text for token in self.tokens[-2:]]
        return ahead[-1:] == ["_"] or ahead == ["_", "{"]

    def _argument(self, place: int) -> tuple[str | None, int]:
        """The text of a command's argument, in braces or one sign, and where it ends."""
        while place < len(self.text) and self.text[place].isspace():
            place += 1
        if self.text[place : place + 1] != "{":
            found = COMMAND.match(self.text, place) if self.text[place : place + 1] == "\\" else None
            end = found.end() if found else place + 1
            return (self.text[place:end] or None), end
        depth = 0
        for end in range(place, min(len(self.text), place + 200)):
            depth += (self.text[end] == "{") - (self.text[end] == "}")
            if depth == 0:
                return self.text[place + 1 : end], end + 1
        return None, place


def tokenize(text: str, latex: bool) -> list[Token]:
    """The tokens of a text.

    >>> [token.text for token in tokenize("dy/dx = 2x", latex=False)]
    ['d', 'y', '/', 'd', 'x', '=', '2', 'x']
    """
    return list(_without_mere_space(Tokenizer(text, latex).run()))


def _without_mere_space(tokens: list[Token]) -> Iterator[Token]:
    """The tokens; wide space beside a sign only sets it apart, elsewhere it ends a formula."""
    before = None
    for token, after in zip_longest(tokens, tokens[1:]):
        if token.text not in WIDE:
            yield (before := token)
        elif (
            before is not None
            and after is not None
            and before.text not in JOINING
            and after.text not in (*JOINING, *WIDE)
        ):
            yield token
