"""What a report says of the functions in a document's code, in the words that every form shares."""

from __future__ import annotations

from gradcheck.computed import Computed
from gradcheck.results import Report

TITLE = "What the code computes"
NOTHING = "The code defines no function or module that it calls with tensors, or none of it ran."
EXPLAINED = (
    "Traced from the code's own operators, for symbolic sizes; each formula gives what its function returns. ⊙ and "
    "powers ^⊙ work entry by entry, 𝟏 is a vector of ones."
)


def traced(report: Report) -> list[Computed]:
    """The functions that have a formula."""
    return [each for each in report.computed or () if each.formula]


def untraced(report: Report) -> list[Computed]:
    """The functions that have none."""
    return [each for each in report.computed or () if not each.formula]


def where(computed: Computed) -> str:
    """Its place, as a person says it.

    >>> where(Computed("mse", 3, 5, "a.md"))
    'a.md, lines 3–5'
    """
    last = f"–{computed.end_line}" if computed.end_line > computed.line else ""
    lines = f"line{'s' if last else ''} {computed.line}{last}"
    return f"{computed.path}, {lines}" if computed.path else lines


def remarks(computed: Computed) -> list[str]:
    """What is said beside the formula, in sentences: what it is called, of which arguments, for what it holds.

    >>> remarks(Computed("mse", 3, 5, arguments=("p: n",), recognised="this is p", notes=("for a = 2",)))
    ['This is p.', 'Arguments: p: n.', 'For a = 2.']
    """
    listed = f"arguments: {'; '.join(computed.arguments)}" if computed.arguments else ""
    return [f"{each[:1].upper()}{each[1:]}." for each in (computed.recognised, listed, *computed.notes) if each]


def reasons(report: Report) -> list[str]:
    """Why each function has no formula, in a line."""
    places = [f"{each.path.rpartition('/')[2]}:{each.line}".lstrip(":") for each in untraced(report)]
    return [f"`{each.name}` ({place}): {each.reason}" for each, place in zip(untraced(report), places, strict=True)]
