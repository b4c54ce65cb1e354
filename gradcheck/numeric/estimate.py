"""What a measurement of a derivative returns: a value, how far to trust it, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A measured derivative with an error bar, entry by entry.

    `error_bar` covers the derivative from both sides: where the one-sided slopes differ (a kink), `value` lies in
    their middle and the bar reaches past both. `jump` is the right slope minus the left one at such entries, 0 at
    smooth ones, and None where the method cannot see kinks. `magnitude` is the slope that would change the largest
    output by its own size over the distance probed: the yardstick where every derivative is 0.

    >>> e = Estimate(np.array(0.5), np.array(0.5), 11, jump=np.array(1.0))
    >>> float(e.left), float(e.right)
    (0.0, 1.0)
    """

    value: Array
    error_bar: Array
    evaluations: int
    jump: Array | None = None
    magnitude: float = 0.0

    @property
    def left(self) -> Array:
        """The slopes on the negative side; they equal `value` where no kink was seen."""
        return self.value if self.jump is None else self.value - self.jump / 2

    @property
    def right(self) -> Array:
        """The slopes on the positive side; they equal `value` where no kink was seen."""
        return self.value if self.jump is None else self.value + self.jump / 2

    @property
    def slope_bar(self) -> Array:
        """The error bar of one one-sided slope: `error_bar` less half the jump."""
        return self.error_bar if self.jump is None else self.error_bar - np.abs(self.jump) / 2

    @property
    def parts(self) -> tuple[Array, ...]:
        """The arrays it consists of: value, error bar, and the jump where there is one."""
        return (self.value, self.error_bar) if self.jump is None else (self.value, self.error_bar, self.jump)

    def reshape(self, *shape: int) -> Estimate:
        """The same numbers in another shape."""
        jump = None if self.jump is None else self.jump.reshape(shape)
        return Estimate(
            self.value.reshape(shape), self.error_bar.reshape(shape), self.evaluations, jump, self.magnitude
        )
