"""Judges the gradients of a backward pass that is written out stage by stage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
    matches = {} if answer is None else _matches(found, answer)
    right = {stage.gradient for stage in found.stages if stage.variable == stage.output}
    for stage in found.stages:
        if stage.gradient in right:
            continue  # the gradient that is handed to the whole pass
        judgement = unknown(NOT_RUN) if answer is None else _judgement(found, stage, matches, right, answer)
        if judgement.status == "confirmed":
            right.add(stage.gradient)
        yield Judged(
            *source.place(stage.place),
            statement=f"`{stage.gradient}` is the derivative of `{stage.output}` by `{stage.variable}`",
            stated=source.written(stage.place),
            judgement=judgement,
        )


def _matches(found: BackwardPass, answer: Answer) -> dict[str, Match]:
    """How the gradient of each stage that could be measured compares."""
    points = [[each for each in answer.points if each["stage"] == number] for number in range(len(found.stages))]
    pairs = zip(found.stages, points, strict=True)
    return {stage.gradient: match(own, given=True, gradient=0, loss=0, sign=1) for stage, own in pairs if own}


def _judgement(
    found: BackwardPass, stage: Stage, matches: Mapping[str, Match], right: set[str], answer: Answer
) -> Judgement:
    own = matches.get(stage.gradient)
    if own is None:
        return unknown("the statements cannot be run: " + "; ".join(answer.reasons or ("it is no number",)))
    if own.verdict is Verdict.CORRECT:
        actual = f"`{stage.gradient}` is the derivative of `{stage.output}` by `{stage.variable}`"
        return Judgement("confirmed", f"{actual} at {own.points} points", RULE, evidence=_evidence(own))
    if own.verdict is Verdict.INCONCLUSIVE:
        return unknown(own.reason)
    doubt = _doubt(found, stage, matches, right)
    return unknown(doubt) if doubt else _refuted(stage, own)


def _doubt(found: BackwardPass, stage: Stage, matches: Mapping[str, Match], right: set[str]) -> str:
    """Why a difference is no refutation."""
    if stage.constant:
        return FILLED_IN
    wrong = sorted(stage.handed - right)
    if wrong:
        return f"it is made of `{wrong[0]}`, which is not known to be right"
    if decay := found.decay(stage):
        return f"`{decay}` enters only the gradient"
    return "" if stage.handed or stage.explicit or _is_handed_on(found, stage, matches) else ITS_OWN


def _is_handed_on(found: BackwardPass, stage: Stage, matches: Mapping[str, Match]) -> bool:
    """Whether a gradient made of this one is wrong by the same factor, so that both are meant as gradients."""
    own = matches[stage.gradient].diagnosis
    made = [
        matches[each.gradient] for each in found.stages if stage.gradient in each.handed and each.gradient in matches
    ]
    others = [each.diagnosis for each in made if each.verdict is Verdict.WRONG]
    same = [each for each in others if own is not None and each is not None and each.text == own.text]
    return own is not None and own.kind == "factor" and bool(made) and len(same) == len(made)


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
