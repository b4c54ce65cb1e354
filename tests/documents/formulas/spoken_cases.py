"""Values stated in words: right ones beside their wrong twins, and words that state none."""

from __future__ import annotations

from tests.documents.formulas.cases import Case

QUARTIC = r"$f(x) = 3x^4 - 4x^3 - 12x^2$"
QUOTIENT = r"[**Setting $x=1$, we see that $\frac{f(x+h) - f(x)}{h}$**]"
LEAST = "The only possible minima are at $x = -1, 0, 2$, where the function takes the values $-5, 0, -32$ respectively"

CONFIRMED: tuple[Case, ...] = (
    (r"Note that the uniform distribution $U(-a, a)$ has variance $\frac{a^2}{3}$.",),
    ("That leaves $c = 2 * b = 2 * \\sin(a)$, the derivative\nof which should be $2 * \\cos(a)$.",),
    ("### ReLU 函数\n\n$a=max(0,z)$ 导数大于0时1，小于0时0。",),
    ("ReLU 函数", "$a=max(0,z)$ 导数大于0时1，小于0时0。"),
    (
        r"math: \operatorname{sigmoid}(x) = \frac{1}{1 + \exp(-x)}",
        "As the input diverges from 0 in either direction, the derivative of the sigmoid approaches 0.",
    ),
    ("ReLU函数：z>0时，梯度始终为1，当\nz<0时，梯度一直为0。",),
    ("code: def f(x1, x2):\n    return x1 ** 2 + 2 * x2 ** 2", "It fails to reach the optimal solution $x = (0, 0)$."),
    ("When the input is negative, the derivative of the ReLU function is 0.",),
    ("The ReLU function: when the input is positive, the derivative is 1.",),
    ("Say that the derivative of the ReLU is 0 when the input is 0.",),
    ("When the input is 0,\nthe derivative of the sigmoid function\nreaches a maximum of 0.25.",),
    ("As the input diverges from 0 in either direction, the derivative of the sigmoid approaches 0.",),
    ("As input nears 0, the derivative of the tanh function approaches a maximum of 1.",),
    ("The derivative of the softplus function approaches 1 as $x$ goes to infinity.",),
    ("The convex function $f(x) = (x-1)^2$ has a local minimum at $x=1$, which is also the global minimum.",),
    (r"With $f(\mathbf{x}) = x_1^2 + 2x_2^2$, $f$ has its minimum at $[0, 0]$.",),
    (r"$f(\mathbf{x}) = \|\mathbf{x}\|^2$ reaches its minimum at $(0, 0)$.",),
    ("With $f(x) = x^2$ we know that $x=0$ is the solution to minimize $f(x)$.",),
    (r"Of $f(x) = \cosh(cx)$ with a constant $c$, the global minimum at $x=0$ is reached.",),
    (QUARTIC, LEAST + ", and we minimize our function when $x = 2$."),
    (r"The function $f(x) = \exp(x)$ has no minimum: for $x \to -\infty$ it asymptotes to $0$.",),
    ("$y = f(x) = 3x^2-4x$", QUOTIENT + " (**approaches $2$ as $h$ approaches $0$.**)"),
    ("$y = f(x) = 3x^2-4x$", "Plugging in $x = 1$ shows that, indeed,\nthe derivative equals $2$ at this location."),
    ("f(x) = x^2，在 x = 3 处的导数为 6",),
)

REFUTED: tuple[tuple[Case, str], ...] = (
    ((r"Note that the uniform distribution $U(-a, a)$ has variance $\frac{a^2}{2}$.",), "factor"),
    (("That leaves $c = 2 * \\sin(a)$, the derivative\nof which should be $\\cos(a)$.",), ""),
    (("ReLU函数：z>0时，梯度始终为0",), ""),
    (
        (
            "code: def f(x1, x2):\n    return x1 ** 2 + 2 * x2 ** 2",
            "It fails to reach the optimal solution $x = (0, 1)$.",
        ),
        "other",
    ),
    (("When the input is negative, the derivative of the ReLU function is 1.",), ""),
    (("When the input is 0,\nthe derivative of the sigmoid function\nreaches a maximum of 0.5.",), "factor"),
    (("As the input diverges from 0 in either direction, the derivative of the sigmoid approaches 1.",), ""),
    (("As input nears 0, the derivative of the tanh function approaches a maximum of 2.",), "factor"),
    (("The convex function $f(x) = (x-1)^2$ has a local minimum at $x=2$.",), "other"),
    (("The function $f(x) = x^3$ has a local minimum at $x=0$.",), "other"),
    ((r"With $f(x, y) = x^2 - y^2$, $f$ has its minimum at $(0, 0)$.",), "other"),
    ((QUARTIC, "It is at $x = 2$, where the function takes the value $-30$."), ""),
    ((r"The function $f(x) = \exp(x)$: for $x \to -\infty$ it asymptotes to $1$.",), ""),
    (("$y = f(x) = 3x^2-4x$", QUOTIENT + " (**approaches $3$ as $h$ approaches $0$.**)"), "factor"),
    (("$y = f(x) = 3x^2-4x$", "Plugging in $x = 1$ shows that the derivative equals $4$."), "factor"),
    (("f(x) = x^2，在 x = 3 处的导数为 5",), "factor"),
)

NOT_CHECKABLE: tuple[Case, ...] = (
    ("Besides the ReLU, take the others.\n\nz>0时，梯度始终为0",),
    (r"$h(x) = x^2 / 2 + b x$ has a minimizer at $x^* = -b$.",),
    ("It resembles the sigmoid function. When the input is 0, the derivative is 1.",),
    ("The loss has its minimum at $(0, 0)$.",),
    (r"$f(x) = x \cos(cx)$ has a minimum at $x = 1$.",),
)

NO_CLAIM: tuple[Case, ...] = (
    ("The derivative of the sigmoid function is 2-Lipschitz when the input is 0.",),
    ("The derivative of the ReLU function is 1% of it when the input is 3.",),
    ("$f(x) = x^2$ attains its minimum over the interval $[1, 2]$ at $x = 1$.",),
    ("The network has a minimum width of 3 at $x$.",),
)
