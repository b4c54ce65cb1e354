"""A traced function as a program: a name for every value that is worth keeping, in terms of earlier ones."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
import torch

from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.compile import Variable, variable_name
from gradcheck.symbolic.graphs.folding import folded
from gradcheck.symbolic.graphs.operators import pointwise, reductions, shapes
from gradcheck.symbolic.graphs.tensors import GraphTensor, free_indices, number, variable_tensor
from gradcheck.symbolic.graphs.walk import Naming, operator_name
from gradcheck.symbolic.tensors import LogSumExp, MatrixEntry, scalar, tensor
from gradcheck.symbolic.tracing.scalars import is_condition

JOINED = {"cat", "stack"}
"""Operators that put tensors beside each other."""
ADDED_UP = {"sum", "sum.dim_IntList", "mean", "mean.dim"}
"""Operators that need no name for what was joined: they add up the parts."""
VIEWS = {name for name in shapes.OPERATORS if name not in JOINED} | {"select.int", "slice.Tensor"} | set(pointwise.SAME)
"""Operators that only say where an entry is found."""
ENTRYWISE = set(pointwise.OPERATORS)
SUMS = (sp.Sum, LogSumExp, MatrixEntry)
"""What costs more than one operation an entry."""
TRANSCENDENTAL = {"exp", "exp2", "sigmoid", "tanh", "sqrt", "rsqrt", "erf", "softplus", "silu", "gelu"}
"""What is worth keeping for the backward pass, where its derivative is told by its value."""
ADDITIVE = {"add", "sub", "rsub", "neg"}
REDUCTIONS = set(reductions.OPERATORS)


@dataclass(frozen=True)
class Value:
    """A value with a name: its entry, such as h1[i, j], and what that means."""

    entry: sp.Expr
    meaning: sp.Expr

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.label)

    @property
    def label(self) -> sp.Symbol:
        """The symbol that stands for the whole value in expressions."""
        return self.entry.base.label if isinstance(self.entry, sp.Indexed) else self.entry

    @property
    def indices(self) -> tuple[sp.Symbol, ...]:
        """The indices of the entry."""
        return tuple(self.entry.indices) if isinstance(self.entry, sp.Indexed) else ()

    @property
    def shape(self) -> tuple[sp.Expr, ...]:
        """The sizes of its axes."""
        return tuple(self.entry.base.shape) if isinstance(self.entry, sp.Indexed) else ()

    @property
    def ranges(self) -> dict[sp.Symbol, sp.Expr]:
        """The size that each index runs over."""
        return dict(zip(self.indices, self.shape, strict=True))


@dataclass(frozen=True)
class Program:
    """The variables, the intermediates in order, and the outputs, each in terms of what comes before it.

    `wrt` names the variables that are differentiated by.
    """

    title: str
    variables: tuple[Variable, ...]
    wrt: tuple[str, ...]
    intermediates: tuple[Value, ...]
    outputs: tuple[Value, ...]


def program(
    title: str,
    variables: Sequence[Variable],
    wrt: Sequence[str],
    values: Callable[[Naming], Sequence[GraphTensor]],
) -> Program:
    """The program of a function of these variables; `values` walks its graph, with names for nodes as it is told.

    >>> import torch
    >>> from gradcheck.symbolic.graphs.trace import trace
    >>> made = trace(lambda x, y: torch.tanh(x @ y), torch.ones(2, 3), torch.ones(3, 4)).program
    >>> [value.name for value in (*made.intermediates, *made.outputs)]
    ['h1', 'output']
    """
    naming = _Naming({variable_name(variable) for variable in variables})
    named = [naming.value(f"output{place or ''}", output) for place, output in enumerate(values(naming.named))]
    return Program(title, tuple(variables), tuple(wrt), tuple(naming.values), tuple(named))


@dataclass
class _Naming:
    """Names the values of nodes that are used more than once, or that are costly to compute."""

    taken: set[str]
    values: list[Value] = field(default_factory=list)
    patterns: dict[sp.Expr, Value] = field(default_factory=dict)

    def named(self, node: torch.fx.Node, value: Any) -> Any:
        """The node's value, by a name where it has one from now on; whole numbers, which may be places, have none."""
        if not isinstance(value, GraphTensor) or not _is_real(node):
            return value
        entry = value.entry(*free_indices(value.shape))
        if is_condition(entry) or entry.is_integer or entry.is_number or not _is_worth_a_name(node, entry):
            return value
        short = _without_single_axes(value)
        made = self._known(self.value(next(self._names()), short))
        held = variable_tensor(made.entry.base if made.indices else made.entry)
        wide = [axis for axis, size in enumerate(value.shape) if size != 1]
        return GraphTensor(value.shape, lambda *indices: held.entry(*(indices[axis] for axis in wide)))

    def _known(self, made: Value) -> Value:
        """The value that has the same meaning already, or else this one from now on."""
        pattern = _pattern(made)
        if pattern not in self.patterns:
            self.patterns[pattern] = made
            self.values.append(made)
            self.taken.add(made.name)
        return self.patterns[pattern]

    def value(self, name: str, value: GraphTensor) -> Value:
        """The value under a name."""
        indices = free_indices(value.shape)
        entry = tensor(name, *value.shape)[indices] if indices else scalar(name)
        return Value(entry, folded(sp.sympify(number(value.entry(*indices)))))

    def _names(self) -> Iterator[str]:
        return (name for place in range(1, 10_000) if (name := f"h{place}") not in self.taken)


def _without_single_axes(value: GraphTensor) -> GraphTensor:
    """The tensor without its axes of size 1."""
    wide = [axis for axis, size in enumerate(value.shape) if size != 1]

    def entry(*indices: sp.Expr) -> Any:
        at = dict(zip(wide, indices, strict=True))
        return value.entry(*(at.get(axis, sp.S.Zero) for axis in range(value.ndim)))

    return GraphTensor(tuple(value.shape[axis] for axis in wide), entry)


def _pattern(value: Value) -> sp.Expr:
    """The meaning at indices that stand for the axes alone."""
    axes = (sp.Symbol(f"_{axis}_{size}", integer=True, nonnegative=True) for axis, size in enumerate(value.shape))
    return canonical(value.meaning.xreplace(dict(zip(value.indices, axes, strict=True))))


def _is_worth_a_name(node: torch.fx.Node, entry: sp.Expr) -> bool:
    """A view never is, nor what only adds up to an output; what is entrywise is where it is used again or costly."""
    users = list(_users(node))
    if node.op != "call_function" or _is_view(node) or _holds_several(node) or _adds_up(users):
        return False
    if _name(node) in JOINED and users and all(_name(user) in ADDED_UP for user in users):
        return False
    if _is_half_of_log_determinant(node, users):
        return False
    only_linear = len(users) == 1 and _is_linear(users[0])
    if _name(node) in {*REDUCTIONS, *TRANSCENDENTAL}:
        return True
    if _name(node) in ENTRYWISE:
        costly = entry.has(*SUMS) and not only_linear
        return len(users) > 1 or costly or _name(users[0]) not in ENTRYWISE | REDUCTIONS
    return not only_linear


def _is_half_of_log_determinant(node: torch.fx.Node, users: list[torch.fx.Node]) -> bool:
    """Whether it is the sign or the size of what torch composes a log-determinant of, which is folded as a whole."""
    of = node.args[0] if node.target is operator.getitem else None
    is_half = isinstance(of, torch.fx.Node) and _name(of) == "_linalg_slogdet"
    return is_half and {_name(user).partition(".")[0] for user in users} in ({"eq"}, {"where"})


def _adds_up(users: list[torch.fx.Node]) -> bool:
    """Whether nothing but sums and multiples of the value is returned."""
    return not users or all(
        user.op == "output" or (len(users) == 1 and _is_linear(user) and _adds_up(list(_users(user)))) for user in users
    )


def _is_linear(node: torch.fx.Node) -> bool:
    """Whether a node adds its tensors, or multiplies one by a number."""
    name = _name(node).partition(".")[0]
    tensors = [each for each in node.all_input_nodes if torch.is_tensor(each.meta.get("val"))]
    return name in ADDITIVE or (name in {"mul", "div"} and len(tensors) == 1)


def _is_real(node: torch.fx.Node) -> bool:
    found = node.meta.get("val")
    return not torch.is_tensor(found) or found.is_floating_point()


def _holds_several(node: torch.fx.Node) -> bool:
    return isinstance(node.meta.get("val"), tuple | list)


def _users(node: torch.fx.Node) -> Iterator[torch.fx.Node]:
    """Who computes with the value, directly or through views."""
    for user in node.users:
        if _is_view(user):
            yield from _users(user)
        else:
            yield user


def _is_view(node: torch.fx.Node) -> bool:
    """Whether a node only says where an entry is found, as one part of a tensor that was split does."""
    whole: Any = node.args[0] if node.target is operator.getitem else node
    return _name(whole) in VIEWS


def _name(node: torch.fx.Node) -> str:
    return operator_name(node.target) if node.op == "call_function" else node.op
