"""Deep composites: named intermediates, one short line for each, whatever the depth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import sympy as sp

from gradcheck import formula
from gradcheck.errors import UsageError
from gradcheck.symbolic.compile import compile_expression
from gradcheck.symbolic.derivations.backpropagation import Walk
from gradcheck.symbolic.derivations.composite import Composite, depth, taken_apart
from gradcheck.symbolic.derivations.composite_derivation import derive_composite
from gradcheck.symbolic.derivations.derive import derive
from gradcheck.symbolic.derivations.rule import Rule
from gradcheck.symbolic.derivations.rules import RULES
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.expression_formula import expression_formula
from gradcheck.symbolic.points import distinct_sizes, sample_point
from gradcheck.symbolic.printing import text
from gradcheck.symbolic.tensors import dimension, index, sum_over, tensor
from tests.symbolic.derivations.networks import squared_error

DEPTHS = range(2, 7)
n = dimension("n")
i, k, l = index("i k l")
x, A, c = tensor("x", n), tensor("A", n, n), tensor("c", n)


def operations(layers: int, rules: Mapping[str, Rule] = RULES) -> tuple[int, int]:
    """How many lines a network's gradient takes, and how many operations they and their names hold."""
    network = expression_formula(squared_error(layers))
    walk = Walk(taken_apart(network), network.entry("W1")[0], rules)
    lines = [line for line, _ in walk.lines()]
    named = [meaning for line in lines for _, meaning in line.match.definitions]
    return len(lines), sum(map(sp.count_ops, [*named, *(line.line for line in lines)]))


def test_operations_grow_linearly_with_the_number_of_layers() -> None:
    lines, counts = zip(*map(operations, DEPTHS), strict=True)
    assert {after - before for before, after in pairwise(lines)} == {4}
    grown = {after - before for before, after in pairwise(counts)}
    assert len(grown) == 1, counts
    assert counts[-1] < 200


def test_written_out_the_gradient_grows_faster() -> None:
    """What the named intermediates are for: the test above would fail without them."""
    networks = [expression_formula(squared_error(layers)) for layers in (2, 3, 4)]
    counts = [sp.count_ops(derivative(each.definition, each.entry("W1")[0])) for each in networks]
    assert counts[2] - counts[1] > counts[1] - counts[0]


def test_six_layers_are_derived_and_verified() -> None:
    derivation = derive(squared_error(6), "W1")
    assert derivation.ok, str(derivation)
    assert len(derivation.steps) == 25
    assert text(derivation.steps[-1].line) == "h1bar[a]*x[b]"
    assert len(derivation.intermediates) == 12


def test_the_intermediates_of_a_network_have_their_usual_names() -> None:
    composite = taken_apart(formula("xor_network"))
    assert [text(name) for name, _ in composite.intermediates] == ["h1[k, l]", "a1[k, l]", "h2[k, l]", "a2[k, l]"]
    assert text(composite.intermediates[1][1]) == "sigmoid(h1[k, l])"


def test_a_layer_used_twice_is_named_once() -> None:
    layer = sp.tanh(sum_over(n, lambda r: A[i, r] * x[r]))
    twice = sum_over(n, lambda r: c[r] * layer.xreplace({i: r}) ** 2 * sp.exp(layer.xreplace({i: r})))
    composite = taken_apart(expression_formula(sp.cos(twice)))
    assert [text(name) for name, _ in composite.intermediates[:2]] == ["h1[k]", "a1[k]"]
    assert sum("tanh" in text(meaning) for _, meaning in composite.intermediates) == 1


def test_a_residual_connection_adds_what_comes_along_both_paths() -> None:
    u, v = tensor("u", n), tensor("v", n)
    residual = Composite(
        expression_formula(sum_over(n, lambda r: v[r] ** 2 * c[r])),
        (
            (u[k], sp.tanh(sum_over(n, lambda r: A[k, r] * x[r]))),
            (v[k], u[k] + sp.tanh(sum_over(n, lambda r: A[r, k] * u[r]))),
        ),
    )
    network = expression_formula(residual.closed)
    inputs = replace(residual, formula=replace(network, definition=residual.formula.definition))
    derivation = derive_composite(inputs, "A")
    assert derivation.ok, str(derivation)


def test_a_normalisation_is_derived_by_its_mean_and_its_variance() -> None:
    derivation = derive(formula("layer_norm"), "X")
    assert derivation.ok, str(derivation)
    names = [text(name).split("[")[0] for name, _ in derivation.intermediates]
    assert names == ["m1", "m2"]
    assert {str(name).split("[")[0] for name, _ in derivation.definitions} == {"m1", "m2", "m1bar", "m2bar"}


def test_the_indices_of_an_entry_are_no_intermediates_indices() -> None:
    """An entry of three axes bears letters that intermediates would take."""
    assert derive(formula("group_norm"), "x").ok


def test_a_variable_that_no_intermediate_depends_on_needs_none() -> None:
    assert not derive(formula("layer_norm"), "γ").intermediates


def test_deep_formulas_are_taken_apart_and_shallow_ones_are_not() -> None:
    assert depth(formula("xor_network").definition) == 2
    assert derive(formula("chain_rule"), "x").intermediates
    assert not derive(formula("one_sample_loss"), "w").intermediates


def test_functions_of_one_sum_are_no_layers() -> None:
    inside = sp.log(1 + sp.exp(sum_over(n, lambda r: A[i, r] * x[r])))
    assert depth(inside) == 1
    assert depth(sum_over(n, lambda r: c[r] * inside.xreplace({i: r}))) == 1
    assert depth(sp.log(sum_over(n, lambda r: c[r] * inside.xreplace({i: r})))) == 2


def test_a_wrong_intermediate_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from gradcheck.symbolic.derivations import backpropagation

    monkeypatch.setattr(backpropagation, "_folded", lambda part, *_: 2 * part)
    derivation = derive(formula("chain_rule"), "x")
    assert not derivation.ok
    assert {step.rule.id for step in derivation.failed} == {"backpropagation"}


def test_a_composite_is_differentiated_once() -> None:
    with pytest.raises(UsageError, match="differentiated once"):
        derive(taken_apart(formula("xor_network")), "W1", order=2)


def test_a_result_binds_no_index_within_itself() -> None:
    rule = formula("chain_rule")
    found = compile_expression(rule.derive("x").result, rule.variables, rule.axes("x"))
    point = sample_point(rule, distinct_sizes(rule.dimensions, 1), np.random.default_rng(0)).values()
    assert found(*point) == pytest.approx(rule.compile("numpy", "x")(*point), rel=1e-12)


def test_an_index_that_stands_only_shifted_is_tried_within_its_axis() -> None:
    """A gate that is the second part of a product: h2[k] = tanh(h1[k + p])."""
    p, k = dimension("p"), index("k")
    x, own, h1, h2 = tensor("x", n), tensor("W", 2 * p, n), tensor("h1", 2 * p), tensor("h2", p)
    whole = expression_formula(sum_over(p, lambda r: own[r, 0] * x[0]), ("x", "W"))
    shallow = replace(whole, definition=sum_over(p, lambda r: h2[r]))
    meanings = ((h1[k], sum_over(n, lambda c: own[k, c] * x[c])), (h2[k], sp.tanh(h1[k + p])))
    derivation = derive_composite(Composite(shallow, meanings), "x")
    assert derivation.ok, derivation
