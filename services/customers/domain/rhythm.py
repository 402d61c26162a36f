"""On which days a customer buys, and the rhythm in it (F1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from operator import sub
from typing import NamedTuple

from shared.contracts.customers import RHYTHM_PURCHASES

Days = tuple[int, ...]
"""Ordinals of the newest days of purchase, ascending, each once: several orders on a day are one purchase."""

NO_DAYS: Days = ()


class Usual(NamedTuple):
    """The rhythm of `purchases` days: the median interval and the median distance of the intervals from it, in days."""

    purchases: int
    days: int
    spread: int


def with_day(days: Days | None, day: date) -> Days | None:
    """The days with one more; None stays None: days that are not known cannot be added to."""
    if days is None:
        return None
    ordinal = day.toordinal()
    if ordinal in days:
        return days
    # Nearly every order is the newest.
    more = (*days, ordinal) if not days or ordinal > days[-1] else tuple(sorted((*days, ordinal)))
    return more if len(more) <= RHYTHM_PURCHASES else more[-RHYTHM_PURCHASES:]


def usual(days: Days | None) -> Usual | None:
    """The rhythm; None for fewer than two days.

    Medians, because one forgotten order or one long holiday moves a mean by weeks and a median hardly at all.
    """
    if not days or len(days) == 1:
        return None
    intervals = sorted(map(sub, days[1:], days))
    median = _twice_the_middle(intervals) // 2
    distances = sorted([abs(interval - median) for interval in intervals])
    return Usual(len(days), median, -(-_twice_the_middle(distances) // 2))


def _twice_the_middle(numbers: Sequence[int]) -> int:
    """Twice the median, which is whole."""
    half = len(numbers) >> 1
    return 2 * numbers[half] if len(numbers) & 1 else numbers[half - 1] + numbers[half]
