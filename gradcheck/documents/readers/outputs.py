"""Which blocks are not code but what the code before them prints, and which code that is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gradcheck.documents.document import Passage
from gradcheck.documents.repair.python import parses, tree

_LEAD = re.compile(
    r"outputs?|prints?|printed|results?|returns?|gives|yields|displays?|shows|out|stdout|expected"
    r"|输出|结果|打印|显示|返回|輸出|結果|顯示",
    re.IGNORECASE,
)
"""A word that announces printed output, in prose that ends in a colon or is nothing else."""

_LEAD_WORD = re.compile(rf"\b({_LEAD.pattern})\b", re.IGNORECASE)
_LEAD_ALONE = re.compile(rf"(\w+ )?({_LEAD.pattern})", re.IGNORECASE)
_CJK = re.compile("[\u4e00-\u9fff]")
_DATA_CALLS = frozenset({"tensor", "array", "Parameter", "Size", "OrderedDict", "dict", "range"})
_DATA_LINE = re.compile(
    r"^[\s\[\](){},.:;eEjJ+\-*\d'\"]*$|^\s*(tensor|array|Tensor|torch\.Size|Parameter containing)\b"
)
_LABELLED = re.compile(r"^[^=(){}\[\]#]{1,40}[:=]\s*(-?\d|tensor\(|array\(|\[)")


def announces_output(prose: str) -> bool:
    """Whether prose announces what the code before it prints.

    >>> [announces_output(text) for text in ("Output:", "**Out**", "执行结果:", "This prints:", "The result is good.")]
    [True, True, True, True, False]
    """
    last = prose.strip().rsplit("\n", 1)[-1].strip(" *_#`")
    if last.endswith((":", "：")):
        return bool(_LEAD.search(last) if _CJK.search(last) else _LEAD_WORD.search(last))
    return bool(_LEAD_ALONE.fullmatch(last))


def with_outputs(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The same passages, those blocks that are printed output marked as such, or as prose where they are text."""
    code, announced, adjacent = False, False, False
    for each in passages:
        passage = _classified(each, code, announced, adjacent) if each.kind == "code" else each
        yield passage
        if passage.kind == "prose":
            announced, adjacent = announces_output(passage.text), False
        else:
            announced = False
            adjacent = passage.kind in ("code", "session")
            code = code or adjacent


def linked(passages: Iterable[Passage]) -> list[Passage]:
    """The passages, each output with the place of the code or session before it."""
    placed: list[Passage] = []
    last = -1
    for place, passage in enumerate(passages):
        if passage.kind in ("code", "session"):
            last = place
        placed.append(replace(passage, of=last) if passage.kind == "output" else passage)
    return placed


def _classified(passage: Passage, code: bool, announced: bool, adjacent: bool) -> Passage:
    if passage.language == "output" or (code and _is_output(passage, announced, adjacent)):
        return replace(passage, kind="output", shows="nothing")
    if passage.language == "text":
        return replace(passage, kind="prose")
    return passage


def _is_output(passage: Passage, announced: bool, adjacent: bool) -> bool:
    if passage.language in ("text", "console") and not passage.text.lstrip().startswith(("$ ", "% ", "# ")):
        return announced or adjacent
    if passage.language:
        return False
    if announced:
        return is_printed_data(passage.text) or not parses(passage.text)
    return adjacent and is_printed_data(passage.text)


def is_printed_data(text: str) -> bool:
    """Whether text is values as they are printed, and no code.

    >>> [is_printed_data(text) for text in ("tensor([1., 2.])", "loss: 0.25", "x.grad", "x = 1", "[[1 2]\\n [3 4]]")]
    [True, True, False, False, True]
    """
    module = tree(text)
    if module is not None:
        return bool(module.body) and all(_is_data(statement) for statement in module.body)
    lines = [line for line in text.split("\n") if line.strip()]
    return all(_DATA_LINE.match(line) or _LABELLED.match(line) for line in lines)


def _is_data(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.AnnAssign):
        return statement.value is None and _is_literal(statement.annotation)
    return isinstance(statement, ast.Expr) and _is_literal(statement.value)


def _is_literal(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return all(map(_is_literal, items))
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and _is_literal(key) for key in keys) and all(map(_is_literal, values))
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=arguments):
            return name in _DATA_CALLS and all(map(_is_literal, arguments))
    return False
