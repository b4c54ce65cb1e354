"""Backward passes written out stage by stage: every value on the way has its gradient, such as `dnum` for `num`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gradcheck.documents.gradients.flow import base, binds, draws, reads, slice_for, targets, writes
from gradcheck.documents.gradients.names import NOT_GRADIENTS, time_step
from gradcheck.documents.gradients.source import Source
from gradcheck.documents.gradients.synthetic import role_of

TOLD = re.compile(r"back-?\s?prop|backward|gradient|chain rule|derivative|反向|梯度|导数", re.IGNORECASE)
"""Comments that call what follows a backward pass."""

ABOVE = 3
"""Lines above a backward pass whose comments speak of it."""


@dataclass(frozen=True)
class Stage:
    """The gradient of one value: its name, that of the value and of the output, and the statements that give it.

    `explicit` says that the name has both, as in `dfdq`; `handed` are the gradients that it is made of.
    """

    gradient: str
    variable: str
    output: str
    explicit: bool
    statements: tuple[ast.stmt, ...]
    handed: frozenset[str]

    @property
    def place(self) -> ast.stmt:
        """The statement after which the gradient is whole."""
        return self.statements[-1]

    @property
    def constant(self) -> bool:
        """Whether it is a number, as an exercise has it that is to be filled in."""
        values = [each.value for each in self.statements if isinstance(each, ast.Assign | ast.AugAssign)]
        return all(not any(isinstance(node, ast.Name) for node in ast.walk(value)) for value in values)


@dataclass(frozen=True)
class BackwardPass:
    """The stages of a backward pass, and all statements that they and the values depend on.

    `first` is the place among the statements at which the backward pass begins.
    """

    stages: tuple[Stage, ...]
    statements: tuple[ast.stmt, ...]
    first: int

    def decay(self, stage: Stage) -> str:
        """The strength of a regularisation that enters the gradient of a value, and not the output."""
        entering = frozenset[str]().union(*map(reads, stage.statements))
        forward = frozenset[str]().union(*map(reads, self.statements[: self.first]))
        return next((name for name in sorted(entering - forward) if role_of(name) == "decay"), "")

    def fields(self) -> Mapping[str, object]:
        """What the sandbox is told."""
        handed = {stage.variable: stage.gradient for stage in self.stages if not stage.explicit}
        return {
            "statements": [ast.unparse(each) for each in self.statements],
            "stages": [
                {
                    "gradient": stage.gradient,
                    "variable": stage.variable,
                    "after": self._last(stage.variable),
                    "output": stage.output,
                    "until": self._last(stage.output),
                    "upstream": "" if stage.explicit else handed.get(stage.output, ""),
                }
                for stage in self.stages
            ],
        }

    def _last(self, name: str) -> int:
        """The place of the statement that gives a name its value before the backward pass."""
        places = [place for place, each in enumerate(self.statements[: self.first]) if name in writes(each)]
        return places[-1] if places else -1


@dataclass
class _Reading:
    """What was met so far: the values, each with its place; the gradients of the pass that is open, and where.

    `made` are all names that were made of gradients.
    """

    body: Sequence[ast.stmt]
    values: dict[str, int] = field(default_factory=dict)
    open: dict[str, tuple[str, str, bool]] = field(default_factory=dict)
    places: list[int] = field(default_factory=list)
    output: str = ""
    made: set[str] = field(default_factory=set)


def backward_passes(source: Source) -> Iterator[BackwardPass]:
    """The backward passes at the top level of a document's code."""
    reading = _Reading(source.tree.body)
    for place, statement in enumerate(source.tree.body):
        name = _target(statement)
        if name and _joins(reading, name):
            reading.places.append(place)
            reading.made.add(name)
            continue
        of_gradients = bool(reads(statement) & reading.made)
        if writes(statement) & reading.values.keys() or not of_gradients:
            yield from _closed(source, reading)
        if of_gradients:
            reading.made |= binds(statement) - reading.values.keys()
        elif isinstance(statement, ast.Assign):
            reading.values |= dict.fromkeys(binds(statement), place)
        reading.values |= dict.fromkeys(writes(statement) & reading.values.keys(), place)
    yield from _closed(source, reading)


def _target(statement: ast.stmt) -> str:
    """The one name that a statement gives a value, or changes in part."""
    found = targets(statement) if isinstance(statement, ast.Assign | ast.AugAssign) else []
    return base(found[0]) if len(found) == 1 and not isinstance(found[0], ast.Attribute) else ""


def _joins(reading: _Reading, name: str) -> bool:
    """Whether a statement that gives this name a value belongs to the backward pass that is open, or opens one."""
    if name in reading.open:
        return True
    if name in reading.values or name in NOT_GRADIENTS - {"df", "ds", "dy"}:
        return False
    output = reading.output or _output(reading)
    found = _meaning(name, reading.values, output)
    if found is None:
        return False
    reading.output = output
    reading.open[name] = found
    return True


def _output(reading: _Reading) -> str:
    """The value that was given last."""
    return max(reading.values, key=lambda each: reading.values[each], default="")


def _meaning(name: str, values: Iterable[str], output: str) -> tuple[str, str, bool] | None:
    """The value and the output that the name of a gradient speaks of, and whether it names both: `dfdq`, `df_dq`."""
    for value in values:
        for other in values:
            if name in (f"d{other}d{value}", f"d{other}_d{value}", f"d_{other}_d_{value}"):
                return value, other, True
        if name in (f"d{value}", f"d_{value}", f"grad_{value}", f"{value}_grad"):
            return value, output, False
    return None


def _closed(source: Source, reading: _Reading) -> Iterator[BackwardPass]:
    """The backward pass that was open, if it is one."""
    open_, places = dict(reading.open), list(reading.places)
    reading.open.clear()
    reading.places.clear()
    reading.output = ""
    if not open_ or not _is_meant(source, [reading.body[place] for place in places], open_):
        return
    if _goes_on({output for _, output, _ in open_.values()}, reading.body[places[0] :]):
        return
    body = reading.body[: places[-1] + 1]
    needed = {*open_, *(each for value, output, _ in open_.values() for each in (value, output))}
    chosen, _ = slice_for(body, needed, draws)
    stages = [_stage(name, open_, [reading.body[place] for place in places]) for name in open_]
    first = next(place for place, each in enumerate(chosen) if each is reading.body[places[0]])
    yield BackwardPass(tuple(sorted(stages, key=lambda each: each.place.lineno)), tuple(chosen), first)


def _goes_on(outputs: set[str], after: Iterable[ast.stmt]) -> bool:
    """Whether an output is changed once more behind the first gradient, before it is given a new value."""
    left = set(outputs)
    for each in after:
        changed = writes(each) & left
        if changed & reads(each) or changed - binds(each):
            return True
        left -= changed
    return False


def _stage(name: str, open_: Mapping[str, tuple[str, str, bool]], statements: Sequence[ast.stmt]) -> Stage:
    value, output, explicit = open_[name]
    own = tuple(each for each in statements if _target(each) == name)
    handed = frozenset[str]().union(*map(reads, own)) & open_.keys() - {name}
    return Stage(name, value, output, explicit, own, handed)


def _is_meant(source: Source, statements: Sequence[ast.stmt], names: Mapping[str, tuple[str, str, bool]]) -> bool:
    """Whether the gradients are called so, or hang together as the chain rule has it: `dx = 0.1` may be a step.

    Where that of the output is made of others, as in `df = f(x + dx) - f(x)`, they are differences.
    """
    quotient = any(
        names[name][0] == names[name][1] and reads(each) & names.keys() - {name}
        for each in statements
        if (name := _target(each)) in names
    )
    chained = any(reads(each) & names.keys() - {_target(each)} for each in statements)
    lines = source.text[max(statements[0].lineno - 1 - ABOVE, 0) : statements[-1].end_lineno]
    told = any(TOLD.search(line.partition("#")[2]) for line in lines)
    explicit = all(each[2] for each in names.values())
    if any(time_step(reads(each)) for each in statements):
        return False
    return len(names) > 1 and not quotient and (chained or told or explicit)
