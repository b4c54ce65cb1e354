"""Error functions, gamma and Bessel functions, and logarithms with their conventions at 0."""

from __future__ import annotations

import torch

from tests.symbolic.graphs.operator_cases.case import Case, between, real

POSITIVE = between(0.3, 2.5, (2, 3), (3,))
special = torch.special

CASES = {
    "lgamma": Case(torch.lgamma, between(0.3, 2.5, (2, 3))),
    "digamma": Case(torch.digamma, between(0.3, 2.5, (2, 3)), tolerance=1e-7),
    "polygamma": Case(lambda x: torch.polygamma(2, x), between(0.3, 2.5, (2, 3))),
    "sinc": Case(torch.sinc, real((2, 3))),
    "i0": Case(torch.i0, real((2, 3))),
    "special_i1": Case(special.i1, real((2, 3))),
    "special_i0e": Case(special.i0e, real((2, 3))),
    "special_i1e": Case(special.i1e, real((2, 3))),
    "special_log_ndtr": Case(special.log_ndtr, between(-30.0, 3.0, (2, 3))),
    "special_ndtri": Case(special.ndtri, between(0.01, 0.99, (2, 3))),
    "special_erfcx": Case(special.erfcx, between(-2.0, 30.0, (2, 3))),
    "special_entr": Case(special.entr, between(0.1, 2.0, (2, 3))),
    "logit": Case(lambda x: torch.logit(x) + torch.logit(x, 0.25), between(0.1, 0.9, (2, 3))),
    "logaddexp": Case(lambda a, b: torch.logaddexp(800 * a, -800 * b), real((2, 3), (3,))),
    "logaddexp2": Case(torch.logaddexp2, real((2, 3), (3,))),
    "xlogy.Tensor": Case(torch.xlogy, POSITIVE),
    "xlogy.Scalar_Self": Case(lambda y: torch.xlogy(2.5, y) + torch.xlogy(0, y), between(0.3, 2.5, (2, 3))),
    "xlogy.Scalar_Other": Case(lambda x: torch.xlogy(x, 2.5), real((2, 3))),
    "special_xlog1py": Case(special.xlog1py, POSITIVE),
    "special_xlog1py.self_scalar": Case(lambda y: special.xlog1py(2.5, y), between(0.3, 2.5, (2, 3))),
    "special_xlog1py.other_scalar": Case(lambda x: special.xlog1py(x, 2.5), real((2, 3))),
}
