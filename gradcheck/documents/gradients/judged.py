"""Every hand-written gradient of a document, judged."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradcheck.articles.claims import Judgement
from gradcheck.documents.document import Document
from gradcheck.documents.gradients.asking import Answer, Request, ask
from gradcheck.documents.gradients.cutting import gradient_body, scripts_for
from gradcheck.documents.gradients.custom_functions import judged_functions
from gradcheck.documents.gradients.derivative_checks import judged_derivatives
from gradcheck.documents.gradients.judging import NOT_RUN, Held, judgement, unknown, worst
from gradcheck.documents.gradients.listings import judged_breaks
from gradcheck.documents.gradients.makers import judged_makers
from gradcheck.documents.gradients.repairs import Repair, repairs_of
from gradcheck.documents.gradients.source import Source, parse
from gradcheck.documents.gradients.state import preparation
from gradcheck.documents.gradients.stated import Stated, stated_in
from gradcheck.documents.gradients.unstated import judged_without_loss, with_usual_losses
from gradcheck.documents.gradients.verdicts import repaired
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Runs
from gradcheck.documents.sandbox.sandbox import Sandbox
from gradcheck.results import Diagnosis

def judged_gradients(document: Document, sandbox: Sandbox | None, runs: Runs | None) -> Iterator[Judged]:
    """Judges every gradient that the document's code writes out by hand, against the loss beside it.

    The loss and the gradient are cut out of the code and run in the `sandbox`; without one, every gradient that was
    found is not checkable. `runs` is what the document's own run brought back; nothing here depends on it.
    """
    from gradcheck.documents.sandbox.runnable import runnable

    del runs
    blocks, _ = runnable(document)
    yield from of_source(document, parse(blocks), sandbox)


def of_source(document: Document, source: Source, sandbox: Sandbox | None) -> Iterator[Judged]:
    """Judges every gradient in the code of a document."""
    yield from _of_updates(source, sandbox)
    yield from judged_derivatives(source, sandbox)
    yield from judged_makers(source, sandbox)
    yield from judged_functions(document, source, sandbox)
    yield from judged_breaks(source)


def _of_updates(source: Source, sandbox: Sandbox | None) -> Iterator[Judged]:
    found = [with_usual_losses(each) for each in stated_in(source)]
    if sandbox is None:
        yield from (_judged(source, each, unknown(NOT_RUN)) for each in found)
        return
    answers = ask([_request(source, each) for each in found], sandbox)
    mistakes = _mistakes(source, found, answers, sandbox)
    for place, (each, answer) in enumerate(zip(found, answers, strict=True)):
        if each.states_loss:
            yield _judged(source, each, judgement(each, answer, mistakes.get(place)))
        else:
            yield _judged(source, each, judged_without_loss(each, answer, found, answers))


def _request(source: Source, stated: Stated, repairs: Sequence[Repair] = ()) -> Request:
    expressions = [each.expression for each in stated.candidates]
    changed = [each.body for each in repairs]
    prepare = preparation(stated.step, stated.parts)
    return Request(list(scripts_for(source, stated.step, expressions, stated.losses, prepare, changed)))


def _mistakes(
    source: Source, found: Sequence[Stated], answers: Sequence[Answer], sandbox: Sandbox
) -> dict[int, Diagnosis]:
    """The mistakes that have no name by their numbers, named by the change that undoes them."""
    open_: dict[int, tuple[Held, list[Repair]]] = {}
    for place, (each, answer) in enumerate(zip(found, answers, strict=True)):
        held = worst(each, answer) if each.states_loss and answer.points else None
        if held is not None:
            expressions = [candidate.expression for candidate in each.candidates]
            body = gradient_body(each.step, expressions, preparation(each.step, each.parts))
            open_[place] = (held, repairs_of(each.step, body))
    again = ask([_request(source, found[place], repairs) for place, (_, repairs) in open_.items()], sandbox)
    named: dict[int, Diagnosis] = {}
    for (place, (held, repairs)), answer in zip(open_.items(), again, strict=True):
        numbers = (found[place].candidates.index(held.candidate), found[place].losses.index(held.loss))
        number = repaired(answer.points, *numbers, held.candidate.sign)
        if number is not None:
            repair = repairs[number]
            named[place] = Diagnosis(repair.kind, repair.text, repair.remedy)
    return named


def _judged(source: Source, stated: Stated, found: Judgement) -> Judged:
    line, end_line = source.place(stated.place)
    parameter = ast.unparse(stated.step.update.parameter)
    return Judged(
        line=line,
        end_line=end_line,
        statement=f"`{stated.label}` is the gradient of the loss by `{parameter}`",
        stated=source.written(stated.place),
        judgement=found,
    )
