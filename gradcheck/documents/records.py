"""What one run of a document's code brought back, as data: values, printed text, failures. No live object is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from gradcheck.computed import Computed

ValueKind = Literal["number", "array", "text", "sequence", "mapping", "other"]


@dataclass(frozen=True)
class Value:
    """What an expression was at one moment.

    `type` is the full name of its type, `text` what `print` writes of it and `shown` its `repr`, both cut off where
    they are long. A number or an array has `dtype`, `shape` and its `entries` in row-major order, or None where they
    are too many; complex entries are complex, truth values are 0 and 1. A sequence has `items`; a mapping has `keys`
    (their `repr`) beside them. `leaf_gradient` is the value of a tensor's `.grad`, where it has one.
    """

    kind: ValueKind
    type: str
    text: str
    shown: str
    dtype: str = ""
    shape: tuple[int, ...] = ()
    entries: tuple[float | complex, ...] | None = None
    items: tuple[Value, ...] = ()
    keys: tuple[str, ...] = ()
    leaf_gradient: Value | None = None


@dataclass(frozen=True)
class Record:
    """One moment of a run: a call of `print`, a bare expression, or an assignment, with its values.

    `line` and `end_line` are the statement's in the file. `sources` are the printed arguments, the bare expression,
    or the assigned names as they are written, and `values` what they were: an f-string's parts stand for the
    f-string, each with the source inside its braces. `text` is what a call of print wrote, without the last line end.
    `block` is the number of its passage in the document; `occurrence` counts the moments of one statement from 0.
    """

    how: Literal["print", "bare", "assigned"]
    block: int
    line: int
    end_line: int
    occurrence: int
    sources: tuple[str, ...]
    values: tuple[Value, ...]
    text: str = ""


@dataclass(frozen=True)
class Failure:
    """A stretch of the code that did not run to its end, or not at all.

    `kind` is `syntax`, `raised`, `skipped` (after a failure in the same block), `shell` (not Python), `time`, `memory`,
    `output`, `exited` or `refused`; `text` says it in words, for an exception with its type. `names` are those that the
    stretch would have bound or changed: what the code says of them later is not what the document's author saw.
    """

    kind: str
    block: int
    line: int
    end_line: int
    text: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """One run of all of a document's code.

    `outputs` maps the number of a block to all that it wrote to standard output, the shown bare expressions included.
    `live` maps the line of a record to the small values alive after it, by name; `network_off` says whether the child
    could be cut off from the network, and `confined` whether it could be kept from changing files outside its own
    folder.
    """

    records: tuple[Record, ...]
    failures: tuple[Failure, ...] = ()
    outputs: Mapping[int, str] = field(default_factory=dict)
    live: Mapping[int, Mapping[str, Value]] = field(default_factory=dict)
    network_off: bool = True
    confined: bool = True
    computed: tuple[Computed, ...] = ()
    """What the functions compute that the code defines and calls, where that was asked for."""


@dataclass(frozen=True)
class Runs:
    """The runs that tell what is reproducible.

    In `reseeded` every seed, also one that the document sets, is another: what changes there depends on random
    numbers. `repeated` has the seeds of `first`, but for that of Python's hashes: what changes there depends on the
    order of sets, on time, memory addresses or the machine. `once` are the blocks that came to their end in the first
    run alone, since the code takes too long: what changes there is not known.
    """

    first: Run
    reseeded: Run | None = None
    repeated: Run | None = None
    once: frozenset[int] = field(default=frozenset(), kw_only=True)
