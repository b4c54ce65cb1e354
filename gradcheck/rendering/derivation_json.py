"""A derivation as JSON, schema 1: the same bytes for the same derivation."""

from __future__ import annotations

import json

from gradcheck.rendering.derivation_steps import ShownDerivation
from gradcheck.rendering.json import SCHEMA, plain


def render(shown: ShownDerivation, full: bool = False) -> str:
    """The derivation as JSON text: keys sorted, two spaces of indent, a newline at the end."""
    data = {"schema": SCHEMA, "detail": "full" if full else "folded", **plain(shown)}
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
