"""Turns what was measured about a stated gradient into a judgement, with doubt on the document's side."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gradcheck.articles.claims import Judgement
from gradcheck.articles.expressions import show
from gradcheck.documents.gradients.asking import Answer
from gradcheck.documents.gradients.flow import draws, reads, slice_for, writes
from gradcheck.documents.gradients.losses import Loss
from gradcheck.documents.gradients.names import time_step
from gradcheck.documents.gradients.stated import Candidate, Stated
from gradcheck.documents.gradients.synthetic import role_of
from gradcheck.documents.gradients.verdicts import NAMED, Match, match
from gradcheck.results import Diagnosis, Evidence, Verdict

RULE = "a stated gradient is held against finite differences of the loss that the code computes beside it"
INTERMEDIATE = "a gradient by a value on the way may leave a factor or a sum to those that are made of it"
NOT_RUN = "its code was not run"
UNSTATED_RULE = "no loss is stated beside it; it is held against finite differences of the usual ones"

ORDER = ("factor", "sign", "transposed", "missing_sum", "stale", "missing_derivative")
"""Which mistake is told where several losses stand beside a gradient: the one that explains most."""


@dataclass(frozen=True)
class Held:
    """One candidate held against one loss."""

    candidate: Candidate
    loss: Loss
    match: Match


def held(stated: Stated, losses: Sequence[Loss], answer: Answer) -> list[Held]:
    """Every candidate against every loss that could be measured."""
    return [
        Held(candidate, loss, match(answer.points, answer.given, i, j, candidate.sign))
        for j, loss in enumerate(losses)
        for i, candidate in enumerate(stated.candidates)
    ]


def climbs(found: Held) -> bool:
    """Whether a value is added that is the gradient of something to be made large, which is no mistake."""
    diagnosis = found.match.diagnosis
    return (
        diagnosis is not None
        and diagnosis.kind == "sign"
        and found.candidate.sign < 0
        and not re.search("loss|cost|err|mse", found.loss.name, re.IGNORECASE)
    )


def worst(stated: Stated, answer: Answer) -> Held | None:
    """What would be refuted with a mistake that has no name yet, if anything."""
    found = [each for each in held(stated, stated.losses, answer) if each.match.usable]
    if not found or any(each.match.verdict is not Verdict.WRONG for each in found):
        return None
    first = min(found, key=_rank)
    return first if first.match.diagnosis and first.match.diagnosis.kind not in NAMED else None


def judgement(stated: Stated, answer: Answer, repair: Diagnosis | None = None) -> Judgement:
    """The judgement of a gradient beside whose update a loss is stated; `repair` is the mistake that was undone."""
    if not answer.points:
        return unknown("the statements cannot be run: " + "; ".join(dict.fromkeys(answer.reasons)))
    found = [each for each in held(stated, stated.losses, answer) if each.match.usable]
    right = [each for each in found if each.match.verdict is Verdict.CORRECT]
    if right:
        return _confirmed(right[0])
    found = [each for each in found if not each.candidate.may_differ]
    wrong = sorted((each for each in found if each.match.verdict is Verdict.WRONG), key=_rank)
    if not found:
        return unknown("no value beside it is a scalar loss that depends on the parameter")
    doubts = [each.match.reason for each in found if each.match.verdict is Verdict.INCONCLUSIVE]
    if doubts or not wrong:
        return unknown("; ".join(dict.fromkeys(doubts)))
    if climbs(wrong[0]):
        return _confirmed(wrong[0], "; the update climbs")
    first = replace(wrong[0], match=replace(wrong[0].match, diagnosis=repair)) if repair else wrong[0]
    doubt = INTERMEDIATE if stated.intermediate else _doubt(stated, first)
    return unknown(doubt, first.match.diagnosis) if doubt else _refuted(first)


def unknown(reason: str, diagnosis: Diagnosis | None = None) -> Judgement:
    """Not checkable, and why."""
    return Judgement("not checkable", "", reason, diagnosis)


def _rank(each: Held) -> tuple[int, bool]:
    kind = each.match.diagnosis.kind if each.match.diagnosis else ""
    return ORDER.index(kind) if kind in ORDER else len(ORDER), not each.candidate.named


def _doubt(stated: Stated, worst: Held) -> str:
    """Why a difference is no refutation; empty where it is one."""
    diagnosis = worst.match.diagnosis or Diagnosis("other", "")
    kind, loss, named = diagnosis.kind, f"`{worst.loss.name}`", worst.candidate.named
    samples, decay = _other_samples(stated, worst.loss), _decay_on_one_side(stated, worst.loss)
    time = time_step(_by_gradient(stated))
    sure = named and (worst.match.given or stated.any_values)
    doubts = (
        (stated.is_clipped, f"the gradient is clipped or normalised on its way, and differs from that of {loss}"),
        (stated.is_numeric, f"the gradient is measured by the document itself, and differs from that of {loss}"),
        (time, f"it is multiplied by a step in time, `{time}`, as what moves in physics is"),
        (samples, f"{loss} is not a loss of the samples that the gradient is taken over: {samples}"),
        (
            kind == "factor" and not named and "-" not in diagnosis.text,
            f"{diagnosis.text}; as it stands in the update, the factor may belong to the learning rate",
        ),
        (decay and kind != "sign", f"`{decay}` enters only one of gradient and loss"),
        (kind not in NAMED and not sure, f"it differs from the gradient of {loss} in no way that has a name"),
    )
    return next((reason for holds, reason in doubts if holds), "")


def _other_samples(stated: Stated, loss: Loss) -> str:
    """A sample, index or batch that the gradient is made from and the loss is not."""
    step = stated.step
    left_out = {id(each) for each in (*step.body[: step.start], *step.moved)}
    before = [each for each in loss.before if id(each) not in left_out]
    chosen, free = slice_for(before, reads(loss.expression))
    by_loss = free | frozenset[str]().union(*(writes(each) | reads(each) for each in chosen))
    parts, taken = [*stated.slice, *(c.expression for c in stated.candidates)], set[str]()
    for node in step.path[1:]:
        taken |= writes_of_target(node)
    taken |= {name for each in stated.slice if draws(each) for name in writes(each)}
    by_gradient = frozenset[str]().union(*(reads(each) for each in parts))
    return ", ".join(f"`{name}`" for name in sorted((taken & by_gradient) - by_loss))


def writes_of_target(node: object) -> frozenset[str]:
    """The variables that a loop binds in each round."""
    if not isinstance(node, ast.For):
        return frozenset()
    return frozenset(each.id for each in ast.walk(node.target) if isinstance(each, ast.Name))


def _decay_on_one_side(stated: Stated, loss: Loss) -> str:
    chosen, free = slice_for(loss.before, reads(loss.expression))
    del chosen
    by_gradient = _by_gradient(stated)
    sides = {
        name
        for name in by_gradient ^ free
        if role_of(name) == "decay" and name.lower()[:3] in ("lam", "reg", "wei", "dec", "lmb")
    }
    return min(sides, default="")


def _by_gradient(stated: Stated) -> frozenset[str]:
    """The names that the gradient is made of."""
    return frozenset[str]().union(
        *(reads(each) for each in (*stated.slice, *(c.expression for c in stated.candidates)))
    )


def evidence_of(found: Held) -> tuple[Evidence, ...]:
    result = found.match
    if result.stated is None or result.true is None:
        return ()
    return (
        Evidence("stated code", f"`{found.candidate.label}`: {show(result.stated)}"),
        Evidence("finite_difference", f"of `{found.loss.name}`: {show(result.true)}", show(result.bar, 1)),
    )


def _where(found: Match) -> str:
    return "at the document's own values and near them" if found.given else "at made-up values of fitting shapes"


def _confirmed(found: Held, more: str = "") -> Judgement:
    actual = f"`{found.candidate.label}` is the gradient of `{found.loss.name}` {_where(found.match)}{more}"
    return Judgement("confirmed", actual, RULE, evidence=evidence_of(found))


def _refuted(found: Held) -> Judgement:
    diagnosis = found.match.diagnosis
    assert diagnosis is not None
    text = f"`{found.candidate.label}` is not the gradient of `{found.loss.name}`: {diagnosis.text}"
    return Judgement(
        "refuted",
        actual=f"{text} ({_where(found.match)})",
        rule=RULE,
        diagnosis=Diagnosis(diagnosis.kind, text, diagnosis.remedy),
        evidence=evidence_of(found),
    )
