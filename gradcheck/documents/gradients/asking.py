"""Sends scripts to the sandbox, and brings back what was measured there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from gradcheck.documents.gradients.scripts import Script
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Run
from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.documents.sandbox.sandbox import Sandbox


@dataclass(frozen=True)
class Answer:
    """The points at which one group of scripts was measured, or why there are none."""

    points: tuple[Mapping[str, Any], ...] = ()
    given: bool = False
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Request:
    """Scripts of which the first that runs is measured by a function of one of the modules for the sandbox."""

    scripts: Sequence[Script] = ()
    function: str = "measured"
    module: str = "measuring"
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def source(self) -> str:
        """The program that measures within the sandbox, and prints the answer."""
        content = json.dumps(dict(self.fields) if self.fields else [asdict(script) for script in self.scripts])
        return (
            f"from gradcheck.documents.gradients import {self.module} as gc_module\n"
            f"print(gc_module.{self.function}({content!r}))"
        )


@dataclass(frozen=True)
class Inquiry:
    """What one finder wants to know: its requests, and what it makes of their answers, None where nothing was run."""

    requests: Sequence[Request]
    finish: Callable[[Sequence[Answer | None]], Iterator[Judged]]


def inquire(inquiries: Sequence[Inquiry], sandbox: Sandbox | None) -> Iterator[Judged]:
    """Everything that the finders judge, with one run for all their requests."""
    requests = [request for inquiry in inquiries for request in inquiry.requests]
    answers: list[Answer | None] = [None] * len(requests) if sandbox is None else [*ask(requests, sandbox)]
    for inquiry in inquiries:
        own, answers = answers[: len(inquiry.requests)], answers[len(inquiry.requests) :]
        yield from inquiry.finish(own)


def ask(requests: Sequence[Request], sandbox: Sandbox) -> list[Answer]:
    """The answer to each request; what does not come back from a run of all is asked for once more on its own."""
    if not requests:
        return []
    together = sandbox.run([_block(number, request) for number, request in enumerate(requests)], seed=0)
    answers = [_answer(together, number) for number in range(len(requests))]
    return [
        answer or _answer(sandbox.run([_block(0, request)], seed=0), 0) or Answer(reasons=(_why_none(together),))
        for answer, request in zip(answers, requests, strict=True)
    ]


def _block(number: int, request: Request) -> CodeBlock:
    return CodeBlock(number, request.source, (1, 2))


def _answer(run: Run, number: int) -> Answer | None:
    """The answer of one block; the last line that is one, whatever else was printed before it."""
    for line in reversed(run.outputs.get(number, "").splitlines()):
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and "points" in found:
            return Answer(tuple(found["points"]), bool(found.get("given")), tuple(found.get("reasons", ())))
    return None


def _why_none(run: Run) -> str:
    return run.failures[0].text if run.failures else "nothing came back from the run"
