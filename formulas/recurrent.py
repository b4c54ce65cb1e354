"""Recurrent cells: plain, GRU and LSTM. A cell's gates stand along the first axis of its weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

import sympy as sp
import torch

from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.functions import sigmoid
from gradcheck.symbolic.tensors import delta, dimension, index, sum_over, tensor

m, n = dimension("m n")
i = index("i")
x, h, c = tensor("x", n), tensor("h", m), tensor("c", m)

TOPIC = "recurrent"
Entry = Callable[..., sp.Expr]
GERS = "Gers, Schmidhuber and Cummins, Learning to Forget (2000)"

W, U, b, d = tensor("W", m, n), tensor("U", m, m), tensor("b", m), tensor("d", m)


def plain(unit: sp.Expr) -> sp.Expr:
    """The entry of tanh(Wx + b + Uh + d)."""
    inputs = sum_over(n, lambda r: W[unit, r] * x[r]) + b[unit]
    return sp.tanh(inputs + sum_over(m, lambda r: U[unit, r] * h[r]) + d[unit])


RNN = Formula(
    name="rnn_cell",
    title="Recurrent cell tanh(Wx + b + Uh + d)",
    topic=TOPIC,
    definition=plain(i),
    variables=(x, h, W, U, b, d),
    output={i: m},
    torch=lambda x, h, W, U, b, d: torch.rnn_tanh_cell(x[None], h[None], W, U, b, d)[0],
    stated={
        "x": lambda j: (1 - plain(i) ** 2) * W[i, j],
        "h": lambda j: (1 - plain(i) ** 2) * U[i, j],
        "W": lambda row, column: (1 - plain(i) ** 2) * delta(i, row) * x[column],
        "U": lambda row, column: (1 - plain(i) ** 2) * delta(i, row) * h[column],
        "b": lambda j: (1 - plain(i) ** 2) * delta(i, j),
        "d": lambda j: (1 - plain(i) ** 2) * delta(i, j),
    },
    source="Goodfellow, Bengio and Courville, Deep Learning, eq. 10.8 and 10.9",
)


class Gate(NamedTuple):
    """What one gate of a cell is made of: weights of the input and of the state, and their biases."""

    W: sp.IndexedBase
    U: sp.IndexedBase
    b: sp.IndexedBase
    d: sp.IndexedBase

    def from_input(self, unit: sp.Expr) -> sp.Expr:
        """The entry of Wx + b."""
        return sum_over(n, lambda r: self.W[unit, r] * x[r]) + self.b[unit]

    def from_state(self, unit: sp.Expr) -> sp.Expr:
        """The entry of Uh + d."""
        return sum_over(m, lambda r: self.U[unit, r] * h[r]) + self.d[unit]

    def opened(self, unit: sp.Expr) -> sp.Expr:
        """How far the gate is open."""
        return sigmoid(self.from_input(unit) + self.from_state(unit))


def gate(letter: str) -> Gate:
    """A gate whose parts bear its letter."""
    return Gate(*(tensor(f"{name}{letter}", *shape) for name, shape in zip("WUbd", SHAPES, strict=True)))


def parts(*gates: Gate) -> tuple[sp.IndexedBase, ...]:
    """All input weights, then all state weights, then the biases: the order in which torch stacks them."""
    return tuple(part for same in zip(*gates, strict=True) for part in same)


def stacked(weights: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """The parts as torch takes them, the gates of each kind above each other."""
    gates = len(weights) // len(SHAPES)
    return [torch.cat(list(weights[at : at + gates])) for at in range(0, len(weights), gates)]


def by_parts(letter: str, by_input: Entry, by_state: Entry | None = None) -> dict[str, Entry]:
    """The derivatives of a unit's output by the parts of a gate, from those by its Wx + b and by its Uh + d."""
    by_state = by_state or by_input
    return {
        f"W{letter}": lambda row, column: delta(i, row) * by_input(i) * x[column],
        f"U{letter}": lambda row, column: delta(i, row) * by_state(i) * h[column],
        f"b{letter}": lambda j: delta(i, j) * by_input(i),
        f"d{letter}": lambda j: delta(i, j) * by_state(i),
    }


SHAPES = ((m, n), (m, m), (m,), (m,))
RESET, UPDATE, NEW = map(gate, "rzn")


def proposed(unit: sp.Expr) -> sp.Expr:
    """The new state that the update gate weighs against the old."""
    return sp.tanh(NEW.from_input(unit) + RESET.opened(unit) * NEW.from_state(unit))


def by_new(unit: sp.Expr) -> sp.Expr:
    """The derivative of a unit's state by what the new state's tanh takes."""
    return (1 - UPDATE.opened(unit)) * (1 - proposed(unit) ** 2)


def by_reset(unit: sp.Expr) -> sp.Expr:
    """The derivative of a unit's state by what the reset gate takes."""
    return by_new(unit) * NEW.from_state(unit) * RESET.opened(unit) * (1 - RESET.opened(unit))


def by_update(unit: sp.Expr) -> sp.Expr:
    """The derivative of a unit's state by what the update gate takes."""
    return (h[unit] - proposed(unit)) * UPDATE.opened(unit) * (1 - UPDATE.opened(unit))


def gru(x: torch.Tensor, h: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
    """torch's cell on one sample."""
    return torch.gru_cell(x[None], h[None], *stacked(weights))[0]


GRU = Formula(
    name="gru_cell",
    title="Gated recurrent unit: gates r (reset), z (update), n (new)",
    topic=TOPIC,
    definition=(1 - UPDATE.opened(i)) * proposed(i) + UPDATE.opened(i) * h[i],
    variables=(x, h, *parts(RESET, UPDATE, NEW)),
    output={i: m},
    torch=gru,
    stated={
        "x": lambda j: by_reset(i) * RESET.W[i, j] + by_update(i) * UPDATE.W[i, j] + by_new(i) * NEW.W[i, j],
        "h": lambda j: (
            delta(i, j) * UPDATE.opened(i)
            + by_reset(i) * RESET.U[i, j]
            + by_update(i) * UPDATE.U[i, j]
            + by_new(i) * RESET.opened(i) * NEW.U[i, j]
        ),
        **by_parts("r", by_reset),
        **by_parts("z", by_update),
        **by_parts("n", by_new, lambda unit: by_new(unit) * RESET.opened(unit)),
    },
    source="Cho et al., Learning Phrase Representations (2014), eq. 5 to 8, with torch's place for the reset gate",
)

ENTER, FORGET, CONTENT, LEAVE = map(gate, "ifgo")


def content(unit: sp.Expr) -> sp.Expr:
    """What a cell proposes to remember."""
    return sp.tanh(CONTENT.from_input(unit) + CONTENT.from_state(unit))


def memory(unit: sp.Expr) -> sp.Expr:
    """The new memory of a cell."""
    return FORGET.opened(unit) * c[unit] + ENTER.opened(unit) * content(unit)


def slope(gate: Gate, unit: sp.Expr) -> sp.Expr:
    """The slope of a gate's sigmoid."""
    return gate.opened(unit) * (1 - gate.opened(unit))


def by_memory(unit: sp.Expr) -> sp.Expr:
    """The derivative of a unit's state by its memory."""
    return LEAVE.opened(unit) * (1 - sp.tanh(memory(unit)) ** 2)


LSTM_GATES = {"i": ENTER, "f": FORGET, "g": CONTENT, "o": LEAVE}
MEMORY_BY_GATE: Mapping[str, Entry] = {
    "i": lambda unit: content(unit) * slope(ENTER, unit),
    "f": lambda unit: c[unit] * slope(FORGET, unit),
    "g": lambda unit: ENTER.opened(unit) * (1 - content(unit) ** 2),
}
"""The derivative of a unit's memory by what each gate takes."""
STATE_BY_GATE: Mapping[str, Entry] = {
    "i": lambda unit: by_memory(unit) * MEMORY_BY_GATE["i"](unit),
    "f": lambda unit: by_memory(unit) * MEMORY_BY_GATE["f"](unit),
    "g": lambda unit: by_memory(unit) * MEMORY_BY_GATE["g"](unit),
    "o": lambda unit: sp.tanh(memory(unit)) * slope(LEAVE, unit),
}
"""The derivative of a unit's state by what each gate takes."""


def through_gates(by_gate: Mapping[str, Entry]) -> dict[str, Entry]:
    """The derivatives of a unit's output by the input, and by every part of the gates it depends on."""
    parts = (by_parts(letter, by_input) for letter, by_input in by_gate.items())
    by_input = {"x": lambda j: sum(by(i) * LSTM_GATES[letter].W[i, j] for letter, by in by_gate.items())}
    by_state = {"h": lambda j: sum(by(i) * LSTM_GATES[letter].U[i, j] for letter, by in by_gate.items())}
    return reduce(or_, parts, by_input | by_state)


def lstm(output: int) -> Callable[..., torch.Tensor]:
    """One of the two outputs of torch's cell on one sample: its state, or its memory."""

    def cell(x: torch.Tensor, h: torch.Tensor, c: torch.Tensor, *weights: torch.Tensor) -> torch.Tensor:
        return torch.lstm_cell(x[None], (h[None], c[None]), *stacked(weights))[output][0]

    return cell


LSTM_VARIABLES = (x, h, c, *parts(ENTER, FORGET, CONTENT, LEAVE))
STATE_STATED = {"c": lambda j: delta(i, j) * by_memory(i) * FORGET.opened(i), **through_gates(STATE_BY_GATE)}
MEMORY_STATED = {"c": lambda j: delta(i, j) * FORGET.opened(i), **through_gates(MEMORY_BY_GATE)}

LSTM_STATE = Formula(
    name="lstm_cell",
    title="Long short-term memory: the state; gates i (enter), f (forget), g (content), o (leave)",
    topic=TOPIC,
    definition=LEAVE.opened(i) * sp.tanh(memory(i)),
    variables=LSTM_VARIABLES,
    output={i: m},
    torch=lstm(0),
    stated=STATE_STATED,
    source=f"{GERS}, section 3",
)

LSTM_MEMORY = Formula(
    name="lstm_memory",
    title="Long short-term memory: the memory; gates as for the state",
    topic=TOPIC,
    definition=memory(i),
    variables=LSTM_VARIABLES,
    wrt=("x", "h", "c", "Ui", "Uf", "Ug"),
    output={i: m},
    torch=lstm(1),
    stated=MEMORY_STATED,
    source=f"{GERS}, section 3",
)

FORMULAS = (RNN, GRU, LSTM_STATE, LSTM_MEMORY)
