"""The registry of rules: which there are, by id, and in which order they are tried."""

from __future__ import annotations

from collections.abc import Mapping

from gradcheck.errors import UnknownName
from gradcheck.symbolic.derivations.folding_rules import FOLDING_RULES
from gradcheck.symbolic.derivations.function_rules import CHAIN_RULES, FUNCTION_RULES
from gradcheck.symbolic.derivations.rewriting_rules import REWRITING_RULES
from gradcheck.symbolic.derivations.rule import Rule
from gradcheck.symbolic.derivations.scalar_rules import SCALAR_RULES
from gradcheck.symbolic.derivations.tensor_rules import TENSOR_RULES

DIFFERENTIATION: tuple[Rule, ...] = (*TENSOR_RULES, *SCALAR_RULES, *FUNCTION_RULES, *CHAIN_RULES)
"""The rules for a derivative, in the order in which they are tried."""

RULES: Mapping[str, Rule] = {each.id: each for each in (*DIFFERENTIATION, *REWRITING_RULES, *FOLDING_RULES)}
"""Every rule by its id."""


def rule(id: str) -> Rule:
    """The rule with this id; raises `UnknownName`, which suggests the nearest ids.

    >>> rule("product").statement
    "(f g)' = f' g + f g'"
    """
    if id not in RULES:
        raise UnknownName("rule", id, RULES)
    return RULES[id]
