"""What stands before a stated value (`dout/dw = x = 2.0`), and whether it names what the statement gives."""

from __future__ import annotations

import re

from gradcheck.documents.values.comments import Statement

_DERIVATIVE = re.compile(r"[d∂]\(?\w*\)?\s*/\s*[d∂]\(?\w|∇|grad|derivative|梯度|导数|slope|'", re.IGNORECASE)
_ARITHMETIC = re.compile(r"[-+*/^²³(]")


def label_fits(label: str, source: str, statement: Statement) -> bool:
    """Whether what stands before the equals sign is what the statement gives: its name, gradient or arithmetic.

    >>> from gradcheck.documents.values.comments import statements
    >>> (printed,) = statements("print(x.grad)")
    >>> [label_fits(label, "x.grad", printed) for label in ("x.grad", "dy/dx = 2x", "2*(3-1)", "hidden size")]
    [True, True, True, False]
    """
    plain = plain_source(label)
    targets = {plain_source(source), *map(plain_source, statement.sources)}
    pieces = segments(plain)
    if targets & set(pieces):
        return True
    if _DERIVATIVE.search(label):
        return bool(re.search(r"grad|\bd\w|deriv", f"{source} {statement.value}"))
    if "," in plain or ":" in plain:
        return False
    if pieces and all(_ARITHMETIC.search(segment) for segment in pieces):
        return True
    words = re.findall(r"[^\W\d_]{2,}", label.lower())
    return bool(words) and all(word in statement.source.lower() for word in words)


def segments(label: str) -> list[str]:
    """What stands between the equals signs of a label without spaces."""
    return [segment for segment in re.split(r"==?|->|=>|→|:", label) if segment]


def plain_source(text: str) -> str:
    """Source without its spaces."""
    return "".join(text.split()).strip("`")
