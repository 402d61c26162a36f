"""Cutoffs by linear interpolation, exact: PostgreSQL's `percentile_cont`, the default of numpy and pandas."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Cutoff:
    """A quantile of whole numbers: `way` (0 <= way < 1) of the way from `low` to `high`, its two neighbours.

    No value of the population lies strictly between the neighbours, so that comparing with the quantile is comparing
    with `reach`: exact in whole numbers.
    """

    low: int
    high: int
    way: Fraction

    @property
    def value(self) -> Fraction:
        return self.low + (self.high - self.low) * self.way

    @property
    def reach(self) -> int:
        """The least whole number that a value must have to lie strictly above the quantile, among those that occur."""
        return self.high if self.way and self.low < self.high else self.low + 1


def positions(quantiles: Sequence[Fraction], population: int) -> Iterator[tuple[int, Fraction]]:
    """Where each quantile lies in the ascending order of `population` > 0 values: an index and the way to the next."""
    for quantile in quantiles:
        index, rest = divmod(quantile.numerator * (population - 1), quantile.denominator)
        yield index, Fraction(rest, quantile.denominator)


class Histogram:
    """How often each whole number occurs; made for few different ones (days of a year, orders of a customer)."""

    __slots__ = ("_counts", "_values")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self._values: list[int] = []

    def add(self, value: int, times: int = 1) -> int:
        """Count `value` once more, or so many times, and return how many there are."""
        before = self._counts.get(value, 0)
        self._counts[value] = count = before + times
        if not before:
            insort(self._values, value)
        return count

    def remove(self, value: int) -> int:
        """Count one `value` less and return how many there are; KeyError when there was none."""
        count = self._counts[value] - 1
        if count:
            self._counts[value] = count
        else:
            del self._counts[value]
            del self._values[bisect_left(self._values, value)]
        return count

    def within(self, above: int, until: int) -> list[int]:
        """The different values v with `above` < v <= `until`, ascending."""
        return self._values[bisect_right(self._values, above) : bisect_right(self._values, until)]

    def at(self, indexes: Sequence[int]) -> list[int]:
        """The values at these indexes of the ascending order, counted from 0."""
        ends = list(accumulate(map(self._counts.__getitem__, self._values)))
        return [self._values[bisect_right(ends, index)] for index in indexes]
