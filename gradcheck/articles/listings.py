"""Judges listings without running them: what does not parse, what breaks off, and which names nothing binds."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.results import Diagnosis, Evidence


def listing_runs(data: Data) -> Judgement:
    """Judges whether the listing `code` can run: it parses, and every name that it reads is bound somewhere in it."""
    code = read.text(data, "code")
    broken = syntax_problem(code)
    missing = () if broken else undefined_names(code)
    if not broken and not missing:
        return Judgement("confirmed", "it parses, and every name that it reads is bound", _RULE)
    actual = broken or f"nothing defines {', '.join(f'`{name}`' for name in missing)}"
    return Judgement(
        status="not checkable",
        actual=actual,
        rule=_RULE,
        diagnosis=Diagnosis("syntax", actual) if broken else Diagnosis("undefined names", actual),
        evidence=(Evidence("ast", broken or "the listing parses"), *_names_evidence(missing)),
        suggestion="print the listing whole"
        if broken
        else f"define {', '.join(f'`{name}`' for name in missing)} first",
    )


_RULE = "a listing can run only if it parses and binds every name that it reads; it is read, not run"


def listing_complete(data: Data) -> Judgement:
    """Judges whether the listing `code` is whole.

    It breaks off where it does not parse, where it ends in a bare name, or where a function that is said to return
    `returns` has no return statement, or never assigns what it returns.
    """
    code, returns = read.text(data, "code"), [str(name) for name in read.items(data, "returns")]
    found = list(_signs_of_a_break(code, returns))
    if not found:
        return Judgement("confirmed", "the listing is whole", _COMPLETE_RULE)
    return Judgement(
        status="not checkable",
        actual="the listing breaks off: " + "; ".join(found),
        rule=_COMPLETE_RULE,
        diagnosis=Diagnosis("truncated", "the listing breaks off: " + "; ".join(found)),
        evidence=tuple(Evidence("ast", sign) for sign in found),
        suggestion=read.text(data, "suggestion", "print the listing to its end"),
    )


_COMPLETE_RULE = (
    "a whole listing parses, does not end in a bare name, and returns what it promises; it is read, not run"
)


def _signs_of_a_break(code: str, returns: list[str]) -> Iterator[str]:
    broken = syntax_problem(code)
    if broken:
        yield broken
        return
    tree = ast.parse(code)
    last = _last_statement(tree)
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Name):
        yield f"its last line is the bare name `{last.value.id}`"
    nodes = list(ast.walk(tree))
    if returns and not any(isinstance(node, ast.Return) for node in nodes):
        yield f"it never returns {', '.join(f'`{name}`' for name in returns)}"
    written = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    never = [name for name in returns if name not in written]
    if never:
        yield f"it never assigns {', '.join(f'`{name}`' for name in never)}"


def _last_statement(tree: ast.Module) -> ast.stmt | None:
    statement: ast.stmt | None = None
    body: list[ast.stmt] = tree.body
    while body:
        statement = body[-1]
        body = getattr(statement, "body", [])
    return statement


def syntax_problem(code: str) -> str:
    """Why the code does not parse, in one line; empty where it parses.

    >>> syntax_problem("f(1, 2")
    "it does not parse: '(' was never closed, line 1"
    >>> syntax_problem("f(1, 2)")
    ''
    """
    try:
        ast.parse(code)
    except SyntaxError as error:
        return f"it does not parse: {error.msg}, line {error.lineno}"
    return ""


def undefined_names(code: str) -> tuple[str, ...]:
    """The names that the code reads and nothing binds, in alphabetical order; builtins are bound.

    >>> undefined_names("import math\\nprint(math.exp(rate) * step)")
    ('rate', 'step')
    """
    module = symtable.symtable(code, "<listing>", "exec")
    bound = {symbol.get_name() for symbol in module.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    bound |= {symbol.get_name() for symbol in module.get_symbols() if symbol.is_namespace()}
    read_globally = {
        symbol.get_name() for table in _tables(module) for symbol in table.get_symbols() if _is_global(symbol)
    }
    return tuple(sorted(read_globally - bound - set(dir(builtins))))


def _is_global(symbol: symtable.Symbol) -> bool:
    return symbol.is_referenced() and symbol.is_global()


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def _names_evidence(missing: tuple[str, ...]) -> tuple[Evidence, ...]:
    return tuple(Evidence("symtable", f"`{name}` is read, and nothing binds it") for name in missing)


def no_output(data: Data) -> Judgement:
    """Judges a statement that no computation can decide; `reason` says why."""
    return Judgement(
        status="not checkable",
        actual=read.text(data, "actual", "nothing to compute"),
        rule=read.text(data, "reason"),
        suggestion=read.text(data, "suggestion", ""),
    )
