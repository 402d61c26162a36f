"""The analyses that a manager asks for (P3, P7), each from one moment's tables; what names customers is audited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.scoring.domain.analyses.figures import Dimension, Loyalty, Pair, Period, SalesBy
from services.scoring.domain.analyses.outlook import Forecast, Outlook, Past, Promising, by_level, forecasts
from services.scoring.domain.analyses.promotion import Effect, Goods, Window
from services.scoring.domain.analyses.purchases import PurchaseModel, fit
from services.scoring.ports import AnalysisStore, Clock, Database, Trail
from shared.audit import Deed
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.policy.model import Analyses, Policy
from shared.roles import Role

# Customers of one past are alike to the model; the best few thousand pasts hold the best thousand customers.
BEST_PASTS: Final = 5000
LARGEST: Final = 1000
SHEETS: Final[tuple[Dimension, ...]] = ("level", "region", "category", "sku", "channel", "rep", "month")
PRINTED: Final = 40  # lines of one table that are printed
NAMED: Final = 100  # customers that are printed by name


@dataclass(frozen=True, slots=True)
class Report:
    """All analyses together, for print; money is in `currency`."""

    today: date
    currency: str
    sales: tuple[SalesBy, ...]
    loyalty: Loyalty
    outlook: Outlook
    pairs: tuple[Pair, ...]
    promotion: Effect | None


class Analyse:
    """Computes one analysis per call; nothing is kept."""

    def __init__(
        self, *, database: Database, store: AnalysisStore, trail: Trail, clock: Clock, policy: Callable[[], Policy]
    ) -> None:
        self._database = database
        self._store = store
        self._trail = trail
        self._clock = clock
        self._policy = policy

    @property
    def rules(self) -> Analyses:
        """As of now: an analysis decides nothing, and may be of the policy of two seconds ago."""
        return self._policy().analyses

    def period(self, since: date | None, until: date | None) -> Period:
        """From the first to the second date; up to today, and as long as the policy says, where one is left open."""
        until = until or self._clock.today()
        return Period(since or until - timedelta(days=self.rules.period_days - 1), until)

    async def sales(self, by: Dimension, period: Period, limit: int) -> SalesBy:
        """Profiling, profitability and performance: the same sums, seen from three sides."""
        async with self._database.transaction() as tx:
            await self._store.begin(tx)
            return await self._store.sales(tx, by, period, limit, self._policy().regions)

    async def loyalty(self, period: Period, months: int) -> Loyalty:
        """Persistency."""
        async with self._database.transaction() as tx:
            await self._store.begin(tx)
            return await self._store.loyalty(tx, period, months)

    async def outlook(self, who: Principal, period: Period, days: int, best: int) -> Outlook:
        """Prospecting; a department's manager is told the names of its own customers only (A1)."""
        async with self._database.transaction() as tx:
            await self._store.begin(tx)
            if best:
                await self._trail.append(tx, who, Deed("file.exported", "analyses.outlook"))
            return await self._outlook(tx, who, period, days, best)

    async def pairs(self, period: Period, limit: int, *, by_customer: bool) -> list[Pair]:
        """Product: what is bought together."""
        async with self._database.transaction() as tx:
            await self._store.begin(tx)
            support = self.rules.affinity_support
            return list(await self._store.pairs(tx, period, support, limit, by_customer=by_customer))

    async def promotion(self, period: Period, goods: Goods) -> Effect:
        """Promotion: against the same customers' ordinary periods."""
        async with self._database.transaction() as tx:
            await self._store.begin(tx)
            return await self._effect(tx, period, goods)

    async def report(self, who: Principal, period: Period, promoted: Period | None, goods: Goods) -> Report:
        """Everything at once, for print."""
        async with self._database.transaction() as tx:
            await self._store.begin(tx)
            await self._store.take_time(tx)
            await self._trail.append(tx, who, Deed("file.exported", "analyses.workbook"))
            policy = self._policy()
            sales = [await self._store.sales(tx, by, period, PRINTED, policy.regions) for by in SHEETS]
            support = self.rules.affinity_support
            return Report(
                today=self._clock.today(),
                currency=policy.base_currency,
                sales=tuple(sales),
                loyalty=await self._store.loyalty(tx, period, self.rules.cohort_months),
                outlook=await self._outlook(tx, who, period, self.rules.outlook_days, NAMED),
                pairs=tuple(await self._store.pairs(tx, period, support, PRINTED, by_customer=False)),
                promotion=None if promoted is None else await self._effect(tx, promoted, goods),
            )

    async def _outlook(self, tx: Transaction, who: Principal, period: Period, days: int, best: int) -> Outlook:
        today = self._clock.today()
        flows = await self._store.flows(tx, period)
        pasts = list(await self._store.pasts(tx, today))
        # The fit computes for seconds where there are many customers: orders must go on meanwhile.
        model, found = await asyncio.to_thread(foresee, pasts, days)
        if model is None:
            return Outlook(period, flows, days, None, [], [])
        first = sorted(found, key=lambda each: (-each.orders, each.past))[:BEST_PASTS]
        named = await self._named(tx, who, today, first, best) if best else ()
        return Outlook(period, flows, days, model, by_level(found), named)

    async def _named(
        self, tx: Transaction, who: Principal, today: date, found: Sequence[Forecast], best: int
    ) -> Sequence[Promising]:
        if who.role is not Role.DEPARTMENT_MANAGER:
            return await self._store.with_pasts(tx, today, found, None, best)
        # A manager of no department has nobody's customers, not everybody's.
        if who.department is None:
            return ()
        return await self._store.with_pasts(tx, today, found, who.department, best)

    async def _effect(self, tx: Transaction, period: Period, goods: Goods) -> Effect:
        rules, today = self.rules.promotion, self._clock.today()
        first_day = await self._store.first_day(tx)
        # Of what was before the first order nobody knows whether nothing was bought, or nothing was told.
        # One period at least is left for customers to become known in.
        told = 0 if first_day is None else (period.since - first_day).days // period.days - 1
        ordinary = max(0, min(rules.periods, told))
        length = timedelta(days=period.days)
        opens = period.since - ordinary * length
        following = Period(period.since + length, period.until + length)
        until = following.until if following.until <= today else period.until
        found = await self._store.windows(tx, period, ordinary, until, goods)
        customers, newcomers = await self._store.known(tx, opens, period)

        def window(place: int) -> Window:
            return found.get(
                place, Window(Period(period.since + place * length, period.until + place * length), 0.0, 0, 0)
            )

        return Effect(
            period=period,
            goods=goods,
            confidence=float(rules.confidence),
            customers=customers,
            newcomers=newcomers,
            before=[window(place) for place in range(-ordinary, 0)],
            during=window(0),
            after=window(1) if following.until <= today else None,
        )


def foresee(pasts: list[Past], days: int) -> tuple[PurchaseModel | None, list[Forecast]]:
    """The model of these customers' pasts, and what it expects of each; None where they bear none."""
    model = fit([past.as_buyers() for past in pasts]) if pasts else None
    return (None, []) if model is None else (model, forecasts(model, pasts, days))
