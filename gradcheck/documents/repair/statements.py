"""Code that lost the line breaks between its statements, cut into them again where only one way of cutting reads."""

from __future__ import annotations

import ast
import re
from functools import lru_cache

from gradcheck.documents.repair.names import BUILTINS, bound, needed
from gradcheck.documents.repair.python import tree

LONGEST = 600
"""So many characters of code are cut at most: the work grows with their square."""

_ENDS_IN_DECORATOR = re.compile(r"[^\s@]\s*@[\w.]+$")
_HEADER = re.compile(r"(async )?(def|class|with|for|while|if|elif|else|try|except|finally)\b")


def cut(code: str, known: frozenset[str]) -> tuple[str, ...] | None:
    """The statements that `code` is made of, or None where no cutting reads, or more than one into so few statements.

    A cutting reads where every statement parses and needs no names but `known` ones, built-in ones, and those that
    the statements before it bind.

    >>> cut("import numpy as npx = np.ones(2)", frozenset())
    ('import numpy as np', 'x = np.ones(2)')
    >>> cut("w -= w.grad * rateb -= b.grad * rate", frozenset({"w", "b", "rate"}))
    ('w -= w.grad * rate', 'b -= b.grad * rate')
    >>> cut("x += abc += 1", frozenset({"x", "a", "bc", "ab", "c"})) is None
    True
    """
    code = code.strip()
    if len(code) > LONGEST:
        return None
    readings = _cuttings(code, known | BUILTINS)
    return readings[0] if len(readings) == 1 else None


def module_of(statement: str) -> ast.Module | None:
    """The tree of a statement, of a compound statement's header or of a decorator.

    >>> [module_of(text) is not None for text in ("x = 1", "for i in x:", "@staticmethod", "else:", "x = ")]
    [True, True, True, True, False]
    """
    if statement.startswith("@"):
        return tree(f"{statement}\ndef decorated(): pass")
    if is_header(statement):
        before = {"elif": "if 0: pass\n", "else": "if 0: pass\n", "except": "try: pass\n", "finally": "try: pass\n"}
        word = re.split(r"\W", statement, maxsplit=1)[0]
        after = "\nfinally: pass" if word == "try" else ""
        return tree(f"{before.get(word, '')}{statement} pass{after}")
    return tree(statement)


def is_header(statement: str) -> bool:
    """Whether a statement only opens a block.

    >>> is_header("def f(x):"), is_header("if x: y = 1")
    (True, False)
    """
    return statement.endswith(":") and bool(_HEADER.match(statement))


@lru_cache(maxsize=4096)
def _cuttings(code: str, names: frozenset[str]) -> tuple[tuple[str, ...], ...]:
    """Two of the ways of cutting code into as few statements as parse and have their names when needed."""
    found: list[tuple[str, ...]] = []
    for place in (*_boundaries(code), len(code)):
        first, rest = code[:place].rstrip(), code[place:].lstrip()
        module = _statement(first)
        if module is None or not needed(module) <= names | bound(module):
            continue
        if not rest:
            found.append((first,))
        elif not (_ENDS_IN_DECORATOR.search(first) and rest.startswith(("def", "class", "async"))):
            found += [(first, *others) for others in _cuttings(rest, names | bound(module))]
    fewest = min(map(len, found), default=0)
    return tuple(reading for reading in found if len(reading) == fewest)[:2]


@lru_cache(maxsize=8192)
def _statement(text: str) -> ast.Module | None:
    """The tree of one statement or header; none for what no author writes on a line of its own."""
    module = module_of(text)
    if module is None or len(module.body) != 1 or (_opens(module.body[0]) and text[:1] != "@" and not is_header(text)):
        return None
    match module.body[0]:
        case (
            ast.AnnAssign() | ast.Expr(value=ast.Name() | ast.Constant() | ast.Attribute() | ast.Tuple() | ast.BinOp())
        ):
            return None
    return module


def _opens(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.With | ast.For | ast.While | ast.If | ast.FunctionDef | ast.ClassDef | ast.Try)


@lru_cache(maxsize=512)
def _boundaries(code: str) -> tuple[int, ...]:
    """The places where a line break may have been: before a letter or `@`, behind a letter, a bracket or a colon."""
    return tuple(
        place
        for place in range(1, len(code))
        if (code[place].isalpha() or code[place] in "_@")
        and (code[place - 1].isalnum() or code[place - 1] in "_)]}:\"'.")
        and not code[place - 1].isspace()
    )
