"""Shares of a whole, with the interval that so few, or so many, cases allow."""

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959964


@dataclass(frozen=True)
class Proportion:
    """`count` of `of` cases."""

    count: int
    of: int

    @property
    def value(self) -> float | None:
        """From 0 to 1; None where there is nothing to count."""
        return self.count / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's interval at 95 %; None where there is nothing to count.

        Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927), 209-212.
        """
        if not self.of:
            return None
        n, share, square = self.of, self.count / self.of, Z_95**2
        middle = (share + square / (2 * n)) / (1 + square / n)
        spread = Z_95 / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n**2))
        return max(0.0, middle - spread), min(1.0, middle + spread)
