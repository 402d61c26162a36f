"""What is to be expected: how customers moved between levels, and how many orders they will place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from services.scoring.domain.analyses.figures import Move, Period
from services.scoring.domain.analyses.purchases import Buyers, PurchaseModel
from shared.contracts.types import Level


class Past(NamedTuple):
    """So many contract customers of a level with the same past, in days; see `purchases.Buyers`."""

    level: Level
    repeats: int
    recency_days: int
    age_days: int
    customers: int

    def as_buyers(self) -> Buyers:
        return Buyers(self.repeats, self.recency_days / 7, self.age_days / 7, self.customers)


class Expected(NamedTuple):
    """What the customers of a level will do: how many are not gone, and the days on which they will order."""

    level: Level
    customers: int
    alive: float
    orders: float


class Promising(NamedTuple):
    """A customer of whom much is expected."""

    customer_id: str
    level: Level
    rep: str | None
    last_order_on: date | None
    alive: float
    orders: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Flows between the ends of the period, and what is expected in the `days` after today.

    `model` is None, and with it `expected` and `best` are empty, where the customers' past bears none.
    """

    period: Period
    flows: Sequence[Move]
    days: int
    model: PurchaseModel | None
    expected: Sequence[Expected]
    best: Sequence[Promising]


class Forecast(NamedTuple):
    """What is expected of one customer with that past."""

    past: Past
    alive: float
    orders: float


def forecasts(model: PurchaseModel, pasts: Sequence[Past], days: int) -> list[Forecast]:
    """For each past, what one customer with it will do in `days`."""
    buyers = [past.as_buyers() for past in pasts]
    together = zip(pasts, model.alive(buyers), model.expected(buyers, days / 7), strict=True)
    return [Forecast(past, alive, orders) for past, alive, orders in together]


def by_level(found: Sequence[Forecast]) -> list[Expected]:
    """The forecasts summed up over the customers of each level."""
    levels: dict[Level, list[Forecast]] = {}
    for each in found:
        levels.setdefault(each.past.level, []).append(each)
    return [
        Expected(
            level,
            sum(each.past.customers for each in theirs),
            sum(each.alive * each.past.customers for each in theirs),
            sum(each.orders * each.past.customers for each in theirs),
        )
        for level, theirs in sorted(levels.items())
    ]
