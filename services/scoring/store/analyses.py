"""The analyses' sums and counts (P3, P7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Final, get_args

from services.scoring.domain.analyses.figures import Cohort, Dimension, Loyalty, Move, Pair, Period, Sales, SalesBy
from services.scoring.domain.analyses.outlook import Forecast, Past, Promising
from services.scoring.domain.analyses.promotion import Goods, Window
from services.scoring.domain.customers import Tier
from shared.engine.model import Transaction
from shared.engine.queries import load_queries
from shared.policy.model import Region, Regions

SQL = load_queries("services.scoring", "sql/analyses.sql")

# Of more customers the pasts are told by whole weeks: as many different ones as customers would take longer to fit.
EXACT_PASTS: Final = 20_000


class PostgresAnalyses:
    """Implements `AnalysisStore`."""

    async def begin(self, tx: Transaction) -> None:
        await tx.execute(SQL["one_snapshot"])
        await tx.execute(SQL["make_room"])

    async def take_time(self, tx: Transaction) -> None:
        await tx.execute(SQL["lift_time_limit"])

    async def sales(self, tx: Transaction, by: Dimension, period: Period, limit: int, regions: Regions) -> SalesBy:
        named = [(country, region) for region in get_args(Region) for country in getattr(regions, region)]
        countries, regions_of = [country for country, _ in named], [region for _, region in named]
        market = (countries, regions_of, regions.default, regions.unknown)
        rows = await tx.fetch(SQL["sum_sales"], *period, by, period.before().since, *market, limit)
        total, *lines = (Sales(*row[:8]) for row in rows)
        return SalesBy(by, period, lines, total, keys=rows[0]["keys"])

    async def loyalty(self, tx: Transaction, period: Period, months: int) -> Loyalty:
        customers, repeated, median_gap = await tx.fetchrow(SQL["measure_repetition"], *period)
        counted = await tx.fetch(SQL["count_cohorts"], period.until, months)
        cohorts = []
        for month, rows in groupby(counted, key=itemgetter(0)):
            later = {after: number for _, after, number in rows}
            age = (period.until.year - month.year) * 12 + period.until.month - month.month
            cohorts.append(Cohort(month, tuple(later.get(after, 0) for after in range(age + 1))))
        return Loyalty(period, customers, repeated, median_gap, cohorts)

    async def flows(self, tx: Transaction, period: Period) -> Sequence[Move]:
        rows = await tx.fetch(SQL["count_flows"], period.since - timedelta(days=1), period.until)
        return [Move(Tier(*row[:2]) if row[0] else None, Tier(*row[2:4]), row[4]) for row in rows]

    async def pasts(self, tx: Transaction, today: date) -> Sequence[Past]:
        return [Past(*row) for row in await tx.fetch(SQL["group_pasts"], today, EXACT_PASTS)]

    async def with_pasts(
        self, tx: Transaction, today: date, found: Sequence[Forecast], department: str | None, limit: int
    ) -> Sequence[Promising]:
        wanted = [[each.past[part] for each in found] for part in range(4)]
        rows = await tx.fetch(SQL["find_by_past"], today, EXACT_PASTS, *wanted, department, limit)
        return [
            Promising(customer_id, level, rep, last_order_on, found[place - 1].alive, found[place - 1].orders)
            for customer_id, level, rep, last_order_on, place in rows
        ]

    async def pairs(
        self, tx: Transaction, period: Period, least_support: Decimal, limit: int, *, by_customer: bool
    ) -> Sequence[Pair]:
        rows = await tx.fetch(SQL["pair_categories"], *period, by_customer, least_support, limit)
        return [Pair(*row) for row in rows]

    async def first_day(self, tx: Transaction) -> date | None:
        day: date | None = await tx.fetchval(SQL["find_first_day"])
        return day

    async def windows(
        self, tx: Transaction, period: Period, ordinary: int, until: date, goods: Goods
    ) -> Mapping[int, Window]:
        length = timedelta(days=period.days)
        opens = period.since - ordinary * length
        rows = await tx.fetch(SQL["sum_windows"], opens, period.since, period.days, until, *goods)
        return {
            place: Window(Period(period.since + place * length, period.until + place * length), float(amount), *counts)
            for place, amount, *counts in rows
        }

    async def known(self, tx: Transaction, opens: date, period: Period) -> tuple[int, int]:
        known, newcomers = await tx.fetchrow(SQL["count_known"], opens, *period)
        return known, newcomers
