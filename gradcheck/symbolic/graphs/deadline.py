"""A time by which a formula has to be found; it grows with every use of a value, and may grow beyond all use."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from gradcheck.symbolic.graphs.refusals import NotTraceable


@dataclass(frozen=True)
class Deadline:
    """Asked often while the formula is built, it raises NotTraceable once the time is over."""

    seconds: float
    end: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """The deadline so many seconds from now; `math.inf` for none.

        >>> Deadline.after(math.inf).check()
        """
        return cls(seconds, time.monotonic() + seconds if math.isfinite(seconds) else math.inf)

    def check(self) -> None:
        """Raises NotTraceable where the time is over."""
        if time.monotonic() > self.end:
            raise NotTraceable(f"its formula takes longer than {self.seconds:g} s to find", REMEDY)


REMEDY = "trace a smaller part of it"
