"""Equal parts of an axis, and the recurrent cells that are made of them, for symbolic sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn.functional import linear


def chunk(x: torch.Tensor, chunks: int, dim: int = 0) -> Any:
    """The parts of an axis, of one size where the example's axis has such parts: its size is a multiple of it then.

    Parts of size 1 may be broadcast later on, so that they stay of size 1.
    """
    size: Any = x.shape[dim]
    if not isinstance(size, torch.SymInt) or not size.node.hint or size.node.hint % chunks:
        return torch.chunk(x, chunks, dim)
    is_one = size.node.hint == chunks
    torch._check(size == chunks if is_one else size % chunks == 0)
    part = 1 if is_one else size // chunks
    return tuple(x.narrow(dim, place * part, part) for place in range(chunks))


def _preactivations(x: torch.Tensor, h: torch.Tensor, weights: Sequence[Any]) -> tuple[torch.Tensor, torch.Tensor]:
    """W x + b and U h + c, of weights W, U, and b, c if there are any."""
    W, U, b, c = (*weights, None, None)[:4]
    return linear(x, W, b), linear(h, U, c)


def gated_recurrent_unit(x: torch.Tensor, h: torch.Tensor, *weights: Any) -> torch.Tensor:
    """(1 - z) n + z h, with n = tanh(W x + b + r (U h + c)), each gate's rows below the one before it."""
    (reset, update, new), own = (chunk(each, 3, -1) for each in _preactivations(x, h, weights))
    own_reset, own_update, own_new = own
    z = torch.sigmoid(update + own_update)
    return (1 - z) * torch.tanh(new + torch.sigmoid(reset + own_reset) * own_new) + z * h


def long_short_term_memory(x: torch.Tensor, state: Sequence[torch.Tensor], *weights: Any) -> Any:
    """The output o tanh(s) and the state s = f s + i g, each gate's rows below the one before it."""
    h, s = state
    into, keep, new, out = chunk(torch.add(*_preactivations(x, h, weights)), 4, -1)
    for state_size in (h.shape[-1], s.shape[-1]):
        torch._check(into.shape[-1] == state_size)
    s = torch.sigmoid(keep) * s + torch.sigmoid(into) * torch.tanh(new)
    return torch.sigmoid(out) * torch.tanh(s), s


def _simple(activation: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., torch.Tensor]:
    def cell(x: torch.Tensor, h: torch.Tensor, *weights: Any) -> torch.Tensor:
        own, recurrent = _preactivations(x, h, weights)
        torch._check(own.shape[-1] == h.shape[-1])
        return activation(own + recurrent)

    return cell


CELLS: dict[Any, Callable[..., Any]] = {
    **dict.fromkeys((torch.chunk, torch.Tensor.chunk), chunk),
    torch.gru_cell: gated_recurrent_unit,
    torch.lstm_cell: long_short_term_memory,
    torch.rnn_tanh_cell: _simple(torch.tanh),
    torch.rnn_relu_cell: _simple(torch.relu),
}
"""torch's functions whose own kernels fix sizes, or round them up, and what they compute."""
