"""Why a torch function has no graph: which call or operator stopped it, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils._pytree import tree_leaves

from gradcheck.errors import UsageError
from gradcheck.symbolic.tracing.errors import TracingError, nothing_swallowed, place_of

Sentence = tuple[str, str]
"""What a function does that has no formula, and what to write instead."""


class NotTraceable(TracingError):
    """A torch function does something that has no formula, or none that is known here."""


class NeedsSizes(NotTraceable):
    """A function that cannot be run while its sizes are symbols; with the example's sizes it may."""


class NotBuilt(NotTraceable):
    """A graph whose formula cannot be built; for the example's sizes it may."""

    @property
    def in_short(self) -> str:
        """The problem without the error behind it."""
        said, operator, _ = (*self.problem.split(": ", 2), "", "")[:3]
        return f"{said} ({operator})" if operator.startswith("operator ") else said


@contextmanager
def refusal(symbolic: bool = True) -> Iterator[None]:
    """Turns what is raised while a call is recorded into a sentence about the user's own line."""
    try:
        with nothing_swallowed():
            yield
    except TracingError:
        raise
    except Exception as error:
        raise _explained(error, symbolic) from error


@contextmanager
def building(operator: str = "") -> Iterator[None]:
    """Turns what is raised while a formula is made of a graph, or by the rule of one operator, into a refusal."""
    try:
        yield
    except UsageError:
        raise
    except Exception as error:
        said = next(iter(str(error).splitlines()), "")
        where = f"operator {operator}: " if operator else ""
        problem = f"{UNBUILT}: {where}{type(error).__name__}: {said}"
        raise NotBuilt(problem, "please report it with the function") from error


def _explained(error: Exception, symbolic: bool) -> NotTraceable:
    place = place_of(error.__traceback__)
    kinds = {each.__name__ for each in type(error).__mro__}
    for kind, sentence in RAISED.items():
        if kind in kinds:
            return NotTraceable(*sentence, place)
    said = next(iter(str(error).splitlines()), "")
    problem = f"it raises {type(error).__name__}{': ' if said else ''}{said}"
    return (NeedsSizes if symbolic else NotTraceable)(problem, CALL_FIRST, place)


def refused_call(function: Any, args: tuple[Any, ...]) -> Sentence | None:
    """Why a call of one of torch's Python functions cannot be recorded; None where it can.

    >>> refused_call(torch.Tensor.item, ())[0]
    '`.item()` turns the value of a tensor into a Python number'
    """
    name = getattr(function, "__name__", "")
    if name in CALLS and (name not in ONLY_ALONE or len(args) == 1):
        return CALLS[name]
    if name == "__getitem__" and any(map(_is_mask, args[1] if isinstance(args[1], tuple) else (args[1],))):
        return SELECTED
    return None


def _is_mask(index: Any) -> bool:
    return torch.is_tensor(index) and index.dtype in (torch.bool, torch.uint8)


UNBUILT = "its formula cannot be built"
CALL_FIRST = "check that the function runs on the example as it is"
KEEP = "keep it a tensor, or pass the number as an argument"
CHOOSE = "write the choice with torch.where, torch.maximum or torch.minimum"
FIXED_SHAPE = "multiply by the mask, or choose with torch.where, so that shapes do not depend on values"
OWN_COPY = "change a copy: x = x.clone()"

BRANCHES: Sentence = ("it branches on the value of a tensor (`if`, `while`, `and`, max() or bool())", CHOOSE)
SELECTED: Sentence = ("a mask selects entries, so the shape of the result depends on values", FIXED_SHAPE)
SHAPED: Sentence = ("the shape of a result depends on values", FIXED_SHAPE)
CHANGES_INPUT: Sentence = ("it changes its argument in place", OWN_COPY)
RANDOM: Sentence = (
    "it draws random numbers",
    "draw them outside and pass them as an argument; of a module with dropout trace module.eval()",
)
COMPLEX: Sentence = ("it computes with complex numbers", "write it with real and imaginary parts")
IN_NUMPY: Sentence = ("it leaves torch for NumPy or Python", "write it with torch's own functions")
NO_OUTPUT: Sentence = ("it returns no tensor of floats", "return the tensor that is to be differentiated")
UNFILLED: Sentence = ("it uses a tensor that nothing has filled", "start from torch.zeros")
COMPARED: Sentence = ("it asks whether tensors are equal", CHOOSE)
HOOKED: Sentence = ("it hangs a hook on a tensor", "take the hook off: a formula has no backward pass to change")

LEAST_SQUARES: Sentence = (
    "a solution by least squares has no formula here",
    "solve the normal equations: torch.linalg.solve(A.mT @ A, A.mT @ b)",
)
PSEUDOINVERSE: Sentence = (
    "a pseudoinverse has no formula here, for that depends on the rank",
    "where the columns of A are independent it is torch.linalg.solve(A.mT @ A, A.mT)",
)
PIVOTS: Sentence = ("a factorisation with pivots has no formula here", "use torch.linalg.solve, inv or det")
ORTHOGONAL: Sentence = (
    "a factorisation QR has no formula here",
    "R is torch.linalg.cholesky(A.mT @ A, upper=True), up to the signs of its rows",
)
UNORDERED: Sentence = (
    "entries written to one place by several indices are written in no order that torch defines",
    "add them with index_add or scatter_add, or write one value",
)
UNKNOWN = "check this function with the numeric oracles, which know every operator"
ALIGNMENTS: Sentence = ("the sum over all alignments of a sequence has no formula here", UNKNOWN)


def _into_number(call: str) -> Sentence:
    return f"`{call}` turns the value of a tensor into a Python number", KEEP


CALLS: Mapping[str, Sentence] = {
    "item": _into_number(".item()"),
    "__float__": _into_number("float()"),
    "__int__": _into_number("int()"),
    "__index__": _into_number("an index or range()"),
    "__complex__": _into_number("complex()"),
    "__format__": _into_number("format()"),
    "__bool__": BRANCHES,
    "is_nonzero": BRANCHES,
    "equal": COMPARED,
    "allclose": COMPARED,
    "__contains__": COMPARED,
    **dict.fromkeys(
        ("numpy", "__array__", "__array_wrap__", "tolist", "__dlpack__", "__cuda_array_interface__"), IN_NUMPY
    ),
    **dict.fromkeys(("register_hook", "register_post_accumulate_grad_hook"), HOOKED),
    **dict.fromkeys(("masked_select",), SELECTED),
    "linalg_lstsq": LEAST_SQUARES,
    **dict.fromkeys(("linalg_pinv", "pinverse"), PSEUDOINVERSE),
    "ctc_loss": ALIGNMENTS,
    **dict.fromkeys(("nonzero", "argwhere", "unique", "unique_consecutive", "where"), SHAPED),
}
"""torch's Python functions that need values, by name."""
ONLY_ALONE = frozenset({"where"})
"""Those that do so only with one argument."""

RAISED: Mapping[str, Sentence] = {
    "GuardOnDataDependentSymNode": BRANCHES,
    "DataDependentOutputException": ("it turns the value of a tensor into a Python number", KEEP),
    "DynamicOutputShapeException": SHAPED,
}
"""What torch's errors mean, by the error's class."""

OPERATORS: Mapping[str, Sentence] = {
    "_local_scalar_dense": ("it turns the value of a tensor into a Python number", KEEP),
    **dict.fromkeys(("empty.memory_format", "empty_like", "empty_permuted", "empty_strided", "new_empty"), UNFILLED),
    **dict.fromkeys(("nonzero", "_unique2", "unique_dim", "unique_consecutive", "masked_select"), SHAPED),
    **dict.fromkeys(("linalg_lu", "linalg_lu_factor_ex", "linalg_lu_solve", "lu_unpack"), PIVOTS),
    **dict.fromkeys(("linalg_qr", "geqrf", "linalg_householder_product", "ormqr"), ORTHOGONAL),
    **dict.fromkeys(("scatter.src", "index_copy", "put"), UNORDERED),
}
"""Operators that no formula can have, by name."""


def refused_operator(name: str, node: torch.fx.Node) -> Sentence:
    """Why an operator that is in no table has no formula."""
    if any(dtype.is_complex for dtype in _dtypes(node)):
        return f"{COMPLEX[0]} (operator {name})", COMPLEX[1]
    return OPERATORS.get(name, (f"no formula is known for torch's operator {name}", UNKNOWN))


def _dtypes(node: torch.fx.Node) -> Iterator[torch.dtype]:
    """The dtypes of what an operator takes and returns."""
    for each in (node, *node.all_input_nodes):
        yield from (leaf.dtype for leaf in tree_leaves(each.meta.get("val")) if torch.is_tensor(leaf))


def demand_no_values(nodes: Iterable[torch.fx.Node]) -> None:
    """Raises NotTraceable where torch asked for the value of what depends on an argument, and went on with that."""
    depending: set[torch.fx.Node] = set()
    for node in nodes:
        if node.op == "placeholder" or not depending.isdisjoint(node.all_input_nodes):
            depending.add(node)
            if "_local_scalar_dense" in str(node.target):
                raise NotTraceable(*OPERATORS["_local_scalar_dense"], node.stack_trace or "")


def demand_no_chance(nodes: Iterable[torch.fx.Node]) -> None:
    """Raises NotTraceable where one of the nodes draws random numbers."""
    for node in nodes:
        if torch.Tag.nondeterministic_seeded in getattr(node.target, "tags", ()):
            raise NotTraceable(*RANDOM, node.stack_trace or "")
