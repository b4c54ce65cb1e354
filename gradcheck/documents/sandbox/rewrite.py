"""Rewrites a block's syntax tree so that it reports what it prints, shows and assigns, and does the same otherwise.

`print(a, f"{b:.2f}")` becomes `recorder.printed(0, print, (a, recorder.formatted(((b, -1, ".2f"),))), {})`, a bare `c`
becomes `recorder.bare(1, c)`, and `d = e` is followed by `recorder.assigned(2, (d,))`. Where calls are wanted, a
function starts with `recorder.called(0, (x, *rest), {})`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, cast

from gradcheck.documents.sandbox.calls import FORWARD, Definition
from gradcheck.documents.sandbox.parsing import Places
from gradcheck.documents.sandbox.received import is_generator, received
from gradcheck.documents.sandbox.seeds import SEEDING_FUNCTIONS, SEEDING_KEYWORDS

Node = TypeVar("Node", bound=ast.AST)

RECORDER = "__gradcheck_recorder__"
"""The name, among the built-in ones, that rewritten code calls."""

COMPILED_ELSEWHERE = frozenset(
    {"cuda", "compile", "function", "guvectorize", "jit", "kernel", "njit", "script", "vectorize"}
)
"""Decorators whose functions are translated from their code: those are left as they are written."""


Scope = Literal["module", "function", "class"]
"""What a statement stands in."""


@dataclass(frozen=True)
class Site:
    """A place in the code that reports: what it reports, where it stands, and as whose value.

    `sources` has one entry an argument, a tuple of the parts' sources for an f-string.
    """

    how: Literal["print", "bare", "assigned"]
    block: int
    line: int
    end_line: int
    sources: tuple[str | tuple[str, ...], ...]
    displayed: bool = False


class Rewriter(ast.NodeTransformer):
    """Rewrites the statements of one block; `sites` is common to all blocks of a run.

    `definitions` takes the functions whose calls report with what they are called; None where none shall.
    """

    def __init__(self, places: Places, sites: list[Site], definitions: list[Definition] | None = None) -> None:
        self.places, self.sites, self.definitions = places, sites, definitions
        self.owner = ""
        self.statement: ast.stmt | None = None
        self.scope: Scope = "module"
        self.displays = False

    def rewritten(self, statement: ast.stmt, displays: bool) -> list[ast.stmt]:
        """The statements that stand for one of the block's own; `displays` says that its bare expressions show."""
        self.displays = displays
        result: Any = self.visit(statement)
        statements: list[ast.stmt] = result if isinstance(result, list) else [result]
        return [ast.fix_missing_locations(each) for each in statements]

    def visit(self, node: ast.AST) -> object:
        """Keeps account of the innermost simple statement."""
        if not isinstance(node, ast.stmt):
            return super().visit(node)
        outer, self.statement = self.statement, None if hasattr(node, "body") else node
        try:
            return super().visit(node)
        finally:
            self.statement = outer

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        """A bare expression reports its value, except where it is a call of print, or no value to speak of."""
        if (
            isinstance(node.value, ast.Yield | ast.YieldFrom | ast.Await)
            or _is_print(node.value)
            or self._is_remark(node)
        ):
            self.generic_visit(node)
            return node
        site = self._site("bare", node.value, (self.places.source(node.value),), self._displayed())
        self.generic_visit(node)
        return _like(node, ast.Expr(_call("bare", node, site, node.value)))

    def visit_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        """Every target of an assignment reports what it now is."""
        return self._assignment(node, [leaf for target in node.targets for leaf in _leaves(target)])

    def visit_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        """An annotated name reports where it is given a value."""
        return self._assignment(node, list(_leaves(node.target)) if node.value else [])

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        """The target reports what it has become."""
        return self._assignment(node, list(_leaves(node.target)))

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        """After an import, random numbers of what came with it get their seed."""
        return [node, _like(node, ast.Expr(_call("imported", node)))]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        """As for `import`; what changes the language has to stay in front."""
        return [node] if node.module == "__future__" else [node, _like(node, ast.Expr(_call("imported", node)))]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.stmt:
        """A function's body reports like any other code."""
        return self._scoped(node, "function")

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.stmt:
        """A function's body reports like any other code."""
        return self._scoped(node, "function")

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.stmt:
        """A class reports nothing of its attributes; its methods do."""
        return self._scoped(node, "class")

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """A call of print reports its arguments; a call that seeds gets a seed that can be shifted."""
        if _is_print(node) and not any(keyword.arg is None for keyword in node.keywords):
            return self._print(node)
        self.generic_visit(node)
        if _last_name(node.func) in SEEDING_FUNCTIONS and node.args:
            node.args[0] = self._seed(node.args[0])
        for keyword in node.keywords:
            if keyword.arg in SEEDING_KEYWORDS:
                keyword.value = self._seed(keyword.value)
        return node

    def _print(self, node: ast.Call) -> ast.expr:
        sources = tuple(self._argument_sources(argument) for argument in node.args)
        site = self._site("print", node, sources)
        arguments = [self._argument(argument) for argument in node.args]
        keywords = cast("list[ast.expr]", [self.visit(keyword.value) for keyword in node.keywords])
        names: list[ast.expr | None] = [ast.Constant(keyword.arg) for keyword in node.keywords]
        named = ast.Dict(names, keywords)
        return _call("printed", node, site, node.func, ast.Tuple(arguments, ast.Load()), named)

    def _argument_sources(self, argument: ast.expr) -> str | tuple[str, ...]:
        if isinstance(argument, ast.JoinedStr):
            return tuple(
                self.places.source(part.value) for part in argument.values if isinstance(part, ast.FormattedValue)
            )
        if isinstance(argument, ast.Starred):
            return f"*{self.places.source(argument.value)}"
        return self.places.source(argument)

    def _argument(self, argument: ast.expr) -> ast.expr:
        if isinstance(argument, ast.JoinedStr):
            parts = [self._part(part) for part in argument.values]
            return _call("formatted", argument, ast.Tuple(parts, ast.Load()))
        if isinstance(argument, ast.Starred):
            return _call("starred", argument, self._expression(argument.value))
        return self._expression(argument)

    def _part(self, part: ast.expr) -> ast.expr:
        if not isinstance(part, ast.FormattedValue):
            return part
        form = self._expression(part.format_spec) if part.format_spec else ast.Constant("")
        return ast.Tuple([self._expression(part.value), ast.Constant(part.conversion), form], ast.Load())

    def _expression(self, node: ast.expr) -> ast.expr:
        result = self.visit(node)
        assert isinstance(result, ast.expr)
        return result

    def _seed(self, node: ast.expr) -> ast.expr:
        return node if isinstance(node, ast.Starred) else _call("seed", node, node)

    def _assignment(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign, leaves: list[ast.expr]) -> list[ast.stmt]:
        seen = {} if self.scope == "class" else {self.places.source(leaf): _loaded(leaf) for leaf in leaves}
        site = self._site("assigned", node, tuple(seen)) if seen else None
        self.generic_visit(node)
        if site is None:
            return [node]
        report: ast.stmt = ast.Expr(_call("assigned", node, site, ast.Tuple(list(seen.values()), ast.Load())))
        if not all(isinstance(leaf, ast.Name) for leaf in seen.values()):
            report = _guarded(report)
        return [node, _like(node, report)]

    def _scoped(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, scope: Scope) -> ast.stmt:
        if any(COMPILED_ELSEWHERE & set(_dotted_names(decorator)) for decorator in node.decorator_list):
            return node
        definition = self._definition(node) if isinstance(node, ast.FunctionDef) else None
        with self._inside(scope, node.name if scope == "class" and self.scope == "module" else ""):
            self.generic_visit(node)
        if definition is not None and isinstance(node, ast.FunctionDef):
            node.body.insert(ast.get_docstring(node, clean=False) is not None, definition)
        return node

    def _definition(self, node: ast.FunctionDef) -> ast.stmt | None:
        """The statement that reports a call, for a function of the module and for a forward pass; None for others."""
        of_interest = self.scope == "module" or (self.scope == "class" and self.owner and node.name == FORWARD)
        if self.definitions is None or not of_interest or is_generator(node):
            return None
        first, last = self.places.span(node)
        self.definitions.append(Definition(node.name, self.owner, self.places.block.number, first, last))
        number, place = ast.Constant(len(self.definitions) - 1), node.body[0]
        return _like(place, ast.Expr(_call("called", place, number, *received(node))))

    @contextmanager
    def _inside(self, scope: Scope, owner: str) -> Iterator[None]:
        outer, displays, outer_owner = self.scope, self.displays, self.owner
        self.scope, self.displays, self.owner = scope, False, owner
        try:
            yield
        finally:
            self.scope, self.displays, self.owner = outer, displays, outer_owner

    def _displayed(self) -> bool:
        return self.displays and self.scope == "module"

    def _is_remark(self, node: ast.Expr) -> bool:
        """Whether an expression says nothing: `...`, and a text that is not displayed, such as a docstring."""
        value = node.value.value if isinstance(node.value, ast.Constant) else None
        return value is ... or (isinstance(value, str) and not self._displayed())

    def _site(
        self,
        how: Literal["print", "bare", "assigned"],
        node: ast.stmt | ast.expr,
        sources: tuple[str | tuple[str, ...], ...],
        displayed: bool = False,
    ) -> ast.expr:
        line, end_line = self.places.span(self.statement or node)
        self.sites.append(Site(how, self.places.block.number, line, end_line, sources, displayed))
        return ast.Constant(len(self.sites) - 1)


def _is_print(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"


def _last_name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _dotted_names(node: ast.expr) -> Iterator[str]:
    return (_last_name(inner) for inner in ast.walk(node) if isinstance(inner, ast.Name | ast.Attribute))


def _leaves(target: ast.expr) -> Iterator[ast.expr]:
    """The single targets in one that unpacks; none whose index might do something when it is read again."""
    if isinstance(target, ast.Tuple | ast.List):
        for element in target.elts:
            yield from _leaves(element)
    elif isinstance(target, ast.Starred):
        yield from _leaves(target.value)
    elif not any(isinstance(inner, ast.Call | ast.NamedExpr | ast.Await | ast.Yield) for inner in ast.walk(target)):
        yield target


def _loaded(target: ast.expr) -> ast.expr:
    """A target as an expression of its own."""
    target = deepcopy(target)
    if isinstance(target, ast.Name):
        return _like(target, ast.Name(target.id, ast.Load()))
    if isinstance(target, ast.Attribute):
        return _like(target, ast.Attribute(target.value, target.attr, ast.Load()))
    if isinstance(target, ast.Subscript):
        return _like(target, ast.Subscript(target.value, target.slice, ast.Load()))
    return target


def _call(method: str, place: ast.expr | ast.stmt, *arguments: ast.expr) -> ast.Call:
    function = ast.Attribute(ast.Name(RECORDER, ast.Load()), method, ast.Load())
    return _like(place, ast.Call(function, list(arguments), []))


def _guarded(report: ast.stmt) -> ast.stmt:
    """A report that reads attributes or entries: where that fails, nothing is reported."""
    caught = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])
    return ast.Try([report], [caught], [], [])


def _like(place: ast.AST, node: Node) -> Node:
    return ast.copy_location(node, place)
