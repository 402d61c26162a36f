"""Showroom orders and returns by an error are judged, once all that belongs to them was told (O3–O5, N8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

import structlog

from services.customers.domain.breaches import Breach, SaleFacts, Staff, judge_return, judge_sale
from services.customers.domain.matters import FaultyReturn, ShowroomSale
from services.customers.domain.orders import Order
from services.customers.domain.terms import Terms
from services.customers.ports import Clock, MatterStore, Publisher, Transactions
from services.customers.usecases.reception import file_name
from shared.contracts.audit import BreachFound
from shared.contracts.registry import key_of
from shared.contracts.types import Cause, Words
from shared.engine.model import Outgoing, Transaction
from shared.in_force import InForce
from shared.policy import Policy

log = structlog.get_logger()


class JudgeTrade:
    """Judges what is due, a bounded number at a time, and tells archive what is a breach; each once for ever.

    What decides is the order, its customer's file and the organisation as they are then, so any order of arrival
    within the time of waiting comes to the same.
    """

    def __init__(  # noqa: PLR0913 - the parts of a use case that opens its own transactions
        self,
        *,
        database: Transactions,
        publisher: Publisher,
        clock: Clock,
        matters: MatterStore,
        policy: InForce[Policy],
        terms: InForce[Terms],
        matters_per_batch: int,
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._clock = clock
        self._matters = matters
        self._policy = policy
        self._terms = terms
        self._limit = matters_per_batch

    async def __call__(self) -> None:
        """Go on until nothing is due."""
        while await self.batch():
            pass

    async def batch(self) -> int:
        """One transaction's worth; how many matters that were, 0 when nothing is due."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            rules, terms = (await self._policy(tx)).breaches, await self._terms(tx)
            sales = await self._matters.take_sales(tx, now, self._limit)
            returns = await self._matters.take_returns(tx, now, self._limit)
            if not sales and not returns:
                return 0
            facts = await self._facts(tx, sales, terms)
            staff = Staff(await self._matters.named(tx, names_in(facts, returns)))
            breaches = [breach for sale in facts for breach in judge_sale(sale, staff, rules.showroom)]
            breaches += [judge_return(returned, staff) for returned in returns]
            new = await self._matters.claim(tx, {breach.breach_id for breach in breaches}, now)
            found = {breach.breach_id: breach for breach in breaches if breach.breach_id in new}
            await self._publisher.append(tx, [told(breach, now) for breach in found.values()], now=now)
        if found:
            log.info("breaches_found", breaches=len(found))
        return len(sales) + len(returns)

    async def _facts(self, tx: Transaction, sales: Sequence[ShowroomSale], terms: Terms) -> list[SaleFacts]:
        """The orders as they are now, of those that were placed, with what their customers' files say."""
        # Customers are not locked: whoever changes an order meanwhile notes it to be judged again.
        orders = await self._matters.orders(tx, {(sale.customer_id, sale.order_id) for sale in sales})
        fields = await self._matters.fields(tx, {sale.customer_id for sale in sales})
        placed = [
            (sale, order)
            for sale in sales
            if (order := orders.get((sale.customer_id, sale.order_id))) is not None and order.stated_at is not None
        ]
        return [SaleFacts(sale, order, amount_of(order, terms), fields[sale.customer_id]) for sale, order in placed]


def amount_of(order: Order, terms: Terms) -> Decimal:
    """What was sold, in the base currency."""
    if order.amount is None or order.currency is None or order.dated is None:
        raise ValueError(f"an order that was not placed has no amount: {order.order_id}")
    return terms.in_base(order.amount, order.currency, order.dated)


def names_in(sales: Iterable[SaleFacts], returns: Iterable[FaultyReturn]) -> set[str]:
    """Everybody whom the papers name."""
    named = {name for facts in sales for name in (*facts.sale[3:6], facts.order.sold_by)}
    named.update(returned.responsible for returned in returns)
    return {name for name in named if name is not None}


def told(breach: Breach, now: datetime) -> Outgoing:
    """The breach, as archive seals it."""
    data = BreachFound(
        breach_id=breach.breach_id,
        kind=breach.kind,
        person=breach.person,
        file=file_name(breach.customer_id),
        order_id=breach.order_id,
        amount=breach.amount,
        occurred_on=breach.occurred_on,
        found_at=now,
        service="customers",
        cause=Cause(id=breach.cause_id, type=breach.cause_type, source=breach.cause_source),
        words=Words(zh=breach.words.zh, en=breach.words.en),
        missing=breach.missing,
    )
    return Outgoing("audit.v1", key_of("audit.v1", data), "breach.found", breach.breach_id, data)
