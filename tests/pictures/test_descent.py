"""Every optimiser of the catalogue walks the surface as torch.optim does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from gradcheck import catalogue
from gradcheck.pictures.descent import VALLEY, Path, descent
from gradcheck.symbolic.update_rule import UpdateRule

RULES = {each.name: each for each in catalogue.formulas() if isinstance(each, UpdateRule)}
STEPS = 60


@pytest.fixture(autouse=True)
def states_in_double() -> Iterator[None]:
    """Some optimisers of torch keep their own numbers in the default dtype."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def torch_path(rule: UpdateRule, sign: float) -> list[list[float]]:
    point = torch.tensor(VALLEY.start, dtype=torch.float64, requires_grad=True)
    optimizer, path = rule.torch_optimizer([point]), [point.tolist()]
    for _ in range(STEPS):
        optimizer.zero_grad()
        (sign * ((1 - point[0]) ** 2 / 2 + 2 * (point[1] - point[0] ** 2) ** 2)).backward()
        optimizer.step()
        path.append(point.tolist())
    return path


@pytest.mark.parametrize("name", RULES)
def test_a_path_is_torch_s(name: str) -> None:
    (path,) = descent([RULES[name]], steps=STEPS).paths
    maximised = RULES[name].torch_optimizer([torch.zeros(1, requires_grad=True)]).defaults.get("maximize", False)
    assert path.climbs is maximised
    assert path.points == pytest.approx(np.array(torch_path(RULES[name], -1.0 if maximised else 1.0)), abs=1e-9)


@pytest.fixture(scope="module")
def paths() -> tuple[Path, ...]:
    return descent(list(RULES.values())).paths


def test_every_path_goes_down_and_stays_in_the_picture(paths: tuple[Path, ...]) -> None:
    low = [VALLEY.x_span[0], VALLEY.y_span[0]]
    high = [VALLEY.x_span[1], VALLEY.y_span[1]]
    for path in paths:
        assert ((low < path.points) & (path.points < high)).all(), path.name
        start, end = (VALLEY.height(*path.points[place]) for place in (0, -1))
        assert end < start, path.name


def test_the_minimum_is_one() -> None:
    assert VALLEY.gradient(np.array(VALLEY.minimum)).tolist() == [0.0, 0.0]
    found = descent([])
    assert found.heights.shape == (len(found.y), len(found.x))
    assert found.heights.min() >= VALLEY.height(*VALLEY.minimum) == 0
    assert found.heights[3, 5] == pytest.approx(VALLEY.height(found.x[5], found.y[3]))
