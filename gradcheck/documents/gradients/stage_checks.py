"""Judges the gradients of a backward pass that is written out stage by stage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradcheck.articles.claims import Judgement
from gradcheck.articles.expressions import show
from gradcheck.documents.gradients.asking import Answer, Inquiry, Request
from gradcheck.documents.gradients.judging import NOT_RUN, unknown
from gradcheck.documents.gradients.source import Source
from gradcheck.documents.gradients.staged import BackwardPass, Stage, backward_passes
from gradcheck.documents.gradients.verdicts import Match, match
from gradcheck.documents.judged import Judged
from gradcheck.results import Diagnosis, Evidence, Verdict

RULE = "a gradient of a value on the way is held against finite differences of the output, as the code goes on from it"
FILLED_IN = "a number stands there, which may be meant to be filled in"
ITS_OWN = "it is made of no other gradient, and may be the derivative of something else"


def stages(source: Source) -> Inquiry:
    """Every gradient of the backward passes that a document writes stage by stage."""
    found = list(backward_passes(source))

    def finish(answers: Sequence[Answer | None]) -> Iterator[Judged]:
        for each, answer in zip(found, answers, strict=True):
            yield from _judged(source, each, answer)

    return Inquiry([_request(each) for each in found], finish)


def _request(each: BackwardPass) -> Request:
    return Request(module="staging", function="stages_measured", fields=each.fields())


def _judged(source: Source, found: BackwardPass, answer: Answer | None) -> Iterator[Judged]:
    right: set[str] = set()
    for number, stage in enumerate(found.stages):
        if stage.variable == stage.output:
            right.add(stage.gradient)  # the gradient that is handed to the whole pass
            continue
        judgement = unknown(NOT_RUN) if answer is None else _judgement(stage, number, answer, right, found.decay(stage))
        if judgement.status == "confirmed":
            right.add(stage.gradient)
        yield Judged(
            *source.place(stage.place),
            statement=f"`{stage.gradient}` is the derivative of `{stage.output}` by `{stage.variable}`",
            stated=source.written(stage.place),
            judgement=judgement,
        )


def _judgement(stage: Stage, number: int, answer: Answer, right: set[str], decay: str) -> Judgement:
    points = [each for each in answer.points if each["stage"] == number]
    if not points:
        return unknown("the statements cannot be run: " + "; ".join(answer.reasons or ("it is no number",)))
    found = match(points, given=True, gradient=0, loss=0, sign=1)
    if found.verdict is Verdict.CORRECT:
        actual = f"`{stage.gradient}` is the derivative of `{stage.output}` by `{stage.variable}`"
        return Judgement("confirmed", f"{actual} at {found.points} points", RULE, evidence=_evidence(found))
    if found.verdict is Verdict.INCONCLUSIVE:
        return unknown(found.reason)
    doubt = _doubt(stage, right) or (f"`{decay}` enters only the gradient" if decay else "")
    return unknown(doubt) if doubt else _refuted(stage, found)


def _doubt(stage: Stage, right: set[str]) -> str:
    """Why a difference is no refutation."""
    if stage.constant:
        return FILLED_IN
    wrong = sorted(stage.handed - right)
    if wrong:
        return f"it is made of `{wrong[0]}`, which is not known to be right"
    return "" if stage.handed or stage.explicit else ITS_OWN


def _refuted(stage: Stage, found: Match) -> Judgement:
    diagnosis = found.diagnosis or Diagnosis("other", "it is another value")
    actual = f"`{stage.gradient}` is not the derivative of `{stage.output}` by `{stage.variable}`: {diagnosis.text}"
    return Judgement("refuted", actual, RULE, diagnosis, _evidence(found))


def _evidence(found: Match) -> tuple[Evidence, ...]:
    if found.stated is None or found.true is None:
        return ()
    return (
        Evidence("stated code", show(found.stated)),
        Evidence("finite_difference", show(found.true), f"{found.bar:.0e}"),
    )
