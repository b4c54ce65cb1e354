"""Trace one sample of the operator database, and hold the derivatives of its formulas against autograd's."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np
import torch

from gradcheck.errors import UsageError
from gradcheck.symbolic.graphs.refusals import UNBUILT
from gradcheck.symbolic.graphs.reproduction import TOLERANCE as PRECISION
from gradcheck.symbolic.graphs.reproduction import differentiable
from gradcheck.symbolic.graphs.trace import Trace, trace
from gradcheck.symbolic.pullback import pullback
from tests.opdb.samples import Sample
from tests.traced.arbiter import measure, settled

Record = dict[str, Any]
SECONDS = 10
"""How long a sample may take, in seconds of the processor: others may be at work beside it."""
TOLERANCE = 1e-9
SMALLEST = 1.0
"""Gradients are compared in units of their largest entry, or of this."""


WORST_FIRST = ("wrong", "autograd", "kink")
"""Why a formula's derivative may differ from autograd's, as finite differences say: the worst is a sample's verdict."""


class Late(BaseException):
    """A sample that takes too long."""


def record(sample: Sample) -> Record:
    """What became of a sample: an outcome of `tests.traced.table`, with the reason where there is one."""
    start = time.process_time()
    with _within(SECONDS):
        verdict, text = _verdict(sample)
    return {
        "operator": sample.operator,
        "sample": sample.number,
        "verdict": verdict,
        "text": text,
        "seconds": round(time.process_time() - start, 3),
    }


def _verdict(sample: Sample) -> tuple[str, str]:
    if not any(x.numel() for x in sample.inputs) or any(x.layout != torch.strided for x in sample.inputs):
        return "nothing", "no entry to derive by, or sparse tensors"
    try:
        traced = trace(sample.fn, *sample.inputs)
        differing = list(_differing(traced))
    except Late:
        return "late", f"longer than {SECONDS} s of the processor"
    except UsageError as error:
        reason = _reason(error)
        return "raised" if reason.startswith(UNBUILT) else "refused", reason
    except Exception as error:
        return "raised", f"{type(error).__name__}: {str(error).splitlines()[:1]}"
    if not differing:
        return "right", ""
    found = {verdict for verdict, _ in differing}
    return next(each for each in WORST_FIRST if each in found), "; ".join(text for _, text in differing)


def _differing(traced: Trace) -> Iterator[tuple[str, str]]:
    """For each output and input, how far the formula's gradient is from autograd's, where it is too far, and why."""
    for place, formula in enumerate(traced.formulas):
        values = [value.clone() for value in traced.call.values]
        weight = torch.rand(traced.returned[place].shape, generator=torch.Generator().manual_seed(place)).double() + 0.5
        expected = _gradients(traced, place, values, weight, formula.wrt)
        arrays = [value.detach().numpy() for value in values]
        dtypes = [value.dtype for value in values]
        for name in formula.wrt:
            with np.errstate(all="ignore"):
                found = np.asarray(pullback(formula, name)(*arrays, weight.numpy()))
            wanted = expected[name].double().numpy(force=True)
            far = _distances(found, wanted)
            differ = far > max(PRECISION.get(dtype, TOLERANCE) for dtype in (traced.returned[place].dtype, *dtypes))
            if differ.any():
                verdict = settled(found, wanted, differ, measure(traced, place, name, weight))
                yield verdict, f"output {place} by {name} is off by {far.max():.1e}"


def _gradients(
    traced: Trace, place: int, values: list[torch.Tensor], weight: torch.Tensor, names: tuple[str, ...]
) -> dict[str, torch.Tensor]:
    """Autograd's gradients of the weighted output."""
    by_name = {argument.name: value for argument, value in zip(traced.call.arguments, values, strict=True)}
    for name in names:
        by_name[name].requires_grad_()
    result = (differentiable(traced.call.function(*values))[place] * weight).sum()
    if not result.requires_grad:
        return {name: torch.zeros_like(by_name[name]) for name in names}
    sources = [by_name[name] for name in names]
    gradients = torch.autograd.grad(result, sources, allow_unused=True, materialize_grads=True)
    return dict(zip(names, gradients, strict=True))


def _distances(found: Any, expected: Any) -> Any:
    """The differences in units of the largest entry; both may be infinite, or no number, in one place."""
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    scale = max(float(np.abs(expected[np.isfinite(expected)]).max(initial=0.0)), SMALLEST)
    with np.errstate(invalid="ignore"):
        apart = np.where(same, 0.0, np.abs(found - expected) / scale)
    return np.nan_to_num(apart, nan=np.inf)


_PLACE = re.compile(r"^\S+:\d+( \(.*?\))?: ")


def _reason(error: UsageError) -> str:
    """Why a sample is refused, without the place in PyTorch's own tests."""
    return getattr(error, "problem", None) or _PLACE.sub("", str(error))


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raises Late within, once the time is over."""

    def late(_: int, __: FrameType | None) -> None:
        raise Late

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
