"""Convolution and pooling. Inputs are as long as the output, the kernel, the stride and the padding need."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sympy as sp
from torch.nn import functional

from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.tensors import ArgMax, delta, dimension, index, max_over, sum_over, tensor

c, d, h, w, taps = dimension("c d h w e")
i, k, l = index("i k l")

TOPIC = "convolution and pooling"
Body = Callable[[sp.Expr, sp.Expr], sp.Expr]
DUMOULIN = "Dumoulin and Visin, A Guide to Convolution Arithmetic for Deep Learning (2016)"

STRIDE, PADDING = 2, 1
LENGTH = STRIDE * (w - 1) + taps - 2 * PADDING
LINE, KERNEL, BIAS = tensor("x", c, LENGTH), tensor("W", d, c, taps), tensor("b", d)


def meets(position: sp.Expr, output: sp.Expr, tap: sp.Expr, stride: int, padding: int) -> sp.Expr:
    """1 where a tap of the kernel, at an output's place, lies on that position of the input; on the padding, never."""
    return delta(position, stride * output + tap - padding)


def line_entry(unit: sp.Expr, place: sp.Expr) -> sp.Expr:
    """The output of a one-dimensional convolution."""

    def term(channel: sp.Expr, tap: sp.Expr) -> sp.Expr:
        return sum_over(
            LENGTH, lambda s: KERNEL[unit, channel, tap] * LINE[channel, s] * meets(s, place, tap, STRIDE, PADDING)
        )

    return sum_over(c, lambda channel: sum_over(taps, lambda tap: term(channel, tap))) + BIAS[unit]


CONV1D = Formula(
    name="conv1d",
    title="One-dimensional convolution, stride 2, padding 1",
    topic=TOPIC,
    definition=line_entry(i, k),
    variables=(LINE, KERNEL, BIAS),
    output={i: d, k: w},
    torch=lambda x, W, b: functional.conv1d(x[None], W, b, stride=STRIDE, padding=PADDING)[0],
    stated={
        "x": lambda channel, s: sum_over(taps, lambda tap: KERNEL[i, channel, tap] * meets(s, k, tap, STRIDE, PADDING)),
        "W": lambda unit, channel, tap: (
            delta(i, unit) * sum_over(LENGTH, lambda s: LINE[channel, s] * meets(s, k, tap, STRIDE, PADDING))
        ),
        "b": lambda j: delta(i, j),
    },
    source=f"{DUMOULIN}, section 2.4",
)

ROWS, COLUMNS = sp.Integer(2), sp.Integer(3)
HEIGHT, WIDTH = STRIDE * (h - 1) + ROWS - 2 * PADDING, w + COLUMNS - 1 - 2 * PADDING
IMAGE, KERNELS, BIASES = tensor("x", c, HEIGHT, WIDTH), tensor("W", d, c, ROWS, COLUMNS), tensor("b", d)


def under(image: tuple[sp.Expr, sp.Expr], tap: tuple[sp.Expr, sp.Expr]) -> sp.Expr:
    """1 where a tap at the output's place (k, l) lies on that pixel: stride 2 and 1, padding 1."""
    return meets(image[0], k, tap[0], STRIDE, PADDING) * meets(image[1], l, tap[1], 1, PADDING)


def over_taps(body: Body) -> sp.Expr:
    """The sum over the taps of a kernel."""
    return sum_over(ROWS, lambda a: sum_over(COLUMNS, lambda e: body(a, e)))


def over_pixels(body: Body) -> sp.Expr:
    """The sum over the pixels of a channel."""
    return sum_over(HEIGHT, lambda s: sum_over(WIDTH, lambda t: body(s, t)))


def pixel(channel: sp.Expr, tap: tuple[sp.Expr, sp.Expr], s: sp.Expr, t: sp.Expr) -> sp.Expr:
    """What a pixel adds to the output at (i, k, l) through one tap."""
    return KERNELS[i, channel, *tap] * IMAGE[channel, s, t] * under((s, t), tap)


CONV2D = Formula(
    name="conv2d",
    title="Two-dimensional convolution, stride 2 and 1, padding 1",
    topic=TOPIC,
    definition=sum_over(c, lambda channel: over_taps(lambda a, e: over_pixels(partial(pixel, channel, (a, e)))))
    + BIASES[i],
    variables=(IMAGE, KERNELS, BIASES),
    output={i: d, k: h, l: w},
    torch=lambda x, W, b: functional.conv2d(x[None], W, b, stride=(STRIDE, 1), padding=PADDING)[0],
    stated={
        "x": lambda channel, s, t: over_taps(lambda a, e: KERNELS[i, channel, a, e] * under((s, t), (a, e))),
        "W": lambda unit, channel, a, e: (
            delta(i, unit) * over_pixels(lambda s, t: IMAGE[channel, s, t] * under((s, t), (a, e)))
        ),
        "b": lambda j: delta(i, j),
    },
    source=f"{DUMOULIN}, section 2.4",
)

WINDOW = 3
POOLED = tensor("x", c, STRIDE * (w - 1) + WINDOW)


def in_window(place: sp.Expr, s: sp.Expr) -> sp.Expr:
    """1 where a position lies in the window of an output."""
    return sum_over(sp.Integer(WINDOW), lambda tap: delta(s, STRIDE * place + tap))


AVERAGE_POOL = Formula(
    name="avg_pool1d",
    title="Average pooling over windows of 3, stride 2",
    topic=TOPIC,
    definition=sum_over(sp.Integer(WINDOW), lambda tap: POOLED[i, STRIDE * k + tap]) / WINDOW,
    variables=(POOLED,),
    output={i: c, k: w},
    torch=lambda x: functional.avg_pool1d(x[None], WINDOW, STRIDE)[0],
    stated={"x": lambda channel, s: delta(i, channel) * in_window(k, s) / WINDOW},
    source=f"{DUMOULIN}, section 3",
)

TIE = [[1.0, 2.0, 2.0, 0.5, -1.0]]


def place_of_largest(channel: sp.Expr, place: sp.Expr) -> sp.Expr:
    """Where in the input the largest value of a window stands."""
    largest = max_over(sp.Integer(WINDOW), lambda tap: POOLED[channel, STRIDE * place + tap])
    return STRIDE * place + ArgMax(*largest.args)


MAX_POOL = Formula(
    name="max_pool1d",
    title="Max pooling over windows of 3, stride 2",
    topic=TOPIC,
    definition=max_over(sp.Integer(WINDOW), lambda tap: POOLED[i, STRIDE * k + tap]),
    variables=(POOLED,),
    output={i: c, k: w},
    torch=lambda x: functional.max_pool1d(x[None], WINDOW, STRIDE)[0],
    stated={"x": lambda channel, s: delta(i, channel) * delta(s, place_of_largest(i, k))},
    edges=(Edge("two equal largest entries", {"x": TIE}, kink=True),),
    kinks="a tie in a window: torch gives the first of the largest the whole slope",
    source="Goodfellow, Bengio and Courville, Deep Learning, section 9.3",
)

GRID = tensor("x", 2 * h, 2 * w)

AVERAGE_POOL_2D = Formula(
    name="avg_pool2d",
    title="Average pooling over blocks of 2 by 2",
    topic=TOPIC,
    definition=sum_over(sp.Integer(2), lambda a: sum_over(sp.Integer(2), lambda e: GRID[2 * i + a, 2 * k + e])) / 4,
    variables=(GRID,),
    output={i: h, k: w},
    torch=lambda x: functional.avg_pool2d(x[None], 2)[0],
    stated={
        "x": lambda s, t: (
            sum_over(sp.Integer(2), lambda a: delta(s, 2 * i + a))
            * sum_over(sp.Integer(2), lambda e: delta(t, 2 * k + e))
            / 4
        )
    },
    source=f"{DUMOULIN}, section 3",
)


def row_maximum(a: sp.Expr) -> sp.Expr:
    """The larger of two neighbours in a row of the block."""
    return max_over(sp.Integer(2), lambda e: GRID[2 * i + a, 2 * k + e])


def block_largest(s: sp.Expr, t: sp.Expr) -> sp.Expr:
    """1 at the place of the largest entry of the block of an output."""
    whole = max_over(sp.Integer(2), row_maximum)
    row = ArgMax(*whole.args)
    column = ArgMax(*row_maximum(row).args)
    return delta(s, 2 * i + row) * delta(t, 2 * k + column)


MAX_POOL_2D = Formula(
    name="max_pool2d",
    title="Max pooling over blocks of 2 by 2",
    topic=TOPIC,
    definition=max_over(sp.Integer(2), row_maximum),
    variables=(GRID,),
    output={i: h, k: w},
    torch=lambda x: functional.max_pool2d(x[None], 2)[0],
    stated={"x": block_largest},
    kinks="a tie in a block: torch gives the first of the largest the whole slope",
    source="Goodfellow, Bengio and Courville, Deep Learning, section 9.3",
)

FORMULAS = (CONV1D, CONV2D, AVERAGE_POOL, MAX_POOL, AVERAGE_POOL_2D, MAX_POOL_2D)
