"""An example to trace a function with: its arguments drawn from the sizes that are declared for them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

import numpy as np
import torch

from gradcheck.errors import UnknownName, UsageError
from gradcheck.symbolic.domains import POSITIVE, POSITIVE_DEFINITE, REAL, UNIT_INTERVAL, Domain
from gradcheck.symbolic.graphs.dimension_names import parse_sizes, whole_numbers
from gradcheck.symbolic.graphs.reproduction import differentiable

DOMAINS: tuple[Domain, ...] = (REAL, POSITIVE, UNIT_INTERVAL, POSITIVE_DEFINITE)
"""Where values are drawn, in order, until the function gives finite ones; the last are for square matrices."""
ATTEMPTS = 300
"""How many sizes are tried until the function runs."""
SMALL = (3, 2, 4, 5, 6, 7, 8, 9)
REMEDY = 'say the sizes of each, as in --sizes "X: m n, w: n, c:, y: m int" (c is a number, y holds whole numbers)'


@dataclass(frozen=True)
class Example:
    """Arguments that a function can be called with."""

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]


def drawn_example(fn: Any, sizes: str, given: Mapping[str, Any]) -> Example:
    """Arguments for `fn` with the declared sizes, which are as distinct as it allows; `given` are values of some.

    Raises UsageError where a parameter has no sizes, or the function does not run or gives no finite values.

    >>> example = drawn_example(lambda X, w: X @ w, "X: m n, w: n", {})
    >>> [tuple(x.shape) for x in example.args]
    [(3, 2), (2,)]
    """
    declared, whole = parse_sizes(sizes), whole_numbers(sizes)
    places = _places(fn, declared)
    failed = ""
    for numbers in islice(_assignments(fn, declared, given), ATTEMPTS):
        shapes = {name: tuple(_number(word, numbers) for word in declared[name].split()) for name in declared}
        for domain in DOMAINS:
            draw = _Draw(domain, numbers, whole, given)
            example = _arranged(places, {name: draw.value(name, shape) for name, shape in shapes.items()})
            problem = _problem(fn, example)
            if not problem:
                return example
            failed = failed or f"{problem} for {', '.join(f'{name} of shape {shapes[name]}' for name in declared)}"
    raise UsageError(f"--sizes: the function {failed}; declare other sizes, or give the arguments by --input")


def _places(fn: Any, declared: Mapping[str, str]) -> dict[str, bool]:
    """The parameters that get a value, in order, with whether they are given by name."""
    target = fn.forward if isinstance(fn, torch.nn.Module) else fn
    try:
        parameters = list(inspect.signature(target).parameters.values())
    except (TypeError, ValueError):
        return dict.fromkeys(declared, False)
    own = [p for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    lacking = [p.name for p in own if p.default is p.empty and p.name not in declared]
    if lacking:
        raise UsageError(f"--sizes: nothing is said of {', '.join(lacking)}; {REMEDY}")
    names = {p.name: p.kind is p.KEYWORD_ONLY for p in own if p.name in declared}
    rest = [name for name in declared if name not in names and name not in _parameters(fn)]
    if rest and len(own) == len(parameters):
        raise UnknownName("parameter of the function", rest[0], [p.name for p in own])
    takes_any = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    skipped = any(p.name not in declared for p in own)
    return {name: by_name or skipped for name, by_name in names.items()} | dict.fromkeys(rest, not takes_any)


def _parameters(fn: Any) -> dict[str, torch.Tensor]:
    """A module's, by the names that a trace gives them."""
    from gradcheck.symbolic.graphs.arguments import identifier

    return {identifier(k): v for k, v in fn.named_parameters()} if isinstance(fn, torch.nn.Module) else {}


def _assignments(fn: Any, declared: Mapping[str, str], given: Mapping[str, Any]) -> Iterator[dict[str, int]]:
    """A number for each size: distinct ones first, then those of the module's parameters, and equal ones last."""
    known: dict[str, int] = {}
    for name in given.keys() & declared.keys():
        known |= dict(zip(declared[name].split(), np.shape(given[name]), strict=False))
    words = dict.fromkeys(word for sizes in declared.values() for word in sizes.split())
    free = [word for word in words if not word.isdigit() and word not in known]
    own = [size for value in _parameters(fn).values() for size in value.shape if size > 1]
    pool = tuple(dict.fromkeys((*SMALL[: max(len(free), 3)], *own)))
    choices = sorted(product(pool, repeat=len(free)), key=lambda each: -len(set(each)))
    yield from ({**known, **dict(zip(free, each, strict=True))} for each in choices[: ATTEMPTS * 10])


def _number(word: str, numbers: Mapping[str, int]) -> int:
    return int(word) if word.isdigit() else numbers[word]


@dataclass(frozen=True)
class _Draw:
    """One way to draw: the domain, the number for each size, who holds whole numbers, and who has values already."""

    domain: Domain
    numbers: Mapping[str, int]
    whole: set[str]
    given: Mapping[str, Any]

    def value(self, name: str, shape: tuple[int, ...]) -> torch.Tensor:
        """A value of that shape; whole numbers are indices of every axis."""
        try:
            return self._drawn(name, shape)
        except MemoryError as error:
            raise UsageError(f"--sizes: {name} of shape {shape} needs more memory than there is") from error

    def _drawn(self, name: str, shape: tuple[int, ...]) -> torch.Tensor:
        if name in self.given:
            return torch.tensor(self.given[name], dtype=torch.int64 if name in self.whole else torch.float64)
        generator = np.random.default_rng(sum(map(ord, name)))
        if name in self.whole:
            return torch.from_numpy(np.asarray(generator.integers(0, min(self.numbers.values(), default=2), shape)))
        is_square = len(shape) > 1 and shape[-1] == shape[-2]
        domain = REAL if self.domain is POSITIVE_DEFINITE and not is_square else self.domain
        return torch.from_numpy(np.array(domain.sample(generator, shape, self.numbers), dtype=float))


def _arranged(places: Mapping[str, bool], values: Mapping[str, torch.Tensor]) -> Example:
    by_place = [values[name] for name, by_name in places.items() if not by_name]
    return Example(tuple(by_place), {name: values[name] for name, by_name in places.items() if by_name})


def _problem(fn: Any, example: Example) -> str:
    """Why the example is none: what the function raises, or that it gives no finite values."""
    try:
        returned = fn(*example.args, **example.kwargs)
    except (Exception, SystemExit) as error:
        return f"raises {type(error).__name__} ({next(iter(str(error).splitlines()), '')})"
    finite = all(bool(torch.isfinite(each).all()) for each in differentiable(returned))
    return "" if finite else "gives no finite values"
