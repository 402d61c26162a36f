"""On which days a customer buys, and the rhythm in it (F1)."""

from __future__ import annotations

from datetime import date
from operator import sub
from typing import Final, NamedTuple

from shared.contracts.customers import RHYTHM_PURCHASES

Days = tuple[int, ...]
"""Ordinals of the newest days of purchase, ascending, each once: several orders on a day are one purchase."""

NO_DAYS: Days = ()
NO_RHYTHM: Final = (None, None, None)


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
    middle = len(intervals) >> 1
    if len(intervals) & 1:
        median = intervals[middle]
        return Usual(len(days), median, sorted(map(abs, map(median.__rsub__, intervals)))[middle])
    # The even number of them: a whole day below the mean of the two in the middle, and one above for the spread.
    median = (intervals[middle - 1] + intervals[middle]) >> 1
    distances = sorted(map(abs, map(median.__rsub__, intervals)))
    return Usual(len(days), median, (distances[middle - 1] + distances[middle] + 1) >> 1)
