"""Names for what a matrix expression repeats: diag(s) - s sᵀ where s = softmax(z)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from gradcheck.symbolic.matrices.nodes import SCALAR, Apply, Call, Matrix, Named, Total
from gradcheck.symbolic.matrices.printing import Text
from gradcheck.symbolic.matrices.simplification import rebuild

Definition = tuple[Named, Matrix]

PREFERRED: tuple[tuple[str, str], ...] = (("softmax", "s"), ("Apply", "h"), ("Total", "r"))
"""The first letter tried for a kind of expression; matrices get capitals."""
OTHERS = "uvgtdcef"
MOST = 6
"""More names than this would say less than the indices do."""
OVERHEAD = 10
"""Characters that a definition costs beside its own text."""


def name_repetitions(matrix: Matrix, taken: Collection[str]) -> tuple[Matrix, tuple[Definition, ...]]:
    """The expression with what it repeats replaced by names that are not taken, and the definitions in order of use."""
    definitions: list[Definition] = []
    while len(definitions) < MOST and (node := _most_repeated([matrix, *(d for _, d in definitions)])) is not None:
        placeholder = Named(f"_{len(definitions)}", *node.shape)
        matrix = _replaced(matrix, node, placeholder)
        definitions = [(name, _replaced(body, node, placeholder)) for name, body in definitions] + [(placeholder, node)]
    return _lettered(matrix, _in_order(definitions), taken)


def _lettered(
    matrix: Matrix, definitions: list[Definition], taken: Collection[str]
) -> tuple[Matrix, tuple[Definition, ...]]:
    """The placeholders replaced by letters."""
    used = set(taken)
    for placeholder, body in definitions:
        name = Named(_letter(body, used), *body.shape)
        used.add(name.label)
        matrix = _replaced(matrix, placeholder, name)
        definitions = [(_renamed(n, placeholder, name), _replaced(d, placeholder, name)) for n, d in definitions]
    return matrix, tuple(definitions)


def _renamed(name: Named, placeholder: Named, new: Named) -> Named:
    return new if name == placeholder else name


def _most_repeated(expressions: Iterable[Matrix]) -> Matrix | None:
    """The expression whose naming shortens the text most."""
    found = Counter(
        node for each in expressions for node in each.walk() if isinstance(node, Apply | Total) or _is_softmax(node)
    )
    savings = {node: (count - 1) * len(Text().write(node)) - count - OVERHEAD for node, count in found.items()}
    best = max(savings, key=lambda node: savings[node], default=None)
    return best if best is not None and savings[best] > 0 else None


def _is_softmax(node: Matrix) -> bool:
    return isinstance(node, Call) and node.kind in ("softmax", "logsumexp")


def _letter(node: Matrix, used: Collection[str]) -> str:
    kind = node.kind if isinstance(node, Call) else type(node).__name__
    letters = [*(letter for wanted, letter in PREFERRED if wanted == kind), *OTHERS]
    if node.shape != SCALAR and 1 not in node.shape:
        letters = [letter.upper() for letter in letters]
    numbered = (f"{letter}{number}" for number in range(1, 100) for letter in letters)
    return next(letter for letter in (*letters, *numbered) if letter not in used)


def _replaced(matrix: Matrix, old: Matrix, new: Matrix) -> Matrix:
    return new if matrix == old else rebuild(matrix, lambda part: _replaced(part, old, new))


def _in_order(definitions: list[Definition]) -> list[Definition]:
    """Each definition behind those that it uses."""
    ordered: list[Definition] = []
    waiting = list(definitions)
    while waiting:
        undefined = {name for name, _ in waiting}
        ready = [each for each in waiting if undefined.isdisjoint(each[1].walk())]
        ordered += ready
        waiting = [each for each in waiting if each not in ready]
    return ordered
