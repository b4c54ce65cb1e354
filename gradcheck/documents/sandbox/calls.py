"""Remembers with what a document calls its own functions of tensors, so that what they compute can be told later."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import getpid
from types import CodeType, FunctionType
from typing import Any

MOST_ENTRIES = 200_000
"""A call with more entries of tensors is passed over, in the hope of a smaller one."""

MOST_CALLS = 100
"""So many calls of a function are looked at."""

FORWARD = "forward"
"""The method of a class that is told about."""


@dataclass(frozen=True)
class Definition:
    """A function or method that the document defines: `owner` is its class, or empty."""

    name: str
    owner: str
    block: int
    line: int
    end_line: int


@dataclass(frozen=True)
class Call:
    """One call: what was passed, tensors as copies, and what the names that the code reads were then.

    `too_large` says that every call had too many entries; nothing was kept then.
    """

    definition: Definition
    code: CodeType
    arguments: tuple[Any, ...] = ()
    keywords: Mapping[str, Any] | None = None
    reads: Mapping[str, Any] | None = None
    too_large: bool = False


class Calls:
    """Of each function its first call with tensors that is small enough; `definitions` is filled as code is read."""

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self.namespace = namespace
        self.definitions: list[Definition] = []
        self.found: dict[int, Call] = {}
        self.counts: dict[int, int] = {}
        self.process = getpid()

    def called(self, number: int, code: CodeType, arguments: Sequence[Any], keywords: Mapping[str, Any]) -> None:
        """Takes note of a call of the definition `number`; what cannot be copied is as if it had not been called."""
        count = self.counts[number] = self.counts.get(number, 0) + 1
        known = self.found.get(number)
        if count > MOST_CALLS or getpid() != self.process or (known is not None and not known.too_large):
            return
        try:
            call = self._call(self.definitions[number], code, tuple(arguments), dict(keywords))
        except Exception:
            return
        if call is not None:
            self.found[number] = call

    def in_order(self) -> list[Call]:
        """The calls as their functions stand in the document."""
        return [self.found[number] for number in sorted(self.found)]

    def _call(
        self, definition: Definition, code: CodeType, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> Call | None:
        tensors = [*_tensors(arguments), *_tensors(keywords)]
        if not tensors or not all(map(_is_plain, tensors)):
            return None
        if sum(tensor.numel() for tensor in tensors) > MOST_ENTRIES:
            return Call(definition, code, too_large=True)
        return Call(definition, code, _copied(arguments), _copied(keywords), read_names(code, self.namespace))


def read_names(code: CodeType, namespace: Mapping[str, Any]) -> dict[str, Any]:
    """What the global names are that code reads, and the document's functions that it calls.

    >>> rate, names = 3, {}
    >>> exec("def f(x): return g(x)\\ndef g(x): return rate * x\\nrate = 3", names)
    >>> sorted(read_names(names["f"].__code__, names))
    ['g', 'rate']
    """
    found: dict[str, Any] = {}
    waiting = [code]
    while waiting:
        for name in _names(waiting.pop()):
            if name in namespace and name not in found:
                found[name] = thing = namespace[name]
                if isinstance(thing, FunctionType) and thing.__globals__ is namespace:
                    waiting.append(thing.__code__)
    return found


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _tensors(thing: Any) -> Iterator[Any]:
    """The tensors among arguments, also in lists, tuples and dictionaries."""
    torch = sys.modules.get("torch")
    if torch is None:
        return
    if isinstance(thing, torch.Tensor):
        yield thing
    elif isinstance(thing, list | tuple | dict):
        for each in thing.values() if isinstance(thing, dict) else thing:
            yield from _tensors(each)


def _is_plain(tensor: Any) -> bool:
    """Whether it is an ordinary tensor with values of its own."""
    torch = sys.modules["torch"]
    usual = type(tensor) in (torch.Tensor, torch.nn.Parameter) and tensor.layout is torch.strided
    transformed = torch._C._functorch.is_functorch_wrapped_tensor(tensor)  # noqa: SLF001
    return usual and not transformed and not tensor.is_inference() and tensor.device.type == "cpu"


def _copied(thing: Any) -> Any:
    if isinstance(thing, sys.modules["torch"].Tensor):
        return thing.detach().clone()
    if type(thing) in (list, tuple):
        return type(thing)(map(_copied, thing))
    return {name: _copied(each) for name, each in thing.items()} if type(thing) is dict else thing
