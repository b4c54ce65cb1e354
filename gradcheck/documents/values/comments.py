"""The statements of a block of code, and the comments that stand beside and below them."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal as OneOf

from gradcheck.documents.repair.python import segment
from gradcheck.documents.values.literals import closed

How = OneOf["print", "bare", "assigned"]


@dataclass(frozen=True)
class Comment:
    """A comment without its mark: the row (from 1) and column it begins at, and whether it has the row to itself."""

    row: int
    column: int
    text: str
    alone: bool


@dataclass(frozen=True)
class Statement:
    """A simple statement that prints, shows or assigns: its rows in the block, and its parts as they are written.

    `sources` are the printed arguments, the bare expression, or the targets; `source` is all of it. `value` is what
    an assignment assigns, `constant` whether that is a plain value; `looped` whether it stands in a loop or a function.
    """

    how: How
    row: int
    end_row: int
    source: str
    sources: tuple[str, ...]
    value: str = ""
    constant: bool = False
    looped: bool = False


@dataclass(frozen=True)
class Remark:
    """What the comments at a statement say: the text of one or several lines, and the rows they stand on.

    `below` says that it stands under the statement, so that it might as well be about what follows; `above`, that it
    stands over a call of print, with nothing else that it could be about.
    """

    statement: Statement
    text: str
    row: int
    end_row: int
    below: bool = False
    above: bool = False


def remarks(source: str) -> Iterator[Remark]:
    """Every comment beside a statement, and the ones right below and above it; nothing where the source is no Python.

    >>> [(each.statement.source, each.text) for each in remarks("print(x)  # 3\\ny = x  # 4\\n")]
    [('print(x)', '3'), ('y = x', '4')]
    """
    found = comments(source)
    by_row = {comment.row: comment for comment in found}
    last_on = {statement.end_row: statement for statement in statements(source)}
    firsts = {statement.row for statement in last_on.values()}
    for statement in last_on.values():
        beside = by_row.get(statement.end_row)
        if beside is not None and not beside.alone:
            text, end_row = _continued(beside, by_row)
            yield Remark(statement, text, beside.row, end_row)
        below = _below(statement, by_row)
        if below:
            text = "\n".join(comment.text for comment in below)
            yield Remark(statement, text, below[0].row, below[-1].row, below=True)
        above = _above(statement, by_row)
        if above and above[0].row - 1 not in last_on and statement.end_row + 1 not in firsts:
            text = " ".join(comment.text for comment in above)
            yield Remark(statement, text, above[0].row, above[-1].row, above=True)


def comments(source: str) -> list[Comment]:
    """The comments of a source, as far as it can be read.

    >>> comments("x = 1  # one\\n")[0].text
    'one'
    """
    found = []
    lines = source.split("\n")
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                text = token.string.lstrip("#").removeprefix(":")
                found.append(Comment(row, column, _unmargined(text), not lines[row - 1][:column].strip()))
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def statements(source: str) -> list[Statement]:
    """The statements that print, show or assign, in order; those of functions and loops too.

    Of a source that is no Python as a whole, those that stand on a line of their own.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return list(_single_lines(source))
    return sorted(_statements(tree, source, looped=False), key=lambda statement: statement.end_row)


_REPEATING = (ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef, ast.AsyncFor)


def _single_lines(source: str) -> Iterator[Statement]:
    for row, line in enumerate(source.split("\n"), start=1):
        try:
            body = ast.parse(line.strip()).body if "#" in line else []
        except (SyntaxError, ValueError):
            continue
        for found in (_statement(node, line.strip(), looped=False) for node in body):
            if found is not None:
                yield replace(found, row=row, end_row=row)


def _statements(node: ast.AST, source: str, looped: bool) -> Iterator[Statement]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            found = _statement(child, source, looped)
            if found is not None:
                yield found
        yield from _statements(child, source, looped or isinstance(child, _REPEATING))


def _statement(node: ast.stmt, source: str, looped: bool) -> Statement | None:
    def written(part: ast.AST) -> str:
        return segment(source, part)

    def made(how: How, sources: Sequence[ast.AST], value: ast.expr | None = None) -> Statement:
        texts = tuple(written(part) for part in sources)
        constant = value is not None and is_constant(value)
        assigned = written(value) if value is not None else ""
        end = node.end_lineno or node.lineno
        return Statement(how, node.lineno, end, written(node), texts, assigned, constant, looped)

    found: Statement | None = None
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=arguments)):
            found = made("print", arguments)
        case ast.Expr(value=value) if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
            found = made("bare", [value])
        case ast.Assign(targets=targets, value=value):
            found = made("assigned", _targets(targets), value)
        case ast.AugAssign(target=target):
            found = made("assigned", [target])
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            found = made("assigned", [target], value)
    return found


def _targets(targets: Sequence[ast.expr]) -> list[ast.expr]:
    """The names assigned, those of an unpacked tuple one by one."""
    found: list[ast.expr] = []
    for target in targets:
        found.extend(_targets(target.elts) if isinstance(target, (ast.Tuple, ast.List)) else [target])
    return found


_MAKERS = frozenset({"tensor", "as_tensor", "Tensor", "array", "asarray", "Parameter", "float", "int"})
"""What only makes its argument a tensor, an array or a number."""


def is_constant(node: ast.expr) -> bool:
    """Whether an expression is a plain value, as a setting is written.

    >>> is_constant(ast.parse("-0.5", mode="eval").body), is_constant(ast.parse("f(2)", mode="eval").body)
    (True, False)
    """
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=operand):
            return is_constant(operand)
        case ast.List(elts=elements) | ast.Tuple(elts=elements) | ast.Set(elts=elements):
            return all(map(is_constant, elements))
        case ast.Dict(values=values):
            return all(map(is_constant, values))
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments) if name in _MAKERS:
            return all(map(is_constant, arguments))
    return False


def _continued(first: Comment, by_row: dict[int, Comment]) -> tuple[str, int]:
    """The comment with the lines below that close the bracket it opens."""
    text, row = first.text, first.row
    while _open(text) and row + 1 in by_row and by_row[row + 1].alone:
        row += 1
        text = f"{text}\n{by_row[row].text}"
    return (first.text, first.row) if _open(text) else (text, row)


def _open(text: str) -> bool:
    """Whether a bracket is opened and not closed."""
    starts = [place for place in (text.find("("), text.find("[")) if place >= 0]
    return bool(starts) and closed(text, min(starts)) is None


def _below(statement: Statement, by_row: dict[int, Comment]) -> list[Comment]:
    """The comments that have the rows right below a printing statement to themselves."""
    found: list[Comment] = []
    row = statement.end_row + 1
    while statement.how != "assigned" and row in by_row and by_row[row].alone:
        found.append(by_row[row])
        row += 1
    return found


def _above(statement: Statement, by_row: dict[int, Comment]) -> list[Comment]:
    """The comments that have the rows right above a call of print to themselves."""
    found: list[Comment] = []
    row = statement.row - 1
    while statement.how == "print" and row in by_row and by_row[row].alone:
        found.insert(0, by_row[row])
        row -= 1
    return found


def _unmargined(text: str) -> str:
    return text.removeprefix(" ").rstrip()
