"""The softmax family."""

from __future__ import annotations

import torch
from torch.nn import functional

from tests.symbolic.graphs.operator_cases.case import Case, between, real

CASES = {
    "_log_softmax": Case(lambda x: torch.log_softmax(x, 0) + torch.log_softmax(800 * x, -1), real((2, 3))),
    "_softmax": Case(lambda x: torch.softmax(x, 1) + functional.softmin(x, -1), real((2, 3, 4))),
    "logsumexp": Case(
        lambda x: (
            torch.logsumexp(x, (0, -1)) + torch.logsumexp(x, 1, keepdim=True).sum() + torch.logsumexp(x[0, 0, 0], 0)
        ),
        between(-800, 800, (2, 3, 4)),
    ),
}
