"""Runs within the sandbox: goes through a backward pass that is written stage by stage, and measures each gradient.

What goes in and what comes back is JSON, as in `measuring`.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from types import CodeType
from typing import Any

import numpy as np

from gradcheck.articles.judge import one_line
from gradcheck.documents.gradients.measuring import SECONDS, SEEDS, Array, OutOfTimeError, Point, Slope
from gradcheck.documents.gradients.quantities import (
    as_array,
    copied,
    fitted,
    in_double,
    is_tensor,
    random_move,
    seed_all,
    sizes_of,
)
from gradcheck.numeric import difference

ENTRIES = 120
"""A larger value is measured at this many of its entries, drawn at random."""


def stages_measured(request: str) -> str:
    """The gradient that each stage gives, and the slope of the output, at the document's values and at others."""
    fields = json.loads(request)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            codes = [compile(each, "<listing>", "exec") for each in fields["statements"]]
            listing = Listing(codes, any("torch" in each for each in fields["statements"]))
            points = [
                asdict(point) | {"stage": number}
                for number, stage in enumerate(fields["stages"])
                for point in _points(listing, stage)
            ]
        return json.dumps({"points": points, "given": True})
    except (Exception, SystemExit) as error:
        return json.dumps({"points": [], "reasons": [one_line(error)]})


class NoNumberError(Exception):
    """What is to be differentiated is no number."""


class Listing:
    """Statements that run one after the other, from any of them on with the names as they were then."""

    def __init__(self, codes: list[CodeType], with_torch: bool = False) -> None:
        if with_torch:
            torch = importlib.import_module("torch")
            torch.set_default_dtype(torch.float64)
            torch.set_num_threads(1)
        self.codes, self.until = codes, time.thread_time() + SECONDS
        self.names: list[dict[str, Any]] = [{"__name__": "listing"}]
        for place in range(len(codes)):
            self.names.append(self.run(place, place + 1, {}))

    def run(self, first: int, last: int, changed: Mapping[str, Any]) -> dict[str, Any]:
        """The names after the statements from `first` up to `last`, some with other values before them."""
        if time.thread_time() > self.until:
            raise OutOfTimeError(f"it takes more than {SECONDS:g} seconds")
        names = copied({name: in_double(value) for name, value in self.names[first].items()}) | dict(changed)
        seed_all(0)
        for code in self.codes[first:last]:
            exec(code, names)
        names.pop("__builtins__", None)
        return names


def _points(listing: Listing, stage: Mapping[str, Any]) -> Iterator[Point]:
    start, value = stage["after"] + 1, listing.names[stage["after"] + 1].get(stage["variable"])
    try:
        known = as_array(value)
    except (TypeError, ValueError):
        return
    for seed in (0, *SEEDS):
        at = known if seed == 0 else known + random_move(known, seed)
        names = listing.run(start, len(listing.codes), {stage["variable"]: _like(value, at)})
        yield _point(listing, stage, names, at, seed)


def _point(listing: Listing, stage: Mapping[str, Any], names: Mapping[str, Any], at: Array, seed: int) -> Point:
    gradient = fitted(as_array(names[stage["gradient"]]), at.shape)
    chosen = np.arange(at.size)
    if at.size > ENTRIES:
        chosen = np.sort(np.random.default_rng(3).choice(at.size, ENTRIES, replace=False))
    entries = gradient.ravel()[chosen] if gradient.shape == at.shape else gradient.ravel()
    return Point(
        at="the values of the document" if seed == 0 else f"random values (seed {seed})",
        world=0,
        shape=list(at.shape),
        gradients=[entries.tolist()],
        shapes=[list(gradient.shape)],
        whole=len(chosen) == at.size,
        slopes=[_slope(listing, stage, names, at, chosen)],
        sizes=sizes_of(dict(names)),
        repairs=[],
    )


def _slope(
    listing: Listing, stage: Mapping[str, Any], names: Mapping[str, Any], at: Array, chosen: np.ndarray[Any, Any]
) -> Slope:
    """The slope of the output, times the gradient that the document hands to it where it does."""
    upstream = as_array(names[stage["upstream"]]) if stage["upstream"] else np.ones(())
    value = listing.names[stage["after"] + 1][stage["variable"]]

    def output(entries: Array) -> Array:
        moved = at.astype(float).ravel()
        moved[chosen] = entries
        changed = {stage["variable"]: _like(value, moved.reshape(at.shape))}
        found = as_array(listing.run(stage["after"] + 1, stage["until"] + 1, changed)[stage["output"]])
        if not stage["upstream"] and found.size != 1:
            raise NoNumberError(f"`{stage['output']}` is no number, and no gradient of anything by it is given")
        return np.asarray((found * upstream).sum()).ravel()

    try:
        found = difference.jacobian(output, [at.ravel()[chosen].astype(float)])
    except OutOfTimeError:
        raise
    except Exception as error:
        return Slope([], [], [], reason=str(error) if isinstance(error, NoNumberError) else one_line(error))
    jump = np.zeros_like(found.value) if found.jump is None else found.jump
    return Slope(found.value.ravel().tolist(), found.error_bar.ravel().tolist(), jump.ravel().tolist())


def _like(value: Any, entries: Array) -> Any:
    """New entries in the form that a value has: a number, a list, an array or a tensor."""
    if is_tensor(value):
        return value.new_tensor(entries).double()
    if isinstance(value, list | tuple):
        return type(value)(entries.tolist())
    return entries.copy() if isinstance(value, np.ndarray) else float(entries)
