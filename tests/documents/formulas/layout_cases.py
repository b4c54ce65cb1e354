"""Formulas as they are set on real pages: side by side, in chains of numbered quantities, sums without brackets."""

from __future__ import annotations

from tests.documents.formulas.cases import Case

NETWORK = (
    r"math: f_0 = \beta_0 + \omega_0 x \\ h_1 = \sin[f_0]",
    r"math: f_1 = \beta_1 + \omega_1 h_1 \\ h_2 = \exp[f_1]",
    r"math: \ell = (h_2 - y)^2",
)
ENTROPY = r"math: L_i = -\sum_j y_{ij} \log(\sigma(f_j)) + (1 - y_{ij}) \log(1 - \sigma(f_j))"
CHAIN = (
    r"math: \frac{\partial\ell}{\partial f_0} = \frac{\partial h_1}{\partial f_0}\left("
    r"\frac{\partial f_1}{\partial h_1} \frac{\partial\ell}{\partial f_1}\right)"
)

PRODUCT = (
    r"math: f(x, y) = x y \hspace{0.5in} \rightarrow \hspace{0.5in} \frac{\partial f}{\partial x} = y"
    r" \hspace{0.5in} \frac{\partial f}{\partial y} = x"
)
MAXIMUM = r"math: f(x, y) = \max(x, y) \hspace{0.5in} \rightarrow \hspace{0.5in} \frac{\partial f}{\partial x} ="

LAYERS = (
    r"math: z_1 = W_1 x + b_1, \quad a_1 = \sigma(z_1), \quad z_2 = W_2 a_1 + b_2, \quad L = \frac{1}{2}\|z_2 - y\|^2",
)

CONFIRMED: tuple[Case, ...] = (
    (r"With $f(x) = \frac{10x}{25}$ we get $f'(x) = \frac{10}{25}$.",),
    (r"With $f(x) = \frac12x + \frac{12}{x}$ we get $f'(x) = \frac12 - \frac{12}{x^2}$.",),
    (r"With $f(x) = n_\textrm{in} x^2$ we get $f'(x) = 2 n_\textrm{in} x$.",),
    (r"With $f(x) = \sqrt{2}x$ we get $f'(x) = \sqrt{2}$.",),
    (r"With $f(x) = \sqrt2 x$ we get $f'(x) = \sqrt 2$.",),
    (r"With $f(x) = \sqrt{x}^2 y$ we get $f'(x) = y$.",),
    (r"With $f(x) = \log{x} y$ we get $f'(x) = y/x$.",),
    (r"With $f(x) = \sqrt[3]{x} a$ we get $f'(x) = \frac{a}{3} x^{-2/3}$.",),
    (r"With $f(x) = \sin{x} x$ we get $f'(x) = \sin x + x\cos x$.",),
    (
        r"With $f(x) = \frac{1}{\sqrt{2\pi}s} \exp(-\frac{x^2}{2s^2})$",
        r"we get $\frac{\partial f}{\partial s} = (\frac{x^2}{s^3} - \frac{1}{s}) f(x)$.",
    ),
    (*LAYERS, r"math: \frac{\partial L}{\partial W_2} = (z_2 - y) a_1^T"),
    (*LAYERS, r"math: \frac{\partial L}{\partial W_2} = a_1 (z_2 - y)^T"),
    (*LAYERS, r"math: \frac{\partial L}{\partial a_1} = W_2^T (z_2 - y)"),
    (*LAYERS, r"math: \frac{\partial L}{\partial z_1} = W_2^T (z_2 - y) \odot a_1 \odot (1 - a_1)"),
    (
        PRODUCT,
        "With x = 4, y = -3 then f(x, y) = -12",
        r"math: \frac{\partial f}{\partial x} = -3",
    ),
    (rf"{MAXIMUM} \mathbb{{1}}(x >= y)",),
    (rf"{MAXIMUM} \mathbf{{1}}\{{x > y\}}",),
    (r"math: f(x) = 3 x^2 \hspace{1pt} + x", "f'(x) = 6x + 1"),
    (r"math: \frac{\partial \cos[z]}{\partial z} = -\sin[z] \quad\quad \frac{\partial \sin[z]}{\partial z} = \cos[z]",),
    (r"math: f(x) \quad = \quad x^2 \qquad \text{so} \qquad f'(x) = 2 x",),
    (r"With $f(x) = \frac12 x^2$ it is $f'(x) = x$.",),
    (r"With $f(x) = x^\frac12$ it is $f'(x) = \frac12 x^{-\frac12}$.",),
    ("If $f(x) = x^10$", "then $f'(x) = 10x^9$."),
    (ENTROPY, r"math: \frac{\partial L_i}{\partial f_j} = \sigma(f_j) - y_{ij}"),
    (*NETWORK, r"math: \frac{\partial \ell}{\partial h_2} = 2 (h_2 - y)"),
    (*NETWORK, r"math: \frac{\partial \ell}{\partial f_1} = 2 (h_2 - y) \exp[f_1]"),
    (*NETWORK, r"math: \frac{\partial \ell}{\partial h_1} = 2 \exp[f_1] \omega_1 (h_2 - y)"),
    (
        *NETWORK,
        CHAIN,
    ),
)
REFUTED: tuple[tuple[Case, str], ...] = (
    ((r"With $f(x) = \sqrt{2}x$ we get $f'(x) = 2$.",), ""),
    ((r"With $f(x) = \sqrt[3]{x} a$ we get $f'(x) = \frac{a}{2} x^{-2/3}$.",), "factor"),
    ((*LAYERS, r"math: \frac{\partial L}{\partial a_1} = W_2 (z_2 - y)"), ""),
    ((*LAYERS, r"math: \frac{\partial L}{\partial z_1} = W_2^T (z_2 - y) \odot a_1"), ""),
    ((rf"{MAXIMUM} \mathbb{{1}}(x <= y)",), ""),
    (
        (r"math: \frac{d \cos[z]}{d z} = -\sin[z] \quad\quad \frac{d \sin[z]}{d z} = -\cos[z]",),
        "sign",
    ),
    ((r"With $f(x) = \frac12 x^2$ it is $f'(x) = 2x$.",), "factor"),
    ((*NETWORK, r"math: \frac{\partial \ell}{\partial h_2} = (h_2 - y)"), "factor"),
    ((*NETWORK, r"math: \frac{\partial \ell}{\partial f_1} = -2 (h_2 - y) \exp[f_1]"), "sign"),
)
NOT_CHECKABLE: tuple[Case, ...] = (
    (ENTROPY, r"math: \frac{\partial L_i}{\partial f_j} = \sigma(f_j) + y_{ij}"),
    (*NETWORK, r"math: \frac{\partial \ell}{\partial f_1} = \exp[f_1] 2 (h_2 - y)"),
    ("y = x^2", r"math: \frac{dy}{dx} = x 2"),
)
