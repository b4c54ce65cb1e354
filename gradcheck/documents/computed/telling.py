"""Runs within the sandbox after the document's code: tells of each function that it called what it computes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from types import CodeType
from typing import Any

import numpy as np
import torch

from gradcheck.articles.judge import one_line
from gradcheck.computed import Computed
from gradcheck.documents.computed.allowance import Allowance, OutOfTime
from gradcheck.documents.computed.equations import arguments, formula_lines, gradient_lines, upstream_note
from gradcheck.documents.computed.known import KNOWN
from gradcheck.documents.computed.originals import Place, original_codes, place_of, restore
from gradcheck.documents.computed.subjects import Subject, subject_of
from gradcheck.documents.sandbox.calls import MOST_ENTRIES, Call
from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.symbolic.graphs.refusals import RANDOM, NotTraceable
from gradcheck.symbolic.graphs.trace import Trace, trace
from gradcheck.symbolic.recognition.recognition import recognised

MOST_FUNCTIONS = 60
STOPPED = "it was given up after {seconds:g} s of processor time"
NOT_REACHED = "not looked at: the time for this document's functions was over"
IN_A_BLOCK = re.compile(r"<block \d+>:(\d+)")
HELD = " is held by the function, with its values as they are"

Send = Callable[[Mapping[str, Any]], None]


def tell(calls: Sequence[Call], blocks: Sequence[CodeBlock], flags: int, namespace: dict[str, Any], send: Send) -> None:
    """Sends what each function computes as soon as that is known, after a list of all that there are."""
    calls = calls[:MOST_FUNCTIONS]
    found = [_named(call) for call in calls]
    for place, each in enumerate(found):
        send({"computed": asdict(replace(each, reason=NOT_REACHED)), "place": place})
    codes = original_codes(blocks, flags)
    restore(codes)
    allowance = Allowance()
    for place, (call, each) in enumerate(zip(calls, found, strict=True)):
        with _as_it_was(call, namespace):
            told = _told(call, each, codes, namespace, allowance)
        send({"computed": asdict(told), "place": place})


def _named(call: Call) -> Computed:
    definition = call.definition
    name = definition.owner or definition.name
    return Computed(name, definition.line, definition.end_line)


@contextmanager
def _as_it_was(call: Call, namespace: dict[str, Any]) -> Iterator[None]:
    """The names that the code reads as they were when it was called, and nothing printed or warned of."""
    later = {name: namespace[name] for name in call.reads or {} if name in namespace}
    namespace.update(call.reads or {})
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"), torch.enable_grad():
            warnings.simplefilter("ignore")
            yield
    finally:
        namespace.update(later)


def _told(
    call: Call, named: Computed, codes: Mapping[Place, CodeType], namespace: dict[str, Any], allowance: Allowance
) -> Computed:
    if call.too_large:
        return replace(named, reason=f"it is called with more than {MOST_ENTRIES} entries")
    code = codes.get(place_of(call.code))
    if code is None:
        return replace(named, reason="two functions stand in its place")
    told = named
    try:
        with allowance.limited():
            for more in _ever_more(named, subject_of(call, code, namespace)):
                told = more
    except OutOfTime:
        return told if told.formula else replace(named, reason=STOPPED.format(seconds=allowance.each))
    except NotTraceable as error:
        return replace(named, reason=_reason(error))
    except (Exception, SystemExit) as error:
        return replace(named, reason=_readable(one_line(error)))
    return told


def _ever_more(named: Computed, subject: Subject) -> Iterator[Computed]:
    """What is told of a function, the most important first: looking for the rest may take too long."""
    traced, notes = _traced(subject)
    told = replace(named, formula=formula_lines(traced), arguments=arguments(traced), notes=notes)
    yield told
    told = replace(told, recognised=_recognised(traced))
    yield told
    for each in gradient_lines(traced):
        gradients = (*told.gradients, each)
        told = replace(told, gradients=gradients, notes=(*notes, *upstream_note(traced, gradients)))
        yield told


def _traced(subject: Subject) -> tuple[Trace, tuple[str, ...]]:
    """The trace, and for what it holds; a module that draws random numbers as it is when it evaluates."""
    function, notes = subject.function, subject.notes
    try:
        traced = trace(function, *subject.example, kwargs=subject.keywords)
    except NotTraceable as error:
        if error.problem != RANDOM[0] or not isinstance(function, torch.nn.Module) or not function.training:
            raise
        traced = trace(function.eval(), *subject.example, kwargs=subject.keywords)
        notes = (*notes, "as it is after .eval(): while it trains it draws random numbers")
    return traced, (*notes, *_notes(traced))


def _notes(traced: Trace) -> Iterator[str]:
    held = [note.removesuffix(HELD) for note in traced.notes if note.endswith(HELD)]
    if held:
        yield f"{', '.join(held)}: as the code has {'them' if len(held) > 1 else 'it'}"
    yield from (_readable(note) for note in traced.notes if not note.endswith(HELD))


def _recognised(traced: Trace) -> str:
    """What of the catalogue it is, where it returns one tensor."""
    if len(traced.outlines) > 1 or not traced.is_short:
        return ""
    try:
        known = recognised(traced.formulas[0], KNOWN)
    except Exception:  # what it is called is told beside what it computes, which is not to fail for it
        return ""
    return known.sentence if known else ""


def _reason(error: NotTraceable) -> str:
    return f"{error.problem}, {_readable(error.place)}" if error.place else _readable(error.problem)


def _readable(text: str) -> str:
    """A sentence that names lines of blocks, with lines of the document."""
    return IN_A_BLOCK.sub(r"line \1", text)
