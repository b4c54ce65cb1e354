"""Values that a document's code itself asserts: `assert x.grad.equal(2 * x)`, `torch.testing.assert_close(a, b)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck.articles.claims import Judgement
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Failure, Run
from gradcheck.documents.repair.python import segment
from gradcheck.documents.values.code import Code
from gradcheck.documents.values.context import Context, evidence, not_reproducible, shortened, unjudged

RULE = "the document's code asserts it, and ran past it in each run"
FAILS = "the assertion does not hold here; by how much its sides differ is not recorded"
LOOPED = "whether the code around it runs at all is not recorded"

COMPARING = frozenset(("equal", "allclose", "isclose", "array_equal", "gradcheck", "gradgradcheck"))
"""Functions whose value, where it is asserted, says that two things are the same."""
RAISING = frozenset(
    (
        "assert_close",
        "assert_allclose",
        "assert_array_equal",
        "assert_array_almost_equal",
        "assert_almost_equal",
        "assert_equal",
        "gradcheck",
        "gradgradcheck",
    )
)
"""Functions that raise where two things are not the same."""
_ENDS = frozenset(("time", "memory", "output", "exited", "refused"))
_LITERAL = (ast.Constant, ast.Tuple, ast.List)
_PASSED_THROUGH = (ast.With, ast.AsyncWith, ast.Try)


@dataclass(frozen=True)
class Assertion:
    """One assertion in a block: its rows, from 1, its text, and whether it is sure to be reached with the block."""

    row: int
    end_row: int
    text: str
    certain: bool


def judged_assertions(context: Context, code: Code) -> Iterator[Judged]:
    """Every value that a block asserts on its way, judged by whether the runs came past it."""
    for each in assertions(code.source):
        line, end_line = code.line(each.row), code.line(each.end_row)
        asserted = shortened(" ".join(each.text.removeprefix("assert ").split()), 120)
        judgement = _judgement(context, code, each, line, end_line)
        yield Judged(line, end_line, f"the code asserts `{asserted}`", each.text, judgement, "")


def assertions(source: str) -> Iterator[Assertion]:
    """The assertions outside of functions and classes that compare values.

    >>> [(each.text, each.certain) for each in assertions("assert x.grad.equal(2 * x)\\nassert names\\n")]
    [('assert x.grad.equal(2 * x)', True)]
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return
    for node, certain in _statements(tree, certain=True):
        if _compares(node):
            yield Assertion(node.lineno, node.end_lineno or node.lineno, segment(source, node), certain)


def _statements(node: ast.AST, certain: bool) -> Iterator[tuple[ast.stmt, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(child, ast.stmt):
            yield child, certain
            yield from _statements(child, certain and isinstance(child, _PASSED_THROUGH))
        elif isinstance(child, ast.ExceptHandler):
            yield from _statements(child, certain=False)


def _compares(node: ast.stmt) -> bool:
    match node:
        case ast.Assert(test=ast.Constant()):
            return False
        case ast.Assert(test=test):
            return _called(test) & COMPARING != set() or _of_gradient(test) or _to_literal(test)
        case ast.Expr(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))):
            return name in RAISING
    return False


def _called(test: ast.expr) -> set[str]:
    calls = [each.func for each in ast.walk(test) if isinstance(each, ast.Call)]
    names = {each.id for each in calls if isinstance(each, ast.Name)}
    return names | {each.attr for each in calls if isinstance(each, ast.Attribute)}


def _of_gradient(test: ast.expr) -> bool:
    """Whether a gradient is compared with something."""
    nodes = list(ast.walk(test))
    read = any(isinstance(each, ast.Attribute) and each.attr == "grad" for each in nodes)
    return read and any(isinstance(each, ast.Compare) for each in nodes)


def _to_literal(test: ast.expr) -> bool:
    """Whether something that is worked out is held equal to a value that is written."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            written = [each for each in (left, right) if _is_number(each)]
            return len(written) == 1
    return False


def _is_number(node: ast.expr) -> bool:
    inner = list(ast.walk(node))
    numbers = [each for each in inner if isinstance(each, ast.Constant)]
    plain = all(isinstance(each, (*_LITERAL, ast.UnaryOp, ast.USub, ast.Load)) for each in inner)
    return bool(numbers) and plain and all(type(each.value) in (int, float) for each in numbers)


def _judgement(context: Context, code: Code, found: Assertion, line: int, end_line: int) -> Judgement:
    runs = context.runs
    if runs is None:
        return unjudged("the code was not run")
    outcomes = {_outcome(run, code, line, end_line) for run in (runs.first, runs.reseeded) if run is not None}
    if "not reached" in outcomes:
        return unjudged(context.not_reached(code.number, line))
    if outcomes == {"held", "failed"}:
        return not_reproducible(context, "random numbers", "the assertion fails in one of two runs", code.passage)
    if outcomes == {"failed"}:
        return unjudged(FAILS)
    if not found.certain:
        return unjudged(LOOPED)
    return Judgement("confirmed", "it held", RULE, evidence=evidence(code.passage, ["the assertion held"]))


def _outcome(run: Run, code: Code, line: int, end_line: int) -> str:
    """Whether a run came past an assertion."""
    failed = [each for each in run.failures if _at(each, code, line, end_line)]
    if any(each.kind == "raised" and "Assert" in each.text.partition(":")[0] for each in failed):
        return "failed"
    before = [each for each in run.failures if each.kind in _ENDS and (each.block, each.line) <= (code.number, line)]
    return "not reached" if failed or before else "held"


def _at(failure: Failure, code: Code, line: int, end_line: int) -> bool:
    return failure.block == code.number and failure.line <= end_line and line <= max(failure.end_line, failure.line)
