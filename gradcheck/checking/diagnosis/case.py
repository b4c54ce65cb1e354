"""A derivative beside the measured one: what every detector of a mistake looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gradcheck.numeric.estimate import Estimate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A derivative, what was measured, and where the output axes end and the input's begin."""

    claimed: Array
    estimate: Estimate
    output_ndim: int
    sizes: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def tolerance(self) -> Array:
        """The error bar, and a little for the rounding of the claimed derivative itself."""
        return self.estimate.error_bar + 1e-12 * np.abs(self.true)

    @property
    def true(self) -> Array:
        """The measured derivative."""
        return self.estimate.value

    @cached_property
    def wrong(self) -> NDArray[np.bool_]:
        """The entries outside their error bar."""
        return np.asarray(~(np.abs(self.claimed - self.true) <= self.tolerance))

    def fits(self, claimed: Array) -> bool:
        """Whether another derivative agrees with the measured one everywhere."""
        return bool(np.all(np.abs(claimed - self.true) <= self.tolerance))

    def at(self, index: tuple[int, ...]) -> str:
        """An entry's place: the input's, and the output's beside it where there are several."""
        output, entry = index[: self.output_ndim], index[self.output_ndim :]
        return f"{at(entry)} (output {at(output)})" if output else at(entry)

    @property
    def matrix_shape(self) -> tuple[int, int]:
        """The Jacobian as a matrix: output entries by input entries."""
        shape = self.true.shape
        return int(np.prod(shape[: self.output_ndim])), int(np.prod(shape[self.output_ndim :]))


def at(index: tuple[int, ...]) -> str:
    """An index as a person writes it."""
    return f"[{', '.join(str(int(i)) for i in index)}]" if index else "the point"
