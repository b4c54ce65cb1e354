"""Judges the gradients that update rules state, such as `w -= lr * dw`."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradcheck.articles.claims import Judgement
from gradcheck.documents.gradients.asking import Answer, Inquiry, Request, ask
from gradcheck.documents.gradients.cutting import gradient_body, scripts_for
from gradcheck.documents.gradients.flow import targets
from gradcheck.documents.gradients.judging import NOT_RUN, Held, judgement, unknown, worst
from gradcheck.documents.gradients.makers import NAME as MAKER
from gradcheck.documents.gradients.names import is_gradient
from gradcheck.documents.gradients.origins import origin
from gradcheck.documents.gradients.repairs import Repair, repairs_of
from gradcheck.documents.gradients.source import Source
from gradcheck.documents.gradients.state import preparation
from gradcheck.documents.gradients.stated import Stated, stated_in
from gradcheck.documents.gradients.unstated import judged_without_loss, with_usual_losses
from gradcheck.documents.gradients.updates import dotted
from gradcheck.documents.gradients.verdicts import repaired
from gradcheck.documents.judged import Judged
from gradcheck.documents.sandbox.sandbox import Sandbox
from gradcheck.results import Diagnosis


def updates(source: Source, sandbox: Sandbox | None) -> Inquiry:
    """Every gradient that an update rule states; a mistake without a name is asked after once more."""
    found = [
        each
        for each in map(with_usual_losses, stated_in(source))
        if (each.losses or not _by_function(each)) and (each.states_loss or not _is_followed(source, each))
    ]

    def finish(answers: Sequence[Answer | None]) -> Iterator[Judged]:
        known = [each for each in answers if each is not None]
        if sandbox is None or len(known) < len(found):
            yield from (_judged(source, each, unknown(NOT_RUN)) for each in found)
            return
        mistakes = _mistakes(source, found, known, sandbox)
        for place, (each, answer) in enumerate(zip(found, known, strict=True)):
            if each.states_loss:
                yield _judged(source, each, judgement(each, answer, mistakes.get(place)))
            else:
                yield _judged(source, each, judged_without_loss(each, answer, found, known))

    return Inquiry([_request(source, each) for each in found], finish)


def _is_followed(source: Source, stated: Stated) -> bool:
    """Whether it stands in a function whose calls are judged, beside the losses that stand there."""
    return isinstance(stated.step.scope, ast.FunctionDef) and stated.step.scope.name in source.followed


def _by_function(stated: Stated) -> bool:
    """Whether a function gives the gradient: it is judged beside its own function then."""
    values = [*(each.expression for each in stated.candidates), getattr(stated.place, "value", None)]
    called = [dotted(each.func) for each in values if isinstance(each, ast.Call)]
    return any(is_gradient(name) or MAKER.fullmatch(name) for name in called)


def _request(source: Source, stated: Stated, repairs: Sequence[Repair] = ()) -> Request:
    expressions = [each.expression for each in stated.candidates]
    changed = [each.body for each in repairs]
    prepare = preparation(stated.step, stated.parts)
    gradient = gradient_body(stated.step, expressions, prepare)
    return Request(list(scripts_for(source, stated.step, gradient, stated.losses, prepare, changed=changed)))


def _mistakes(
    source: Source, found: Sequence[Stated], answers: Sequence[Answer], sandbox: Sandbox
) -> dict[int, Diagnosis]:
    """The mistakes that have no name by their numbers, named by the change that undoes them."""
    nameless: dict[int, tuple[Held, list[Repair]]] = {}
    for place, (each, answer) in enumerate(zip(found, answers, strict=True)):
        asked = each.states_loss and not each.intermediate and answer.points
        held = worst(each, answer) if asked else None
        if held is not None:
            expressions = [candidate.expression for candidate in each.candidates]
            body = gradient_body(each.step, expressions, preparation(each.step, each.parts))
            nameless[place] = (held, repairs_of(each.step, body))
    again = ask([_request(source, found[place], repairs) for place, (_, repairs) in nameless.items()], sandbox)
    named: dict[int, Diagnosis] = {}
    for (place, (held, repairs)), answer in zip(nameless.items(), again, strict=True):
        numbers = (found[place].candidates.index(held.candidate), found[place].losses.index(held.loss))
        number = repaired(answer.points, *numbers, held.candidate.sign)
        if number is not None:
            repair = repairs[number]
            named[place] = Diagnosis(repair.kind, repair.text, repair.remedy)
    return named


def _judged(source: Source, stated: Stated, found: Judgement) -> Judged:
    place = stated.place
    if place is stated.step.update.statement:
        place = origin(source, stated.candidates[0].expression, stated.slice) or place
    line, end_line = source.place(place)
    parameter = ast.unparse(stated.step.update.parameter)
    name = ast.unparse(targets(place)[0]) if stated.intermediate else stated.label
    return Judged(
        line=line,
        end_line=end_line,
        statement=f"`{name}` is the gradient of the loss by `{parameter}`",
        stated=source.written(place),
        judgement=found,
    )
