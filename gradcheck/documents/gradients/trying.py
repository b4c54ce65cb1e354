"""Runs within the sandbox: calls what a document defines, gradient makers and custom backward passes, and measures.

What goes in and what comes back is JSON, as in `measuring`.
"""

from __future__ import annotations

import contextlib
import io
import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from gradcheck.articles.judge import one_line
from gradcheck.documents.gradients import synthetic

TRIED: Mapping[str, tuple[Callable[[Any], Any], Callable[[float], float]]] = {
    "x ** 2": (lambda x: x**2, lambda x: 2 * x),
    "x ** 3": (lambda x: x**3, lambda x: 3 * x**2),
    "1 / (1 + x ** 2)": (lambda x: 1 / (1 + x**2), lambda x: -2 * x / (1 + x**2) ** 2),
}
"""Functions whose gradient is asked for, and their derivatives."""

POINTS = (0.5, 1.3, -0.7)


def gradients_made(request: str) -> str:
    """Asks a document's function for the gradients of `TRIED`; one row for each: the function, points, found, true."""
    fields = json.loads(request)
    try:
        with _quietly():
            names = _run(fields["source"])
            rows = [
                {
                    "function": text,
                    "at": list(POINTS),
                    "found": [_made(names[fields["name"]], function, point) for point in POINTS],
                    "true": [derivative(point) for point in POINTS],
                }
                for text, (function, derivative) in TRIED.items()
            ]
        return json.dumps({"points": rows})
    except Exception as error:
        return json.dumps({"points": [], "reasons": [one_line(error)]})


def _made(maker: Callable[..., Any], function: Callable[[Any], Any], point: float) -> float:
    """What `maker` takes for the derivative, whichever way it wants to be asked."""
    reason: Exception | None = None
    for at in (point, np.array(point), np.array([point])):
        for together in (False, True):
            try:
                found = maker(function, at) if together else maker(function)(at)
                return float(np.array(found, dtype=np.float64).reshape(()))
            except Exception as error:
                reason = reason or error
    raise reason or ValueError("it returns nothing")


def backward_checked(request: str) -> str:
    """Checks the backward pass of a document's `autograd.Function`: what is wrong with it, and what it has at 0."""
    fields = json.loads(request)
    try:
        with _quietly():
            return json.dumps(
                {"points": [_checked(_run(fields["source"])[fields["name"]], fields["arguments"], fields["constant"])]}
            )
    except Exception as error:
        return json.dumps({"points": [], "reasons": [one_line(error)]})


def _checked(function: Any, names: list[str], constant: list[int]) -> dict[str, Any]:
    from gradcheck import check_gradients
    from gradcheck.results import Verdict

    reason: Exception | None = None
    for tried in _inputs(names):
        inputs = [_constant(each) if place in constant else each for place, each in enumerate(tried)]
        try:
            _require_finite(function.apply(*inputs))
            check = check_gradients(function.apply, *inputs)
        except Exception as error:
            reason = reason or error
            continue
        if check.verdict is not Verdict.INCONCLUSIVE:
            findings = [
                {"kind": f.kind, "text": f.text, "remedy": f.remedy} for f in check.findings if f.kind != "kink"
            ]
            return {"verdict": str(check.verdict), "findings": findings, "kink": _kink(function, names)}
        reason = reason or ArithmeticError(check.findings[0].text if check.findings else "nothing was compared")
    raise reason or ValueError("no inputs were found with which it runs")


def _inputs(names: list[str]) -> Iterator[list[Any]]:
    """Inputs to try: random tensors of shapes that fit by their names, then one shape for all, positive ones last."""
    import torch

    generator = torch.Generator().manual_seed(0)
    same = [torch.randn(3, 4, generator=generator, dtype=torch.float64, requires_grad=True) for _ in names]
    yield same
    for world in synthetic.worlds(names):
        if world.target == "real":
            yield [_tensor(value) for value in world.values(names, 0).values()]
    yield [(each.detach().abs() + 0.5).requires_grad_() for each in same]


def _constant(value: Any) -> Any:
    """A number in place of an input for which no gradient is claimed."""
    return 1.75 if hasattr(value, "detach") else value


def _tensor(value: Any) -> Any:
    import torch

    return torch.tensor(value, dtype=torch.float64, requires_grad=True) if isinstance(value, np.ndarray) else value


def _require_finite(output: Any) -> None:
    import torch

    parts = output if isinstance(output, tuple | list) else (output,)
    if not all(isinstance(part, torch.Tensor) and bool(torch.isfinite(part).all()) for part in parts):
        raise ValueError("its output is no finite tensor")


def _kink(function: Any, names: list[str]) -> dict[str, Any] | None:
    """For one input, the slopes on both sides of 0 and what the backward pass has there, where they differ."""
    import torch

    from gradcheck.numeric.difference import jacobian

    if len(names) != 1:
        return None
    try:
        point = torch.zeros(1, dtype=torch.float64, requires_grad=True)
        (chosen,) = torch.autograd.grad(function.apply(point).sum(), point)
        found = jacobian(lambda x: function.apply(torch.tensor(x)).detach().numpy().sum(), [np.zeros(1)])
    except Exception:
        return None
    if found.jump is None or not np.any(found.jump):
        return None
    (relu,) = torch.autograd.grad(torch.relu(point).sum(), point)
    around = torch.tensor([-1.5, -0.2, 0.3, 2.0], dtype=torch.float64)
    return {
        "left": float(found.left[0]),
        "right": float(found.right[0]),
        "chosen": float(chosen[0]),
        "torch": float(relu[0]) if torch.equal(function.apply(around), torch.relu(around)) else None,
    }


def _run(source: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "listing"}
    exec(compile(source, "<listing>", "exec"), names)
    return names


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield
