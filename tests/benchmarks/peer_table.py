"""The table of the cases by tools: who is right where, and how many of the 34 cases each wins."""

from __future__ import annotations

from collections.abc import Sequence

from tabulate import tabulate

from tests.benchmarks.peer_asking import MEMORY, SECONDS, asking
from tests.benchmarks.peer_cases import Answer, Case, judged
from tests.benchmarks.peer_cases_messages import MESSAGES
from tests.benchmarks.peer_cases_right import RIGHT
from tests.benchmarks.peer_cases_wrong import WRONG
from tests.benchmarks.peer_tools import ALL, RULE, TOOLS

CASES: tuple[Case, ...] = (*WRONG, *RIGHT, *MESSAGES)
NUMBERS = 34
Answers = dict[str, list[Answer]]


def answers(cases: Sequence[int], tools: Sequence[str] = tuple(TOOLS)) -> Answers:
    """What each tool says of the cases of these indices."""
    found: Answers = {}
    for name in tools:
        with asking(name) as process:
            found[name] = [process.answer(case) for case in cases]
    return found


def _rows(found: Answers) -> list[list[str]]:
    columns = {name: [judged(c, a) for c, a in zip(CASES, said, strict=True)] for name, said in found.items()}
    rows = [[case.name, *(column[i] for column in columns.values())] for i, case in enumerate(CASES)]
    right = [f"{column.count('right')} of {len(column)}" for column in columns.values()]
    return [*rows, ["**rows right**", *right], ["**cases won**", *(_won(column) for column in columns.values())]]


def _won(column: Sequence[str]) -> str:
    """How many numbers have all their rows right."""
    lost = {case.number for case, said in zip(CASES, column, strict=True) if said != "right"}
    return f"{NUMBERS - len(lost)} of {NUMBERS}"


def _reasons(found: Answers) -> list[str]:
    """Why a tool could not be asked, a line for each reason."""
    cases: dict[tuple[str, str], list[str]] = {}
    for name, said in found.items():
        for case, answer in zip(CASES, said, strict=True):
            if answer.says == "cannot be expressed":
                cases.setdefault((name, answer.message), []).append(str(case.number))
    return [f"- {name}, {', '.join(sorted(set(of)))}: {reason}." for (name, reason), of in cases.items()]


def _where_ours_is_wrong(found: Answers) -> str:
    wrong = [c.name for c, a in zip(CASES, found.get("gradcheck", []), strict=True) if judged(c, a) != "right"]
    return f"gradcheck itself is not right in: {'; '.join(wrong)}." if wrong else "gradcheck is right in every row."


HOW = f"""\
What each tool says, as run, each with its own defaults, in a process that may take {SECONDS} s of \
processor time and {MEMORY // 2**30} GiB over a case, its libraries set to one thread; the 10 s of the last row are \
processor time too, so that a busy machine decides no case. The rows 1 to 17 hold wrong gradients or nothing to check, \
18 to 27 and those called right hold right ones, 28 to 34 are judged by one predicate for all tools: whether the \
message says what the row names (by patterns that take several wordings), whether the inputs, the RNG or the bounds \
are kept. A case is won when all its rows are right; what cannot be expressed is not won.

The same function and gradient, written once in NumPy's names, is given to each in its own terms: \
`autograd.Function` for PyTorch and gradcheck, `custom_vjp` and `custom_jvp` for JAX, `defvjp` and `defjvp` for HIPS \
autograd; a gradient that defines no forward mode is checked in reverse mode alone. SciPy and numdifftools see \
PyTorch's function and gradient as NumPy: SciPy's `check_grad` the outputs' sum with fixed weights of either sign, \
its error judged against {RULE:g} of the gradient's norm plus one; numdifftools' `Jacobian` is held against the \
gradient with the tolerances of `numpy.allclose`. Tools that take modules are given the module. JAX's dropout has an \
explicit key and is no random function."""


def section() -> str:
    """The published table with what it needs to be read."""
    found = answers(range(len(CASES)))
    absent = [name for name in ALL if name not in TOOLS]
    reasons = _reasons(found)
    parts = [
        HOW,
        *([f"Not installed, not run: {', '.join(absent)}."] if absent else []),
        tabulate(_rows(found), ("case", *found), tablefmt="github", disable_numparse=True),
        _where_ours_is_wrong(found),
        *(["Cannot be expressed:\n\n" + "\n".join(reasons)] if reasons else []),
    ]
    return "\n\n".join(parts)
