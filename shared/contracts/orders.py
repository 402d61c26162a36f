"""`orders.v1`: what the order system tells; key customer_id. Its own way of working is B1."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.types import Amount, Currency, EventData, Frozen, Identifier, Moment, Text


class OrderLine(Frozen):
    """One article of an order; without `unit_cost` the margin of O5 is not judged."""

    sku: Identifier
    category: Text | None = None
    quantity: Amount
    unit_price: Amount
    unit_cost: Amount | None = None


class OrderPlaced(EventData):
    """An order was placed, or amended when the id is known and the event's time is later.

    It makes a contract customer (K1) and counts at `placed_at` unless the policy counts completed orders only. Of a
    showroom's order: `asked_for` is the rep whom the customer named (O3), `signed_by` who let a low margin pass (O5),
    `passed_to` the rep or the department to whom the customer was passed on (O3, O4).
    """

    moment_field: ClassVar[str | None] = "placed_at"
    identity_field: ClassVar[str | None] = "order_id"

    order_id: Identifier
    customer_id: Identifier
    amount: Amount
    currency: Currency
    placed_at: Moment
    # A hostile record could hold a hundred thousand bad lines: one is reason enough.
    lines: Annotated[tuple[OrderLine, ...], Field(max_length=2000, fail_fast=True)] | None = None
    sold_by: Identifier | None = None
    channel: Text | None = None
    asked_for: Identifier | None = None
    signed_by: Identifier | None = None
    passed_to: Identifier | None = None


class OrderCompleted(EventData):
    """An order was fulfilled; counts where the policy says `counts_from: completed` (K1)."""

    moment_field: ClassVar[str | None] = "completed_at"
    identity_field: ClassVar[str | None] = "order_id"

    order_id: Identifier
    customer_id: Identifier
    completed_at: Moment


class OrderCancelled(EventData):
    """An order counts nowhere from now on, also when this arrives before the order itself (RFM)."""

    moment_field: ClassVar[str | None] = "cancelled_at"
    identity_field: ClassVar[str | None] = "order_id"

    order_id: Identifier
    customer_id: Identifier
    cancelled_at: Moment


class OrderReturned(EventData):
    """Goods came back: lowers the order it names, at that order's date, else M at its own date (RFM).

    For a `reason` that is a rep's error in the policy, `responsible` answers for it (N8).
    """

    moment_field: ClassVar[str | None] = "returned_at"
    identity_field: ClassVar[str | None] = "return_id"

    return_id: Identifier
    order_id: Identifier | None = None
    customer_id: Identifier
    amount: Amount
    currency: Currency
    returned_at: Moment
    reason: Text | None = None
    responsible: Identifier | None = None


class PaymentReceived(EventData):
    """Money was collected (W1); alone it makes a potential customer (K3)."""

    moment_field: ClassVar[str | None] = "received_at"
    identity_field: ClassVar[str | None] = "payment_id"

    payment_id: Identifier
    order_id: Identifier | None = None
    customer_id: Identifier
    amount: Amount
    currency: Currency
    received_at: Moment
    collected_by: Identifier | None = None


class SampleOrdered(EventData):
    """A sample was asked for: a sample customer, unless an order counts (K2)."""

    moment_field: ClassVar[str | None] = "ordered_at"
    identity_field: ClassVar[str | None] = "sample_id"

    sample_id: Identifier
    customer_id: Identifier
    ordered_at: Moment


class SampleShipped(EventData):
    """A sample left; the customer still confirms it (F2)."""

    moment_field: ClassVar[str | None] = "shipped_at"
    identity_field: ClassVar[str | None] = "sample_id"

    sample_id: Identifier
    customer_id: Identifier
    shipped_at: Moment


class SampleReceived(EventData):
    """A sample arrived: the cadence of F2 changes."""

    moment_field: ClassVar[str | None] = "received_at"
    identity_field: ClassVar[str | None] = "sample_id"

    sample_id: Identifier
    customer_id: Identifier
    received_at: Moment
