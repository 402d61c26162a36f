"""What a showroom's orders and the returns of an error leave to be judged, once all that belongs to it was told.

Judged at the fold, an order amended an hour later would have been a breach in one order of arrival and none in
another. So the fold only notes the matter, for a row that is a function of the set of events, and a job judges it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from services.customers.domain.terms import Terms
from services.customers.domain.watched import Watched
from shared.contracts.orders import OrderPlaced, OrderReturned
from shared.engine.model import Event


class ShowroomSale(NamedTuple):
    """What an order's newest telling said of who was asked for, who signed and to whom it was passed on (O3–O5)."""

    customer_id: str
    order_id: str
    stated_at: datetime
    asked_for: str | None
    signed_by: str | None
    passed_to: str | None
    cause_id: str
    cause_source: str
    judge_at: datetime


class FaultyReturn(NamedTuple):
    """Goods that came back by a rep's error (N8); `amount` in the base currency."""

    customer_id: str
    return_id: str
    order_id: str | None
    returned_on: date
    amount: Decimal
    responsible: str | None
    cause_id: str
    cause_source: str
    judge_at: datetime


Matter = ShowroomSale | FaultyReturn


def sale_of(event: Event, terms: Terms, watched: Watched, now: datetime) -> ShowroomSale | None:
    """The order of a showroom that the event tells of; None for any other, and for history."""
    data: OrderPlaced = event.data
    if data.channel not in watched.showrooms:
        return None
    if watched.is_history(terms.business_date(data.placed_at), terms.business_date(now)):
        return None
    return ShowroomSale(
        data.customer_id,
        data.order_id,
        event.time,
        data.asked_for,
        data.signed_by,
        data.passed_to,
        event.id,
        event.source,
        now + watched.settles,
    )


def return_of(event: Event, terms: Terms, watched: Watched, now: datetime) -> FaultyReturn | None:
    """The return by an error that the event tells of; None for any other, and for history."""
    data: OrderReturned = event.data
    if data.reason not in watched.errors:
        return None
    returned_on = terms.business_date(data.returned_at)
    if watched.is_history(returned_on, terms.business_date(now)):
        return None
    return FaultyReturn(
        data.customer_id,
        data.return_id,
        data.order_id,
        returned_on,
        terms.in_base(data.amount, data.currency, returned_on),
        data.responsible,
        event.id,
        event.source,
        now + watched.settles,
    )


def merge(one: ShowroomSale, other: ShowroomSale) -> ShowroomSale:
    """The sale as both tell it, whichever came first: the newer; of one moment all that either says."""
    older, newer = sorted((one, other), key=lambda sale: sale.stated_at)
    judge_at = max(one.judge_at, other.judge_at)
    if older.stated_at < newer.stated_at:
        return newer._replace(judge_at=judge_at)
    return newer._replace(
        asked_for=greatest(one.asked_for, other.asked_for),
        signed_by=greatest(one.signed_by, other.signed_by),
        passed_to=greatest(one.passed_to, other.passed_to),
        cause_id=max(one.cause_id, other.cause_id),
        cause_source=max(one.cause_source, other.cause_source),
        judge_at=judge_at,
    )


def greatest(one: str | None, other: str | None) -> str | None:
    """The greater of what is there, by code points, as PostgreSQL's own `greatest` leaves out what is null."""
    return max((word for word in (one, other) if word is not None), default=None)
