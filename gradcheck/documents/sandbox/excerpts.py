"""Listings in which `...` stands for code that the document leaves out."""

from __future__ import annotations

import ast
import io
import tokenize

from gradcheck.documents.sandbox.parsing import parsed

_ELISIONS = frozenset({"...", "…", ".."})


def is_excerpt(source: str) -> bool:
    """Whether `...` stands in the place of code in source that parses: as a statement, or alone in a comment.

    A function, method or class of which nothing else is written is a stub, and no excerpt.

    >>> is_excerpt("x = 1\\n..."), is_excerpt("for x in y:\\n    # ...\\n    f(x)")
    (True, True)
    >>> is_excerpt("def f(): ...\\nx[..., 0]")
    False
    """
    return _has_bare_ellipsis(parsed(source)) or _has_elision_comment(source)


def _has_bare_ellipsis(tree: ast.Module) -> bool:
    return any(
        _is_ellipsis(statement)
        for node in ast.walk(tree)
        for name in ("body", "orelse", "finalbody")
        if isinstance(body := getattr(node, name, None), list) and not _is_stub(node, body)
        for statement in body
    )


def _is_stub(node: ast.AST, body: list[ast.stmt]) -> bool:
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    return all(_is_ellipsis(statement) or _is_docstring(statement) for statement in body)


def _is_ellipsis(statement: ast.AST) -> bool:
    return (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and statement.value.value is ...
    )


def _is_docstring(statement: ast.AST) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _has_elision_comment(source: str) -> bool:
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (tokenize.TokenError, SyntaxError):
        return False
    return any(
        token.type == tokenize.COMMENT
        and token.string.lstrip("# ").rstrip() in _ELISIONS
        and not token.line[: token.start[1]].strip()
        for token in tokens
    )
