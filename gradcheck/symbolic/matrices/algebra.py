"""Building matrix expressions: each function returns its result in the shortest form that it knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeGuard

import sympy as sp

from gradcheck.symbolic.matrices.nodes import (
    SCALAR,
    Apply,
    Call,
    Hadamard,
    Identity,
    Matrix,
    Number,
    Ones,
    Power,
    Product,
    Quotient,
    Scaled,
    Shape,
    Total,
)


class Scaling(NamedTuple):
    """A matrix split into the scalars it is multiplied by and the rest."""

    coefficient: sp.Expr
    scalars: tuple[Matrix, ...]
    divisors: tuple[Matrix, ...]
    body: Matrix | None


def split(node: Matrix) -> Scaling:
    """The scalars that a node is multiplied and divided by, and what is left."""
    if isinstance(node, Scaled):
        return Scaling(node.coefficient, node.scalars, node.divisors, node.body)
    if isinstance(node, Number):
        return Scaling(node.number, (), (), None)
    if node.shape != SCALAR:
        return Scaling(sp.S.One, (), (), node)
    if isinstance(node, Power) and has_minus(node.exponent):
        return Scaling(sp.S.One, (), (power(node.base, -node.exponent),), None)
    return Scaling(sp.S.One, (node,), (), None)


def scaled(coefficient: sp.Expr, scalars: Sequence[Matrix], divisors: Sequence[Matrix], body: Matrix | None) -> Matrix:
    """Scalars times a matrix, with the scalars of each in one place."""
    parts = [split(scalar) for scalar in scalars]
    inverted = [split(divisor) for divisor in divisors]
    inner = split(body) if body is not None else Scaling(sp.S.One, (), (), None)
    coefficient *= inner.coefficient * sp.Mul(*(part.coefficient for part in parts))
    coefficient /= sp.Mul(*(part.coefficient for part in inverted))
    above = [*inner.scalars, *(s for part in parts for s in part.scalars), *(s for p in inverted for s in p.divisors)]
    below = [*inner.divisors, *(s for part in parts for s in part.divisors), *(s for p in inverted for s in p.scalars)]
    left, right = _powers(above, below)
    if coefficient == 0:
        return zero(SCALAR if inner.body is None else inner.body.shape)
    if not left and not right:
        if inner.body is None:
            return Number(coefficient)
        if coefficient == 1:
            return inner.body
    if inner.body is None and coefficient == 1 and not right and len(left) == 1:
        return left[0]
    return Scaled(coefficient, left, right, inner.body)


def zero(shape: Shape) -> Matrix:
    """A matrix of zeros."""
    return broadcast(Number(sp.S.Zero), shape) if shape == SCALAR else Scaled(sp.S.Zero, (), (), filled(shape))


def _powers(above: Sequence[Matrix], below: Sequence[Matrix]) -> tuple[tuple[Matrix, ...], tuple[Matrix, ...]]:
    """Scalars above and below the line, with equal ones gathered into powers."""
    exponents: dict[Matrix, sp.Expr] = {}
    for factor, sign in [*((f, 1) for f in above), *((f, -1) for f in below)]:
        base, exponent = (factor.base, factor.exponent) if isinstance(factor, Power) else (factor, sp.S.One)
        exponents[base] = exponents.get(base, sp.S.Zero) + sign * exponent
    raised = [(base, e) for base, e in exponents.items() if e != 0]
    return (
        tuple(power(base, e) for base, e in raised if not has_minus(e)),
        tuple(power(base, -e) for base, e in raised if has_minus(e)),
    )


def power(base: Matrix, exponent: sp.Expr) -> Matrix:
    """An entrywise power; the square of a root is what it is the root of."""
    if exponent == 1:
        return base
    if isinstance(base, Number):
        return Number(base.number**exponent)
    if isinstance(base, Power) and (exponent.is_integer or _is_norm(base.base)):
        return power(base.base, base.exponent * exponent)
    if isinstance(base, Scaled) and base.shape == SCALAR and exponent.is_integer:
        raised = [power(s, exponent) for s in base.scalars]
        return scaled(base.coefficient**exponent, raised, [power(d, exponent) for d in base.divisors], None)
    return Power(base, exponent)


def _is_norm(node: Matrix) -> bool:
    return isinstance(node, Call) and node.kind == "norm"


def broadcast(node: Matrix, shape: Shape) -> Matrix:
    """The matrix of that shape whose rows, columns or entries are all the given one."""
    if node.shape == shape:
        return node
    if node.shape == SCALAR:
        return scaled(sp.S.One, (node,), (), filled(shape))
    if node.shape[1] == 1:
        return product(node, transpose(Ones(shape[1])))
    return product(Ones(shape[0]), node)


def filled(shape: Shape) -> Matrix:
    """A matrix of ones."""
    if shape[1] == 1:
        return Ones(shape[0])
    if shape[0] == 1:
        return transpose(Ones(shape[1]))
    return Product((Ones(shape[0]), Call("transpose", Ones(shape[1]))))


def product(*factors: Matrix) -> Matrix:
    """A matrix product: nested ones are flattened, scalars put in front, identities dropped."""
    parts = [split(factor) for factor in factors]
    bodies = [body for part in parts if (body := part.body) is not None and not isinstance(body, Identity)]
    flat = _joined_diagonals(f for body in bodies for f in (body.factors if isinstance(body, Product) else (body,)))
    scalars = [scaled(*part._replace(body=None)) for part in parts]
    if not flat:
        kept = next((part.body for part in parts if part.body is not None), None)
        return scaled(sp.S.One, scalars, (), kept)
    return scaled(sp.S.One, scalars, (), flat[0] if len(flat) == 1 else Product(tuple(flat)))


def _joined_diagonals(factors: Iterable[Matrix]) -> list[Matrix]:
    """diag(a) diag(b) = diag(a ⊙ b)."""
    joined: list[Matrix] = []
    for factor in factors:
        if joined and _is_diag(factor) and _is_diag(joined[-1]):
            joined[-1] = Call("diag", hadamard([joined[-1].argument, factor.argument]))
        else:
            joined.append(factor)
    return joined


def _is_diag(node: Matrix) -> TypeGuard[Call]:
    return isinstance(node, Call) and node.kind == "diag"


def diag(vector: Matrix) -> Matrix:
    """The diagonal matrix of a column."""
    scaling = split(vector)
    if isinstance(scaling.body, Ones):
        return scaled(*scaling._replace(body=Identity(scaling.body.size)))
    return scaled(*scaling._replace(body=Call("diag", scaling.body))) if scaling.body else vector


def diagonal(matrix: Matrix) -> Matrix:
    """The diagonal of a square matrix, as a column."""
    if isinstance(matrix, Identity):
        return Ones(matrix.size)
    return matrix.argument if _is_diag(matrix) else Call("diagonal", matrix)


def inverse(matrix: Matrix) -> Matrix:
    """X⁻¹, with a transpose outermost."""
    if isinstance(matrix, Call) and matrix.kind == "transpose":
        return transpose(inverse(matrix.argument))
    if isinstance(matrix, Call) and matrix.kind == "inverse":
        return matrix.argument
    return Call("inverse", matrix)


def transpose(node: Matrix) -> Matrix:
    """The transpose, written with as few marks as possible."""
    if node.shape == SCALAR or isinstance(node, Identity) or (_is_diag(node)):
        return node
    if isinstance(node, Call) and node.kind == "transpose":
        return node.argument
    if isinstance(node, Scaled) and node.body is not None:
        return scaled(node.coefficient, node.scalars, node.divisors, transpose(node.body))
    if isinstance(node, Product):
        return product(*(transpose(factor) for factor in reversed(node.factors)))
    inner = _transposed_parts(node)
    if inner == node or (isinstance(node, Call) and node.kind == "inverse" and is_symmetric(node.argument)):
        return node
    wrapped = Call("transpose", node)
    return inner if inner is not None and marks(inner) < marks(wrapped) else wrapped


def is_symmetric(node: Matrix) -> bool:
    """Whether it is seen, from how it is written, to equal its transpose."""
    return node.shape[0] == node.shape[1] and transpose(node) == node


def _transposed_parts(node: Matrix) -> Matrix | None:
    match node:
        case Total(terms=terms):
            return total([transpose(term) for term in terms])
        case Hadamard(factors=factors):
            return hadamard([transpose(factor) for factor in factors])
        case Quotient(numerator=above, denominator=below):
            return Quotient(transpose(above), transpose(below))
        case Power(base=base, exponent=exponent):
            return Power(transpose(base), exponent)
        case Apply(function=function, arguments=arguments):
            return Apply(function, tuple(transpose(argument) for argument in arguments))
    return None


def marks(node: Matrix) -> int:
    """How many transposes are written in it."""
    return sum(isinstance(part, Call) and part.kind == "transpose" for part in node.walk())


def weight(node: Matrix) -> tuple[int, int, str]:
    """A key that sorts simple expressions first, a matrix before its transpose, and equal ones together."""
    transposes = marks(node)
    return sum(1 for _ in node.walk()) - transposes, transposes, repr(node)


def hadamard(factors: Sequence[Matrix]) -> Matrix:
    """The entrywise product of matrices of one shape; negative powers become a quotient."""
    shape = factors[0].shape
    if shape == SCALAR:
        return scaled(sp.S.One, factors, (), None)
    if any(isinstance(split(factor).body, Identity) for factor in factors):
        return _on_diagonal(factors)
    parts = [split(factor) for factor in factors]
    scalars = [scaled(*part._replace(body=None)) for part in parts]
    above, below = _entrywise_powers([part.body for part in parts if part.body is not None])
    numerator = joined(above, shape)
    return scaled(sp.S.One, scalars, (), Quotient(numerator, joined(below, shape)) if below else numerator)


def _on_diagonal(factors: Sequence[Matrix]) -> Matrix:
    """I ⊙ A ⊙ … keeps the diagonals alone."""
    others = [diagonal(factor) for factor in factors if not isinstance(split(factor).body, Identity)]
    scalars = [scaled(*split(f)._replace(body=None)) for f in factors if isinstance(split(f).body, Identity)]
    return scaled(sp.S.One, scalars, (), diag(hadamard(others)) if others else factors[0])


def _entrywise_powers(bodies: Iterable[Matrix]) -> tuple[list[Matrix], list[Matrix]]:
    flat = [f for body in bodies for f in (body.factors if isinstance(body, Hadamard) else (body,))]
    over = [f.numerator if isinstance(f, Quotient) else f for f in flat]
    under = [f.denominator for f in flat if isinstance(f, Quotient)]
    above, below = _powers([f for f in over if not is_filled(f)], under)
    return sorted(above, key=weight), sorted(below, key=weight)


def is_filled(node: Matrix) -> bool:
    """Whether every entry is 1."""
    return node == filled(node.shape)


def joined(factors: Sequence[Matrix], shape: Shape) -> Matrix:
    """The entrywise product of factors that are known to be in order; ones where there are none."""
    if not factors:
        return filled(shape)
    return factors[0] if len(factors) == 1 else Hadamard(tuple(factors))


def total(terms: Iterable[Matrix]) -> Matrix:
    """A sum of matrices of one shape: equal terms gathered, simple signs last, larger terms first."""
    flat = [t for term in terms for t in _flattened(term)]
    shape = flat[0].shape
    gathered: Counter[tuple[tuple[Matrix, ...], tuple[Matrix, ...], Matrix | None]] = Counter()
    for term in flat:
        coefficient, scalars, divisors, body = split(term)
        gathered[scalars, divisors, body] = gathered.get((scalars, divisors, body), sp.S.Zero) + coefficient
    kept = [scaled(coefficient, *rest) for rest, coefficient in gathered.items() if coefficient != 0]
    if not kept:
        return zero(shape)
    return kept[0] if len(kept) == 1 else Total(tuple(sorted(kept, key=_reading_order)))


def _flattened(term: Matrix) -> Iterable[Matrix]:
    if isinstance(term, Total):
        return term.terms
    if isinstance(term, Scaled) and isinstance(term.body, Total) and not term.scalars and not term.divisors:
        return [scaled(term.coefficient, (), (), inner) for inner in term.body.terms]
    return [term]


def has_minus(number: sp.Expr) -> bool:
    """Whether a minus sign stands in front of every term."""
    return all(term.as_coeff_Mul()[0].is_negative for term in sp.Add.make_args(number))


def _reading_order(term: Matrix) -> tuple[bool, int, int, str]:
    size, transposes, text = weight(term)
    return has_minus(split(term).coefficient), -size, transposes, text
