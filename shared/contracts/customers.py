"""`customers.v1`: what is known of a customer after each change; key customer_id.

Both types carry the same whole snapshot, so that the newest version alone is enough to rebuild a copy; the entry of
`trade.recorded` is what changed, for readers who add up. The event's id is "<customer_id>:<version>".
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from shared.contracts.types import (
    Amount,
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
    LineAmount,
    Potential,
    SamplePhase,
    Text,
)

Count = Annotated[int, Field(strict=True, ge=0, lt=2**31)]
Version = Annotated[int, Field(strict=True, ge=1, lt=2**63)]


ATTRIBUTE_LENGTH = 500
"""Characters of an attribute that are told; what is longer is a letter, and stays in the file."""

INQUIRY_LENGTH = 2000
"""Characters of an inquiry that are told."""

CATEGORY_LENGTH = 200
"""Characters of a category's name that are told."""

Attributes = Annotated[dict[Identifier, Text], Field(max_length=100, fail_fast=True)]
"""Fields of the file that the policy lets others know (`facts.shared`), sorted by name."""


class Inquiry(Frozen):
    """The newest thing a customer asked (K5): a business date, and the first 2,000 characters."""

    inquiry_id: Identifier
    received_on: Day
    text: Text


RHYTHM_PURCHASES = 13
"""The rhythm is judged from so many days of purchase, the newest: older habits say little, and each order pays."""


class Upkeep(Frozen):
    """How well a customer's file and its prospect are looked after; days are business dates.

    `improved_on` is the last day on which something was stated of the customer in its file, besides whose it is (P2);
    `gaps` names the fields that the policy requires and that are not filled, by name only; null: nothing was ever
    stated, so all are missing. `given_on` is the first day on which the present rep was named, null where nobody was;
    `reported_on` that of the rep's own last contact (O2).
    """

    improved_on: Day | None = None
    gaps: Annotated[tuple[Identifier, ...], Field(max_length=50, fail_fast=True)] | None = None
    given_on: Day | None = None
    reported_on: Day | None = None


class CustomerFacts(EventData):
    """A customer as of `version`, which grows by 1 with each of the customer's events.

    `orders` counts all counting orders ever; `first_order_on`, `last_order_on` and `sample_on` are business dates;
    `contacted_at` is the last contact that really happened (F7).
    `attributes` are null while nothing that may be told was ever stated. `inquiry` is null for a contract customer,
    whose potential nobody judges any more. `paid` is all that was ever collected, in the base currency; null: nothing.
    The rhythm (F1) is judged from the last `purchases` days of purchase, at most 13 and at least two, else it is null:
    `usual_interval` is the median of the intervals between them, `usual_spread` the median of how far they lie from it
    (half of them lie within), in whole days, the interval rounded down, so that nobody comes late, the spread up.
    It and `upkeep` are null, too, of a customer of whom nothing was told since they came to be told.
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
    attributes: Attributes | None = None
    inquiry: Inquiry | None = None
    paid: ExactAmount | None = None
    purchases: Count | None = None
    usual_interval: Count | None = None
    usual_spread: Count | None = None
    upkeep: Upkeep | None = None


class EntryLine(Frozen):
    """An article of an order: `amount` is quantity times price, `cost` what it cost us (null: nobody said, O5).

    Both are in the base currency at the rate of the order's date, before any discount or return.
    """

    sku: Identifier
    category: Text | None
    quantity: Amount
    amount: LineAmount
    cost: LineAmount | None


class TradeEntry(Frozen):
    """The newest state of one order ("o:<order_id>") or one unnamed return ("r:<return_id>"), replacing older ones.

    `amount` is in the base currency, exact, at the rate of `dated`: an order's is net of the returns that name it and
    never below zero, a return's is negative. An entry with `counts` false (cancelled) adds nothing.
    `gross` is the order before returns where some came back; `lines` are null where the order named none, or more than
    a record holds; `completed_on` is the business date of the fulfilment.
    """

    entry_id: DerivedIdentifier
    kind: Literal["order", "return"]
    dated: Day
    amount: ExactAmount
    counts: StrictBool
    gross: ExactAmount | None = None
    channel: Text | None = None
    sold_by: Identifier | None = None
    completed_on: Day | None = None
    lines: Annotated[tuple[EntryLine, ...], Field(max_length=2000, fail_fast=True)] | None = None


class TradeRecorded(CustomerFacts):
    """Trade changed the customer (K1, K2, RFM); `entry` is null for payments, samples and what waits for its order."""

    entry: TradeEntry | None


class ProfileRecorded(CustomerFacts):
    """The customer's file, ownership, contacts or inquiries changed (P1, F7, K5)."""
