"""Judges one claim, and keeps a claim that crashes from taking the others down."""

from __future__ import annotations

from gradcheck.articles.claims import Claim, Judgement
from gradcheck.results import ClaimResult


def judge_claim(claim: Claim) -> ClaimResult:
    """The claim with its judgement. Whatever the judge raises becomes the status `error` with a one-line reason.

    >>> def crashes(data: object) -> Judgement:
    ...     raise ZeroDivisionError("division by zero")
    >>> result = judge_claim(Claim("X1", "x.txt", 1, 1, "one is one", "1", {}, crashes))
    >>> result.status, result.rule
    ('error', 'the judge stopped: ZeroDivisionError: division by zero')
    """
    try:
        found = _judged(claim)
    except (Exception, SystemExit) as error:
        found = Judgement("error", actual="", rule=f"the judge stopped: {one_line(error)}")
    return ClaimResult(
        id=claim.id,
        path=claim.path,
        line=claim.line,
        end_line=claim.end_line,
        statement=claim.statement,
        stated=claim.stated,
        actual=found.actual,
        status=found.status,
        rule=found.rule,
        diagnosis=found.diagnosis,
        evidence=found.evidence,
        suggestion=found.suggestion,
        reproduce=claim.command,
        math=claim.math,
        figures=found.figures,
    )


def _judged(claim: Claim) -> Judgement:
    found: object = claim.judge(claim.data)
    if not isinstance(found, Judgement):
        raise TypeError(f"a judge returns a Judgement, not {type(found).__name__}")
    return found


def one_line(error: BaseException) -> str:
    """An exception as one line: its type and its message.

    >>> one_line(ValueError("a\\nb"))
    'ValueError: a b'
    """
    return f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")
