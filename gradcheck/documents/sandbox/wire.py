"""What a child process reports, as JSON: one message a line, values without the fields that are empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from json import JSONDecoder, JSONEncoder
from typing import Any

from gradcheck.documents.records import Failure, Record, Value
from gradcheck.documents.sandbox.job import CodeBlock

# held here, so that code which replaces json's functions changes nothing
_encode = JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
_decode = JSONDecoder().decode

Message = dict[str, Any]


def encoded(message: Mapping[str, Any]) -> bytes:
    """A message as one line."""
    return _encode(message).encode() + b"\n"


def decoded(line: bytes) -> Message:
    """The message of a line; an empty one for a line that was cut off."""
    try:
        message = _decode(line.decode())
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def value_to_data(value: Value) -> Message:
    """A value without its empty fields; `shown` only where it differs from `text`."""
    data: Message = {"kind": value.kind, "type": value.type, "text": value.text}
    if value.shown != value.text:
        data["shown"] = value.shown
    if value.dtype:
        data |= {"dtype": value.dtype, "shape": value.shape}
    if value.entries is not None:
        data["entries"] = [[z.real, z.imag] if isinstance(z, complex) else z for z in value.entries]
    if value.items:
        data["items"] = [value_to_data(item) for item in value.items]
    if value.keys:
        data["keys"] = value.keys
    if value.leaf_gradient is not None:
        data["leaf_gradient"] = value_to_data(value.leaf_gradient)
    return data


def value_from_data(data: Mapping[str, Any]) -> Value:
    """The value that `value_to_data` wrote."""
    entries, gradient = data.get("entries"), data.get("leaf_gradient")
    return Value(
        kind=data["kind"],
        type=data["type"],
        text=data["text"],
        shown=data.get("shown", data["text"]),
        dtype=data.get("dtype", ""),
        shape=tuple(data.get("shape", ())),
        entries=None if entries is None else tuple(complex(*z) if isinstance(z, list) else z for z in entries),
        items=tuple(map(value_from_data, data.get("items", ()))),
        keys=tuple(data.get("keys", ())),
        leaf_gradient=None if gradient is None else value_from_data(gradient),
    )


def record_to_data(record: Record) -> Message:
    """A record, its values as `value_to_data` writes them."""
    plain = {field.name: getattr(record, field.name) for field in fields(record)}
    return plain | {"values": [value_to_data(value) for value in record.values]}


def record_from_data(data: Mapping[str, Any]) -> Record:
    """The record that `record_to_data` wrote."""
    values = tuple(map(value_from_data, data["values"]))
    return Record(**{**data, "sources": tuple(data["sources"]), "values": values})


def failure_from_data(data: Mapping[str, Any]) -> Failure:
    """The failure that `dataclasses.asdict` wrote."""
    return Failure(**{**data, "names": tuple(data["names"])})


def blocks_to_data(blocks: Sequence[CodeBlock]) -> list[Message]:
    """The blocks of a job."""
    return [asdict(block) for block in blocks]


def blocks_from_data(data: Sequence[Mapping[str, Any]]) -> Iterator[CodeBlock]:
    """The blocks that `blocks_to_data` wrote."""
    return (CodeBlock(**{**block, "lines": tuple(block["lines"])}) for block in data)
