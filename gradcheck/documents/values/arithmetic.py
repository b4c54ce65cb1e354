"""Arithmetic that a comment carries out, such as `2*(2*3-1)*3 = 30`: each side is worked out, no code is run."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping

from gradcheck.articles.claims import Judgement
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Value
from gradcheck.documents.values.code import Code
from gradcheck.documents.values.comments import comments
from gradcheck.documents.values.compare import compare
from gradcheck.documents.values.literals import Literal, read_literal
from gradcheck.documents.values.replacement import replacement
from gradcheck.documents.values.wording import ends_well
from gradcheck.results import Diagnosis, Evidence

RULE = "the arithmetic is worked out; a stated decimal claims half a unit in its last place"

_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "²": "^2", "³": "^3", "^": "^"})
_CALCULATION = frozenset("0123456789.eE ()+*/^-×·÷−²³")
_EQUALS = re.compile(r"(?<![=<>!≈])(?:==?|≈)(?!=)")
_LARGEST = 1e6

_OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def judged_arithmetic(code: Code) -> Iterator[Judged]:
    """Every calculation in the block's comments whose two sides are numbers alone, judged."""
    for comment in comments(code.source):
        for left, literal, stated in calculations(comment.text):
            judgement, better = _judgement(left, literal)
            if judgement is not None:
                line = code.line(comment.row)
                fixed = stated[: len(stated) - len(literal.text)] + better if better else ""
                yield Judged(line, line, f"`{left}` is", stated, judgement, fixed)


def calculations(text: str) -> Iterator[tuple[str, Literal, str]]:
    """The left side, the number on the right, and the text of both, for each calculation in a comment.

    >>> [(left, right.text) for left, right, _ in calculations("dy/dx = 2*(2*3-1)*3 = 30")]
    [('2*(2*3-1)*3', '30')]
    >>> list(calculations("y = 2x + 3")), list(calculations("lr = 0.1"))
    ([], [])
    """
    begin = 0
    for sign in _EQUALS.finditer(text):
        left = text[begin : sign.start()].strip()
        right = sign.end() + len(text[sign.end() :]) - len(text[sign.end() :].lstrip())
        literal = read_literal(text, right)
        if literal is not None and literal.bare and ends_well((literal,), text, right) and _is_calculation(left):
            yield left, literal, text[text.index(left, begin) : right + len(literal.text)]
        begin = sign.end()


def _is_calculation(text: str) -> bool:
    """Whether a text is arithmetic with numbers alone, and not one number."""
    operates = any(sign in text.strip("-") for sign in "+*/^-×·÷−²³")
    return operates and set(text) <= _CALCULATION and worked_out(text) is not None


def worked_out(calculation: str) -> float | None:
    """The value of a calculation with numbers alone; None where it is none, or too large.

    >>> worked_out("2*(2*3-1)*3"), worked_out("3^2"), worked_out("9**9**9"), worked_out("1/0")
    (30, 9, None, None)
    """
    try:
        tree = ast.parse(calculation.translate(_SIGNS).replace("^", "**").strip(), mode="eval")
        value = _value(tree.body)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError):
        return None
    return value if math.isfinite(value) else None


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool) and abs(number) <= _LARGEST:
            return number
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATIONS:
            first, second = _value(left), _value(right)
            if isinstance(sign, ast.Pow) and (abs(second) > 64 or abs(first) > _LARGEST):
                raise ValueError("too large")
            result = _OPERATIONS[type(sign)](first, second)
            if isinstance(result, complex):
                raise ValueError("not real")
            return result
    raise ValueError("no arithmetic")


def _judgement(left: str, literal: Literal) -> tuple[Judgement | None, str]:
    exact = worked_out(left)
    assert exact is not None
    text = f"{exact:.10g}"
    value = Value("number", "float", text, text, "float", (), (float(exact),))
    found = compare(literal, value, approximate=False)
    shown = (Evidence("arithmetic", f"{left} = {text}"),)
    if found.agrees:
        kind = Diagnosis("truncated", found.remark) if found.outcome == "truncated" else None
        return Judgement("confirmed", text, RULE, kind, shown), ""
    if literal.whole and not float(exact).is_integer():
        return None, ""  # a whole number beside a fraction: a rounded or an integer division
    better = replacement(literal, value)
    diagnosis = Diagnosis("arithmetic", f"`{left}` is {text}")
    return Judgement("refuted", text, RULE, diagnosis, shown, f"write `{better}`"), better
