"""Announce a new product, and give each potential customer a day to hear of it (F6)."""

from __future__ import annotations

import json
from collections.abc import Sequence

import structlog

from services.followup.domain.cadence import Paces
from services.followup.domain.matters import news_day
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.schedule import Line, Schedule, plan
from services.followup.ports import Desk, Product, Stores
from services.followup.ports.products import Progress
from services.followup.usecases.organisation import refuse_departed
from shared.identity import Principal
from shared.in_force import InForce
from shared.words import Text

log = structlog.get_logger()


class AnnounceProduct:
    """Takes a leader's word that a product came out; customers are given their days by `TellOfProducts`."""

    def __init__(self, desk: Desk, stores: Stores, paces: InForce[Paces]) -> None:
        self._desk = desk
        self._products = stores.products
        self._people = stores.people
        self._paces = paces

    async def __call__(self, who: Principal, product_id: str, name: Text) -> Product:
        """The product as it was announced, now or before; NotPossibleError for an id that means another."""
        now = self._desk.clock.now()
        async with self._desk.database.transaction() as tx:
            await refuse_departed(tx, self._people, who)
            within = (await self._paces(tx)).policy.product_news.within_days
            product = Product(product_id, name, self._desk.clock.today(), within, who.person, now)
            kept = await self._products.add(tx, product)
        if kept.name != name:
            raise NotPossibleError(
                "another_product",
                Text(
                    zh=f"编号 {product_id} 已用于“{kept.name.zh}”",
                    en=f"{product_id} was announced as {kept.name.en!r} before",
                ),
            )
        return kept

    async def page(self, after: int, limit: int) -> Sequence[tuple[int, Progress]]:
        """What was announced before number `after`, the newest first, and how far it has come."""
        async with self._desk.database.transaction() as tx:
            return await self._products.page(tx, after, limit)


class TellOfProducts:
    """Opens a line of its own for each customer and product, a bounded number at a time; a restart goes on.

    A customer who becomes potential later hears of the product otherwise; one who is none any more, not at all.
    """

    def __init__(self, desk: Desk, stores: Stores, paces: InForce[Paces], *, customers_per_batch: int) -> None:
        self._desk = desk
        self._schedules = stores.schedules
        self._products = stores.products
        self._paces = paces
        self._customers_per_batch = customers_per_batch

    async def __call__(self) -> None:
        """Go on until everybody has a day for every product."""
        total = 0
        while customers := await self.batch():
            total += customers
        if total:
            log.info("product_news_planned", customers=total)

    async def batch(self) -> int:
        """One transaction's worth; how many customers that were, 0 when nothing is left to do."""
        today = self._desk.clock.today()
        async with self._desk.database.transaction() as tx:
            paces = await self._paces(tx)
            found = await self._products.next_to_tell(tx, paces.hear_news, self._customers_per_batch)
            if found is None:
                return 0
            product, customers = found
            await self._schedules.forget_told(tx, customers)
            before = await self._schedules.load(tx, customers)
            after = {
                customer_id: plan(with_news(schedule, product, paces), paces, today, None)
                for customer_id, schedule in before.items()
            }
            await self._schedules.save(tx, before, after)
        return len(customers) or await self.batch()


def with_news(schedule: Schedule, product: Product, paces: Paces) -> Schedule:
    """The schedule with a line for the product."""
    name = f"{paces.news.line}:{product.product_id}"
    if name in schedule.lines:
        return schedule
    due_on = news_day(schedule.customer_id, product.product_id, product.announced_on, product.within_days)
    about = json.dumps({"zh": product.name.zh, "en": product.name.en}, ensure_ascii=False)
    line = Line(name, paces.news.every, product.announced_on, None, due_on, "", about)
    return schedule._replace(lines={**schedule.lines, name: line})
