"""Matrix functions that index notation cannot define: each is an entry with a derivative rule of its own.

Their numbers come from `matrix_kernels.py`; the evaluator to 40 digits computes them in ways of its own.
"""

from __future__ import annotations

from typing import Any, ClassVar

import sympy as sp

from gradcheck.symbolic.tensors import Inverse, MatrixEntry, delta, matrix_of, sum_over


class NamedEntry(MatrixEntry):
    """An entry of a function that is written `name(X)`."""

    latex_name: ClassVar[str] = ""
    text_name: ClassVar[str] = ""

    def _latex(self, printer: Any) -> str:
        indices = ",".join(map(printer._print, self.indices))
        return rf"{self.latex_name}\left({printer._print(self.name)}\right)_{{{indices}}}"

    def _sympystr(self, printer: Any) -> str:
        return f"{self.text_name}({printer._print(self.name)})[{', '.join(map(printer._print, self.indices))}]"


class AnalyticFunction(NamedEntry):
    """The entry (i, j) of f(X), f analytic; its slope is the Fréchet derivative in the direction of one entry.

    ∂f(X)_ij/∂X_ab is the upper right block of f([[X, E_ab], [0, X]]).
    Source: Higham, Functions of Matrices, theorem 3.6.
    """

    slope: ClassVar[type[NamedEntry]]

    def _derivative_by_entry(self, row: sp.Expr, column: sp.Expr) -> sp.Expr:
        return self.slope(self.matrix, *self.indices, row, column)


class ExponentialSlope(NamedEntry):
    """∂exp(X)_ij/∂X_ab, the entry (i, j, a, b)."""

    latex_name, text_name = r"\exp'", "exp'"


class Exponential(AnalyticFunction):
    """The entry (i, j) of the matrix exponential."""

    latex_name, text_name = r"\exp", "exp"
    slope = ExponentialSlope


class SineSlope(NamedEntry):
    """∂sin(X)_ij/∂X_ab, the entry (i, j, a, b)."""

    latex_name, text_name = r"\sin'", "sin'"


class Sine(AnalyticFunction):
    """The entry (i, j) of the matrix sine."""

    latex_name, text_name = r"\sin", "sin"
    slope = SineSlope


class Cosine(NamedEntry):
    """The entry (i, j) of the matrix cosine."""

    latex_name, text_name = r"\cos", "cos"


class Cholesky(NamedEntry):
    """The entry (i, j) of the lower triangular L with LLᵀ = S, S symmetric and positive definite.

    dL = L Φ(L⁻¹ dS L⁻ᵀ), where Φ keeps the part below the diagonal and half of the diagonal.
    Source: Murray, Differentiation of the Cholesky Decomposition (2016), eq. 7 and 8.
    """

    latex_name, text_name = r"\operatorname{chol}", "chol"

    def _derivative_by_entry(self, row: sp.Expr, column: sp.Expr) -> sp.Expr:
        i, j = self.indices
        factor = matrix_of(self.size, lambda r, c: Cholesky(self.matrix, r, c))

        def term(k: sp.Expr) -> sp.Expr:
            below = sum_over(self.size, lambda r: delta(k, j + 1 + r))
            return Cholesky(self.matrix, i, k) * (below + delta(k, j) / 2) * Inverse(factor, k, row)

        return sum_over(self.size, term) * Inverse(factor, j, column)


class Eigenvalue(NamedEntry):
    """The k-th eigenvalue of a symmetric matrix, in ascending order; ∂λ_k/∂S_ab = v_ak v_bk where it is simple.

    Source: Magnus, On Differentiating Eigenvalues and Eigenvectors (1985), theorem 1.
    """

    latex_name, text_name = r"\lambda", "λ"

    def _derivative_by_entry(self, row: sp.Expr, column: sp.Expr) -> sp.Expr:
        (k,) = self.indices
        return Eigenvector(self.matrix, row, k) * Eigenvector(self.matrix, column, k)


class Eigenvector(NamedEntry):
    """The entry r of the unit eigenvector to the k-th eigenvalue of a symmetric matrix; its sign is arbitrary.

    ∂v_rk/∂S_ab = Σ_l v_rl v_al v_bk / (λ_k - λ_l) over the l other than k, all eigenvalues distinct.
    Source: Magnus, On Differentiating Eigenvalues and Eigenvectors (1985), theorem 1.
    """

    latex_name, text_name = "v", "v"

    def _derivative_by_entry(self, row: sp.Expr, column: sp.Expr) -> sp.Expr:
        r, k = self.indices

        def term(other: sp.Expr) -> sp.Expr:
            gap = Eigenvalue(self.matrix, k) - Eigenvalue(self.matrix, other) + delta(k, other)
            product = Eigenvector(self.matrix, r, other) * Eigenvector(self.matrix, row, other)
            return (1 - delta(k, other)) * product / gap

        return sum_over(self.size, term) * Eigenvector(self.matrix, column, k)
