"""What the analyses find, as rows; money is in the base currency, rounded to cents at the very end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from services.scoring.domain.customers import Tier
from shared.money import ZERO

Dimension = Literal["level", "region", "country", "category", "sku", "channel", "rep", "month"]
"""What sales are told apart by: level and region of the customer as they are now, all else as of the order."""


class Period(NamedTuple):
    """Business dates, both included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    def before(self) -> Period:
        """The period of the same length that ends the day before this one."""
        return Period(self.since - timedelta(days=self.days), self.since - timedelta(days=1))


class Sales(NamedTuple):
    """Sales of one `key` (None: not known, a gap) in a period; `before` is the amount of the period before.

    An order's net amount is shared out among its articles by what each was told to cost, so that the sums of all keys
    are the sales. `costed` is the amount whose cost is known, `cost` that cost, both less what was returned (O5).
    """

    key: str | None
    customers: int
    orders: int
    quantity: Decimal
    amount: Decimal
    before: Decimal
    costed: Decimal
    cost: Decimal

    @property
    def growth(self) -> float | None:
        """The change since the period before, as a part of it; None where that brought nothing."""
        return float(self.amount / self.before) - 1 if self.before > ZERO else None

    @property
    def margin(self) -> float | None:
        """(price - cost) / price where the cost is known (O5); None where it nowhere is."""
        return float((self.costed - self.cost) / self.costed) if self.costed > ZERO else None


@dataclass(frozen=True, slots=True)
class SalesBy:
    """Sales by a dimension, the largest first, and all of them together; there are so many `keys` in all.

    `rest` is what is not among `lines`; each line is rounded by itself, so it is no rest that cents are left.
    """

    by: Dimension
    period: Period
    lines: Sequence[Sales]
    total: Sales
    keys: int

    @property
    def rest(self) -> Decimal:
        if len(self.lines) == self.keys:
            return ZERO
        return self.total.amount - sum((line.amount for line in self.lines), ZERO)

    def share(self, line: Sales) -> float | None:
        return float(line.amount / self.total.amount) if self.total.amount > ZERO else None


class Cohort(NamedTuple):
    """Customers by the month of their first order; `active[n]` of them ordered in the nth month after it."""

    month: date
    active: tuple[int, ...]

    @property
    def customers(self) -> int:
        return self.active[0]


@dataclass(frozen=True, slots=True)
class Loyalty:
    """Persistency: of the `customers` who ordered in the period, how many had ordered on an earlier day.

    `median_gap` is of the days between a customer's successive days of ordering.
    """

    period: Period
    customers: int
    repeated: int
    median_gap: float | None
    cohorts: Sequence[Cohort]

    @property
    def repeat_rate(self) -> float | None:
        return self.repeated / self.customers if self.customers else None


class Move(NamedTuple):
    """How many customers were in one tier at the first date (None: not known yet) and in another at the second."""

    before: Tier | None
    after: Tier
    customers: int


class Pair(NamedTuple):
    """Two categories of which `both` baskets hold one of each; `first_in` and `second_in` hold either, of `baskets`."""

    first: str
    second: str
    first_in: int
    second_in: int
    both: int
    baskets: int

    @property
    def support(self) -> float:
        return self.both / self.baskets

    @property
    def confidence(self) -> float:
        """How often the second is there where the first is."""
        return self.both / self.first_in

    @property
    def reverse_confidence(self) -> float:
        """How often the first is there where the second is."""
        return self.both / self.second_in

    @property
    def lift(self) -> float:
        """How much more often both meet than they would by chance; 1 is chance."""
        return self.both * self.baskets / (self.first_in * self.second_in)
