"""LaTeX as one line of Unicode, for a terminal: fractions with a slash, powers raised where Unicode can."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

from gradcheck.rendering.mathml import mathml

RAISED = str.maketrans("0123456789+−-()nij", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿⁱʲ")
"""The characters that have a raised form."""
SPACED = {"=", "+", "−", "±", ">", "<", "≥", "≤"}
SIGNS = {"-", "+", "±"}
PREFIXES = {"d", "∂"}
"""What stands close before the variable of a derivative."""
BAR = "\N{COMBINING MACRON}"


def math_text(latex: str) -> str:
    r"""The LaTeX on one line, or the LaTeX itself where it cannot be read.

    >>> math_text(r"\left(\frac{f}{g}\right)' = \frac{f' g - f g'}{g^2}")
    "(f/g)' = (f' g - f g')/g²"
    >>> math_text(r"\sum_k \delta_{kj} f_k = f_j")
    'Σ_k δ_kj f_k = f_j'
    """
    markup = mathml(latex)
    return latex if markup is None else " ".join(_text(fromstring(markup)).split()).replace("= - ", "= -")


def _text(element: Element) -> str:
    return WRITERS[element.tag](element) if element.tag in WRITERS else _row(element)


def _row(element: Element) -> str:
    parts = [part for child in element if (part := _text(child))]
    if not parts:
        return ""
    first = parts[0].strip() if parts[0].strip() in SIGNS else parts[0]
    return first + "".join(_gap(a, b) + b for a, b in pairwise(parts))


def _gap(before: str, after: str) -> str:
    ends = before[-1].isalnum() or before[-1] in f"')⁾{BAR}"
    starts = after[0].isalnum() or after[0] in "Σ√∂"
    return " " if ends and starts and before not in PREFIXES else ""


def _leaf(element: Element) -> str:
    text = element.text or ""
    if text in SPACED:
        return f" {'-' if text == '−' else text} "
    return {"∑": "Σ", "′": "'", ",": ", ", "−": "-"}.get(text, text)


def _fraction(element: Element) -> str:
    above, below = (_grouped(_text(child)) for child in element)
    return f"{above}/{below}"


def _grouped(text: str) -> str:
    """In parentheses where it is more than one thing; `∂f_k` and `du` are one."""
    text = text.strip()
    return f"({text})" if " " in text else text


def _raised(base: str, power: str) -> str:
    if set(power) <= {"'"}:
        return f"{base}{power}"
    base, power = _grouped(base), power.replace(" ", "")
    raised = power.translate(RAISED)
    return f"{base}{raised}" if not any(map(str.isalnum, raised.translate(_NO_RAISED))) else f"{base}^{_closed(power)}"


_NO_RAISED = dict.fromkeys(map(ord, "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿⁱʲ"))


def _closed(text: str) -> str:
    return text if len(text) == 1 or text.isalpha() else f"({text})"


def _lowered(base: str, index: str) -> str:
    return f"{base}_{index.replace(' ', '')}"


def _power(element: Element) -> str:
    return _raised(*map(_text, element))


def _index(element: Element) -> str:
    return _lowered(*map(_text, element))


def _both(element: Element) -> str:
    base, index, power = map(_text, element)
    return _raised(_lowered(base, index), power)


def _over(element: Element) -> str:
    base, _ = map(_text, element)
    return f"{base}{BAR}"


def _root(element: Element) -> str:
    inner = _row(element)
    return f"√{inner}" if len(inner) == 1 else f"√({inner})"


def _cases(element: Element) -> str:
    rows = (" where ".join(map(_text, row)) for row in element)
    return ", ".join(rows).replace("where else", "else") + "}"


WRITERS: Mapping[str, Callable[[Element], str]] = {
    **dict.fromkeys(("mi", "mn", "mo", "mtext"), _leaf),
    **dict.fromkeys(("msub", "munder"), _index),
    **dict.fromkeys(("msubsup", "munderover"), _both),
    "mspace": lambda _: " ",
    "mfrac": _fraction,
    "msup": _power,
    "mover": _over,
    "msqrt": _root,
    "mtable": _cases,
}
"""How each element is written; any other is written by its parts, one after the other."""
