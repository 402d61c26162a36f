"""How many customers had each level on past days, added up from those who entered and left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

from services.scoring.domain.customers import Tier

Every = Literal["day", "week", "month"]


class Flow(NamedTuple):
    """By how many the customers of a level grew on a business day; negative: shrank."""

    day: date
    tier: Tier
    change: int


def days_between(first: date, last: date, every: Every) -> Iterator[date]:
    """The days at which counts are shown: each day, each seventh, or each month's last; and always the last one."""
    day = first
    while day < last:
        if every == "month":
            following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            end = following - timedelta(days=1)
            if end < last:
                yield end
            day = following
        else:
            yield day
            day += timedelta(days=7 if every == "week" else 1)
    yield last


def counts_on(days: Sequence[date], flows: Iterable[Flow]) -> Iterator[tuple[date, Mapping[Tier, int]]]:
    """Customers per level at the end of each of `days`; both ascend. Levels without customers are left out."""
    counts = Counter[Tier]()
    ahead = iter(flows)
    flow = next(ahead, None)
    for day in days:
        while flow is not None and flow.day <= day:
            counts[flow.tier] += flow.change
            flow = next(ahead, None)
        yield day, {tier: number for tier, number in sorted(counts.items()) if number}
