"""Judges derivative formulas: what is stated for dy/dx, held against the agreed gradient at the points in the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.any_size import any_size_evidence, derived_for_any_size
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.diagnosis import diagnose_gradient
from gradcheck.articles.expressions import Expression, show
from gradcheck.articles.gradient import Gradient, OraclesDisagree, close, gradient, slope_along
from gradcheck.results import Diagnosis, Evidence

KINK_SLACK = 1e-6
"""How far beyond measured one-sided slopes a subgradient may lie: far above their error, far below a mistake."""


def derivative_formula(data: Data) -> Judgement:
    """Judges every formula in `cases`: the expression `function`, and for each variable its stated derivative.

    A function of arrays is differentiated through the sum of its outputs, which for an element-wise function gives
    the derivative at every entry. `kinks` lists, in a case, points of its only variable where the function has no
    derivative: there the stated value is a convention, right when it lies between the one-sided slopes.
    """
    evidence: list[Evidence] = []
    for case in read.mappings(data, "cases"):
        function, at = read.text(case, "function"), read.arrays(case, "at")
        for wrt, stated in read.texts(case, "derivatives").items():
            found = gradient(function, at, wrt, total=True)
            value = np.broadcast_to(np.asarray(Expression(stated).numpy(at), dtype=float), found.symbolic.shape)
            evidence += _labelled(found, _derivative(function, at, wrt))
            if not found.agrees(value):
                return _wrong_formula(
                    function=function, wrt=wrt, stated=stated, value=value, found=found, evidence=tuple(evidence)
                )
            for kink in read.optional_array(case, "kinks"):
                valid, seen = _at_kink(function, wrt, stated, float(kink))
                evidence.append(seen)
                if not valid:
                    return _not_a_subgradient(function, wrt, stated, float(kink), tuple(evidence))
    kinks = any(read.items(case, "kinks") for case in read.mappings(data, "cases"))
    rule = "the stated formula equals the derivative of every oracle at every point"
    return Judgement(
        status="confirmed",
        actual=_formulas(data),
        rule=rule + ("; at a kink any value between the one-sided slopes is a subgradient" if kinks else ""),
        evidence=tuple(evidence),
        suggestion="say that the value at the kink is a convention, which PyTorch shares" if kinks else "",
    )


def _formulas(data: Data) -> str:
    parts = [
        f"{_derivative(read.text(case, 'function'), read.arrays(case, 'at'), wrt)} = {stated}"
        for case in read.mappings(data, "cases")
        for wrt, stated in read.texts(case, "derivatives").items()
    ]
    return "; ".join(parts)


def _derivative(function: str, at: Mapping[str, Array], wrt: str) -> str:
    """The derivative's name; the sum shows where one value of the variable moves several outputs."""
    several = np.ndim(Expression(function).numpy(at)) > at[wrt].ndim
    return f"d(({function}).sum())/d{wrt}" if several else f"d({function})/d{wrt}"


def _labelled(found: Gradient, label: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(entry.oracle, f"{label}: {entry.value}", entry.error_bar) for entry in found.evidence)


def _wrong_formula(
    *, function: str, wrt: str, stated: str, value: Array, found: Gradient, evidence: tuple[Evidence, ...]
) -> Judgement:
    return Judgement(
        status="refuted",
        actual=f"d({function})/d{wrt} = {show(found.symbolic)}, not {show(value)}",
        rule=f"the stated formula `{stated}` differs from the derivative of every oracle",
        diagnosis=diagnose_gradient([value], [found], f"`{function}`"),
        evidence=evidence,
        suggestion=f"correct the derivative of `{function}` by `{wrt}`",
    )


def _at_kink(function: str, wrt: str, stated: str, kink: float) -> tuple[bool, Evidence]:
    """Whether the stated value lies between the one-sided slopes, and what was seen there."""
    import torch

    from gradcheck.numeric import difference

    expression, point = Expression(function), np.array([kink])
    slopes = difference.jacobian(lambda x: expression.numpy({wrt: x}).sum(), [point])
    left, right = float(slopes.left[0]), float(slopes.right[0])
    value = float(np.sum(Expression(stated).numpy({wrt: point})))
    tensor = torch.tensor(point, requires_grad=True)
    (chosen,) = torch.autograd.grad(expression.torch({wrt: tensor}).sum(), tensor)
    low, high = sorted((left, right))
    seen = Evidence(
        "finite_difference",
        f"at {wrt} = {show(kink)}: slope {show(left)} from the left, {show(right)} from the right; the formula takes "
        f"{show(value)}, torch takes {show(float(chosen))}",
    )
    return low - KINK_SLACK <= value <= high + KINK_SLACK, seen


def _not_a_subgradient(function: str, wrt: str, stated: str, kink: float, evidence: tuple[Evidence, ...]) -> Judgement:
    where = f"{wrt} = {show(kink)}"
    return Judgement(
        status="refuted",
        actual=f"at {where} the stated value lies outside the one-sided slopes of `{function}`",
        rule="at a kink any value between the one-sided slopes is a subgradient, and no other",
        diagnosis=Diagnosis("kink", f"`{stated}` is no subgradient of `{function}` at {where}"),
        evidence=evidence,
        suggestion=f"state a value between the one-sided slopes at {where}",
    )


def hand_written_gradient(data: Data) -> Judgement:
    """Judges whether `gradient` is the gradient of `loss` by `wrt`, at every set of values in `points`.

    Both are expressions; `points` is a sequence of mappings of the variables' values, of several sizes.
    """
    loss, wrt, stated = read.text(data, "loss"), read.text(data, "wrt"), read.text(data, "gradient")
    points = [read.as_arrays(point) for point in read.mappings(data, "points")]
    values = [np.asarray(Expression(stated).numpy(at), dtype=np.float64) for at in points]
    gradients = [gradient(loss, at, wrt) for at in points]
    evidence = [*_for_any_size(data, loss, points, wrt, gradients)]
    evidence += [
        entry
        for value, found in zip(values, gradients, strict=True)
        for entry in (Evidence("stated", f"{stated} = {show(value)}"), *found.evidence)
    ]
    if not all(found.agrees(value) for value, found in zip(values, gradients, strict=True)):
        diagnosis = diagnose_gradient(values, gradients, "the stated loss")
        return Judgement(
            status="refuted",
            actual=f"the gradient of `{loss}` is {show(gradients[-1].symbolic)}; `{stated}` gives {show(values[-1])}",
            rule="the hand-written gradient differs from the derivative of every oracle",
            diagnosis=replace(diagnosis, remedy=""),
            evidence=tuple(evidence),
            suggestion=diagnosis.remedy,
        )
    return Judgement(
        status="confirmed",
        actual=f"`{stated}` is the gradient of `{loss}` by `{wrt}`",
        rule="the hand-written gradient equals the derivative of every oracle at every size and point",
        evidence=tuple(evidence),
    )


def _for_any_size(
    data: Data, text: str, points: Sequence[Mapping[str, Array]], wrt: str, gradients: Sequence[Gradient]
) -> tuple[Evidence, ...]:
    """What the catalogue says, where the claim names a formula of it under `formula`; raises where it disagrees."""
    spec = data.get("formula")
    if not isinstance(spec, Mapping):
        return ()
    derived = derived_for_any_size(spec, [Expression(text).numpy(at) for at in points], points, wrt)
    if derived is None:
        return ()
    if not all(found.agrees(value) for value, found in zip(derived, gradients, strict=True)):
        raise OraclesDisagree(f"the catalogue's {spec['name']} has another derivative by {wrt}")
    return (any_size_evidence(spec, wrt),)


def layout(data: Data) -> Judgement:
    """Judges which entry of a gradient stands where: `function` by `wrt` at `at`, each partial derivative on its own.

    `arrangement` is the stated layout: `variable` (the shape of the variable; output axes come first where the
    function is vector-valued) or `transposed` (the reverse of that).
    """
    function, wrt, at = read.text(data, "function"), read.text(data, "wrt"), read.arrays(data, "at")
    found = gradient(function, at, wrt)
    partials = _partials(function, wrt, at)
    stated = partials if read.text(data, "arrangement") == "variable" else partials.T
    confirmed = found.agrees(stated)
    shape = f"shape {found.symbolic.shape}"
    return Judgement(
        status="confirmed" if confirmed else "refuted",
        actual=f"the partial derivatives of `{function}` by `{wrt}`, in {shape}: {show(found.symbolic)}",
        rule="each partial derivative, taken alone, stands in the gradient where the stated layout puts it",
        diagnosis=None if confirmed else Diagnosis("transposed", f"the stated layout is the transpose of {shape}"),
        evidence=(Evidence("partials", show(partials)), *found.evidence),
        suggestion=read.text(data, "suggestion", "") if confirmed else "lay the gradient out like the variable",
    )


def _partials(function: str, wrt: str, at: Mapping[str, Array]) -> Array:
    """One partial derivative at a time, along one entry of the variable, each by forward mode."""
    columns = [slope_along(function, at, wrt, direction) for direction in _unit_entries(at[wrt].shape)]
    stacked = np.stack(columns, axis=-1)
    return stacked.reshape(stacked.shape[:-1] + at[wrt].shape)


def _unit_entries(shape: tuple[int, ...]) -> Iterator[Array]:
    for entry in np.ndindex(shape):
        direction = np.zeros(shape)
        direction[entry] = 1.0
        yield direction


def jacobian_formula(data: Data) -> Judgement:
    """Judges a stated Jacobian: `entry`, an expression in `i`, `j`, the output `s` and `delta`, at `points`.

    `function` is an expression in `x` for a vector; row i is the output, column j the input.
    """
    function, stated = read.text(data, "function"), Expression(read.text(data, "entry"))
    points = [{"x": np.asarray(point, dtype=np.float64)} for point in read.items(data, "points")]
    jacobians = [gradient(function, at, "x") for at in points]
    evidence = [*_for_any_size(data, function, points, "x", jacobians)]
    for at, found in zip(points, jacobians, strict=True):
        output = Expression(function).numpy(at)
        value = np.empty(found.symbolic.shape)
        for i, j in np.ndindex(value.shape):
            value[i, j] = stated.numpy({"i": i, "j": j, "s": output, "x": at["x"], "delta": float(i == j)})
        evidence += [Evidence("stated", show(value)), *found.evidence]
        if not close(value, found.symbolic):
            return _wrong_formula(
                function=function, wrt="x", stated=stated.text, value=value, found=found, evidence=tuple(evidence)
            )
    return Judgement(
        status="confirmed",
        actual=f"the Jacobian of `{function}` has the entries `{stated.text}`",
        rule="every entry equals the derivative of every oracle, at several sizes",
        evidence=tuple(evidence),
    )
