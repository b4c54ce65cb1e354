"""Limits, integrals, values of functions and arithmetic: right ones beside their wrong twins."""

from __future__ import annotations

from tests.documents.formulas.cases import Case

LINE = r"$L(x) = x^{2} + 1701(x-4)^3$"
QUADRATIC = r"$f(x_1, x_2) = a + b_1 x_1 + c_{12} x_1 x_2 + c_{11} x_1^2$"
CHAIN = r"math: 0 = \frac{d}{d\theta} P(X \mid \theta) = \frac{d}{d\theta} \theta^9(1-\theta)^4"
WORDS = (
    r"math: P(w_o \mid w_c) = \frac{\exp(\mathbf{u}_o^\top \mathbf{v}_c)}{\sum_i \exp(\mathbf{u}_i^\top \mathbf{v}_c)}"
)
PREDICTED = (
    r"math: \frac{\partial \log P(w_o \mid w_c)}{\partial \mathbf{v}_c}"
    r" = \mathbf{u}_o - \sum_{j} P(w_j \mid w_c) \mathbf{u}_j"
)

CONFIRMED: tuple[Case, ...] = (
    (LINE, r"math: \lim_{\epsilon \rightarrow 0}\frac{L(4+\epsilon) - L(4)}{\epsilon} = 8."),
    (r"math: f'(x) = \lim_{h \to 0} \frac{f(x+h) - f(x)}{h}",),
    (r"math: f''(x) = \lim_{h \to 0} \frac{f(x+h) + f(x - h) - 2f(x)}{h^2} \geq 0.",),
    (r"$\lim_{x \to \infty} (1 + 1/x)^x = e$",),
    (r"$\lim_{x \to 0^+} x = 0$",),
    ("lim_{x→0} sin(x)/x = 1",),
    (r"$\lim_{x \to -\infty} \frac{1}{1 + e^{-x}} = 0$",),
    ("∫₀¹ 2x dx = 1",),
    (r"math: \int_0^{x} e^{x} \; dx = e^{x} - e^{0} = e^x - 1.",),
    (r"math: e^{-1} - 1 = \int_{e^{-0}}^{e^{-1}} 1 \; dy = -2\int_0^{1} ye^{-y^2}\;dy < 0,",),
    (r"math: \int_{-\infty}^\infty e^{-x^2} dx = \sqrt{\pi}",),
    (r"math: \int_a^b f(x) \;dx = \int_a^b f(z) \;dz",),
    (r"math: F(x) = \int_0^x f(y) dy", r"math: \frac{dF}{dx}(x) = f(x)", r"math: \int_a^b f(x) dx = F(b) - F(a)"),
    (r"math: \frac{d}{dx}\int_0^x f(y) \; dy = f(x)",),
    (r"With $F(x) = \int_0^x t^2 dt$, $F'(x) = x^2$.",),
    ("f(x) = x^2 + 1, and so f(3) = 10",),
    (r"$f(x) = \cos(x)$, and $f(\pi) = -1$",),
    (r"$f(x) = \frac{1}{3} x$ and $f(2) = 0.67$",),
    (QUADRATIC, "$f(0,0) = a$ and $f(1,0) = a + b_1 + c_{11}$"),
    (r"$z_i = 3(x_i+2)^2$ and $z_i\bigr\rvert_{x_i=1} = 27$",),
    (r"One nat is $\frac{1}{\log(2)} \approx 1.44$ bit.",),
    (r"It lies near $9/13 \approx 0.7\ldots$ here.",),
    (r"The sample has size $\frac{1}{1 - 0.9} = 10$.",),
    (r"With $n = 2 \cdot 3 = 6$ rows, $\frac{2}{3} = 0.66$ of them.",),
    (CHAIN + r" = 9\theta^8(1-\theta)^4 - 4\theta^9(1-\theta)^3",),
    (r"math: \frac{d}{dx} \left(\sum_{i,j} a_{ij} x\right) = \sum_{i,j} a_{ij}",),
    (r"math: L = \sum_{i \in \mathcal{B}} (w x_i)^2", r"$\frac{dL}{dw} = \sum_{i \in \mathcal{B}} 2 w x_i^2$"),
)

CONFIRMED += (
    (r"$\sum_{\tau=0}^\infty \beta^\tau = \frac{1}{1-\beta}$",),
    (r"$\sum_{k=1}^\infty p (1-p)^{k-1} = 1$",),
    (r"$\sum_{k=0}^\infty \frac{1}{2^k} = 2$",),
    (r"math: \|x - y\|^2 \\ =& \|x\|^2 - 2\left\langle x, \partial_z z^\top y\right\rangle + \|y\|^2",),
    ("With $y = x^2$, $\\frac{dy}{dx}$ =\n$2x$.",),
    (r"$\frac{d}{dp} p (1-p)^3 = (1-p)^3 - 3p(1-p)^2$",),
    ("code: y_hat = X @ w\nmse = ((y_hat - y) ** 2).mean()", "∂mse/∂y_hat = 2(y_hat - y)/n"),
    (r"math: \frac{\partial}{\partial x_k} \mathbf{x}^\top A \mathbf{x} = \sum_j a_{kj} x_j + \sum_i x_i a_{ik}",),
    (
        "GELU is x Φ(x), where Φ is the standard Gaussian cumulative distribution function.",
        r"$\frac{d}{dx} \Phi(x) = \frac{1}{\sqrt{2\pi}} e^{-x^2/2}$",
    ),
)

CONFIRMED += (
    (r"With $1 + \gamma + \gamma^2 + \ldots, = \frac{1}{1-\gamma}$ the weights add up.",),
    (r"$a + a r + a r^2 + \dots + a r^{n} = a \frac{1 - r^{n+1}}{1 - r}$",),
    (r"$\sum_{i=0}^{t-1} \beta^i = \frac{1 - \beta^t}{1 - \beta}$",),
    (r"$\sum_{i=1}^n i^2 = n(n+1)(2n+1)/6$",),
    (r"math: \mu = E[X] = \sum_i x_i p_i = (a-2)p + a(1-2p) + (a+2)p = a.",),
    (r"math: \sigma_X^2 = \textrm{Var}(X) = E[X^2] - \mu^2 = a^2 + 8p - a^2 = 8p.",),
    (r"Let $y = x^2 w$. Then $\partial y/\partial x = 2xw$ and $\partial^2 y/\partial x \partial w = 2x$.",),
    (WORDS, PREDICTED),
)

REFUTED: tuple[tuple[Case, str], ...] = (
    ((r"$\sum_{i=0}^{t-1} \beta^i = \frac{1 - \beta^t}{1 + \beta}$",), ""),
    ((r"With $1 + \gamma + \gamma^2 + \ldots = \frac{1}{1+\gamma}$ the weights add up.",), ""),
    ((r"Let $y = x^2 w$. Then $\partial y / \partial w = 2x^2$.",), "factor"),
    ((LINE, r"math: \lim_{\epsilon \rightarrow 0}\frac{L(4+\epsilon) - L(4)}{\epsilon} = 9."), "factor"),
    ((r"$\lim_{x \to 0} \frac{\sin x}{x} = 0$",), ""),
    ((r"$\lim_{x \to \infty} (1 + 1/x)^x = 1$",), ""),
    (("∫₀¹ 2x dx = 2",), "factor"),
    ((r"math: \int_0^{-1} 1\; dx = 1",), "sign"),
    ((r"math: \int_0^{x} e^{x} \; dx = e^{x} - e^{0} = e^x + 1.",), ""),
    ((r"math: \int_{-\infty}^\infty e^{-x^2} dx = \pi",), ""),
    ((r"With $F(x) = \int_0^x t^2 dt$, $F'(x) = x^3$.",), ""),
    (("f(x) = x^2 + 1, and so f(3) = 9",), ""),
    ((r"$f(x) = \frac{1}{3} x$ and $f(2) = 0.65$",), ""),
    ((QUADRATIC, "$f(1,0) = a + b_1$"), ""),
    ((r"$z_i = 3(x_i+2)^2$ and $z_i\bigr\rvert_{x_i=1} = 26$",), ""),
    ((r"The sample has size $\frac{1}{1 - 0.9} = 9$.",), "arithmetic"),
    ((r"The network has $2 \times 3 = 5$ weights.",), "arithmetic"),
    ((CHAIN + r" = 9\theta^8(1-\theta)^4 + 4\theta^9(1-\theta)^3",), ""),
    ((r"math: \frac{d}{dx} \left(\sum_{i,j} a_{ij} x\right) = \sum_{i} a_{ii}",), ""),
)

REFUTED += (
    ((r"$\sum_{\tau=0}^\infty \beta^\tau = \frac{1}{1+\beta}$",), ""),
    ((r"$\sum_{k=0}^\infty \frac{1}{2^k} = 1$",), "factor"),
    ((r"math: \|x - y\|^2 \\ =& \|x\|^2 + 2\left\langle x, \partial_z z^\top y\right\rangle + \|y\|^2",), ""),
    (("With $y = x^2$, $\\frac{dy}{dx}$ =\n$3x$.",), "factor"),
    ((r"$\frac{d}{dp} p (1-p)^3 = (1-p)^3 + 3p(1-p)^2$",), ""),
    (("code: y_hat = X @ w\nmse = ((y_hat - y) ** 2).mean()", "∂mse/∂y_hat = (y_hat - y)/n"), "factor"),
    ((r"math: \frac{\partial}{\partial x_k} \mathbf{x}^\top A \mathbf{x} = 2 \sum_j a_{kj} x_j",), ""),
    (
        (
            "GELU is x Φ(x), where Φ is the standard Gaussian cumulative distribution function.",
            r"$\frac{d}{dx} \Phi(x) = \frac{1}{\sqrt{\pi}} e^{-x^2/2}$",
        ),
        "",
    ),
)

NOT_CHECKABLE: tuple[Case, ...] = (
    (r"math: \mu = E[X] = (a-2)p + a(1-2p) + (a+2)p = 2a.",),
    (r"It is drawn so that $E[\xi_t] = 1$.",),
    (r"math: E[o_i] = \sum_{j=1}^{n} E[w_{ij}] E[x_j] = 0",),
    (r"$\int_{-\infty}^\infty \frac{x^2}{1+x^2}\; dx = \infty$",),
    ("s는 x의 합입니다. 우리가 원하는 도함수의 값은 1 입니다!",),
    (r"It has as its minimizer $\bar{\mathbf{x}} = -\mathbf{Q}^{-1} \mathbf{c}$ then.",),
    ("$p(x) = x^2$", "Of the other coin, $p(1) = 0.5$."),
    (r"$\sum_{k=1}^\infty \frac{1}{k} = 3$",),
    (r"$\lim_{x \to 0^+} x \log x = 0$",),
    (r"math: f'(x) = \lim_{h \to 0} \frac{f(x+h) - f(x)}{2h}",),
    (r"$\lim_{x \to 0} \frac{1}{x} = 0$",),
    (r"$\lim_{x \to \infty} \sin x = 0$",),
    (r"$\int_0^1 p(x) dx = 1$",),
    (r"$\int p(x) dx = 1$",),
    (r"$\int_0^1 \int_0^1 x y dx dy = 1/4$",),
    (r"$\int_{-1}^1 \frac{1}{x^2} dx = -2$",),
    (r"A share of $1/4 = 25\%$ and one of $3 = 9/4$",),
    (r"The number is $10/3 = 3$.",),
    (r"It is $\pi^2 \approx 10$.",),
    (r"math: \int_0^x 2y dy = x^2 = 9",),
    (r"It is wrong that $1/2 + 1/2 = 1/4$.",),
)

NO_CLAIM: tuple[Case, ...] = (
    (r"math: \mu_X = E[X] = \sum_i x_i p_i",),
    (r"math: \mathbf{s}_t = \gamma \mathbf{s}_{t-1} + (1 - \gamma) \mathbf{g}_t^2",),
    (r"$1 + \gamma + \ldots = s$",),
    (r"math: F(x) = \int_0^x f(y) dy",),
    (r"We start from $f(0) = 1$.",),
    (r"math: x^{(k+1)} = x^{(k)} - f'(x^{(k)}) / f''(x^{(k)})",),
    (r"Solve $\nabla f(x) + H \epsilon = 0$.",),
    (r"Take $x = 3$, $y = -2$ and $\pi = 3.14$.",),
    ("There, $g = \\lim_{h \\to 0} h$.",),
)
