"""A customer's counting orders in brief, kept up order by order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from services.customers.domain.orders import Order
from services.customers.domain.rhythm import NO_DAYS, Days, with_day
from services.customers.domain.terms import Terms


class Sale(NamedTuple):
    """Who sold an order; sales compare by moment, then by order id as UTF-8 bytes (code points order alike)."""

    placed_at: datetime
    order_id: str
    sold_by: str


class Trade(NamedTuple):
    """All counting orders ever: how many, the first and last business date, and the first that names a seller.

    `days` are the newest days of purchase; None while a customer of an earlier release waits to be recounted.
    """

    orders: int = 0
    first_on: date | None = None
    last_on: date | None = None
    first_sale: Sale | None = None
    days: Days | None = NO_DAYS


NO_TRADE = Trade()


def follow(trade: Trade, before: Order | None, after: Order, terms: Terms) -> Trade | None:
    """The trade once `before` has become `after`; None where the other orders must be looked at (`recount`)."""
    if before is None or not before.counts(terms):
        return with_order(trade, after) if after.counts(terms) else trade
    if after.counts(terms) and before.placed_at == after.placed_at and before.sold_by == after.sold_by:
        return trade
    return None


def recount(elsewhere: Trade, orders: Iterable[Order], terms: Terms) -> Trade:
    """The trade of `orders` on top of that of all others."""
    trade = elsewhere
    for order in orders:
        if order.counts(terms):
            trade = with_order(trade, order)
    return trade


def with_order(trade: Trade, order: Order) -> Trade:
    """The trade with one more counting order."""
    dated, placed_at = order.dated, order.placed_at
    if dated is None or placed_at is None:
        raise ValueError(f"an order that was not placed cannot count: {order.order_id}")
    first_sale = trade.first_sale
    if order.sold_by is not None:
        sale = Sale(placed_at, order.order_id, order.sold_by)
        first_sale = sale if first_sale is None else min(first_sale, sale)
    return Trade(
        trade.orders + 1,
        dated if trade.first_on is None else min(trade.first_on, dated),
        dated if trade.last_on is None else max(trade.last_on, dated),
        first_sale,
        with_day(trade.days, dated),
    )
