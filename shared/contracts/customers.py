"""`customers.v1`: what is known of a customer after each change; key customer_id.

Both types carry the same whole snapshot, so that the newest version alone is enough to rebuild a copy; the entry of
`trade.recorded` is what changed, for readers who add up. The event's id is "<customer_id>:<version>".
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from shared.contracts.types import (
    Cause,
    CustomerClass,
    Day,
    DerivedIdentifier,
    EventData,
    ExactAmount,
    FileTier,
    Frozen,
    Identifier,
    Instant,
    Potential,
    SamplePhase,
)

Count = Annotated[int, Field(strict=True, ge=0, lt=2**31)]
Version = Annotated[int, Field(strict=True, ge=1, lt=2**63)]


class CustomerFacts(EventData):
    """A customer as of `version`, which grows by 1 with each of the customer's events.

    `orders` counts all counting orders ever; `first_order_on`, `last_order_on` and `sample_on` are business dates;
    `contacted_at` is the last contact that really happened (F7).
    """

    moment_field: ClassVar[str | None] = "occurred_at"

    customer_id: Identifier
    version: Version
    cause: Cause
    occurred_at: Instant
    customer_class: CustomerClass
    orders: Count
    first_order_on: Day | None
    last_order_on: Day | None
    sample_phase: SamplePhase
    sample_on: Day | None
    country: Identifier | None
    potential: Potential | None
    rep: Identifier | None
    department: Identifier | None
    contacted_at: Instant | None
    file_tier: FileTier


class TradeEntry(Frozen):
    """The newest state of one order ("o:<order_id>") or one unnamed return ("r:<return_id>"), replacing older ones.

    `amount` is in the base currency, exact, at the rate of `dated`: an order's is net of the returns that name it and
    never below zero, a return's is negative. An entry with `counts` false (cancelled) adds nothing.
    """

    entry_id: DerivedIdentifier
    kind: Literal["order", "return"]
    dated: Day
    amount: ExactAmount
    counts: StrictBool


class TradeRecorded(CustomerFacts):
    """Trade changed the customer (K1, K2, RFM); `entry` is null for payments, samples and what waits for its order."""

    entry: TradeEntry | None


class ProfileRecorded(CustomerFacts):
    """The customer's file, ownership, contacts or inquiries changed (P1, F7, K5)."""
