"""Puts the messages about a run together, also those about one that was cut off."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from gradcheck.computed import Computed, computed_from_data
from gradcheck.documents.records import Failure, Record, Run, Value
from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.documents.sandbox.names import changed_names
from gradcheck.documents.sandbox.parsing import Places, Unparsable, parsed
from gradcheck.documents.sandbox.wire import Message, failure_from_data, record_from_data, value_from_data


class Assembly:
    """Takes messages as they come in; `started` and `ended` tell which of the outer ones have come."""

    def __init__(self, blocks: Sequence[CodeBlock]) -> None:
        self.blocks = blocks
        self.started = self.done = self.ended = self.network_off = self.confined = False
        self.modules: set[str] = set()
        self.records: list[Record] = []
        self.failures: list[Failure] = []
        self.outputs: dict[int, str] = {}
        self.alive: dict[str, Value] = {}
        self.live: dict[int, dict[str, Value]] = {}
        self.at = (0, 0)
        self.computed: list[Computed] = []
        self.kind, self.text = "exited", "the process that ran the code has gone"

    def take(self, message: Message) -> None:
        """Takes one message; one that was cut off is empty, and ignored."""
        match message:
            case {"record": data}:
                self.records.append(record_from_data(data))
            case {"at": [place, index]}:
                self.at = (place, index)
            case {"live": changes, "lines": lines}:
                self._take_live(changes, lines)
            case {"output": text, "block": number}:
                self.outputs[number] = text
                self.at = (self.at[0] + 1, 0)
            case {"failure": data}:
                self.failures.append(failure_from_data(data))
            case {"started": network_off}:
                self.started, self.network_off = True, network_off
            case {"confined": confined}:
                self.confined = confined
            case _:
                self._take_last(message)

    def run(self) -> Run:
        """All that was told, and for a run that was cut off what it did not reach."""
        if not self.done:
            self.failures.extend(self._unreached())
        return Run(
            tuple(self.records),
            tuple(self.failures),
            self.outputs,
            self.live,
            self.network_off,
            self.confined,
            tuple(self.computed),
        )

    def _take_last(self, message: Message) -> None:
        """What comes after all code has run; what is said of a function again is known better."""
        match message:
            case {"done": True, "modules": modules}:
                self.done, self.modules = True, set(modules)
            case {"computed": data, "place": place}:
                self.computed[place : place + 1] = [computed_from_data(data)]
            case {"end": {"kind": kind, "text": text}, "rest": rest}:
                self.ended, self.kind, self.text = True, kind, text
                self._take_rest(rest)

    def _take_live(self, changes: dict[str, Message | None], lines: Sequence[int]) -> None:
        for name, data in changes.items():
            if data is None:
                self.alive.pop(name, None)
            else:
                self.alive[name] = value_from_data(data)
        now = dict(self.alive)
        self.live.update(dict.fromkeys(lines, now))

    def _take_rest(self, rest: str) -> None:
        """The output of the block that was cut off."""
        if rest and not self.done and self.at[0] < len(self.blocks):
            self.outputs[self.blocks[self.at[0]].number] = rest

    def _unreached(self) -> Iterator[Failure]:
        """The statement that was running, and all that would have come after it."""
        first, index = self.at
        for place in range(first, len(self.blocks)):
            block = self.blocks[place]
            statements = _statements(block)
            if place == first and index < len(statements):
                yield _failure(self.kind, self.text, block, statements[index : index + 1])
                statements = statements[index + 1 :]
            if statements:
                yield _failure("skipped", f"not reached: {self.text}", block, statements)


def _statements(block: CodeBlock) -> list[ast.stmt]:
    try:
        return parsed(block.source).body
    except Unparsable:
        return []


def _failure(kind: str, text: str, block: CodeBlock, statements: Sequence[ast.stmt]) -> Failure:
    places = Places(block)
    first, last = places.span(statements[0])[0], places.span(statements[-1])[1]
    return Failure(kind, block.number, first, last, text, tuple(sorted(changed_names(statements))))
