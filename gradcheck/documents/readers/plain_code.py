"""What a line of plain text looks like: code, a comment, printed data, a formula, prose."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from gradcheck.documents.readers.printed import is_printed_data
from gradcheck.documents.repair.characters import ASCII_FOR_WIDE
from gradcheck.documents.repair.python import parses, tree
from gradcheck.documents.repair.spans import code_of, comment_start, depth_of, spans

Look = Literal["code", "comment", "data", "math", "prose", "blank"]

LONGEST_BRACKET, LONGEST_STRING = 60, 400
"""So many lines at most belong to a bracket or a string that was opened before them."""

_FORMULA = re.compile(r"\s*(\\[a-zA-Z]|\$\$)")
_IDEOGRAPH = re.compile("[\u2e80-\u2fff\u3040-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_PROMPT = re.compile(r"\s*(>>>|\.\.\. |In ?\[\d*\]:)")
_CLOSING = re.compile(r"\s*[)\]}]+[\s,:)\]}]*$")
_HEADS = tuple(
    re.compile(pattern)
    for pattern in (
        r"import [A-Za-z_][\w.]*.*[=(:]",
        r"from [A-Za-z_.][\w.]* import \w+",
        r"(async )?def \w+\(.*\).*:",
        r"class \w+(\([\w.,= ]*\))?:",
        r"@[A-Za-z_][\w.]*(\(.*\))?$",
    )
)
"""Beginnings that only code has, also where a line has lost its line breaks further on."""

_OPENING = re.compile(r"[A-Za-z_][\w.]*(\[[^\]]*\])?( *, *[A-Za-z_][\w.]*)* *([-+*/@]?=(?!=)|\()")
_CLAUSES = ("else:", "try:", "finally:", "elif ", "except", "return", "pass", "break", "continue", "raise ", "yield ")


def looks(text: str, in_code: bool) -> Look:
    """What one line looks like; `in_code` says that the line before it is code.

    >>> [looks(text, False) for text in ("y = f(x)  # so", "# so", "tensor([1.])", "\\\\theta = 1", "So it is.")]
    ['code', 'comment', 'data', 'math', 'prose']
    """
    stripped = text.strip()
    if not stripped:
        return "blank"
    if stripped.startswith("#"):
        return "comment"
    if _FORMULA.match(text) and not _IDEOGRAPH.search(text):
        return "math"
    if _is_data(stripped) and not (in_code and text[0] in " \t"):
        return "data"
    return "code" if _PROMPT.match(text) or _is_code(text, in_code) else "prose"


def _is_data(text: str) -> bool:
    if text.startswith(('"', "'")):
        return False
    return is_printed_data(text) or (text.startswith(("tensor(", "array(")) and not parses(text))


def _is_code(text: str, in_code: bool) -> bool:
    plain = text.translate(ASCII_FOR_WIDE)
    comment = comment_start(plain)
    head = (plain if comment < 0 else plain[:comment]).strip()
    if not head or _IDEOGRAPH.search(code_of(plain)):
        return False
    if in_code and (text[:1] in " \t" or _CLOSING.match(head) or head.startswith(_CLAUSES)):
        return text[:1] not in " \t" or head[0] not in "•·-*" or not head[1:2].isspace()
    if any(pattern.match(head) for pattern in _HEADS):
        return True
    if _OPENING.match(head) and depth_of(code_of(head)) > 0:
        return True
    module = tree(head) or tree(f"{head} pass")
    return module is not None and any(not _is_words(statement) for statement in module.body)


def _is_words(statement: ast.stmt) -> bool:
    """Whether a statement may as well be words: a name, a text, a number, an annotation, a comparison of names."""
    if isinstance(statement, ast.AnnAssign):
        return True
    return isinstance(statement, ast.Expr) and not isinstance(statement.value, ast.Call | ast.Await)


def is_strong(texts: Sequence[str]) -> bool:
    """Whether lines that may be code are: more than one equation, or more than one call by its name alone.

    >>> is_strong(["y = w*x + b"]), is_strong(["y = w*x + b  # so"]), is_strong(["y = f(x)", "print(y)"])
    (False, True, True)
    """
    filled = [text for text in texts if text.strip()]
    if len(filled) > 1:
        return True
    text = filled[0].strip() if filled else ""
    module = tree(text)
    if comment_start(text) >= 0 or module is None:
        return True
    match module.body:
        case [ast.Expr(value=ast.Call(func=ast.Name(), args=[]))]:
            return False
        case [ast.Assign(value=value)]:
            return any(isinstance(node, ast.Call | ast.Attribute | ast.List) for node in ast.walk(value))
    return True


@lru_cache(maxsize=4096)
def opens(text: str, quote: str) -> tuple[int, str]:
    """How many brackets a line opens for good, and the triple quote open behind it; `quote` is the one before it."""
    return depth_of(code_of(text, quote)), spans(text, quote)[1]


def closes_later(texts: Sequence[str], row: int) -> bool:
    """Whether the bracket or the string that a line opens is closed on one of the lines that follow."""
    depth, quote = 0, ""
    for place, text in enumerate(texts[row : row + LONGEST_BRACKET]):
        opened, quote = opens(text, quote)
        depth += opened
        if quote and depth <= 0:
            start = row + place + 1
            return any(quote in following for following in texts[start : start + LONGEST_STRING])
        if depth <= 0:
            return True
    return False
