"""The words of a formula: one table of signs for LaTeX and for Unicode, so that one grammar reads both."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from gradcheck.documents.formulas.signs import (
    ABOVE,
    ANGLES,
    CLOSING,
    COMBINING,
    COMMAND,
    COMMANDS,
    DOTS,
    ELLIPSES,
    FONTS,
    FUNCTIONS,
    GREEK,
    GROUP,
    HATS,
    LONGER,
    LOWERED,
    NUMBER,
    OPENING,
    PLAIN,
    POWERS,
    SIGNS,
    SILENT,
    TWO_LETTERS,
    TWO_UPRIGHT,
    VARIANTS,
    VULGAR,
    WORD,
)

Kind = Literal["number", "name", "word", "function", "sign", "open", "close", "d", "power", "command", "break"]


@dataclass(frozen=True)
class Token:
    """A word of a formula; `spaced` says that white space stands before it."""

    kind: Kind
    text: str
    start: int
    end: int
    spaced: bool = False
    bold: bool = False


def canonical(text: str) -> str:
    """A letter's or a word's name: Greek letters in English, marks above as `_hat` and the like.

    >>> canonical("θ"), canonical("ŷ"), canonical("y_pred")
    ('theta', 'y_hat', 'y_pred')
    """
    base = "".join(LOWERED.get(each, each) for each in unicodedata.normalize("NFD", text))
    marks = [COMBINING[each] for each in base if each in COMBINING]
    plain = "".join(each for each in base if each not in COMBINING)
    named = GREEK.get(plain, VARIANTS.get(plain, plain))
    return "_".join([named, *marks])


class Tokenizer:
    """Splits one text; `latex` says that letters in a row are a product and that backslashes begin commands."""

    def __init__(self, text: str, latex: bool) -> None:
        self.text, self.latex = text, latex
        self.place = 0
        self.tokens: list[Token] = []
        self.spaced = False
        self.derivatives: set[int] = set()

    def run(self) -> list[Token]:
        """All tokens; what no formula holds becomes a break."""
        while self.place < len(self.text):
            character = self.text[self.place]
            if character.isspace():
                self._space(character)
            elif character == "\\":
                self._command()
            else:
                self._plain(character)
        return self.tokens

    def _space(self, character: str) -> None:
        if character == "\n" and not self.latex:
            self._emit("break", "\n", 1)
        else:
            self.place += 1
        self.spaced = True

    def _emit(self, kind: Kind, text: str, length: int, bold: bool = False) -> None:
        self.tokens.append(Token(kind, text, self.place, self.place + length, self.spaced, bold))
        self.place += length
        self.spaced = False

    def _plain(self, character: str) -> None:
        if self._derivative():
            return
        if number := _number(self.text, self.place):
            self._emit(*number)
        elif character in OPENING:
            self._emit("open", "(" if character == "（" else character, 1)
        elif character in CLOSING:
            self._emit("close", CLOSING[character], 1)
        elif character in POWERS:
            self._raised(POWERS, "power")
        elif character in LOWERED:
            self._raised(LOWERED, "command", "_")
        elif character in SIGNS and not (character == "Σ" and not self._sums()):
            self._sign(character)
        elif character in GREEK or character in VARIANTS or self._is_letter(character):
            self._letters()
        else:
            self._emit("break", character, 1)

    def _sums(self) -> bool:
        return self.text[self.place + 1 : self.place + 2] in ("_", "(", " ", "ᵢ", "ⱼ", "")

    def _is_letter(self, character: str) -> bool:
        return (character.isascii() and character.isalpha()) or (
            unicodedata.normalize("NFD", character)[:1].isascii() and character.isalpha()
        )

    def _derivative(self) -> bool:
        """A d or ∂ of dy/dx, above or below the stroke."""
        character = self.text[self.place]
        if character not in "d∂𝜕":
            return False
        before = self.text[self.place - 1] if self.place else " "
        if self.place not in self.derivatives:
            found = ABOVE.match(self.text, self.place)
            if found is None or (character == "d" and (before.isalnum() or before in "_\\")):
                return False
            self.derivatives.add(found.end())
        self._emit("d", "d" if character == "d" else "∂", 1)
        return True

    def _raised(self, table: dict[str, str], kind: Kind, prefix: str = "") -> None:
        end = self.place
        while end < len(self.text) and self.text[end] in table:
            end += 1
        raised = "".join(table[each] for each in self.text[self.place : end])
        self._emit(kind, prefix + raised, end - self.place)

    def _sign(self, character: str) -> None:
        two = self.text[self.place : self.place + 2]
        for longer, sign in LONGER:
            if two == longer and not (longer == "<-" and self.text[self.place + 2 : self.place + 3].isdigit()):
                self._emit("sign", sign, 2)
                return
        if character == "⊤":
            self._emit("power", "T", 1)
        else:
            self._emit("sign", SIGNS[character], 1)

    def _letters(self) -> None:
        found = None if self.latex else WORD.match(self.text, self.place)
        if found is None:
            length = 2 if self.text[self.place + 1 : self.place + 2] in COMBINING else 1
            self._emit("name", canonical(self.text[self.place : self.place + length]), length)
            return
        word = found.group()
        self._word(word, len(word))

    def _word(self, word: str, length: int) -> None:
        head, _, tail = word.partition("_")
        if self.tokens and self.tokens[-1].text == "_" and not self.spaced:
            self._emit("name" if length == 1 else "word", word, length)
        elif word in FUNCTIONS:
            self._emit("function", FUNCTIONS[word], length)
        elif word == "lim" and self.text[self.place + length : self.place + length + 1] == "_":
            self._emit("command", word, length)
        elif _is_subscript(head, tail):
            self._emit("name", canonical(head), len(head))
        elif (len(head) == 1 and head.isalpha() and not tail) or (head in GREEK.values() and not tail):
            self._emit("name", head, length)
        elif (
            len(word) == 2 and word.isalpha() and word.isascii() and word.lower() not in TWO_LETTERS and word[0] != "d"
        ):
            self._emit("name", word[0], 1)
            self._emit("name", word[1], 1)
        else:
            self._emit("word", canonical(word), length)

    def _command(self) -> None:
        found = COMMAND.match(self.text, self.place)
        if found is None:
            self._emit("break", "\\", 1)
            return
        name, length = found.group(1), len(found.group())
        if name in SILENT:
            self._silent(name, length)
        elif name == "\\":
            self._emit("command", "\\\\", length)
        elif name in ELLIPSES:
            self._emit("break", "…", length)
        elif name in FONTS or name in PLAIN or name in HATS:
            self._styled(name, length)
        else:
            self._named(name, length)

    def _silent(self, name: str, length: int) -> None:
        self.place += length
        self.spaced = True
        if name in ("left", "right") and self.text[self.place : self.place + 1] == ".":
            self.place += 1
        if name == "hspace" and (group := GROUP.match(self.text, self.place)):
            self.place = group.end()

    def _named(self, name: str, length: int) -> None:
        spelled = VARIANTS.get(name, name)
        if name in COMMANDS:
            sign = COMMANDS[name]
            self._emit("power" if sign == "⊤" else "sign", "T" if sign == "⊤" else sign, length)
        elif name in FUNCTIONS:
            self._emit("function", FUNCTIONS[name], length)
        elif spelled in GREEK.values() or name in VARIANTS:
            self._emit("name", spelled, length)
        elif name in ANGLES:
            self._emit("open" if name == "langle" else "close", ANGLES[name], length)
        elif name in "{}":
            self._emit("open" if name == "{" else "close", "[" if name == "{" else "]", length)
        else:
            self._emit("command", name, length)

    def _styled(self, style: str, length: int) -> None:
        """A letter or a word in another font or under a mark, as one token."""
        inner, end = self._argument(self.place + length)
        if inner is None:
            self._emit("command", style, length)
            return
        sub = Tokenizer(inner, latex=style not in PLAIN).run()
        one = sub[0] if len(sub) == 1 else None
        taken = end - self.place
        if style in PLAIN and TWO_UPRIGHT.fullmatch(inner) and self._is_below():
            self._emit("word", inner, taken)
        elif one is None or one.kind not in ("name", "word", "function", "power", "number", "sign"):
            words = style in PLAIN
            self._emit("break" if words else "command", inner.strip() if words else style, taken if words else length)
        elif style in HATS:
            self._emit("name", f"{one.text}_{HATS[style]}", taken, one.bold)
        elif inner in ("T", "⊤", "\\top") and self.tokens and self.tokens[-1].text == "^":
            self._emit("power", "T", taken)
        else:
            self._emit(one.kind, one.text, taken, bold=style in FONTS or one.bold)

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


def _number(text: str, place: int) -> tuple[Kind, str, int] | None:
    """A number, a fraction in one letter, or the dots for what is left out: its kind, its text and its length."""
    if text[place] in VULGAR:
        return "number", VULGAR[text[place]], 1
    if dots := DOTS.match(text, place):
        return "break", "…", len(dots.group())
    found = NUMBER.match(text, place)
    return ("number", found.group(), len(found.group())) if found else None


def _is_subscript(head: str, tail: str) -> bool:
    """Whether x_1, x_i and x_ij are a letter with indices, and not a word such as y_pred."""
    return len(head) == 1 and bool(tail) and (tail.isdigit() or (len(tail) <= 2 and set(tail) <= set("ijklmnt")))


def tokenize(text: str, latex: bool) -> list[Token]:
    """The tokens of a text.

    >>> [token.text for token in tokenize("dy/dx = 2x", latex=False)]
    ['d', 'y', '/', 'd', 'x', '=', '2', 'x']
    """
    return Tokenizer(text, latex).run()
