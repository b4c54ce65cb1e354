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
from gradcheck.documents.computed.originals import Place, place_of, restore
from gradcheck.documents.computed.readable import Readable
from gradcheck.documents.computed.subjects import Subject, subject_of
from gradcheck.documents.sandbox.calls import MOST_ENTRIES, Call
from gradcheck.errors import UsageError
from gradcheck.symbolic.compile import variable_name
from gradcheck.symbolic.derivations.traced_derivation import STOPPED as STOPPED_GRADIENT
from gradcheck.symbolic.derivations.traced_derivation import other_gradients
from gradcheck.symbolic.graphs.refusals import RANDOM, NotTraceable
from gradcheck.symbolic.graphs.reproduction import differentiable
from gradcheck.symbolic.graphs.trace import Trace, trace
from gradcheck.symbolic.recognition.recognition import recognised

MOST_FUNCTIONS = 60
"""So many of a document's functions are looked at."""
STOPPED = "it was given up after {seconds:g} s of processor time"
NOT_REACHED = "not looked at: the run had ended before"
TOO_MANY = f"not looked at: it comes after {MOST_FUNCTIONS} others"
IN_A_BLOCK = re.compile(r"<block \d+>:(\d+)")
HELD = " is held by the function, with its values as they are"
FIXED = " is fixed at "

Send = Callable[[Mapping[str, Any]], None]


def tell(
    calls: Sequence[Call], codes: Mapping[Place, CodeType], namespace: dict[str, Any], send: Send, seconds: float
) -> None:
    """Sends what each function computes as soon as that is known, after a list of all that there are.

    `codes` are the functions' own, `seconds` the processor time for all of them.
    """
    found = [_named(call) for call in calls]
    for place, each in enumerate(found):
        reason = NOT_REACHED if place < MOST_FUNCTIONS else TOO_MANY
        send({"computed": asdict(replace(each, reason=reason)), "place": place})
    restore(codes)
    allowance = Allowance(seconds)
    for place, (call, each) in enumerate(zip(calls[:MOST_FUNCTIONS], found, strict=False)):
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
        reason = STOPPED.format(seconds=allowance.each)
    except NotTraceable as error:
        reason = _reason(error)
    except UsageError as error:
        reason = str(error)
    except (Exception, SystemExit) as error:
        reason = one_line(error)
    else:
        return told
    return told if told.formula else replace(named, reason=_readable(reason))


def _ever_more(named: Computed, subject: Subject) -> Iterator[Computed]:
    """What is told of a function, the most important first: looking for the rest may take too long."""
    traced, notes = _traced(subject)
    found = Readable(traced)
    told = replace(named, formula=formula_lines(found), arguments=arguments(found), notes=notes)
    yield told
    told = replace(told, recognised=_recognised(found))
    yield told
    for each in gradient_lines(found) if len(told.formula) == 1 else ():
        gradients = (*told.gradients, each)
        told = replace(told, gradients=gradients, notes=(*notes, *upstream_note(found, gradients)))
        yield told
    yield replace(told, notes=(*told.notes, *_otherwise(traced)))


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
    """What the trace notes, but for sizes that are fixed: those stand as numbers among the arguments."""
    held = [note.removesuffix(HELD) for note in traced.notes if note.endswith(HELD)]
    held = [name for name in held if name in {variable_name(v) for v in Readable(traced).variables}]
    if held:
        yield f"{', '.join(held)}: held by the code, with the values that it gives"
    yield from (_readable(note) for note in traced.notes if not note.endswith(HELD) and FIXED not in note)


def _recognised(found: Readable) -> str:
    """What of the catalogue it is, where it returns one tensor."""
    if found.count > 1 or not found.is_short:
        return ""
    try:
        known = recognised(found.formulas[0], KNOWN)
    except Exception:  # what it is called is told beside what it computes, which is not to fail for it
        return ""
    return known.sentence if known else ""


def _otherwise(traced: Trace) -> Iterator[str]:
    """A sentence where autograd differentiates something else than what the function computes."""
    if len(traced.outlines) > 1 or not traced.is_short or not traced.program.wrt:
        return
    try:
        exact = _in_double(traced)
        names = other_gradients(exact, 0, exact.program.wrt) if exact.returned[0].isfinite().all() else []
    except Exception:  # it works with floats of one precision alone, in which little could be told apart
        return
    if names:
        yield f"autograd's gradient by {', '.join(names)} is another one: {STOPPED_GRADIENT}"


def _in_double(traced: Trace) -> Trace:
    """The trace with its example in double precision; TypeError where the function does not keep that."""
    call = traced.call
    doubled = [replace(a, value=a.value if a.is_integer else a.value.double()) for a in call.arguments]
    exact = replace(call, arguments=tuple(doubled))
    returned = differentiable(exact.function(*(value.clone() for value in exact.values)))
    if any(each.dtype != torch.float64 for each in returned):
        raise TypeError("it computes in another precision")
    return replace(traced, call=exact, returned=tuple(each.detach() for each in returned))


def _reason(error: NotTraceable) -> str:
    return f"{error.problem}, {error.place}" if error.place else error.problem


def _readable(text: str) -> str:
    """A sentence that names lines of blocks, with lines of the document."""
    return IN_A_BLOCK.sub(r"line \1", text)
