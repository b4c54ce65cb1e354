"""Gradients beside which no loss stands: which of the usual losses they are the gradient of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gradcheck.articles.claims import Judgement
from gradcheck.documents.gradients.asking import Answer
from gradcheck.documents.gradients.judging import UNSTATED_RULE, Held, evidence_of, held, unknown
from gradcheck.documents.gradients.stated import Stated
from gradcheck.documents.gradients.usual import usual_losses
from gradcheck.results import Verdict

NO_LOSS = "no loss is stated beside it"


def with_usual_losses(stated: Stated) -> Stated:
    """The same with the usual losses of its predictions and targets, where it states none."""
    if stated.losses:
        return stated
    losses = usual_losses([*stated.step.body[stated.step.start : stated.step.top], stated.step.update.statement])
    return replace(stated, losses=tuple(losses), states_loss=False)


def judged_without_loss(
    stated: Stated, answer: Answer, others: Sequence[Stated], answers: Sequence[Answer]
) -> Judgement:
    """Confirmed where all parameters of one pass fit one usual loss; else not checkable, with the loss that fits."""
    if not answer.points:
        reasons = "; ".join(dict.fromkeys(answer.reasons))
        return unknown(f"{NO_LOSS}" + (f", and the statements cannot be run: {reasons}" if stated.losses else ""))
    fitting = fits(stated, answer)
    if not fitting:
        return unknown(f"{NO_LOSS}, and it is the gradient of none of the usual ones")
    together = [
        (each, found) for each, found in zip(others, answers, strict=True) if each.step.scope is stated.step.scope
    ]
    shared = [name for name in fitting if all(name in fits(each, found) for each, found in together)]
    name = (shared or fitting)[0]
    evidence = evidence_of(next(each for each in _right(stated, answer) if each.loss.name == name))
    if shared and len({each.step.parameter for each, _ in together}) > 1:
        parameters = ", ".join(f"`{each}`" for each in dict.fromkeys(each.step.parameter for each, _ in together))
        return Judgement(
            "confirmed",
            actual=f"it is exactly the gradient of {name}, as for every parameter of this pass: {parameters}; "
            "the loss itself is never stated",
            rule=UNSTATED_RULE,
            evidence=evidence,
            suggestion=f"name the loss: {name}",
        )
    return Judgement(
        "not checkable",
        actual=f"it is the gradient of {name}",
        rule=f"{NO_LOSS}; it turns out to be the gradient of {name}",
        evidence=evidence,
        suggestion=f"name the loss: {name}",
    )


def fits(stated: Stated, answer: Answer) -> list[str]:
    """The usual losses that a stated gradient is the gradient of, wherever it could be measured."""
    return list(dict.fromkeys(each.loss.name for each in _right(stated, answer)))


def _right(stated: Stated, answer: Answer) -> list[Held]:
    return [each for each in held(stated, stated.losses, answer) if each.match.verdict is Verdict.CORRECT]
