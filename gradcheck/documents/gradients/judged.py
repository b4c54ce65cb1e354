"""Every hand-written gradient of a document, judged."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradcheck.articles.claims import Judgement
from gradcheck.documents.document import Document
from gradcheck.documents.gradients.asking import Answer, Request, ask
from gradcheck.documents.gradients.cutting import scripts_for
from gradcheck.documents.gradients.judging import judgement, unknown
from gradcheck.documents.gradients.source import Source, parse
from gradcheck.documents.gradients.state import preparation
from gradcheck.documents.gradients.stated import Stated, stated_in
from gradcheck.documents.gradients.unstated import judged_without_loss, with_usual_losses
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Runs
from gradcheck.documents.sandbox.sandbox import Sandbox

NOT_RUN = "its code was not run"


def judged_gradients(document: Document, sandbox: Sandbox | None, runs: Runs | None) -> Iterator[Judged]:
    """Judges every gradient that the document's code writes out by hand, against the loss beside it.

    The loss and the gradient are cut out of the code and run in the `sandbox`; without one, every gradient that was
    found is not checkable. `runs` is what the document's own run brought back; nothing here depends on it.
    """
    from gradcheck.documents.sandbox.runnable import runnable

    del runs
    blocks, _ = runnable(document)
    source = parse(blocks)
    yield from _of_updates(source, sandbox)


def _of_updates(source: Source, sandbox: Sandbox | None) -> Iterator[Judged]:
    found = [with_usual_losses(each) for each in stated_in(source)]
    if sandbox is None:
        yield from (_judged(source, each, unknown(NOT_RUN)) for each in found)
        return
    answers = ask([_request(source, each) for each in found], sandbox)
    for each, answer in zip(found, answers, strict=True):
        yield _judged(source, each, _judgement(each, answer, found, answers))


def _request(source: Source, stated: Stated) -> Request:
    expressions = [each.expression for each in stated.candidates]
    prepare = preparation(stated.step, stated.parts)
    return Request(list(scripts_for(source, stated.step, expressions, stated.losses, prepare)))


def _judgement(stated: Stated, answer: Answer, others: Sequence[Stated], answers: Sequence[Answer]) -> Judgement:
    if stated.states_loss:
        return judgement(stated, answer)
    return judged_without_loss(stated, answer, others, answers)


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
