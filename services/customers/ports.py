"""What the use cases need from outside: the rows of their customers, and the copies of others' facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from services.customers.domain.activities import Contact, Inquiry
from services.customers.domain.customer import Customer
from services.customers.domain.documents import Payment, Return
from services.customers.domain.orders import Order
from services.customers.domain.profile import Stated
from services.customers.domain.samples import Sample
from services.customers.domain.trade import Trade
from shared.engine.model import Transaction

Key = tuple[str, str]
"""A customer's id and that of one of its papers or fields: ids of papers are unique per customer."""


@dataclass(slots=True)
class Wanted:
    """The rows that deciding on a batch needs; `samples_of` and `statements_of` are customers, all of theirs."""

    customers: set[str] = field(default_factory=set)
    orders: set[Key] = field(default_factory=set)
    returns: set[Key] = field(default_factory=set)
    payments: set[Key] = field(default_factory=set)
    inquiries: set[Key] = field(default_factory=set)
    contacts: set[Key] = field(default_factory=set)
    samples_of: set[str] = field(default_factory=set)
    statements_of: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Changes:
    """The rows that a batch changed, as they are now; of the customers in `profiles` more than their trade did."""

    customers: dict[str, Customer] = field(default_factory=dict)
    profiles: set[str] = field(default_factory=set)
    orders: dict[Key, Order] = field(default_factory=dict)
    returns: dict[Key, Return] = field(default_factory=dict)
    payments: dict[Key, Payment] = field(default_factory=dict)
    inquiries: dict[Key, Inquiry] = field(default_factory=dict)
    contacts: dict[Key, Contact] = field(default_factory=dict)
    samples: dict[Key, Sample] = field(default_factory=dict)
    statements: dict[Key, Stated] = field(default_factory=dict)


@dataclass(slots=True)
class Desk:
    """The wanted rows as they are now, during a batch; what is not there does not exist. `stored` customers have a row.

    `elsewhere` is the trade of a customer's orders that are not on the desk, for customers where it may matter.
    """

    stored: frozenset[str] = frozenset()
    customers: dict[str, Customer] = field(default_factory=dict)
    orders: dict[str, dict[str, Order]] = field(default_factory=dict)
    returns: dict[Key, Return] = field(default_factory=dict)
    payments: dict[Key, Payment] = field(default_factory=dict)
    inquiries: dict[Key, Inquiry] = field(default_factory=dict)
    contacts: dict[Key, Contact] = field(default_factory=dict)
    samples: dict[str, dict[str, Sample]] = field(default_factory=dict)
    statements: dict[str, dict[str, Stated]] = field(default_factory=dict)
    elsewhere: dict[str, Trade] = field(default_factory=dict)
    changes: Changes = field(default_factory=Changes)

    def customer(self, customer_id: str) -> Customer:
        """The customer as it is now, also one of whom nothing was heard."""
        return self.customers.get(customer_id) or Customer(customer_id)

    def order(self, customer_id: str, order_id: str) -> Order | None:
        theirs = self.orders.get(customer_id)
        return None if theirs is None else theirs.get(order_id)

    def put_customer(self, customer: Customer) -> None:
        self.customers[customer.customer_id] = self.changes.customers[customer.customer_id] = customer

    def put_order(self, order: Order) -> None:
        theirs = self.orders.get(order.customer_id)
        if theirs is None:
            theirs = self.orders[order.customer_id] = {}
        theirs[order.order_id] = self.changes.orders[order.customer_id, order.order_id] = order

    def put_sample(self, sample: Sample) -> None:
        theirs = self.samples.setdefault(sample.customer_id, {})
        theirs[sample.sample_id] = self.changes.samples[sample.customer_id, sample.sample_id] = sample

    def put_statements(self, customer_id: str, news: Mapping[str, Stated]) -> None:
        self.statements.setdefault(customer_id, {}).update(news)
        self.changes.statements.update({(customer_id, name): stated for name, stated in news.items()})


class CustomerStore(Protocol):
    """The customers' rows, locked from `load` until the transaction ends."""

    async def load(self, tx: Transaction, wanted: Wanted) -> Desk: ...

    async def trade_elsewhere(
        self, tx: Transaction, customers: Collection[str], besides: Iterable[Key], *, from_completed: bool
    ) -> dict[str, Trade]:
        """The trade of each customer's orders `besides` those on the desk, `NO_TRADE` where there are none."""
        ...

    async def save(self, tx: Transaction, desk: Desk) -> None:
        """Write `desk.changes`; raises `CustomerAppearedError` when another transaction made a new customer first."""
        ...


class CustomerAppearedError(OSError):
    """A customer was new to two transactions at once: the later one tries again, as after any transient error."""
