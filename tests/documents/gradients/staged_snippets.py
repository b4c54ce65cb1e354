"""Backward passes written out stage by stage, each with twins that have one mistake."""

from __future__ import annotations

from tests.documents.gradients.snippets import Snippet, Twin

STAGED = (
    Snippet(
        "numbers, one stage after the other",
        """
        import math
        x = 3
        y = -4
        sigy = 1.0 / (1 + math.exp(-y))
        num = x + sigy
        sigx = 1.0 / (1 + math.exp(-x))
        xpy = x + y
        xpysqr = xpy**2
        den = sigx + xpysqr
        invden = 1.0 / den
        f = num * invden
        dnum = invden
        dinvden = num
        dden = (-1.0 / (den**2)) * dinvden
        dsigx = (1) * dden
        dxpysqr = (1) * dden
        dxpy = (2 * xpy) * dxpysqr
        dx = (1) * dxpy
        dy = (1) * dxpy
        dx += ((1 - sigx) * sigx) * dsigx
        dx += (1) * dnum
        dsigy = (1) * dnum
        dy += ((1 - sigy) * sigy) * dsigy
        """,
        9,
        (
            Twin("dden = (-1.0 / (den**2)) * dinvden", "dden = (1.0 / (den**2)) * dinvden", "sign"),
            Twin("dxpy = (2 * xpy) * dxpysqr", "dxpy = xpy * dxpysqr", "factor"),
            Twin("dy += ((1 - sigy) * sigy) * dsigy", "dy = ((1 - sigy) * sigy) * dsigy", "other"),
        ),
    ),
    Snippet(
        "names that say of what and by what",
        """
        x = -2; y = 5; z = -4
        q = x + y
        f = q * z
        dfdz = q
        dfdq = z
        dqdx = 1.0
        dqdy = 1.0
        dfdx = dfdq * dqdx
        dfdy = dfdq * dqdy
        """,
        6,
        (Twin("dfdz = q", "dfdz = -q", "sign"), Twin("dfdx = dfdq * dqdx", "dfdx = 2 * dfdq * dqdx", "factor")),
    ),
    Snippet(
        "lists",
        """
        import math
        w = [2, -3, -3]
        x = [-1, -2]
        dot = w[0] * x[0] + w[1] * x[1] + w[2]
        f = 1.0 / (1 + math.exp(-dot))
        # backward pass
        ddot = (1 - f) * f
        dx = [w[0] * ddot, w[1] * ddot]
        dw = [x[0] * ddot, x[1] * ddot, 1.0 * ddot]
        """,
        3,
        (
            Twin("dx = [w[0] * ddot, w[1] * ddot]", "dx = [w[1] * ddot, w[0] * ddot]", "permuted"),
            Twin("1.0 * ddot]", "2.0 * ddot]", "single_entry", "dw = "),
        ),
    ),
    Snippet(
        "matrices, with a gradient that is handed to them",
        """
        import numpy as np
        W = np.random.randn(5, 4)
        X = np.random.randn(4, 3)
        D = W.dot(X)
        dD = np.random.randn(*D.shape)
        dW = dD.dot(X.T)
        dX = W.T.dot(dD)
        """,
        2,
        (
            Twin("dW = dD.dot(X.T)", "dW = X.dot(dD.T)", "transposed"),
            Twin("dX = W.T.dot(dD)", "dX = W.T.dot(dD) / 3", "factor"),
        ),
    ),
    Snippet(
        "torch, in single precision",
        """
        import torch
        z = torch.randn(4, 3)
        W = torch.randn(3, 2)
        s = z @ W
        p = torch.softmax(s, 1)
        t = torch.tensor([0, 1, 1, 0])
        loss = -torch.log(p[torch.arange(4), t]).mean()
        # backward pass
        ds = p.clone()
        ds[torch.arange(4), t] -= 1
        ds /= 4
        dW = z.T @ ds
        dz = ds @ W.T
        """,
        3,
        (
            Twin("dW = z.T @ ds", "dW = 2 * z.T @ ds", "factor"),
            Twin("dz = ds @ W.T", "dz = -ds @ W.T", "sign"),
            Twin("ds /= 4", "ds /= 2", "factor"),
        ),
    ),
)
