"""One order as the sum of everything told about it, whatever came first (domain.md, RFM)."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from services.customers.domain.terms import Terms
from shared.contracts.orders import OrderLine, OrderPlaced
from shared.engine.model import Refused
from shared.money import ZERO, add, multiply, subtract


class Article(NamedTuple):
    """A line of an order, in the order's currency and as it was told; without `unit_cost` no margin is judged (O5)."""

    sku: str
    category: str | None
    quantity: Decimal
    unit_price: Decimal
    unit_cost: Decimal | None


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
    channel: str | None = None
    articles: tuple[Article, ...] = ()

    def counts(self, terms: Terms) -> bool:
        """Whether the order makes a contract customer (K1): placed, not cancelled, completed if the policy asks."""
        return (
            self.stated_at is not None
            and self.cancelled_at is None
            and (not terms.from_completed or self.completed_at is not None)
        )


class EntryArticle(NamedTuple):
    """A line in the base currency at the rate of the order's date, unrounded."""

    sku: str
    category: str | None
    quantity: Decimal
    amount: Decimal
    cost: Decimal | None


class OrderEntry(NamedTuple):
    """What an order adds to its customer's trade; `amount` is zero while it does not count: sums need no flag.

    `gross` is the amount before returns, None where nothing came back.
    """

    dated: date
    amount: Decimal
    counts: bool
    gross: Decimal | None = None
    channel: str | None = None
    sold_by: str | None = None
    completed_on: date | None = None
    articles: tuple[EntryArticle, ...] = ()


def entry_of(order: Order | None, terms: Terms) -> OrderEntry | None:
    """The order's entry, None before it is placed."""
    if order is None or order.dated is None or order.net is None:
        return None
    counts, completed_at = order.counts(terms), order.completed_at
    return OrderEntry(
        order.dated,
        order.net if counts else ZERO,
        counts,
        _in_base(order, order.amount, terms) if counts and order.returned else None,
        order.channel,
        order.sold_by,
        None if completed_at is None else terms.business_date(completed_at),
        tuple(_entry_article(order, article, terms) for article in order.articles) if order.articles else (),
    )


def place(known: Order | None, placed: OrderPlaced, stated_at: datetime, terms: Terms) -> Order:
    """The order as placed, or as amended where `stated_at` is later than what was known; otherwise `known` itself.

    `Refused` for an unknown currency, and for other content at the very same event time: nothing says which of the
    two is meant, and taking the first would make the outcome depend on the order of arrival.
    """
    order = known or Order(placed.customer_id, placed.order_id)
    articles = _articles(placed.lines) if placed.lines else ()
    if order.stated_at is not None and stated_at <= order.stated_at:
        if stated_at < order.stated_at:
            return order
        if _says_otherwise(order, placed, articles):
            raise Refused("contradiction", f"order {placed.order_id!r} was told otherwise at the same time {stated_at}")
        return _completed_telling(order, placed.channel, articles)
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
        placed.channel,
        articles,
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


def _says_otherwise(order: Order, placed: OrderPlaced, articles: tuple[Article, ...]) -> bool:
    known = (order.placed_at, order.amount, order.currency, order.sold_by)
    return (
        known != (placed.placed_at, placed.amount, placed.currency, placed.sold_by)
        or (order.channel is not None and placed.channel is not None and order.channel != placed.channel)
        or (bool(order.articles) and bool(articles) and order.articles != articles)
    )


def _completed_telling(order: Order, channel: str | None, articles: tuple[Article, ...]) -> Order:
    """The order with what the same telling, sent again, says more: so can old orders be given their lines."""
    if (order.channel is None and channel is not None) or (not order.articles and articles):
        return order._replace(
            channel=channel if order.channel is None else order.channel, articles=order.articles or articles
        )
    return order


def _articles(lines: tuple[OrderLine, ...]) -> tuple[Article, ...]:
    return tuple(Article(line.sku, line.category, line.quantity, line.unit_price, line.unit_cost) for line in lines)


def _entry_article(order: Order, article: Article, terms: Terms) -> EntryArticle:
    quantity, cost = article.quantity, article.unit_cost
    return EntryArticle(
        article.sku,
        article.category,
        quantity,
        _in_base(order, multiply(quantity, article.unit_price), terms),
        None if cost is None else _in_base(order, multiply(quantity, cost), terms),
    )


def _in_base(order: Order, amount: Decimal | None, terms: Terms) -> Decimal:
    if amount is None or order.currency is None or order.dated is None:
        raise ValueError(f"an order that was not placed has no amount: {order.order_id}")
    return terms.in_base(amount, order.currency, order.dated)


def _less_returns(gross: Decimal, returned: tuple[tuple[str, Decimal], ...], dated: date, terms: Terms) -> Decimal:
    net = gross
    for currency, amount in returned:
        net = subtract(net, terms.in_base(amount, currency, dated))
    return max(ZERO, net)
