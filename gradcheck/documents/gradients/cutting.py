"""Cuts a step's loss and gradient out of a document's code, as a script that runs on its own."""

from __future__ import annotations

import ast
import builtins
import copy
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from gradcheck.documents.gradients.calls import Setting, settings
from gradcheck.documents.gradients.flow import binds, draws, reads, slice_for, writes
from gradcheck.documents.gradients.losses import Loss
from gradcheck.documents.gradients.scripts import (
    ARGUMENTS,
    GRADIENT,
    LEAD,
    LOSS,
    READ,
    REPAIR,
    TOTAL,
    VALUE,
    Script,
    assigned,
    function,
    names_as_dict,
)
from gradcheck.documents.gradients.source import Source
from gradcheck.documents.gradients.steps import Step, unwrapped
from gradcheck.documents.gradients.updates import updates_in
from gradcheck.documents.gradients.usual import USUAL
from gradcheck.documents.repair.imports import IMPORTS

_KNOWN = frozenset(dir(builtins)) | {"__name__", "__file__", USUAL, TOTAL}


def gradient_body(step: Step, candidates: Sequence[ast.expr], prepare: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements that compute the gradient from the parameter, and return every one of `candidates`."""
    needed = {name for each in candidates for name in reads(each)}
    top = step.body[step.top]
    last: list[ast.stmt] = [ast.Return(ast.List(list(candidates), ast.Load()))]
    if top is not step.update.statement and not isinstance(top, ast.For | ast.While):
        last = [_returning_at(top, step.update.statement, last[0])]
        needed |= reads(top)
    chosen, _ = slice_for(step.before, needed, draws)
    return [*prepare, *chosen, *last]


def loss_body(step: Step, loss: Loss, prepare: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements that compute a loss from the parameter, every update left out, and return it."""
    moved = {id(each.statement) for each in updates_in(ast.Module(list(step.body), []))}
    kept = [
        each
        for each in list(unwrapped(loss.before))
        if id(each) not in moved and not _belongs_to_move(each, step) and not _before_start(each, step)
    ]
    kept = [without_updates(each, moved) for each in kept]
    chosen, _ = slice_for(kept, reads(loss.expression), draws)
    return [*prepare, *chosen, ast.Return(loss.expression)]


def _before_start(statement: ast.stmt, step: Step) -> bool:
    return any(statement is each for each in step.body[: step.start])


def _belongs_to_move(statement: ast.stmt, step: Step) -> bool:
    """Whether a statement after the update changes the parameter again, as momentum does."""
    place = next((index for index, each in enumerate(step.body) if each is statement), -1)
    return place > step.top and step.base in writes(statement) and step.base != "self"


def without_updates(statement: ast.stmt, moved: Iterable[int]) -> ast.stmt:
    """A statement with every update below it left out."""
    skipped = set(moved)
    if not any(id(each) in skipped for each in ast.walk(statement)):
        return statement

    def cut(node: ast.AST) -> ast.AST:
        found = copy.copy(node)
        for name in ("body", "orelse"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                setattr(found, name, [cut(each) for each in body if id(each) not in skipped] or [ast.Pass()])
        return found

    result = cut(statement)
    assert isinstance(result, ast.stmt)
    return result


def _returning_at(statement: ast.stmt, target: ast.stmt, last: ast.stmt) -> ast.stmt:
    """A statement whose part `target` is replaced by `last`."""
    if statement is target:
        return last
    found = copy.copy(statement)
    for name in ("body", "orelse"):
        body = getattr(statement, name, None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            setattr(found, name, [_returning_at(each, target, last) for each in body])
    return found


def lead_body(step: Step, needed: frozenset[str], state: Iterable[str]) -> list[ast.stmt]:
    """The way from the start of the scope to the first round of the step, which ends by returning the state."""
    before = list(step.body[: step.start])
    chosen, wanted = slice_for(before, needed)
    inner: list[ast.stmt] = [*chosen, names_as_dict(state)]
    for outer, node in reversed(list(zip(step.path, step.path[1:], strict=False))):
        if isinstance(node, ast.For):
            inner = [ast.For(node.target, node.iter, inner, [], None)]
            wanted |= reads(node.iter)
        elif isinstance(node, ast.While):
            inner = [ast.While(node.test, inner, [])]
            wanted |= reads(node.test)
        if isinstance(outer, ast.Module):
            break
        preceding, wanted = slice_for(_preceding(outer, node), wanted)
        inner = [*preceding, *inner]
    return inner


def _preceding(outer: ast.AST, node: ast.AST) -> list[ast.stmt]:
    for name in ("body", "orelse"):
        body = getattr(outer, name, [])
        if any(each is node for each in body):
            return list(body[: next(place for place, each in enumerate(body) if each is node)])
    return []


def prelude(
    statements: Sequence[ast.stmt], needed: Iterable[str], *, data: bool = True
) -> tuple[list[ast.stmt], frozenset[str]]:
    """The statements of a module that bind the `needed` names, and those names that nothing binds.

    Loops that only go on changing what was bound before are left out. Without `data`, only imports, definitions and
    constants are taken.
    """
    usable = [each for each in statements if data or is_definition(each)]
    bound = {name for each in usable if not isinstance(each, ast.For | ast.While) for name in writes(each)}
    usable = [each for each in usable if not isinstance(each, ast.For | ast.While) or writes(each) - bound]
    wanted = set(needed)
    while True:
        chosen, free = slice_for(usable, wanted)
        late = {name for name in free if any(name in writes(each) for each in usable)}
        if late <= wanted:
            return chosen, free - _KNOWN - {name for each in chosen for name in writes(each)}
        wanted |= late


def is_definition(statement: ast.stmt, *, constants: bool = True) -> bool:
    """Whether a statement imports, defines, or names a constant."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
        return True
    return constants and isinstance(statement, ast.Assign) and _is_constant(statement.value)


def _is_constant(value: ast.expr) -> bool:
    if isinstance(value, ast.UnaryOp):
        return _is_constant(value.operand)
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Attribute) and value.func.attr in ("default_rng", "RandomState", "device")
    return isinstance(value, ast.Constant | ast.Lambda) or (isinstance(value, ast.Attribute) and base_is_module(value))


def base_is_module(value: ast.Attribute) -> bool:
    """Whether an attribute is one of a numeric library, such as `torch.float`."""
    return isinstance(value.value, ast.Name) and value.value.id in ("np", "numpy", "torch", "math", "nn")


def scripts_for(
    source: Source,
    step: Step,
    gradient: Sequence[ast.stmt],
    losses: Sequence[Loss],
    prepare: Sequence[ast.stmt],
    *,
    changed: Sequence[Sequence[ast.stmt]] = (),
) -> Iterator[Script]:
    """The scripts to try: with the values that the document gives, then with values to be made up.

    `gradient` is the body that computes the gradient, `changed` are others that do.
    """
    together = bool(losses) and all(USUAL in reads(loss.expression) for loss in losses)
    single = losses[:1] if together else losses
    parts = [gradient, *(loss_body(step, loss, prepare) for loss in single), *changed]
    parts = [[each for each in part if not _imports_all(each)] for part in parts]
    for setting in settings(source, step.scope, step.owner, module_before(source, step)):
        yield replace(
            script_of(step, setting, parts, len(single)), losses=len(losses), together=together, repairs=len(changed)
        )


def module_before(source: Source, step: Step) -> list[ast.stmt]:
    """The module's statements that come before a step on the module's own level; all of them for a function's step."""
    if not isinstance(step.scope, ast.Module):
        return list(source.tree.body)
    if len(step.path) > 1:
        place = next(
            index for index, each in enumerate(source.tree.body) if any(n is step.path[1] for n in ast.walk(each))
        )
        return list(source.tree.body[:place])
    later = [each for each in step.before if is_definition(each)]
    return [*step.body[: step.start], *later]


def script_of(step: Step, setting: Setting, parts: Sequence[Sequence[ast.stmt]], losses: int) -> Script:
    """The script of a step in one setting: `parts` are the gradient, the losses, and changed gradients."""
    free = frozenset[str]().union(*(free_names(part) for part in parts)) | {step.base}
    is_global = isinstance(step.scope, ast.Module)
    local = frozenset() if is_global else frozenset(setting.arguments) | _written_in(step.scope) | {step.base}
    definitions = set(IMPORTS) | {
        name for each in setting.before if is_definition(each, constants=False) for name in writes(each)
    }
    state = sorted(free - definitions if is_global else free & local)
    lead = [
        *setting.first,
        *(lead_body(step, free, state) if len(step.path) > 1 or not is_global else [names_as_dict(state)]),
    ]
    made = {step.base} if step.start and step.base in binds(step.body[step.start - 1]) else set()
    needed = ((free | frozenset(state)) - made | free_names(lead)) - local | setting.needed
    before, missing = prelude(setting.before, needed, data=setting.given)
    own = () if is_global else tuple(state)
    texts = [
        *(IMPORTS[name] for name in sorted(missing & IMPORTS.keys())),
        *(ast.unparse(each) for each in (*_star_imports(setting.before), *before)),
        function(LEAD, setting.arguments, lead, _written(lead) if is_global else ()),
        function(READ, own, [ast.Return(step.update.parameter)]),
    ]
    for number, part in enumerate(parts):
        body = [assigned(step.parameter, VALUE), *part]
        texts.append(function(_part_name(number, losses), [VALUE, *own], body, _written(body) if is_global else ()))
    if setting.given:
        texts.append(function(ARGUMENTS, [], [_as_dict(setting.expressions)]))
    return Script(
        "\n".join(texts),
        step.parameter,
        tuple(state),
        setting.arguments,
        tuple(sorted(missing)),
        is_global,
        len(parts) - 1,
        False,
        setting.given,
    )


def _part_name(number: int, losses: int) -> str:
    """The function of a part: the gradient comes first, then the losses, then the changed gradients."""
    if number == 0:
        return GRADIENT
    return f"{LOSS}{number - 1}" if number <= losses else f"{REPAIR}{number - 1 - losses}"


def _as_dict(expressions: Mapping[str, ast.expr]) -> ast.stmt:
    return ast.Return(ast.Dict([ast.Constant(name) for name in expressions], list(expressions.values())))


def _written(body: Iterable[ast.stmt]) -> frozenset[str]:
    return frozenset[str]().union(*(writes(each) for each in body))


def _written_in(scope: ast.AST) -> frozenset[str]:
    return _written(getattr(scope, "body", ()))


def _star_imports(statements: Iterable[ast.stmt]) -> list[ast.stmt]:
    return [each for each in statements if _imports_all(each)]


def _imports_all(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*"


def free_names(body: Sequence[ast.stmt]) -> frozenset[str]:
    """The names that a body of statements reads before it binds them.

    >>> sorted(free_names(ast.parse("h = X @ w\\nreturned = h.sum()").body))
    ['X', 'w']
    """
    _, free = slice_for(body, (), lambda _: True)
    return free - _KNOWN


def source_for(statements: Sequence[ast.stmt], names: Iterable[str]) -> str:
    """A program that defines the given names, cut out of a module."""
    chosen, missing = prelude(statements, names, data=False)
    imports = [IMPORTS[name] for name in sorted(missing & IMPORTS.keys())]
    return "\n".join([*imports, *(ast.unparse(each) for each in (*_star_imports(statements), *chosen))])
