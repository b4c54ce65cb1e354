"""Runs within the sandbox: calls the loss and the gradient that were cut out of a document, and measures the loss.

What goes in and what comes back is JSON. A document's code is executed here and nowhere else in this package.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.articles.judge import one_line
from gradcheck.documents.gradients import synthetic
from gradcheck.documents.gradients.quantities import (
    as_array,
    copied,
    fitted,
    in_double,
    is_tensor,
    random_move,
    seed_all,
    sizes_of,
    total,
)
from gradcheck.documents.gradients.scripts import (
    ARGUMENTS,
    GRADIENT,
    LEAD,
    LOSS,
    READ,
    REPAIR,
    TOTAL,
    Script,
    script_from,
)
from gradcheck.documents.gradients.usual import USUAL, usual_loss
from gradcheck.numeric import difference

Array = NDArray[np.float64]

SECONDS = 6.0
"""How much processor time one script may take."""

ENTRIES = 24
"""A larger parameter is measured at this many of its entries, drawn at random."""

SEEDS = (1, 2)
"""Points beside the document's own: there its values are moved at random."""

FEW = 6
"""Worlds of disagreeing shapes that are measured, where there is nothing better."""

ENOUGH = 8
"""Worlds in which the code runs and shapes agree; more are not tried."""


@dataclass(frozen=True)
class Slope:
    """A loss's measured derivative at one point, entry by entry, or why there is none."""

    value: list[float]
    bar: list[float]
    jump: list[float]
    reason: str = ""


_NOWHERE = Slope([], [], [], reason="it is not finite there")


@dataclass(frozen=True)
class Point:
    """What one point tells: the stated gradients, their shapes, the parameter's, and a slope for each loss."""

    at: str
    world: int
    shape: list[int]
    gradients: list[list[float]]
    shapes: list[list[int]]
    whole: bool
    slopes: list[Slope]
    sizes: dict[str, int]
    repairs: list[list[list[float]] | None]


class OutOfTimeError(Exception):
    """A script took longer than `SECONDS`."""


def measured(request: str) -> str:
    """Answers a request, the JSON of a list of scripts: the points of the first that runs, or why none does."""
    reasons: list[str] = []
    for fields in json.loads(request):
        script = script_from(fields)
        try:
            with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                points = list(_points(script))
            if points:
                return json.dumps({"points": [asdict(point) for point in points], "given": script.given})
            reasons.append("no values were found with which it runs")
        except (Exception, SystemExit) as error:
            reasons.append(one_line(error))
    return json.dumps({"points": [], "reasons": reasons})


def _points(script: Script) -> Iterator[Point]:
    until = time.thread_time() + SECONDS
    if script.given and not script.missing:
        yield from Trial(script, {}, until).points((0, *SEEDS))
        return
    names = [*script.missing, *(() if script.given else script.arguments)]
    if script.given and any(not synthetic.role_of(name) for name in names):
        raise NameError(f"nothing defines {', '.join(f'`{name}`' for name in script.missing)}")
    yield from _of_worlds(script, names, until)


def _of_worlds(script: Script, names: list[str], until: float) -> Iterator[Point]:
    """Points of the worlds in which the code runs; worlds whose shapes disagree count only where no other runs."""
    others, agreeing, reason = list[tuple[int, list[Trial]]](), 0, None
    for number, world in enumerate(synthetic.worlds(names)):
        if time.thread_time() > until or agreeing >= ENOUGH:
            break
        try:
            trials = _trials(script, names, world, until)
            if not all(trial.fits for trial in trials):
                others.append((number, trials))
                continue
            found = _points_of(trials, number)
        except Exception as error:
            reason = reason or error
            continue
        if not script.losses or any(not slope.reason for point in found for slope in point.slopes):
            agreeing += 1
            yield from found
            if all(_agrees(point) for point in found):
                return
    if not agreeing:
        yield from _of_others(others, reason)


def _trials(script: Script, names: list[str], world: synthetic.World, until: float) -> list[Trial]:
    library = "torch" if "torch." in script.source else "numpy"
    return [Trial(script, world.values(names, seed, library), until) for seed in SEEDS]


def _points_of(trials: list[Trial], number: int) -> list[Point]:
    return [point for seed, trial in zip(SEEDS, trials, strict=True) for point in trial.points((seed,), number)]


def _of_others(others: list[tuple[int, list[Trial]]], reason: Exception | None) -> list[Point]:
    """Points of a few worlds whose shapes disagree, those first in which a loss can be measured."""
    measured_: list[Point] = []
    for number, trials in others[:FEW]:
        try:
            measured_ += _points_of(trials, number)
        except Exception as error:
            reason = reason or error
    if not measured_ and reason:
        raise reason
    return [point for point in measured_ if any(not slope.reason for slope in point.slopes)] or measured_


def _agrees(point: Point) -> bool:
    """Whether some gradient is a loss's slope, or its opposite; the judgement does not rest on this."""
    slopes = [np.array(slope.value) for slope in point.slopes if not slope.reason and np.any(slope.value)]
    gradients = [np.array(each) for each in point.gradients]
    pairs = [(a, b) for a in slopes for b in gradients if a.shape == b.shape]
    return any(np.allclose(a, b, 1e-6, 1e-9) or np.allclose(a, -b, 1e-6, 1e-9) for a, b in pairs)


class Trial:
    """One script with one set of values: its namespace, and the state in which the step begins."""

    def __init__(self, script: Script, values: Mapping[str, Any], until: float) -> None:
        self.script, self.until = script, until
        if "torch" in sys.modules or "torch" in script.source:
            torch = importlib.import_module("torch")
            torch.set_default_dtype(torch.float64)
            torch.set_num_threads(1)
        self.names: dict[str, Any] = {
            "__name__": "listing",
            USUAL: usual_loss,
            TOTAL: total,
            **{n: values[n] for n in script.missing if n in values},
        }
        seed_all(0)
        exec(compile(script.source, "<listing>", "exec"), self.names)
        arguments = self.names[ARGUMENTS]() if script.given and ARGUMENTS in self.names else values
        self.state = self._lead({name: arguments[name] for name in script.arguments})
        self.start = self._call(READ)

    def _lead(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        found = self.names[LEAD](**arguments)
        if found is None:
            raise ValueError("the loop around the update is never entered")
        return {name: in_double(value) for name, value in found.items()}

    @property
    def fits(self) -> bool:
        """Whether some stated gradient has the parameter's shape."""
        shape = as_array(self.start).shape
        found = self._call(GRADIENT, self._like_start(as_array(self.start)))
        return any(fitted(as_array(each), shape).shape == shape for each in found)

    def points(self, seeds: tuple[int, ...], world: int = 0) -> Iterator[Point]:
        """The gradients and slopes at the start (seed 0) and at points moved from it at random."""
        start = as_array(self.start)
        generator = np.random.default_rng(3)
        chosen = np.arange(start.size)
        if start.size > ENTRIES:
            chosen = np.sort(generator.choice(start.size, ENTRIES, replace=False))
        for seed in seeds:
            point = start if seed == 0 else start + random_move(start, seed)
            gradients = [as_array(each) for each in self._call(GRADIENT, self._like_start(point))]
            in_shape = [fitted(each, start.shape) for each in gradients]
            yield Point(
                at="the values of the document" if seed == 0 else f"random values (seed {seed})",
                world=world,
                shape=list(start.shape),
                gradients=[
                    (each.ravel()[chosen] if each.shape == start.shape else each.ravel()).tolist() for each in in_shape
                ],
                shapes=[list(each.shape) for each in in_shape],
                whole=len(chosen) == start.size,
                slopes=self._slopes(point, chosen),
                sizes=sizes_of(self.state),
                repairs=[self._repaired(number, point, chosen) for number in range(self.script.repairs)],
            )

    def _repaired(self, number: int, point: Array, chosen: NDArray[np.int_]) -> list[list[float]] | None:
        """The gradients with one change made to their code; None where it cannot be run."""
        try:
            found = [
                fitted(as_array(each), point.shape) for each in self._call(f"{REPAIR}{number}", self._like_start(point))
            ]
        except OutOfTimeError:
            raise
        except Exception:
            return None
        return [each.ravel()[chosen].tolist() if each.shape == point.shape else [] for each in found]

    def _slopes(self, point: Array, chosen: NDArray[np.int_]) -> list[Slope]:
        if self.script.together:
            return self._slopes_of(f"{LOSS}0", self.script.losses, point, chosen)
        return [self._slopes_of(f"{LOSS}{number}", 1, point, chosen)[0] for number in range(self.script.losses)]

    def _slopes_of(self, function: str, count: int, point: Array, chosen: NDArray[np.int_]) -> list[Slope]:
        """The slopes of a function that gives `count` losses."""

        def losses(entries: Array) -> Array:
            moved = point.astype(float).ravel()
            moved[chosen] = entries
            value = as_array(self._call(function, self._like_start(moved.reshape(point.shape))))
            if value.size != count:
                raise ValueError(f"it has {value.size} values, it is no scalar")
            return value.ravel()

        try:
            found = difference.jacobian(losses, [point.ravel()[chosen].astype(float)])
        except OutOfTimeError:
            raise
        except Exception as error:
            return [Slope([], [], [], reason=one_line(error))] * count
        jump = np.zeros_like(found.value) if found.jump is None else found.jump
        rows = zip(found.value.tolist(), found.error_bar.tolist(), jump.tolist(), strict=True)
        return [Slope(*row) if np.isfinite(row[0]).all() else _NOWHERE for row in rows]

    def _call(self, function: str, *value: Any) -> Any:
        """A function of the script on a fresh copy of the state, random numbers as at every other call."""
        if time.thread_time() > self.until:
            raise OutOfTimeError(f"it takes more than {SECONDS:g} seconds")
        seed_all(0)
        state = copied(self.state)
        if not self.script.is_global:
            return self.names[function](*value, **state)
        self.names.update(state)
        return self.names[function](*value)

    def _like_start(self, values: Array) -> Any:
        if is_tensor(self.start):
            return sys.modules["torch"].tensor(values)
        return np.array(values, dtype=float) if isinstance(self.start, np.ndarray) else float(values)
