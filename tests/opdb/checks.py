"""Check one sample, beside torch's fast mode and with planted faults, and say what happened as plain data."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import torch

from gradcheck import check_gradients
from gradcheck.checking.check import GradientCheck
from gradcheck.errors import UsageError
from tests.opdb.plants import Plant, plants
from tests.opdb.samples import Sample, operators

Record = dict[str, Any]


def record(sample: Sample, *, beside_torch: bool, planted: bool) -> Record:
    """What the check says of a sample, of the same sample with each fault, and how long torch's fast mode takes."""
    found = {"operator": sample.operator, "sample": sample.number, **_check(sample.fn, sample.inputs)}
    if beside_torch:
        found["torch"], found["torch_seconds"] = _timed(lambda: _by_torch(sample))
    if planted and found["verdict"] == "CORRECT" and "ill_conditioned" not in found.get("kinds", ()):
        found["plants"] = [_planted(plant, sample) for plant in plants(*_gradients(sample))]
    return found


def _timed(run: Callable[[], Any]) -> tuple[Any, float]:
    start = time.perf_counter()
    result = run()
    return result, round(time.perf_counter() - start, 6)


def _check(fn: Callable[..., Any], inputs: tuple[torch.Tensor, ...]) -> Record:
    """The verdict, the kinds with their texts, and the time; a function that the check refuses is REFUSED."""
    try:
        found, seconds = _timed(lambda: check_gradients(fn, *inputs, symbolic=False))
    except UsageError as error:
        return {"verdict": "REFUSED", "text": str(error)}
    except Exception as error:
        return {"verdict": "RAISED", "text": f"{type(error).__name__}: {error}"}
    return {"verdict": _verdict(found), "seconds": seconds, "evaluations": found.evaluations, **_findings(found)}


def _verdict(found: GradientCheck) -> str:
    nothing = any(line.startswith("anything") for line in found.unchecked)
    return "NOTHING" if nothing else found.verdict.value


def _findings(found: GradientCheck) -> Record:
    if not found.findings:
        return {}
    first = found.findings[0]
    return {
        "kinds": [finding.kind for finding in found.findings],
        "kind": first.kind,
        "place": first.place,
        "index": list(first.index),
        "text": first.text,
    }


def _by_torch(sample: Sample) -> str:
    op = operators()[sample.operator]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.autograd.gradcheck(
                sample.fn, sample.inputs, fast_mode=True, nondet_tol=op.gradcheck_nondet_tol, check_batched_grad=False
            )
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:200]}"
    return "passed"


def _gradients(sample: Sample) -> tuple[list[torch.Tensor | None], float]:
    """The gradient of the outputs' sum with fixed positive weights, and the coarsest precision of the outputs."""
    torch.manual_seed(0)
    generator = torch.Generator().manual_seed(0)
    returned = sample.fn(*sample.inputs)
    outputs = [x for x in torch.utils._pytree.tree_leaves(returned) if torch.is_tensor(x) and x.requires_grad]
    outputs = [x for x in outputs if x.numel()]
    if not outputs:
        return [None] * len(sample.inputs), 0.0
    weights = [torch.rand(out.shape, generator=generator, dtype=torch.float64).to(out.dtype) + 0.5 for out in outputs]
    precision = max(float(torch.finfo(out.dtype).eps) for out in outputs)
    return list(torch.autograd.grad(outputs, sample.inputs, weights, allow_unused=True)), precision


def _planted(plant: Plant, sample: Sample) -> Record:
    found = _check(plant.into(sample.fn), sample.inputs)
    named = bool(plant.kinds & set(found.get("kinds", ())))
    keys = ("verdict", "kind", "text", "seconds", "place", "index")
    return {
        "plant": plant.name,
        "named": named,
        "expected": sorted(plant.kinds),
        **{k: found[k] for k in keys if k in found},
    }
