"""Each tool asked of a case, with its own defaults; `TOOLS` lists them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from typing import Any

import numpy as np

from tests.benchmarks.peer_cases import Answer, Case, Says
from tests.benchmarks.peer_libraries import LIBRARIES, Library

RULE = 1e-6
"""SciPy returns the error's norm and leaves the judgement to its user: here 1e-6 of the gradient's norm plus one."""


def mapped(function: Callable[[Any], Any], tree: Any) -> Any:
    """The tree with each array mapped."""
    if isinstance(tree, dict):
        return {key: mapped(function, value) for key, value in tree.items()}
    if isinstance(tree, (list, tuple)):
        return type(tree)(mapped(function, value) for value in tree)
    return function(tree)


def leaves(tree: Any) -> list[Any]:
    """The arrays of a tree in order."""
    found: list[Any] = []
    mapped(found.append, tree)
    return found


@dataclass
class Question:
    """A case in one library's terms: what is called, and with what."""

    case: Case
    fn: Callable[..., Any]
    inputs: tuple[Any, ...]
    module: Any = None


def question(case: Case, library: Library, modules: bool = False) -> Question:
    """The case with the library's arrays; where `modules` are taken and the case has one, that and its input."""
    inputs = mapped(lambda x: library.array(x, case.dtype), case.inputs)
    if modules and case.module is not None:
        module = case.module(library, *inputs[1:])
        return Question(case, module, inputs[:1], module)
    if case.backward is not None:
        return Question(case, library.planted(case.forward, case.backward, case.jvp), inputs)
    return Question(case, partial(case.forward, library), inputs)


Ask = Callable[[Question], Answer]


def ours(asked: Question) -> Answer:
    """gradcheck."""
    from gradcheck import check_gradients
    from gradcheck.results import Verdict

    modes = ("reverse", "forward") if asked.case.jvp else ("reverse",)
    check = check_gradients(asked.fn, *asked.inputs, modes=modes, order=asked.case.order)
    verdicts: Mapping[Verdict, Says] = {
        Verdict.CORRECT: "accepts",
        Verdict.WRONG: "rejects",
        Verdict.INCONCLUSIVE: "cannot tell",
    }
    return Answer(verdicts[check.verdict], " ".join(str(check).split()))


def of_torch(fast: bool, asked: Question) -> Answer:
    """torch.autograd.gradcheck, and gradgradcheck for a case of second order."""
    from torch.autograd import gradcheck, gradgradcheck
    from torch.autograd.gradcheck import GradcheckError

    for tensor in leaves(asked.inputs)[: asked.case.wrt]:
        tensor.requires_grad_()
    forward = {"check_forward_ad": True} if asked.case.jvp else {}
    try:
        gradcheck(asked.fn, asked.inputs, fast_mode=fast, **forward)
        if asked.case.order == 2:
            gradgradcheck(asked.fn, asked.inputs, fast_mode=fast)
    except GradcheckError as error:
        return Answer("rejects", str(error))
    return Answer("accepts")


def of_jax(asked: Question) -> Answer:
    """jax.test_util.check_grads."""
    from jax.test_util import check_grads

    modes = {"modes": ("rev",)} if asked.case.reverse_only else {}
    try:
        check_grads(asked.fn, asked.inputs, order=asked.case.order, **modes)
    except AssertionError as error:
        return Answer("rejects", str(error))
    return Answer("accepts")


def of_autograd(asked: Question) -> Answer:
    """autograd.test_util.check_grads."""
    from autograd.test_util import check_grads

    modes = {"modes": ["rev"]} if asked.case.reverse_only else {}
    try:
        check_grads(asked.fn, tuple(range(len(asked.inputs))), **modes)(*asked.inputs)
    except AssertionError as error:
        return Answer("rejects", str(error))
    return Answer("accepts")


class Flat:
    """A case's function and gradient, as PyTorch computes them, from and to one row of NumPy numbers."""

    def __init__(self, asked: Question) -> None:
        self.fn, self.inputs = asked.fn, asked.inputs
        self.shapes = [leaf.shape for leaf in leaves(self.inputs)]

    def point(self) -> Any:
        """All inputs in one row."""
        return np.concatenate([leaf.detach().double().numpy().ravel() for leaf in leaves(self.inputs)])

    def _at(self, point: Any) -> tuple[Any, list[Any]]:
        import torch

        parts = iter(np.split(point, np.cumsum([shape.numel() for shape in self.shapes])[:-1]))
        tree = mapped(
            lambda leaf: torch.tensor(next(parts)).reshape(leaf.shape).to(leaf.dtype).requires_grad_(), self.inputs
        )
        out = torch.cat([leaf.double().reshape(-1) for leaf in leaves(self.fn(*tree))])
        return out, leaves(tree)

    def __call__(self, point: Any) -> Any:
        return self._at(point)[0].detach().numpy()

    def jacobian(self, point: Any, weights: Any) -> Any:
        """A row for each row of `weights` over the outputs."""
        import torch

        rows = []
        for weight in weights:
            out, inputs = self._at(point)
            found: Any = [None] * len(inputs)
            if out.requires_grad:
                found = torch.autograd.grad(out, inputs, torch.tensor(weight), allow_unused=True)
            filled = [torch.zeros_like(x) if g is None else g for g, x in zip(found, inputs, strict=True)]
            rows.append(np.concatenate([g.double().numpy().ravel() for g in filled]))
        return np.array(rows)


def of_scipy(asked: Question) -> Answer:
    """scipy.optimize.check_grad of the outputs' sum with fixed random weights."""
    from scipy.optimize import check_grad

    flat = Flat(asked)
    point = flat.point()
    generator, outputs = np.random.default_rng(0), flat(point).size
    weights = generator.uniform(0.5, 1.5, outputs) * generator.choice((-1, 1), outputs)

    def gradient(at: Any) -> Any:
        return flat.jacobian(at, [weights])[0]

    error = check_grad(lambda at: weights @ flat(at), gradient, point)
    bound = RULE * (np.linalg.norm(gradient(point)) + 1)
    return Answer("accepts" if error <= bound else "rejects", f"error {error:.3g}")


def of_numdifftools(asked: Question) -> Answer:
    """numdifftools.Jacobian, held against the gradient by numpy.testing with the tolerances of numpy.allclose."""
    from numdifftools import Jacobian

    flat = Flat(asked)
    point = flat.point()
    measured = Jacobian(flat)(point)
    try:
        given = flat.jacobian(point, np.eye(flat(point).size))
        np.testing.assert_allclose(given, measured, rtol=1e-5, atol=1e-8)
    except AssertionError as error:
        return Answer("rejects", str(error))
    return Answer("accepts")


@dataclass(frozen=True)
class Tool:
    """How a tool is asked: which library's arrays it takes, whether modules too, and the package it comes in."""

    ask: Ask
    library: str
    package: str
    modules: bool = False

    def question(self, case: Case) -> Question:
        """The case in this tool's terms."""
        return question(case, getattr(LIBRARIES, self.library), self.modules)


ALL: Mapping[str, Tool] = {
    "gradcheck": Tool(ours, "torch", "gradcheck", modules=True),
    "torch fast": Tool(partial(of_torch, True), "torch", "torch", modules=True),
    "torch slow": Tool(partial(of_torch, False), "torch", "torch", modules=True),
    "JAX": Tool(of_jax, "jax", "jax"),
    "autograd": Tool(of_autograd, "autograd", "autograd"),
    "SciPy": Tool(of_scipy, "torch", "scipy"),
    "numdifftools": Tool(of_numdifftools, "torch", "numdifftools"),
}
TOOLS = {name: tool for name, tool in ALL.items() if find_spec(tool.package)}
"""The tools that are installed."""
