"""The words of a formula: one table of signs for LaTeX and for Unicode, so that one grammar reads both."""

from __future__ import annotations

import unicodedata
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

from gradcheck.documents.formulas.signs import (
    ABOVE,
    CLOSING,
    COMBINING,
    DOTS,
    FRACTIONS,
    FUNCTIONS,
    GREEK,
    LONGER,
    LOWERED,
    NUMBER,
    OPENING,
    POWERS,
    SIGNS,
    TWO_LETTERS,
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


class PlainTokenizer(ABC):
    """Splits one text, but for the commands of LaTeX.

    `latex` says that letters in a row are a product and that backslashes begin commands.
    """

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
                self.command()
            else:
                self._plain(character)
        return self.tokens

    def _space(self, character: str) -> None:
        if character == "\n" and not self.latex:
            self.emit("break", "\n", 1)
        else:
            self.place += 1
        self.spaced = True

    def emit(self, kind: Kind, text: str, length: int, bold: bool = False) -> None:
        self.tokens.append(Token(kind, text, self.place, self.place + length, self.spaced, bold))
        self.place += length
        self.spaced = False

    def _plain(self, character: str) -> None:
        if self._derivative():
            return
        if number := _number(self.text, self.place):
            kind, text, length = number
            one = text.isdigit() and self._takes_one_sign()
            self.emit(kind, text[0] if one else text, 1 if one else length)
        elif character in OPENING:
            self.emit("open", "(" if character == "（" else character, 1)
        elif character in CLOSING:
            self.emit("close", CLOSING[character], 1)
        elif character in POWERS:
            self._raised(POWERS, "power")
        elif character in LOWERED:
            self._raised(LOWERED, "command", "_")
        elif character in SIGNS and not (character == "Σ" and not self._sums()):
            self._sign(character)
        elif character in GREEK or character in VARIANTS or self._is_letter(character):
            self._letters()
        else:
            self.emit("break", character, 1)

    def _takes_one_sign(self) -> bool:
        """Whether a command's argument is next that has no braces: one half is \\frac12."""
        before = [*self.tokens[-2:]]
        if before and before[-1].text in FRACTIONS:
            return True
        second = len(before) == 2 and before[0].text in FRACTIONS and before[1].kind == "number"
        return second and len(before[1].text) == 1

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
        self.emit("d", "d" if character == "d" else "∂", 1)
        return True

    def _raised(self, table: dict[str, str], kind: Kind, prefix: str = "") -> None:
        end = self.place
        while end < len(self.text) and self.text[end] in table:
            end += 1
        raised = "".join(table[each] for each in self.text[self.place : end])
        self.emit(kind, prefix + raised, end - self.place)

    def _sign(self, character: str) -> None:
        two = self.text[self.place : self.place + 2]
        for longer, sign in LONGER:
            if two == longer and not (longer == "<-" and self.text[self.place + 2 : self.place + 3].isdigit()):
                self.emit("sign", sign, 2)
                return
        if character == "⊤":
            self.emit("power", "T", 1)
        else:
            self.emit("sign", SIGNS[character], 1)

    def _letters(self) -> None:
        found = None if self.latex else WORD.match(self.text, self.place)
        if found is None:
            length = 2 if self.text[self.place + 1 : self.place + 2] in COMBINING else 1
            self.emit("name", canonical(self.text[self.place : self.place + length]), length)
            return
        word = found.group()
        self._word(word, len(word))

    def _word(self, word: str, length: int) -> None:
        head, _, tail = word.partition("_")
        if self.tokens and self.tokens[-1].text == "_" and not self.spaced:
            self.emit("name" if length == 1 else "word", word, length)
        elif word in FUNCTIONS:
            self.emit("function", FUNCTIONS[word], length)
        elif word == "lim" and self.text[self.place + length : self.place + length + 1] == "_":
            self.emit("command", word, length)
        elif _is_subscript(head, tail):
            self.emit("name", canonical(head), len(head))
        elif (len(head) == 1 and head.isalpha() and not tail) or (head in GREEK.values() and not tail):
            self.emit("name", head, length)
        elif (
            len(word) == 2 and word.isalpha() and word.isascii() and word.lower() not in TWO_LETTERS and word[0] != "d"
        ):
            self.emit("name", word[0], 1)
            self.emit("name", word[1], 1)
        else:
            self.emit("word", canonical(word), length)

    @abstractmethod
    def command(self) -> None:
        """Reads a command of LaTeX."""


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
