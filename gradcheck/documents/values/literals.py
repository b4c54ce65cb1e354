"""A value as it is written in a comment or an output: where it ends, and what it states.

Only what stands there is read; nothing is evaluated. A value is a numeral, a bracketed array, what `repr` writes of a
tensor, an array or a size, a truth value, a string, a dtype, or an object in angle brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf

import numpy as np

from gradcheck.articles.printed import NUMERAL, Printed, parse_printed

Kind = OneOf["number", "array", "truth", "none", "text", "size", "sequence", "type", "object", "mapping"]

_WRAPPER = re.compile(
    r"(?:Parameter containing:\s*)?(?:torch\.|np\.|numpy\.|jnp\.|tf\.)?"
    r"(?:tensor|Tensor|array|Array|DeviceArray|Parameter|(?:Float|Double|Long|Int)Tensor|float\d+|u?int\d+|bool_)\("
)
_SIZE = re.compile(r"torch\.Size\(")
_WORD = re.compile(r"(True|False|true|false|None|nan|NaN|inf|Inf)(?![\w.(])")
_TYPE = re.compile(r"torch\.(?:b?float|u?int|complex|double|half|long|bool|short|uint)\d*\b|dtype\('\w+'\)")
_OBJECT = re.compile(r"<[A-Za-z_][^<>\n]*(?:<[^<>\n]*>[^<>\n]*)*>")
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_SCALAR = re.compile(rf"{NUMERAL.pattern}(?![\w(\[])(?!\.\w)(?!\.\.(?!\.))(?!\s*[-+*/^%@]\s*[\w(.])")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,])")
_OLD_TORCH = re.compile(r"\[torch\.\w+ of size [^\]]*\]")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True)
class Literal:
    """A value as written: `text` letter for letter; `printed` holds the numbers of a number, an array or a size.

    `attributes` are the keyword parts of a `repr`, such as `dtype`; `elided` says that `...` stands for a part.
    """

    kind: Kind
    text: str
    printed: Printed | None = None
    items: tuple[Literal, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)
    elided: bool = False

    @property
    def wrapped(self) -> bool:
        """Whether it is written as `repr` writes it, so that no other meaning is possible."""
        return bool(_WRAPPER.match(self.text) or _SIZE.match(self.text)) or self.kind in {"type", "object"}

    @property
    def bare(self) -> bool:
        """Whether it is a numeral and no more."""
        return self.kind == "number" and not self.wrapped

    @property
    def whole(self) -> bool:
        """Whether it is a bare numeral without a decimal point or an exponent, as a count is written."""
        return self.bare and re.fullmatch(r"[-+]?[\d,]+", self.text) is not None


def read_literal(text: str, start: int = 0) -> Literal | None:
    """The value that begins exactly at `start`, or None where none does.

    >>> read_literal("tensor([4.6667]) since").text
    'tensor([4.6667])'
    >>> read_literal("3 layers").whole, read_literal("dL/dw")
    (True, None)
    """
    for reader in (_wrapped, _size, _simple, _thousands, _number, _bracketed):
        found = reader(text, start)
        if found is not None:
            return found
    return None


def read_whole(text: str) -> Literal | None:
    """The value that the text is, apart from spaces around it, or None."""
    stripped = text.strip()
    found = read_literal(stripped)
    return found if found is not None and found.text == stripped else None


def closed(text: str, start: int) -> int | None:
    """Where the bracket that opens at `start` is closed, one past it; None where it is not.

    >>> closed("f([1, (2)]) x", 1)
    11
    """
    awaited: list[str] = []
    quote = ""
    for place in range(start, len(text)):
        letter = text[place]
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter in _CLOSING:
            awaited.append(_CLOSING[letter])
        elif letter in _CLOSING.values():
            if not awaited or awaited.pop() != letter:
                return None
            if not awaited:
                return place + 1
    return None


def parts(text: str) -> list[str]:
    """The text cut at the commas that stand in no bracket.

    >>> parts("[1, 2], dtype=x")
    ['[1, 2]', 'dtype=x']
    """
    found, depth, begin = [], 0, 0
    for place, letter in enumerate(text):
        depth += (letter in "([{<") - (letter in ")]}>")
        if letter == "," and depth == 0:
            found.append(text[begin:place].strip())
            begin = place + 1
    last = text[begin:].strip()
    return [*found, last] if last else found


def _wrapped(text: str, start: int) -> Literal | None:
    head = _WRAPPER.match(text, start)
    end = closed(text, head.end() - 1) if head else None
    if head is None or end is None:
        return None
    data, attributes = _arguments(text[head.end() : end - 1])
    inner = _numbers(data, text[start:end])
    if inner is None:
        return None
    return Literal(inner.kind, text[start:end], inner.printed, inner.items, attributes, inner.elided)


def _arguments(inner: str) -> tuple[str, dict[str, str]]:
    """The data of a `repr`, and its keyword parts."""
    pieces = parts(inner)
    keywords = {key.strip(): value.strip() for key, _, value in (piece.partition("=") for piece in pieces[1:]) if value}
    return (pieces[0] if pieces else ""), keywords


def _numbers(data: str, whole: str) -> Literal | None:
    """The numbers or truth values of a text that is all data: a numeral, or one bracketed array."""
    elided = "..." in data
    if _TRUTHS.fullmatch(data):
        numeric = data.replace("True", "1").replace("False", "0")
        inner = _numbers(numeric, whole)
        return None if inner is None else Literal("truth", whole, inner.printed, elided=elided)
    if elided:
        return Literal("array", whole, elided=True) if _is_data(data.replace("...", "")) else None
    if not _is_data(data):
        return None
    if not NUMERAL.search(data):
        return Literal("array", whole, Printed(np.zeros(_empty_shape(data)), np.zeros(_empty_shape(data))))
    try:
        printed = parse_printed(data)
    except (ValueError, SyntaxError):
        return None
    return Literal("array" if printed.values.shape else "number", whole, _evened(printed, data))


_DATA = re.compile(r"(?:#\s*\*)?[\[\],\s#]*")
_TRUTHS = re.compile(r"(?=.*(?:True|False))(?:True|False|\.\.\.|[\[\],\s])*", re.DOTALL)


def _is_data(text: str) -> bool:
    """Whether a text is numerals, brackets and what sets them apart, and a factor in front at most."""
    places = NUMERAL.sub("#", text)
    return "##" not in places and _DATA.fullmatch(places) is not None


def _empty_shape(data: str) -> tuple[int, ...]:
    return (1,) * (data.count("[") - 1) + (0,)


def _evened(printed: Printed, data: str) -> Printed:
    """NumPy trims zeros, so a `2.` beside `0.3333` is no exact number; nor is an exponent without decimals."""
    half = printed.half_units
    spread = half.max(initial=0.0)
    numerals = NUMERAL.findall(data[max(data.find("["), 0) :])
    dotted = np.array([numeral.endswith(".") for numeral in numerals]).reshape(half.shape)
    exponents = np.array([_last_place(numeral) for numeral in numerals]).reshape(half.shape)
    return Printed(printed.values, np.where(dotted & (half == 0), spread, np.where(half == 0, exponents, half)))


def _last_place(numeral: str) -> float:
    """Half a unit of `7e-9`, which has one digit; zero for a number that is written out."""
    mantissa, exponent, power = numeral.lower().partition("e")
    small = bool(exponent) and power.startswith("-") and "j" not in power and "." not in mantissa
    return 0.5 * 10.0 ** int(power) if small and mantissa.strip("+-") != "1" else 0.0


def _size(text: str, start: int) -> Literal | None:
    head = _SIZE.match(text, start)
    end = closed(text, head.end() - 1) if head else None
    if head is None or end is None:
        return None
    inner = _numbers(text[head.end() : end - 1].strip(), text[start:end])
    return None if inner is None else Literal("size", text[start:end], inner.printed)


def _simple(text: str, start: int) -> Literal | None:
    """A truth value, None, nan, a dtype, an object or a string."""
    if found := _WORD.match(text, start):
        return _named(found.group())
    for kind, pattern in _SIMPLE:
        if found := pattern.match(text, start):
            return Literal(kind, found.group())
    return None


_SIMPLE: tuple[tuple[Kind, re.Pattern[str]], ...] = (("type", _TYPE), ("object", _OBJECT), ("text", _STRING))


def _named(word: str) -> Literal:
    if word == "None":
        return Literal("none", word)
    if word.lower() in {"true", "false"}:
        return Literal("truth", word, Printed(np.array(float(word.lower() == "true")), np.array(0.0)))
    return Literal("number", word, Printed(np.array(float(word)), np.array(0.0)))


def _thousands(text: str, start: int) -> Literal | None:
    found = _THOUSANDS.match(text, start)
    if found is None:
        return None
    numeral = parse_printed(found.group().replace(",", ""))
    return Literal("number", found.group(), numeral)


def _number(text: str, start: int) -> Literal | None:
    minus = text[start : start + 1] == "−"
    found = _SCALAR.match(f"-{text[start + 1 :]}" if minus else text, 0 if minus else start)
    if found is None:
        return None
    numeral = found.group()
    written = f"−{numeral[1:]}" if minus else numeral
    return Literal("number", written, _evened(parse_printed(numeral), numeral))


def _bracketed(text: str, start: int) -> Literal | None:
    if text[start : start + 1] not in set(_CLOSING) or _OLD_TORCH.match(text, start):
        return None
    end = closed(text, start)
    if end is None:
        return None
    whole = text[start:end]
    if whole[0] == "{":
        return Literal("mapping", whole)
    inner = whole[1:-1].strip()
    if whole[0] == "(" and "," not in inner:
        return None
    flat = inner.rstrip(",") if whole[0] == "(" else inner
    found = _numbers(f"[{flat}]", whole)
    if found is not None and (found.elided or inner):
        return found
    items = list(_items(parts(inner)))
    return None if not items or None in items else Literal("sequence", whole, items=tuple(filter(None, items)))


def _items(pieces: list[str]) -> Iterator[Literal | None]:
    for piece in pieces:
        yield read_whole(piece)
