"""What the other services are told of a customer after an event (`customers.v1`)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal, TypedDict

from services.customers.domain.customer import Customer
from services.customers.domain.documents import Return
from services.customers.domain.orders import OrderEntry
from services.customers.domain.terms import Terms
from shared.contracts.customers import ProfileRecorded, TradeRecorded
from shared.engine.model import Event, Outgoing
from shared.money import ZERO, subtract

TOPIC = "customers.v1"


class Entry(TypedDict):
    """A `TradeEntry` before it is checked, together with the facts and in one pass."""

    entry_id: str
    kind: Literal["order", "return"]
    dated: date
    amount: Decimal
    counts: bool


def order_entry(order_id: str, entry: OrderEntry) -> Entry:
    return {
        "entry_id": f"o:{order_id}",
        "kind": "order",
        "dated": entry.dated,
        "amount": entry.amount,
        "counts": entry.counts,
    }


def return_entry(returned: Return, dated: date, amount: Decimal) -> Entry:
    """A return that names no order lowers the total at its own date; `amount` is in the base currency, positive."""
    return {
        "entry_id": f"r:{returned.return_id}",
        "kind": "return",
        "dated": dated,
        "amount": subtract(ZERO, amount),
        "counts": True,
    }


def trade_recorded(customer: Customer, cause: Event, entry: Entry | None, terms: Terms) -> Outgoing:
    data = _facts(customer, cause, terms)
    data["entry"] = entry
    return _outgoing(customer, "trade.recorded", TradeRecorded.model_validate(data))


def profile_recorded(customer: Customer, cause: Event, terms: Terms) -> Outgoing:
    return _outgoing(customer, "profile.recorded", ProfileRecorded.model_validate(_facts(customer, cause, terms)))


def _facts(customer: Customer, cause: Event, terms: Terms) -> dict[str, object]:
    trade, profile = customer.trade, customer.profile
    return {
        "customer_id": customer.customer_id,
        "version": customer.version,
        "cause": {"id": cause.id, "type": cause.type, "source": cause.source},
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
    }


def _outgoing(customer: Customer, kind: str, data: TradeRecorded | ProfileRecorded) -> Outgoing:
    return Outgoing(TOPIC, customer.customer_id, kind, f"{customer.customer_id}:{customer.version}", data)
