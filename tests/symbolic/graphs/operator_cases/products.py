"""Products of matrices and vectors."""

from __future__ import annotations

import torch

from tests.symbolic.graphs.operator_cases.case import Case, real

CASES = {
    "_cdist_forward": Case(torch.cdist, real((2, 3), (4, 3))),
    "mm": Case(torch.mm, real((2, 3), (3, 4))),
    "mv": Case(torch.mv, real((2, 3), (3,))),
    "dot": Case(torch.dot, real((3,), (3,))),
    "bmm": Case(torch.bmm, real((2, 3, 4), (2, 4, 5))),
    "addmm": Case(lambda c, a, b: torch.addmm(c, a, b, beta=2, alpha=0.5), real((4,), (2, 3), (3, 4))),
    "addmv": Case(torch.addmv, real((2,), (2, 3), (3,))),
    "baddbmm": Case(torch.baddbmm, real((2, 3, 5), (2, 3, 4), (2, 4, 5))),
}
