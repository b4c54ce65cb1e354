"""What a check found: the verdict, the findings behind it, and what was not checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from gradcheck.results import Verdict

Index = tuple[int, ...]


@dataclass(frozen=True)
class Entry:
    """One entry of a gradient beside the measured one; `ratio` is the error as a multiple of the bar.

    `output` is the place of the output whose derivative it is, where there are several.
    """

    index: Index
    analytic: float
    numeric: float
    error_bar: float
    ratio: float
    output: str = ""


@dataclass(frozen=True)
class Finding:
    """Something a check has to say about one place.

    `kind` is stable (the kinds of `gradcheck.checking.diagnosis.diagnose.REMEDIES`, `kink` for a passed one too, and
    `inconclusive`); `place` names the input; `index`, `analytic`, `numeric` and `error_bar` belong to the entry that
    decided; `worst` lists the worst entries, that one first. `rule` says what decided, `text` what is wrong.
    """

    kind: str
    place: str
    index: Index
    analytic: float
    numeric: float
    error_bar: float
    rule: str
    text: str
    remedy: str
    verdict: Verdict = Verdict.WRONG
    worst: tuple[Entry, ...] = ()

    def renamed(self, kind: str, text: str, remedy: str) -> Finding:
        """The same finding under another name; the place and the numbers that its text ends with stay."""
        _, separator, place = self.text.rpartition("; ")
        return replace(self, kind=kind, text=f"{text}; {place}" if separator else text, remedy=remedy)


@dataclass(frozen=True)
class GradientCheck:
    """The result of holding a gradient against what was measured. `str()` reads like a failure message.

    `subject` names the gradient, `unchecked` says what was not looked at, `evaluations` counts calls of the function,
    `reproduce` is the call that makes the check again, empty where there is nothing to say. `notes` say what the
    function is called in the catalogue, where its formula was asked for.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...]
    evaluations: int
    subject: str = "the gradient"
    reproduce: str = ""
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """True for CORRECT alone."""
        return self.verdict is Verdict.CORRECT

    def to_dict(self) -> dict[str, Any]:
        """The check as JSON-ready data: lists for indices, plain strings for verdicts."""
        plain = _plain(asdict(self))
        return {**plain, "ok": self.ok}

    def __str__(self) -> str:
        from gradcheck.checking.messages import message

        return message(self)


def worst_of(verdicts: Sequence[Verdict]) -> Verdict:
    """WRONG where anything is, else INCONCLUSIVE where anything is, or where there is nothing; else CORRECT."""
    for verdict in (Verdict.WRONG, Verdict.INCONCLUSIVE):
        if verdict in verdicts or not verdicts:
            return verdict if verdicts else Verdict.INCONCLUSIVE
    return Verdict.CORRECT


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Verdict) else value
