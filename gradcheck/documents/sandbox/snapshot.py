"""What a live object is at one moment, as data."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from numbers import Number
from typing import Any

from gradcheck.documents.records import Value, ValueKind


@dataclass(frozen=True)
class Detail:
    """How much of an object is kept: entries of an array or a sequence, characters of a text, levels of nesting."""

    entries: int = 1_000
    characters: int = 20_000
    depth: int = 4


FULL = Detail()
BRIEF = Detail(entries=100, characters=1_000)

_LARGE = 2**63

_SEQUENCES: tuple[type, ...] = (
    list,
    tuple,
    set,
    frozenset,
    deque,
    range,
    type({}.keys()),
    type({}.values()),
    type({}.items()),
)


def snapshot(thing: object, detail: Detail = FULL) -> Value:
    """An object as data; it never raises, whatever the object's own methods do.

    `type` has the module in front, except for built-in types; `dtype` is bare (`float32`), for Python's own numbers
    their type's name. What has more entries than `detail` allows is an array without entries, or of kind `other`.

    >>> snapshot(True).entries, snapshot([1, 2.5]).items[1].dtype, snapshot({"a": 1}).keys
    ((1,), 'float', ("'a'",))
    """
    try:
        return _maker(thing)(thing, detail)
    except Exception:
        return _other(thing, detail)


def _maker(thing: object) -> Callable[[Any, Detail], Value]:
    torch, numpy = sys.modules.get("torch"), sys.modules.get("numpy")
    if torch is not None and isinstance(thing, torch.Tensor):
        return _tensor
    if numpy is not None and isinstance(thing, numpy.ndarray | numpy.generic):
        return _array
    own = next((make for kind, make in _PYTHON if isinstance(thing, kind)), None)
    return own or (_array_like if _is_array_like(thing) else _other)


def _base(kind: ValueKind, thing: object, detail: Detail) -> dict[str, Any]:
    shown = written(repr, thing, detail)
    alike = type(thing).__str__ is object.__str__  # which asks for the repr
    return {
        "kind": kind,
        "type": type_name(thing),
        "text": shown if alike else written(str, thing, detail),
        "shown": shown,
    }


def _tensor(tensor: Any, detail: Detail) -> Value:
    with _unobserved():
        return Value(
            **_base("array", tensor, detail),
            dtype=str(tensor.dtype).removeprefix("torch."),
            shape=tuple(tensor.shape),
            entries=_tensor_entries(tensor, detail),
            leaf_gradient=_leaf_gradient(tensor, detail),
        )


@contextmanager
def _unobserved() -> Iterator[None]:
    """Hides what is asked of tensors from modes of torch that the code may be in to watch its operations."""
    core = sys.modules["torch"]._C  # noqa: SLF001
    from torch.utils import _python_dispatch as dispatch

    with ExitStack() as stack:
        if core._len_torch_function_stack():  # noqa: SLF001
            stack.enter_context(core.DisableTorchFunction())
        if core._len_torch_dispatch_stack():  # noqa: SLF001
            stack.enter_context(dispatch._disable_current_modes())  # noqa: SLF001
        yield


def _tensor_entries(tensor: Any, detail: Detail) -> tuple[float | complex, ...] | None:
    try:
        if tensor.numel() > detail.entries:
            return None
        dense = tensor.detach()
        dense = dense if str(dense.layout) == "torch.strided" else dense.to_dense()
        return plain_numbers(dense.reshape(-1).tolist())
    except Exception:
        return None


def _leaf_gradient(tensor: Any, detail: Detail) -> Value | None:
    if not (tensor.is_leaf or tensor.retains_grad) or tensor.grad is None:
        return None
    return snapshot(tensor.grad, detail)


def _array(array: Any, detail: Detail) -> Value:
    is_array = isinstance(array, sys.modules["numpy"].ndarray)
    return _with_entries(_base("array" if is_array else "number", array, detail), array, detail)


def _array_like(thing: Any, detail: Detail) -> Value:
    from numpy import asarray

    return _with_entries(_base("array", thing, detail), asarray(thing), detail)


def _with_entries(base: dict[str, Any], array: Any, detail: Detail) -> Value:
    return Value(**base, dtype=str(array.dtype), shape=tuple(array.shape), entries=_array_entries(array, detail))


def _array_entries(array: Any, detail: Detail) -> tuple[float | complex, ...] | None:
    if array.size > detail.entries or array.dtype.kind not in "biufc":
        return None
    from numpy import asarray

    plain = asarray(array)  # a matrix stays one in whatever shape it is asked for
    wide = {"f": "float64", "c": "complex128"}.get(array.dtype.kind)
    return plain_numbers((plain.astype(wide) if wide else plain).reshape(-1).tolist())


def _number(number: Any, detail: Detail) -> Value:
    return Value(
        **_base("number", number, detail), dtype=type(number).__name__, entries=plain_numbers([_entry(number)])
    )


def _entry(number: Any) -> float | complex:
    """A number as one of Python's; integers stay exact as long as they are of a usual size."""
    if isinstance(number, int) and abs(number) < _LARGE:
        return int(number)
    return complex(number) if getattr(number, "imag", 0) else float(number)


def _text(text: str, detail: Detail) -> Value:
    return Value(**_base("text", text, detail))


def _sequence(items: Any, detail: Detail) -> Value:
    if _too_many(items, detail):
        return _other(items, detail)
    return Value(**_base("sequence", items, detail), items=tuple(snapshot(item, _below(detail)) for item in items))


def _mapping(mapping: dict[Any, Any], detail: Detail) -> Value:
    if _too_many(mapping.values(), detail):
        return _other(mapping, detail)
    return Value(
        **_base("mapping", mapping, detail),
        items=tuple(snapshot(item, _below(detail)) for item in mapping.values()),
        keys=tuple(written(repr, key, detail) for key in mapping),
    )


def _is_array_like(thing: object) -> bool:
    return not isinstance(thing, type) and all(hasattr(thing, name) for name in ("__array__", "dtype", "shape"))


def _other(thing: object, detail: Detail) -> Value:
    return Value(**_base("other", thing, detail))


_PYTHON: tuple[tuple[type | tuple[type, ...], Callable[[Any, Detail], Value]], ...] = (
    (Number, _number),
    (str, _text),
    (dict, _mapping),
    (_SEQUENCES, _sequence),
)


def _below(detail: Detail) -> Detail:
    return Detail(detail.entries, min(detail.characters, 2_000), detail.depth - 1)


def _too_many(items: Iterable[object], detail: Detail) -> bool:
    return detail.depth == 0 or _count(items, detail) > detail.entries


def _count(items: Iterable[object], detail: Detail) -> int:
    """How many objects lie in nested sequences; the count stops where it is too high anyway."""
    total = 0
    for item in items:
        total += 1 + (len(item) if isinstance(item, list | tuple | set | dict) else 0)
        if total > detail.entries:
            break
    return total


def type_name(thing: object) -> str:
    """The full name of an object's type; the bare one of a built-in type."""
    kind = type(thing)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def written(write: Callable[[object], str], thing: object, detail: Detail) -> str:
    """An object's `str` or `repr`, cut off where it is long; where its own methods fail, its type."""
    try:
        text = write(_head(thing, detail))
    except Exception as error:
        return f"<{type_name(thing)}: {type(error).__name__}>"
    return text if len(text) <= detail.characters else f"{text[: detail.characters]}..."


def _head(thing: object, detail: Detail) -> object:
    """The first entries of what has so many that writing all of them takes long; anything else whole."""
    if isinstance(thing, list | tuple | set | frozenset | dict) and _count(thing, detail) > detail.entries:
        kept = detail.entries // 10
        return [*islice(thing, kept), ...]
    return thing


def plain_numbers(numbers: Iterable[Any]) -> tuple[float | complex, ...]:
    """Python's numbers, truth values as 0 and 1."""
    return tuple(int(number) if isinstance(number, bool) else number for number in numbers)
