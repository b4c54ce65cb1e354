"""The aims on PyTorch's operator database, held against the results that `make opdb` wrote."""

from typing import Any

import pytest
import torch

from tests.opdb.__main__ import PLANTED, RESULTS
from tests.opdb.checks import record
from tests.opdb.plants import plants
from tests.opdb.reasons import REASONS
from tests.opdb.samples import Sample, drawn
from tests.opdb.table import document, load

pytestmark = pytest.mark.opdb

X = torch.tensor([[0.3, -0.7, 1.1], [0.9, 0.2, -1.3]], dtype=torch.float64, requires_grad=True)


def results(path: Any) -> list[dict[str, Any]]:
    """The records of a run; without one there is nothing to hold."""
    found = load(path)
    assert found, f"{path} is empty: make opdb writes it"
    return found


def test_every_wrong_gradient_has_its_reason() -> None:
    wrong = {line["operator"] for line in results(RESULTS) if line["verdict"] == "WRONG"}
    assert wrong <= set(REASONS)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_unpooling_is_wrong_just_where_an_index_occurs_twice(axes: int) -> None:
    operator = f"nn.functional.max_unpool{axes}d"
    checked = {line["sample"]: line["verdict"] for line in results(RESULTS) if line["operator"] == operator}
    indices = {number: sample.args[0].flatten(-axes) for number, sample in drawn(operator)}
    twice = {number: bool((found.sort(-1).values.diff(dim=-1) == 0).any()) for number, found in indices.items()}
    assert checked == {number: "WRONG" if twice[number] else "CORRECT" for number in checked}


def test_hardly_any_sample_is_undecided() -> None:
    checked = results(RESULTS)
    assert sum(line["verdict"] == "INCONCLUSIVE" for line in checked) < 0.02 * len(checked)


def test_planted_faults_are_caught_and_named() -> None:
    every = [plant for line in results(PLANTED) for plant in line.get("plants", ())]
    assert sum(plant["verdict"] == "WRONG" for plant in every) >= 0.995 * len(every)
    assert sum(plant["named"] for plant in every) >= 0.995 * len(every)


def test_each_fault_of_a_sample_is_caught_and_named() -> None:
    found = record(Sample("sin", 0, torch.sin, (X,)), beside_torch=False, planted=True)
    assert found["verdict"] == "CORRECT"
    assert [(plant["verdict"], plant["named"]) for plant in found["plants"]] == [("WRONG", True)] * 4


def test_no_fault_is_planted_where_it_changes_nothing() -> None:
    assert plants([None, torch.zeros(3)], 2.0**-52) == ()


def test_the_page_counts_what_happened() -> None:
    line = {"operator": "sin", "sample": 0, "seconds": 2.0, "torch": "passed", "torch_seconds": 1.0}
    page = document([{**line, "verdict": "CORRECT"}, {**line, "verdict": "WRONG"}], [])
    assert "| CORRECT   | 1         | 50.00 % |" in page
    assert "a ratio of 2.0" in page
