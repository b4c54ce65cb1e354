"""Which names are scalars, vectors and matrices: the shapes that make a formula fit together.

Every array has rows and columns; a vector is one column. Sizes are held equal only where the formula demands it, so
that what stays apart can be tried with distinct sizes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Literal

from gradcheck.documents.formulas.fitting import ALONG, Fitter
from gradcheck.documents.formulas.sizes import ONE, Reading, Shape, ShapeClash, Size
from gradcheck.documents.formulas.tree import (
    BOUND,
    INFINITY,
    Call,
    Delta,
    Entry,
    Name,
    Node,
    Norm,
    SumOver,
    Times,
    Transposed,
)

Axes = Literal["scalar", "vector", "matrix"]
MOST_READINGS = 60
PREFERENCES: Mapping[tuple[bool, bool], tuple[Axes, ...]] = {
    (False, False): ("scalar",),
    (True, True): ("matrix", "scalar"),
    (True, False): ("vector", "scalar"),
}
"""What a name may be: by whether the formula has arrays at all, and whether the name is a capital letter."""
COUNTS = frozenset(["n", "N", "m"])
"""How documents call the number of examples."""
GREEK_SCALARS = frozenset(["alpha", "gamma", "delta", "epsilon", "eta", "kappa", "lambda", "nu", "rho", "sigma", "tau"])
"""Greek letters that are numbers, as a rule."""


def readings(sides: Iterable[Node], arrays: Iterable[str] = ()) -> Iterator[Reading]:
    """The readings in which every side fits together and all have one shape, the most usual first.

    `arrays` are names that the document says are arrays.
    """
    nodes = tuple(sides)
    indices = index_names(nodes)
    sizes = _size_names(nodes) | _counts_of_means(nodes)
    axes = _axes(nodes, indices | sizes, frozenset(arrays))
    for choice in islice(product(*axes.values()), MOST_READINGS):
        reading = _started(dict(zip(axes, choice, strict=True)), sizes)
        reading.counted = next(iter(sorted(_counts_of_means(nodes))), "")
        try:
            Fitter(reading).equation(nodes)
        except ShapeClash:
            continue
        yield reading


def _started(axes: Mapping[str, Axes], sizes: Iterable[str]) -> Reading:
    reading = Reading(sizes={name: Size() for name in sizes})
    for label, kind in axes.items():
        shapes: Mapping[Axes, Shape] = {"scalar": (), "vector": (Size(), ONE), "matrix": (Size(), Size())}
        reading.shapes[label] = shapes[kind]
    return reading


def index_names(nodes: Iterable[Node]) -> frozenset[str]:
    """The letters that stand as indices below names, or are summed over."""
    found: set[str] = set()
    for node in (each for root in nodes for each in root.walk()):
        if isinstance(node, SumOver) and node.index:
            found.add(node.index)
        elif isinstance(node, Delta):
            found |= {each.label for each in (node.row, node.column) if isinstance(each, Name)}
        elif isinstance(node, Name | Call | Entry):
            found |= {each.label for each in node.indices if isinstance(each, Name)}
    return frozenset(found)


def _size_names(nodes: Iterable[Node]) -> frozenset[str]:
    return frozenset(
        node.upper.label
        for root in nodes
        for node in root.walk()
        if isinstance(node, SumOver) and isinstance(node.upper, Name)
    )


def _counts_of_means(nodes: tuple[Node, ...]) -> frozenset[str]:
    """The n beside a mean, where it is no index: how many numbers the mean is of."""
    every = [each for root in nodes for each in root.walk()]
    if not any(isinstance(each, Call) and each.function == "mean" for each in every):
        return frozenset()
    alone = {each.label for each in every if isinstance(each, Name) and not each.indices and not each.bold}
    return frozenset(alone & COUNTS) - index_names(nodes)


def _axes(nodes: tuple[Node, ...], known: frozenset[str], arrays: frozenset[str]) -> dict[str, tuple[Axes, ...]]:
    """For every name what it may be, the likeliest first."""
    names = list(dict.fromkeys(node for root in nodes for node in root.walk() if isinstance(node, Name)))
    has_arrays = any(_shows_arrays(node) for root in nodes for node in root.walk()) or bool(_counts_of_means(nodes))
    found: dict[str, tuple[Axes, ...]] = {}
    for name in names:
        if name.label not in known and name != INFINITY:
            usual = _usual(name.label, [each for each in names if each.label == name.label], has_arrays, arrays)
            found[name.label] = usual
    return found


def _usual(label: str, uses: list[Name], has_arrays: bool, arrays: frozenset[str]) -> tuple[Axes, ...]:
    if BOUND in label:
        return ("scalar",)
    capital = label[:1].isupper()
    bold = any(use.bold for use in uses)
    indexed = {len(use.indices) for use in uses if use.indices}
    if indexed:
        rows = bold and not capital and indexed == {1} and all(use.bold for use in uses)
        return ("matrix",) if rows else (("vector",) if indexed == {1} else ("matrix",))
    if bold:
        return ("matrix",) if capital else ("vector",)
    if label in arrays and not has_arrays:
        return ("scalar", "vector")
    if has_arrays and len(label) > 1 and label in GREEK_SCALARS:
        return ("scalar", "vector")
    return PREFERENCES[(True, capital) if has_arrays else (False, False)]


def _shows_arrays(node: Node) -> bool:
    match node:
        case Transposed() | Norm():
            return True
        case Name(bold=bold):
            return bold
        case Times(sign=sign):
            return sign in ("@", "⊙")
        case Call(function=function, arguments=arguments):
            bare = not any(isinstance(each, Name) and each.indices for each in arguments)
            return function in (*ALONG, "tr", "det", "logdet", "norm") and bare
    return False
