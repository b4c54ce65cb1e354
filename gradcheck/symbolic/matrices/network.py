"""The contraction of an index product into matrix products.

The factors of a product form a graph: an index is a vertex, a factor with two indices an edge, one with a single index
a label of its vertex. Bound indices are removed one by one,
    no neighbour      Σ_k a_k b_k               = aᵀb
    one neighbour     Σ_k A_uk b_k              = A b, a label of u
    two neighbours    Σ_k A_uk b_k C_kw         = A diag(b) C, an edge from u to w
    a closed pair     Σ_kl A_kl B_lk            = tr(A B)
and parallel edges are multiplied entrywise. An index with three neighbours has no matrix form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import sympy as sp

from gradcheck.symbolic.matrices import algebra
from gradcheck.symbolic.matrices.nodes import Identity, Matrix, Ones
from gradcheck.symbolic.matrices.scalars import dot, trace_of_product

Index: TypeAlias = sp.Symbol
Edge = tuple[Index, Index, Matrix]


class NoMatrixForm(Exception):
    """The expression is no matrix expression."""


@dataclass
class Network:
    """A product of factors that is summed over the indices in `bound`."""

    sizes: Mapping[Index, sp.Expr]
    bound: list[Index]
    scalars: list[Matrix] = field(default_factory=list)
    labels: dict[Index, list[Matrix]] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def add(self, indices: Sequence[Index], matrix: Matrix) -> None:
        """Put in a factor with these indices: the matrix has one axis for each."""
        if not indices:
            self.scalars.append(matrix)
        elif len(indices) == 1:
            self.labels.setdefault(indices[0], []).append(matrix)
        else:
            self.edges.append((indices[0], indices[1], matrix))

    def contract(self, free: Sequence[Index]) -> Matrix:
        """The product as a matrix whose rows and columns are the free indices, in order; one of them gives a column."""
        while self.bound:
            self._remove(min(self.bound, key=self._difficulty))
        return algebra.scaled(sp.S.One, self.scalars, (), self._result(free))

    def _difficulty(self, k: Index) -> tuple[int, int]:
        return len(self._neighbours(k)), len(self._at(k))

    def _at(self, k: Index) -> list[Edge]:
        return [edge for edge in self.edges if k in edge[:2]]

    def _neighbours(self, k: Index) -> list[Index]:
        return list(dict.fromkeys(v if u == k else u for u, v, _ in self._at(k)))

    def _remove(self, k: Index) -> None:
        neighbours = self._neighbours(k)
        if len(neighbours) > 2:
            raise NoMatrixForm(f"{k} is shared by three matrices")
        if len(neighbours) == 1 and self._is_closed_pair(k, neighbours[0]):
            self._close(k, neighbours[0])
            return
        spokes = [self._take_between(k, u) for u in neighbours]
        label = self._take_label(k)
        self.bound.remove(k)
        if not spokes:
            self.scalars.append(dot(label or [Ones(self.sizes[k])]))
        elif len(spokes) == 1:
            vector = algebra.hadamard(label) if label else Ones(self.sizes[k])
            self.add(neighbours, algebra.product(algebra.transpose(spokes[0]), vector))
        else:
            middle = [algebra.diag(algebra.hadamard(label))] if label else []
            left, right = spokes
            self.add(neighbours, algebra.product(algebra.transpose(left), *middle, right))

    def _is_closed_pair(self, k: Index, u: Index) -> bool:
        alone = not self.labels.get(k) and not self.labels.get(u) and self._neighbours(u) == [k]
        return alone and u in self.bound and len(self._at(k)) == 2

    def _close(self, k: Index, u: Index) -> None:
        """Two edges between two bound indices and nothing else: a trace."""
        (first, second) = (self._oriented(edge, k) for edge in self._at(k))
        self.edges = [edge for edge in self.edges if k not in edge[:2]]
        self.bound = [index for index in self.bound if index not in (k, u)]
        self.scalars.append(trace_of_product(first, algebra.transpose(second)))

    def _oriented(self, edge: Edge, k: Index) -> Matrix:
        """The edge's matrix with k as its rows."""
        return edge[2] if edge[0] == k else algebra.transpose(edge[2])

    def _take_between(self, k: Index, u: Index) -> Matrix:
        """The entrywise product of all edges between k and u, with k as rows; they are removed."""
        found = [edge for edge in self._at(k) if u in edge[:2]]
        self.edges = [edge for edge in self.edges if edge not in found]
        return algebra.hadamard([self._oriented(edge, k) for edge in found])

    def _take_label(self, k: Index) -> list[Matrix]:
        return self.labels.pop(k, [])

    def _result(self, free: Sequence[Index]) -> Matrix | None:
        if not free:
            return None
        if len(free) == 1:
            return self._column(free[0])
        row, column = free
        if not self._neighbours(row):
            return algebra.product(self._column(row), algebra.transpose(self._column(column)))
        matrix = self._take_between(row, column)
        left, right = (algebra.hadamard(label) if (label := self._take_label(k)) else None for k in free)
        return _between(left, matrix, right)

    def _column(self, k: Index) -> Matrix:
        label = self._take_label(k)
        return algebra.hadamard(label) if label else Ones(self.sizes[k])


def _between(left: Matrix | None, matrix: Matrix, right: Matrix | None) -> Matrix:
    """diag(left) M diag(right); on an identity they meet on one diagonal."""
    scaling = algebra.split(matrix)
    vectors = [vector for vector in (left, right) if vector is not None]
    if isinstance(scaling.body, Identity) and vectors:
        outside = algebra.scaled(*scaling._replace(body=None))
        return algebra.scaled(sp.S.One, [outside], (), algebra.diag(algebra.hadamard(vectors)))
    factors = [algebra.diag(left) if left else None, matrix, algebra.diag(right) if right else None]
    return algebra.product(*(factor for factor in factors if factor is not None))
