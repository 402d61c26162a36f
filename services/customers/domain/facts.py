"""What the other services are told of a customer after an event (`customers.v1`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

from services.customers.domain import activities
from services.customers.domain.customer import Customer
from services.customers.domain.documents import Return
from services.customers.domain.orders import EntryArticle, OrderEntry
from services.customers.domain.rhythm import NO_RHYTHM, usual
from services.customers.domain.terms import Terms
from services.customers.domain.upkeep import NOT_LOOKED_AFTER
from services.customers.domain.upkeep import Upkeep as KnownUpkeep
from shared.contracts.customers import (
    CATEGORY_LENGTH,
    INQUIRY_LENGTH,
    EntryLine,
    Inquiry,
    ProfileRecorded,
    TradeEntry,
    TradeRecorded,
    Upkeep,
)
from shared.contracts.types import Cause, Frozen
from shared.engine.model import Event, Outgoing
from shared.money import ZERO, subtract

TOPIC = "customers.v1"

# A record is at most 512 KiB: so few lines fit whatever is in them, and so many bytes leave room for all else.
SURELY_FIT = 200
LINES_BYTES = 400_000

Model = TypeVar("Model", bound=Frozen)


def order_entry(order_id: str, entry: OrderEntry) -> TradeEntry:
    return assembled(
        TradeEntry,
        {
            "entry_id": f"o:{order_id}",
            "kind": "order",
            "dated": entry.dated,
            "amount": entry.amount,
            "counts": entry.counts,
            "gross": entry.gross,
            "channel": entry.channel,
            "sold_by": entry.sold_by,
            "completed_on": entry.completed_on,
            "lines": lines_told(entry.articles) if entry.articles else None,
        },
    )


def lines_told(articles: Sequence[EntryArticle]) -> tuple[EntryLine, ...] | None:
    """The lines of an order, None for more than one record takes: the order then counts as one that named none."""
    lines = tuple(assembled(EntryLine, dict(zip(_LINE, article, strict=True))) for article in articles)
    for line in lines:
        if line.category is not None and len(line.category) > CATEGORY_LENGTH:
            line.__dict__["category"] = line.category[:CATEGORY_LENGTH]
    if len(lines) > SURELY_FIT and sum(len(line.__pydantic_serializer__.to_json(line)) for line in lines) > LINES_BYTES:
        return None
    return lines


def return_entry(returned: Return, dated: date, amount: Decimal) -> TradeEntry:
    """A return that names no order lowers the total at its own date; `amount` is in the base currency, positive."""
    return TradeEntry(
        entry_id=f"r:{returned.return_id}", kind="return", dated=dated, amount=subtract(ZERO, amount), counts=True
    )


def inquiry_told(customer: Customer, asked: activities.Inquiry | None, terms: Terms) -> Inquiry | None:
    """The newest inquiry of a customer whose potential matters still (K5)."""
    if asked is None or asked.question is None or customer.trade.orders:
        return None
    question = asked.question
    return Inquiry(
        inquiry_id=asked.inquiry_id,
        received_on=terms.business_date(question.received_at),
        text=question.text[:INQUIRY_LENGTH],
    )


def trade_recorded(
    customer: Customer, cause: Event, entry: TradeEntry | None, inquiry: Inquiry | None, terms: Terms
) -> Outgoing:
    data = _facts(customer, cause, inquiry, terms)
    data["entry"] = entry
    return _outgoing(customer, "trade.recorded", assembled(TradeRecorded, data))


def profile_recorded(customer: Customer, cause: Event, inquiry: Inquiry | None, terms: Terms) -> Outgoing:
    facts = _facts(customer, cause, inquiry, terms)
    return _outgoing(customer, "profile.recorded", assembled(ProfileRecorded, facts))


def upkeep_told(upkeep: KnownUpkeep | None, terms: Terms) -> Upkeep | None:
    if upkeep is None or upkeep == NOT_LOOKED_AFTER:
        return None if upkeep is None else NOTHING_STATED
    improved_at, gaps, given_at, reported_at = upkeep
    date_of = terms.business_date
    return Upkeep(
        improved_on=None if improved_at is None else date_of(improved_at),
        gaps=gaps,
        given_on=None if given_at is None else date_of(given_at),
        reported_on=None if reported_at is None else date_of(reported_at),
    )


def assembled(model: type[Model], values: dict[str, object]) -> Model:
    """A model of `values`, all its fields in their order, that are known to be valid.

    Everything here was checked on the way in; to check it again takes longer than all the rules together. The tests
    read back whatever any history publishes.
    """
    made = model.__new__(model)
    _set(made, "__dict__", values)
    _set(made, "__pydantic_fields_set__", _FIELDS[model])
    _set(made, "__pydantic_extra__", None)
    _set(made, "__pydantic_private__", None)
    return made


_set = object.__setattr__
_FIELDS: dict[type[Frozen], set[str]] = {
    model: set(model.model_fields) for model in (Cause, EntryLine, TradeEntry, TradeRecorded, ProfileRecorded)
}
_LINE = tuple(EntryLine.model_fields)

# Of most customers that only their orders made known: one for all of them.
NOTHING_STATED = Upkeep()


def _facts(customer: Customer, cause: Event, inquiry: Inquiry | None, terms: Terms) -> dict[str, object]:
    trade, profile = customer.trade, customer.profile
    attributes = profile.attributes
    purchases, interval, spread = usual(trade.days) or NO_RHYTHM
    if attributes is not None and not attributes.keys() <= terms.shared:
        attributes = {name: value for name, value in attributes.items() if name in terms.shared}
    return {
        "customer_id": customer.customer_id,
        "version": customer.version,
        "cause": assembled(Cause, {"id": cause.id, "type": cause.type, "source": cause.source}),
        "occurred_at": cause.time,
        "customer_class": customer.customer_class,
        "orders": trade.orders,
        "first_order_on": trade.first_on,
        "last_order_on": trade.last_on,
        "sample_phase": profile.sampling.phase,
        "sample_on": profile.sampling.since,
        "country": profile.country,
        "potential": profile.potential,
        "rep": customer.rep,
        "department": profile.department,
        "contacted_at": profile.contacted_at,
        "file_tier": profile.file_tier or terms.default_tier,
        "attributes": attributes,
        "inquiry": inquiry,
        "paid": profile.paid or None,
        "purchases": purchases,
        "usual_interval": interval,
        "usual_spread": spread,
        "upkeep": upkeep_told(profile.upkeep, terms),
    }


def _outgoing(customer: Customer, kind: str, data: TradeRecorded | ProfileRecorded) -> Outgoing:
    return Outgoing(TOPIC, customer.customer_id, kind, f"{customer.customer_id}:{customer.version}", data)
