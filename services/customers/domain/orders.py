"""One order as the sum of everything told about it, whatever came first (domain.md, RFM)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from services.customers.domain.terms import Terms
from shared.contracts.orders import OrderPlaced
from shared.engine.model import Refused
from shared.money import ZERO, add, subtract


class Order(NamedTuple):
    """An order; until it is placed, only what waits for it: returns, a completion, a cancellation.

    `stated_at` is the event time of the newest `order.placed`; `dated` the business date of `placed_at`; `net` the
    amount less `returned`, in the base currency at the rate of `dated`, never below zero. `returned` holds sums per
    currency, because their rate is that of a date that may not be known yet.
    """

    customer_id: str
    order_id: str
    stated_at: datetime | None = None
    placed_at: datetime | None = None
    dated: date | None = None
    amount: Decimal | None = None
    currency: str | None = None
    net: Decimal | None = None
    sold_by: str | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    returned: tuple[tuple[str, Decimal], ...] = ()

    def counts(self, terms: Terms) -> bool:
        """Whether the order makes a contract customer (K1): placed, not cancelled, completed if the policy asks."""
        return (
            self.stated_at is not None
            and self.cancelled_at is None
            and (not terms.from_completed or self.completed_at is not None)
        )


class OrderEntry(NamedTuple):
    """What an order adds to its customer's trade; `amount` is zero while it does not count: sums need no flag."""

    dated: date
    amount: Decimal
    counts: bool


def entry_of(order: Order | None, terms: Terms) -> OrderEntry | None:
    """The order's entry, None before it is placed."""
    if order is None or order.dated is None or order.net is None:
        return None
    counts = order.counts(terms)
    return OrderEntry(order.dated, order.net if counts else ZERO, counts)


def place(known: Order | None, placed: OrderPlaced, stated_at: datetime, terms: Terms) -> Order:
    """The order as placed, or as amended where `stated_at` is later than what was known; otherwise `known` itself.

    `Refused` for an unknown currency, and for other content at the very same event time: nothing says which of the
    two is meant, and taking the first would make the outcome depend on the order of arrival.
    """
    order = known or Order(placed.customer_id, placed.order_id)
    if order.stated_at is not None and stated_at <= order.stated_at:
        if stated_at == order.stated_at and _says_otherwise(order, placed):
            raise Refused("contradiction", f"order {placed.order_id!r} was told otherwise at the same time {stated_at}")
        return order
    dated = terms.business_date(placed.placed_at)
    gross = terms.in_base(placed.amount, placed.currency, dated)
    return Order(
        order.customer_id,
        order.order_id,
        stated_at,
        placed.placed_at,
        dated,
        placed.amount,
        placed.currency,
        _less_returns(gross, order.returned, dated, terms) if order.returned else gross,
        placed.sold_by,
        order.completed_at,
        order.cancelled_at,
        order.returned,
    )


def complete(order: Order, completed_at: datetime) -> Order:
    """The order, fulfilled; the earliest completion stands."""
    if order.completed_at is not None and order.completed_at <= completed_at:
        return order
    return order._replace(completed_at=completed_at)


def cancel(order: Order, cancelled_at: datetime) -> Order:
    """The order, cancelled for good; the earliest cancellation stands."""
    if order.cancelled_at is not None and order.cancelled_at <= cancelled_at:
        return order
    return order._replace(cancelled_at=cancelled_at)


def give_back(order: Order, amount: Decimal, currency: str, terms: Terms) -> Order:
    """The order lowered by a return that names it, at the order's date; partial returns add up."""
    sums = dict(order.returned)
    sums[currency] = add(sums.get(currency, ZERO), amount)
    returned = tuple(sorted(sums.items()))
    if order.amount is None or order.currency is None or order.dated is None:
        return order._replace(returned=returned)
    gross = terms.in_base(order.amount, order.currency, order.dated)
    return order._replace(returned=returned, net=_less_returns(gross, returned, order.dated, terms))


def _says_otherwise(order: Order, placed: OrderPlaced) -> bool:
    known = (order.placed_at, order.amount, order.currency, order.sold_by)
    return known != (placed.placed_at, placed.amount, placed.currency, placed.sold_by)


def _less_returns(gross: Decimal, returned: tuple[tuple[str, Decimal], ...], dated: date, terms: Terms) -> Decimal:
    net = gross
    for currency, amount in returned:
        net = subtract(net, terms.in_base(amount, currency, dated))
    return max(ZERO, net)
