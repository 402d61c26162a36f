"""What the other services are told of a customer after an event (`customers.v1`)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TypeVar

from services.customers.domain.customer import Customer
from services.customers.domain.documents import Return
from services.customers.domain.orders import OrderEntry
from services.customers.domain.terms import Terms
from shared.contracts.customers import ProfileRecorded, TradeEntry, TradeRecorded
from shared.contracts.types import Cause, Frozen
from shared.engine.model import Event, Outgoing
from shared.money import ZERO, subtract

TOPIC = "customers.v1"

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
        },
    )


def return_entry(returned: Return, dated: date, amount: Decimal) -> TradeEntry:
    """A return that names no order lowers the total at its own date; `amount` is in the base currency, positive."""
    return TradeEntry(
        entry_id=f"r:{returned.return_id}", kind="return", dated=dated, amount=subtract(ZERO, amount), counts=True
    )


def trade_recorded(customer: Customer, cause: Event, entry: TradeEntry | None, terms: Terms) -> Outgoing:
    data = _facts(customer, cause, terms)
    data["entry"] = entry
    return _outgoing(customer, "trade.recorded", assembled(TradeRecorded, data))


def profile_recorded(customer: Customer, cause: Event, terms: Terms) -> Outgoing:
    return _outgoing(customer, "profile.recorded", assembled(ProfileRecorded, _facts(customer, cause, terms)))


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
    model: set(model.model_fields) for model in (Cause, TradeEntry, TradeRecorded, ProfileRecorded)
}


def _facts(customer: Customer, cause: Event, terms: Terms) -> dict[str, object]:
    trade, profile = customer.trade, customer.profile
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
    }


def _outgoing(customer: Customer, kind: str, data: TradeRecorded | ProfileRecorded) -> Outgoing:
    return Outgoing(TOPIC, customer.customer_id, kind, f"{customer.customer_id}:{customer.version}", data)
