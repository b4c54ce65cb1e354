"""Pooling."""

from __future__ import annotations

from torch.nn import functional

from tests.symbolic.graphs.operator_cases.case import Case, real

CASES = {
    "avg_pool2d": Case(lambda x: functional.avg_pool2d(x, (2, 3), 1, (1, 0)), real((1, 2, 3, 4))),
    "avg_pool3d": Case(lambda x: functional.avg_pool3d(x, 2), real((1, 2, 2, 4, 3))),
    "_adaptive_avg_pool2d": Case(lambda x: functional.adaptive_avg_pool2d(x.reshape(1, 2, 4, 3), (2, 3)), real((24,))),
    "_adaptive_avg_pool3d": Case(
        lambda x: functional.adaptive_avg_pool3d(x.reshape(1, 1, 4, 3, 2), (2, 3, 1)), real((24,))
    ),
    "max_pool2d_with_indices": Case(lambda x: functional.max_pool2d(x, 3, 2, 1), real((1, 2, 4, 5))),
    "max_pool3d_with_indices": Case(lambda x: functional.max_pool3d(x, 2), real((1, 2, 2, 4, 3))),
    "adaptive_max_pool2d": Case(lambda x: functional.adaptive_max_pool2d(x, (2, 1)), real((1, 1, 3, 2))),
    "adaptive_max_pool3d": Case(lambda x: functional.adaptive_max_pool3d(x, (1, 2, 1)), real((1, 1, 2, 3, 2))),
}
