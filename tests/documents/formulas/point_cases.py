"""Derivatives at a point, in words over two lines, of constants and of logarithms: right ones beside wrong twins."""

from __future__ import annotations

from tests.documents.formulas.cases import Case

CONFIRMED: tuple[Case, ...] = (
    (r"$f(x) = \log_2 x$ gives $f'(x) = \frac{1}{x \ln 2}$",),
    ("f(x) = log₂(x) gives f'(x) = 1/(x ln(2))",),
    (r"$\frac{\partial \ln\det X}{\partial X} = X^{-T}$",),
    ("f(x, y) = x^2 + y^3; ∇f(1, 2) = (2, 12)",),
    ("f(x, y) = x^2 y; ∂f/∂y(3, 2) = 9",),
    ("$y = x^2 + 3x$", r"$\frac{dy}{dx}\bigr\rvert_{x=1} = 5$ and $\left.\frac{dy}{dx}\right|_{x=2} = 7$"),
    ("$f(x, y) = x^2 + y^2$", r"math: \nabla f(x, y) = 2\begin{pmatrix}x \\ y\end{pmatrix}"),
    ("The gradient of the function $y = x^3$\nwith respect to $x$ should be $3x^2$.",),
)

NOT_CHECKABLE: tuple[Case, ...] = (("Of the unknown F, ∇F = x^2",),)

NO_CLAIM: tuple[Case, ...] = ((r"At the minimum, $\frac{dL}{dw} = 0$.",), (r"Solve $\frac{d}{dx}c = 0$.",))

REFUTED: tuple[tuple[Case, str], ...] = (
    ((r"$f(x) = \log_2 x$ gives $f'(x) = \frac{1}{x}$",), ""),
    ((r"$\frac{\partial \ln\det X}{\partial X} = X^{T}$",), ""),
    (("f(x, y) = x^2 + y^3; ∇f(1, 2) = (2, 8)",), ""),
    (("f(x, y) = x^2 y; ∂f/∂y(3, 2) = 12",), ""),
    (("$y = x^2 + 3x$", r"$\left.\frac{dy}{dx}\right|_{x=2} = 8$"), ""),
    (("The derivative of $x^3$\nis $2x^2$.",), "factor"),
)
