"""Another policy, other facts: everybody is told anew, a bounded number at a time (K1, A1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import structlog

from services.customers.domain import facts, orders, trade
from services.customers.domain.customer import Customer
from services.customers.domain.terms import Terms
from services.customers.domain.trade import NO_TRADE
from services.customers.ports import Clock, CustomerStore, Desk, Publisher, Retelling, RetellingStore, Transactions
from services.customers.usecases.record_trade import accept, as_stated, asked_last
from shared.engine.model import Event, Outgoing, Transaction
from shared.in_force import InForce, PolicyInForce
from shared.policy import Policy

log = structlog.get_logger()


class RetellCustomers:
    """Brings what others know in step with a new policy: which orders count, and what is told of a file.

    Until a customer's turn has come, its own events may tell of it half by the old words; then all of it is recounted
    from its orders, so that the end is what the new policy makes of all accepted events.
    """

    def __init__(  # noqa: PLR0913 - the parts of a use case that opens its own transactions
        self,
        *,
        database: Transactions,
        publisher: Publisher,
        clock: Clock,
        store: CustomerStore,
        retelling: RetellingStore,
        in_force: PolicyInForce,
        terms: InForce[Terms],
        customers_per_batch: int,
    ) -> None:
        self._database = database
        self._publisher = publisher
        self._clock = clock
        self._store = store
        self._retelling = retelling
        self._in_force = in_force
        self._terms = terms
        self._customers_per_batch = customers_per_batch

    async def begin(self, tx: Transaction, before: Policy, after: Policy) -> None:
        """In the transaction that lets `after` decide: note what is to be done."""
        counting = before.rfm.counts_from != after.rfm.counts_from
        profiles = (
            before.files.default_tier != after.files.default_tier
            or set(before.facts.shared) != set(after.facts.shared)
            or set(before.files.required) != set(after.files.required)
        )  # fmt: skip
        if counting or profiles:
            await self._retelling.begin(tx, orders=counting, profiles=profiles)

    async def __call__(self) -> None:
        """Go on until everybody is told by the policy in force."""
        total = 0
        while customers := await self.batch():
            total += customers
        if total:
            log.info("customers_retold", customers=total)

    async def batch(self) -> int:
        """One transaction's worth; how many customers that were, 0 when nothing is left to do."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            terms = await self._terms(tx)
            part = await self._retelling.next(tx, self._customers_per_batch)
            if part is None:
                return 0
            desk = await self._store.load(tx, part.wanted)
            cause = told_by(self._in_force.number, now)
            outgoings = [
                outgoing
                for customer_id in sorted(desk.stored)
                for outgoing in retold(desk, desk.customers[customer_id], part, cause, terms)
            ]
            await self._store.save(tx, desk)
            await self._publisher.append(tx, outgoings, now=now)
        return len(part.wanted.customers)


def told_by(number: int, now: datetime) -> Event:
    """The activation, as the cause of what is told."""
    return Event(f"policy:{number}", "/tierline/scoring", "policy.activated", now, "", None, 0)


def retold(desk: Desk, customer: Customer, part: Retelling, cause: Event, terms: Terms) -> Iterator[Outgoing]:
    """One event for each order that counts otherwise, else one for what is told besides, else none."""
    known = customer
    if part.profiles:
        known = known._replace(profile=as_stated(desk, known.customer_id, known.profile, terms))
    theirs = list(desk.orders.get(known.customer_id, {}).values())
    if part.orders or part.recount:
        known = known._replace(trade=trade.recount(NO_TRADE, theirs, terms))
    if part.orders:
        otherwise = replace(terms, from_completed=not terms.from_completed)
        for order in sorted(theirs, key=lambda order: order.order_id):
            told = orders.entry_of(order, terms)
            if told is not None and order.counts(terms) != order.counts(otherwise):
                customer = accept(desk, customer, known.trade, known.profile)
                entry = facts.order_entry(order.order_id, told)
                yield facts.trade_recorded(customer, cause, entry, asked_last(desk, customer, terms), terms)
    if (part.profiles or part.recount) and customer.version == known.version:
        customer = accept(desk, customer, known.trade, known.profile)
        yield facts.profile_recorded(customer, cause, asked_last(desk, customer, terms), terms)
