"""What is said and what is left as it was: the cases 28 to 34, judged by the same predicate for every tool."""

from __future__ import annotations

from typing import Any

import numpy

from tests.benchmarks.peer_cases import Answer, Case, Wants, normal, says
from tests.benchmarks.peer_cases_wrong import sine, softmax, uncoupled

NOISE = numpy.random.default_rng(0)


def one_entry_doubled(np: Any, g: Any, x: Any) -> Any:
    hit = (np.arange(60)[:, None] == 37) & (np.arange(60) == 41)
    return g * np.cos(x) * np.where(hit, 2.0, 1.0)


def random_and_wrong(np: Any, g: Any, x: Any) -> Any:
    return g * np.cos(x) * (1 + np.asarray(NOISE.random(x.shape)))


def nested(np: Any, tree: Any, scale: Any) -> Any:
    return np.dict({"a": tree["w"] * tree["n"]["b"][0], "c": np.list([np.sin(scale)])})


def nested_and_doubled(np: Any, tree: Any, scale: Any) -> Any:
    product = np.planted(lambda np, x, y: x * y, lambda np, g, x, y: (g * y, 2 * g * x))
    return np.dict({"a": product(tree["w"], tree["n"]["b"][0]), "c": np.list([np.sin(scale)])})


TREE = ({"w": normal(3), "n": {"b": [normal(3, seed=1)]}}, normal(2))
FEW_BYTES, FEW_SECONDS = 2**30, 10.0

UNCHANGED = Wants(lambda answer: answer.inputs_unchanged, "**changes the inputs**")
UNDRAWN = Wants(lambda answer: answer.generators_unchanged, "**draws from the global RNG**")


def _within(answer: Answer) -> bool:
    return answer.says == "rejects" and answer.extra_bytes < FEW_BYTES and answer.seconds < FEW_SECONDS


WITHIN = Wants(_within, "**accepts it, or takes more than 1 GiB or 10 s**")

NAMED = (
    Case(
        "29 x.detach()**2, told as no gradient",
        lambda np, x: np.detach(x) ** 2,
        (normal(5),),
        wants=says("(?i)none|zero|detach|no gradient"),
    ),
    Case(
        "29 x * x.detach(), told as half",
        lambda np, x: x * np.detach(x),
        (normal(5),),
        wants=says("(?i)1/2|half|twice|factor|detach"),
    ),
    Case(
        "29 None for y's gradient, told as none",
        lambda np, x, y: x * y,
        (normal(5), normal(5, seed=1)),
        lambda np, g, x, y: (g * y, None),
        wants=says("(?i)none|zero|no gradient|undefined"),
    ),
    Case(
        "29 missing transpose, told as that",
        lambda np, a, b: a @ b,
        (normal(3, 3), normal(3, 3, seed=1)),
        lambda np, g, a, b: (g @ b, a.T @ g),
        wants=says("(?i)transpos"),
    ),
)

MESSAGES = (
    Case(
        "28 bad entry at (37, 41) of 60x60, named",
        sine,
        (normal(60, 60),),
        one_entry_doubled,
        wants=says(r"\b37\D{1,4}41\b|\b2261\b"),
    ),
    *NAMED,
    Case(
        "30 random and wrong, both said",
        sine,
        (normal(10),),
        random_and_wrong,
        wants=says("(?i)random|determin|reentrant", "(?i)wrong|mismatch|not equal|check of .* failed"),
    ),
    Case(
        "31 f raises in mid-check, inputs unchanged",
        sine,
        (normal(4),),
        correct=True,
        raises_at=tuple(range(1, 13)),
        wants=UNCHANGED,
    ),
    Case("32 nested inputs and outputs, right", nested, TREE, correct=True),
    Case("32 nested inputs and outputs, one leaf doubled", nested_and_doubled, TREE, plants=True),
    Case("33 sin, global RNG as it was", sine, (normal(4),), correct=True, wants=UNDRAWN),
    Case("34 softmax n=1e5, no coupling, 1 GiB, 10 s", softmax, (normal(100_000),), uncoupled, wants=WITHIN),
)
