"""The customers' rows in memory: what the rules' tests run on, held to the same contract as the real store."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, TypeVar

from services.customers.domain.customer import Customer
from services.customers.domain.matters import merge
from services.customers.domain.terms import Terms
from services.customers.domain.trade import Trade, recount
from services.customers.ports import Changes, CustomerAppearedError, Desk, Key, Wanted

Row = TypeVar("Row")


class MemoryStore:
    """Tables as dictionaries; `tx` is ignored, so nothing rolls back."""

    def __init__(self, terms: Terms) -> None:
        self.rows = Changes()
        self._terms = terms

    async def load(self, tx: Any, wanted: Wanted) -> Desk:
        rows = self.rows
        desk = Desk(
            stored=frozenset(wanted.customers & rows.customers.keys()),
            customers=_of(rows.customers, wanted.customers),
            returns=_of(rows.returns, wanted.returns),
            payments=_of(rows.payments, wanted.payments),
            inquiries=_of(rows.inquiries, wanted.inquiries | self._asked(wanted.customers)),
            contacts=_of(rows.contacts, wanted.contacts),
        )
        for (customer_id, order_id), order in _of(rows.orders, wanted.orders).items():
            desk.orders.setdefault(customer_id, {})[order_id] = order
        for (customer_id, sample_id), sample in rows.samples.items():
            if customer_id in wanted.samples_of:
                desk.samples.setdefault(customer_id, {})[sample_id] = sample
        for (customer_id, field), statement in rows.statements.items():
            if customer_id in wanted.statements_of:
                desk.statements.setdefault(customer_id, {})[field] = statement
        for (customer_id, rep), holding in rows.holdings.items():
            if customer_id in wanted.holdings_of:
                desk.holdings.setdefault(customer_id, {})[rep] = holding
        return desk

    def _asked(self, customers: Collection[str]) -> set[Key]:
        known = (self.rows.customers.get(customer_id) for customer_id in customers)
        return {(c.customer_id, c.profile.asked.inquiry_id) for c in known if c is not None and c.profile.asked}

    async def trade_elsewhere(
        self, tx: Any, customers: Collection[str], besides: Iterable[Key], *, from_completed: bool
    ) -> dict[str, Trade]:
        left_out = set(besides)
        others = [order for key, order in self.rows.orders.items() if key not in left_out]
        return {
            customer_id: recount(Trade(), (o for o in others if o.customer_id == customer_id), self._terms)
            for customer_id in customers
        }

    async def save(self, tx: Any, desk: Desk) -> None:
        changes = desk.changes
        for customer_id, customer in changes.customers.items():
            known = self.rows.customers.get(customer_id)
            if known is not None and customer_id not in desk.stored:
                raise CustomerAppearedError(customer_id)
            # As in the table: without a note in `profiles` only the trade's columns are written.
            profile = customer.profile if customer_id in changes.profiles or known is None else known.profile
            self.rows.customers[customer_id] = Customer(customer_id, customer.version, customer.trade, profile)
        self.rows.orders.update(changes.orders)
        self.rows.returns.update(changes.returns)
        self.rows.payments.update(changes.payments)
        self.rows.inquiries.update(changes.inquiries)
        self.rows.contacts.update(changes.contacts)
        self.rows.samples.update(changes.samples)
        self.rows.statements.update(changes.statements)
        self.rows.holdings.update(changes.holdings)
        for key, sale in changes.sales.items():
            noted = self.rows.sales.get(key)
            self.rows.sales[key] = sale if noted is None else merge(noted, sale)
        self.rows.faulty_returns = changes.faulty_returns | self.rows.faulty_returns


def _of(rows: dict[Any, Row], keys: set[Any]) -> dict[Any, Row]:
    return {key: rows[key] for key in keys if key in rows}
