"""A gradient as a document states it: which expression, for which parameter, and which losses stand beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gradcheck.documents.gradients.flow import base, binds, reads, slice_for, targets, writes
from gradcheck.documents.gradients.functions import PLAIN
from gradcheck.documents.gradients.losses import Loss, losses_in
from gradcheck.documents.gradients.names import CLIPPING, MAKING, NUMERIC, is_gradient, is_loss, partial_of
from gradcheck.documents.gradients.source import Source
from gradcheck.documents.gradients.steps import Step, by_hand, step_of
from gradcheck.documents.gradients.updates import (
    dotted,
    gradient_name,
    intermediate_updates,
    scaled_by_state,
    updates_in,
)


@dataclass(frozen=True)
class Candidate:
    """An expression that may be the stated gradient, its sign, and whether it is called a gradient.

    One that `may_differ` is another reading: it can confirm what is stated, and refutes nothing.
    """

    expression: ast.expr
    sign: int
    named: bool
    may_differ: bool = False

    @property
    def label(self) -> str:
        return ast.unparse(self.expression)


@dataclass(frozen=True)
class Stated:
    """One stated gradient: the candidates for it, in one step, and the losses of that step.

    `place` is the statement that it is written in; `slice` are the statements that it is computed by. `states_loss` is
    false where the losses are the usual ones; `any_values` says that it should hold at whatever values, `intermediate`
    that it is taken by a value that the step computes, and not by a parameter.
    """

    step: Step
    candidates: tuple[Candidate, ...]
    losses: tuple[Loss, ...]
    place: ast.stmt
    slice: tuple[ast.stmt, ...]
    states_loss: bool = True
    any_values: bool = False
    intermediate: bool = False

    @property
    def is_clipped(self) -> bool:
        """Whether the gradient is cut off or normalised on its way, so that it is no longer one where that acts."""
        called = [dotted(each.func) for node in self.parts for each in ast.walk(node) if isinstance(each, ast.Call)]
        return any(CLIPPING.fullmatch(name.rsplit(".", 1)[-1]) and "grad" in name + self.label for name in called)

    @property
    def is_numeric(self) -> bool:
        called = [dotted(each.func) for node in self.parts for each in ast.walk(node) if isinstance(each, ast.Call)]
        return any(NUMERIC.fullmatch(name) for name in called)

    @property
    def label(self) -> str:
        return self.candidates[0].label

    @property
    def parts(self) -> tuple[ast.AST, ...]:
        return (*self.slice, *(each.expression for each in self.candidates))


def stated_in(source: Source) -> Iterator[Stated]:
    """Every gradient that an update rule of the document states."""
    scopes: list[tuple[ast.Module | ast.FunctionDef, ast.ClassDef | None]] = [(source.tree, None)]
    scopes += [(each, None) for each in source.functions]
    scopes += [(each, owner) for owner in source.classes for each in owner.body if isinstance(each, ast.FunctionDef)]
    for scope, owner in scopes:
        for update in updates_in(scope):
            step = step_of(update, scope, owner)
            candidates = tuple(candidates_of(step))
            found = _stated(source, step, candidates) if candidates else None
            if found:
                yield found
        yield from _intermediate(source, scope, owner)


def _intermediate(source: Source, scope: ast.Module | ast.FunctionDef, owner: ast.ClassDef | None) -> Iterator[Stated]:
    """The gradients by values on the way to the loss, such as `grad_y_pred = 2 * (y_pred - y)`."""
    for update in intermediate_updates(scope):
        step = step_of(update, scope, owner)
        found = _stated(source, step, (Candidate(update.expression, 1, named=True),)) if step.start else None
        bound = step.start and step.base in binds(step.body[step.start - 1])
        if found and bound and found.losses and losses_in(step.body):
            yield replace(found, place=update.statement, intermediate=True)


def _stated(source: Source, step: Step, candidates: tuple[Candidate, ...]) -> Stated | None:
    needed = {name for each in candidates for name in reads(each.expression)}
    chosen, _ = slice_for(step.before, needed)
    computing = [each for each in chosen if each not in step.moved]
    candidates = tuple(each for each in candidates if _is_computed(each.expression, computing))
    if not candidates:
        return None
    parts = [*chosen, *(each.expression for each in candidates)]
    if not by_hand([*parts, *_called(source, parts)]) or _by_import(source, parts):
        return None
    losses = [
        each
        for each in losses_in(step.body)
        if not (isinstance(each.expression, ast.Name) and each.name in _read(parts))
    ]
    losses = losses or list(_companions(source, step))
    labels = [each.label for each in candidates if each.named]
    place = next((each for each in reversed(chosen) if {ast.unparse(t) for t in targets(each)} & set(labels)), None)
    return Stated(step, candidates, tuple(losses), place or step.update.statement, tuple(chosen))


def _is_computed(expression: ast.expr, chosen: Sequence[ast.stmt]) -> bool:
    """Whether a gradient is computed here, and not only handed over under its name."""
    composite = not isinstance(expression, ast.Name | ast.Attribute | ast.Subscript)
    return composite or any(base(expression) in writes(each) for each in chosen)


def _read(parts: Sequence[ast.AST]) -> frozenset[str]:
    """The names whose values are used; not those that are only added up."""
    names = [each for part in parts for each in ast.walk(part) if isinstance(each, ast.Name)]
    return frozenset(each.id for each in names if isinstance(each.ctx, ast.Load))


def candidates_of(step: Step) -> Iterator[Candidate]:
    """What may be the stated gradient, the likeliest first: the whole step, and the values in it with such names."""
    expression, sign = step.update.expression, step.update.sign
    if not isinstance(expression, ast.Name | ast.Attribute | ast.Subscript):
        if not scaled_by_state(expression):
            yield Candidate(expression, sign, named=False)
        yield from (Candidate(each, 1, named=True) for each in _gradients_in(expression))
    elif gradient_name(expression):
        yield Candidate(expression, sign, named=True)
        return
    chosen, _ = slice_for(step.before, reads(expression))
    inner = {ast.unparse(each): each for statement in chosen for each in _values_in(statement) if gradient_name(each)}
    holders = {ast.unparse(each.value) for each in ast.walk(expression) if isinstance(each, ast.Subscript)}
    fitting = [e for text, e in inner.items() if text not in holders and _is_by(gradient_name(e), step.parameter)]
    yield from (Candidate(_loaded(each), 1, named=True) for each in fitting)
    single = isinstance(expression, ast.Name | ast.Attribute | ast.Subscript)
    if single and not fitting and step.update.rated and not _is_state(step, expression):
        yield Candidate(expression, sign, named=False)


def _values_in(statement: ast.stmt) -> list[ast.expr]:
    """What a statement of one piece assigns to."""
    return [] if isinstance(statement, ast.For | ast.While | ast.If) else targets(statement)


def _loaded(target: ast.expr) -> ast.expr:
    return _parsed(ast.unparse(target))


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _is_state(step: Step, expression: ast.expr) -> bool:
    """Whether a value carries over from step to step, as a velocity does, or is made by an optimiser."""
    if isinstance(expression, ast.Subscript) and _is_returned_gradient(step, base(expression)):
        return False
    name = dotted(expression)
    making = [each for each in step.before if name in writes(each)]
    return not making or any(name in reads(each) or scaled_by_state_within(each) for each in making)


def _is_returned_gradient(step: Step, name: str) -> bool:
    """Whether a name stands for what a function returns that is called a gradient or a backward pass."""
    calls = [each.value for each in step.before if isinstance(each, ast.Assign) and name in writes(each)]
    names = [dotted(each.func).rsplit(".", 1)[-1] for each in calls if isinstance(each, ast.Call)]
    return any(is_gradient(each) or MAKING.match(each) for each in names)


def scaled_by_state_within(statement: ast.stmt) -> bool:
    return any(scaled_by_state(each) for each in ast.walk(statement) if isinstance(each, ast.expr))


def _is_by(gradient: str, parameter: str) -> bool:
    by = partial_of(gradient).lower()
    own = parameter.rsplit(".", 1)[-1].strip("_'\"]").lower()
    return not by or by == own or by in own


def _gradients_in(expression: ast.expr) -> list[ast.expr]:
    found = [each for each in ast.walk(expression) if isinstance(each, ast.Name | ast.Attribute | ast.Subscript)]
    holders = [each.value for each in found if isinstance(each, ast.Subscript)]
    return [e for e in found if gradient_name(e) and e not in holders and not _is_called(e, expression)]


def _is_called(node: ast.expr, within: ast.expr) -> bool:
    return any(isinstance(each, ast.Call) and each.func is node for each in ast.walk(within))


def _called(source: Source, parts: Sequence[ast.AST]) -> list[ast.stmt]:
    """The document's own functions that these parts call."""
    names = {dotted(each.func) for part in parts for each in ast.walk(part) if isinstance(each, ast.Call)}
    return [each for each in source.functions if each.name in names]


def _by_import(source: Source, parts: Sequence[ast.AST]) -> bool:
    """Whether a name that the parts call was imported from a library of automatic differentiation."""
    imported = {
        alias.asname or alias.name
        for each in ast.walk(source.tree)
        if isinstance(each, ast.ImportFrom)
        and (each.module or "").split(".")[0] in ("jax", "autograd", "mxnet", "torch")
        for alias in each.names
    }
    text = " ".join(sorted(dotted(e.func) for p in parts for e in ast.walk(p) if isinstance(e, ast.Call)))
    return bool({"grad", "jacobian", "value_and_grad"} & imported & set(text.split())) or "jax.grad" in text


def _companions(source: Source, step: Step) -> Iterator[Loss]:
    """Loss functions of the document whose arguments all have a value of the same name in the step."""
    known = {name for each in ast.walk(step.scope) if isinstance(each, ast.stmt) for name in writes(each)}
    if isinstance(step.scope, ast.FunctionDef):
        known |= {each.arg for each in step.scope.args.args}
    for each in step.owner.body if step.owner else ():
        if isinstance(each, ast.FunctionDef) and each is not step.scope and is_loss(each.name) and _returns(each):
            arguments = [argument.arg for argument in each.args.args[1:]]
            if set(arguments) <= known:
                call = _parsed(f"self.{each.name}({', '.join(arguments)})")
                yield Loss(ast.unparse(call), tuple(step.before), call, each.lineno)
    for each in source.functions:
        names = [argument.arg for argument in each.args.args[: len(each.args.args) - len(each.args.defaults)]]
        plain = PLAIN.fullmatch(each.name) is not None and names == [step.base]
        usable = each is not step.scope and names and set(names) <= known and _returns(each)
        if usable and (plain or is_loss(each.name)):
            call = ast.Call(ast.Name(each.name, ast.Load()), [ast.Name(name, ast.Load()) for name in names], [])
            yield Loss(ast.unparse(call), tuple(step.before), call, each.lineno)


def _returns(function: ast.FunctionDef) -> bool:
    return any(isinstance(each, ast.Return) and each.value is not None for each in ast.walk(function))
