"""Judges functions that are said to return a derivative."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradcheck.articles.claims import Judgement
from gradcheck.documents.gradients.asking import Answer, Inquiry, Request
from gradcheck.documents.gradients.calls import Setting, settings
from gradcheck.documents.gradients.cutting import script_of
from gradcheck.documents.gradients.functions import Derivative, derivatives_in
from gradcheck.documents.gradients.judging import NOT_RUN, judgement, unknown
from gradcheck.documents.gradients.losses import Loss
from gradcheck.documents.gradients.scripts import TOTAL, Script
from gradcheck.documents.gradients.source import Source
from gradcheck.documents.gradients.stated import Candidate, Stated
from gradcheck.documents.gradients.steps import Step
from gradcheck.documents.gradients.updates import Update
from gradcheck.documents.judged import Judged


def derivatives(source: Source) -> Inquiry:
    """Every function of a document that is said to return the derivative of another one."""
    found = list(derivatives_in(source))
    stated = [_stated(each) for each in found]

    def finish(answers: Sequence[Answer | None]) -> Iterator[Judged]:
        for derivative, each, answer in zip(found, stated, answers, strict=True):
            result = unknown(NOT_RUN) if answer is None else judgement(each, answer)
            yield _judged(source, derivative, result)

    return Inquiry([Request(list(_scripts(source, d, s))) for d, s in zip(found, stated, strict=True)], finish)


def _stated(derivative: Derivative) -> Stated:
    """The derivative as a gradient that one call states."""
    candidates = [Candidate(_parsed(derivative.gradient), 1, named=True)]
    if derivative.outputs:
        candidates.append(Candidate(_parsed(derivative.outputs), 1, named=True, may_differ=True))
    alone = len(derivative.function.arguments) == 1
    losses = tuple(
        Loss(name, (), _parsed(f"{TOTAL}({text})" if alone else text), derivative.function.node.lineno)
        for name, text in derivative.losses
    )
    parameter = ast.Name(derivative.parameter, ast.Load())
    node = derivative.function.node
    scope = node if isinstance(node, ast.FunctionDef) else ast.FunctionDef("f", node.args, [], [], None, None)
    statement = derivative.function.statement
    step = Step(Update(statement, parameter, parameter, 1, rated=True), scope, (scope,), (), 0, 0)
    return Stated(step, tuple(candidates), losses, statement, (), any_values=alone and len(losses) == 1)


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _scripts(source: Source, derivative: Derivative, stated: Stated) -> Iterator[Script]:
    gradients: list[ast.stmt] = [ast.Return(ast.List([each.expression for each in stated.candidates], ast.Load()))]
    losses: list[list[ast.stmt]] = [[ast.Return(each.expression)] for each in stated.losses]
    before = _up_to(source, derivative)
    function = derivative.function
    if not function.owner and isinstance(function.node, ast.FunctionDef):
        for setting in settings(source, stated.step.scope, None, before):
            if setting.given:
                yield script_of(stated.step, setting, [gradients, *losses], len(losses))
    made_up = Setting(before, function.arguments, given=False)
    yield script_of(stated.step, made_up, [gradients, *losses], len(losses))


def _up_to(source: Source, derivative: Derivative) -> list[ast.stmt]:
    """The module up to the definition of the derivative and its function: a later definition is another matter."""
    own = derivative.function.statement.lineno
    names = {name for name, _ in derivative.losses}
    others = [each.lineno for each in source.functions if each.name in names]
    earlier = [line for line in others if line <= own]
    last = own if earlier or not others else min(others)
    return [each for each in source.tree.body if each.lineno <= last]


def _judged(source: Source, derivative: Derivative, found: Judgement) -> Judged:
    node = derivative.function.node
    returns = [each for each in ast.walk(node) if isinstance(each, ast.Return)]
    place = returns[-1] if returns else derivative.function.statement
    names = " or ".join(f"`{name}`" for name, _ in derivative.losses)
    return Judged(
        *source.place(place),
        statement=f"`{derivative.function.name}` returns the derivative of {names} by `{derivative.parameter}`",
        stated=source.written(place),
        judgement=found,
    )
