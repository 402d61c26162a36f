"""`reminders.v1`: the contacts that reps owe; key rep, or `unassigned` for customers without one (F8)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from shared.contracts.types import (
    CustomerClass,
    Day,
    DerivedIdentifier,
    EventData,
    Identifier,
    Instant,
    Level,
    Text,
    Words,
)

UNASSIGNED = "unassigned"
"""Stands where a rep's id would: the manager sees these reminders."""

ReminderKind = Literal["contact", "purchase", "greeting", "new_product", "file", "progress", "falling"]
"""What a reminder is about: a contact of the cadence (F1-F5) or ahead of the usual purchase (F1), a greeting or a new
product (F6), an incomplete file (P2), the progress of a protected prospect (O2), a fall of the level ahead (K6)."""


class ReminderDue(EventData):
    """Something is due (F1-F6, P2, O2, K6): exactly one event for each due contact.

    `rule` is the rule's id in the policy; `minutes` the work the source allows for it; `plan_required` as in F3;
    `due_on` the business date, `due_at` the moment within it. `line` names the sequence that the contact is of, unique
    among a customer's; `latest_on` is the last business date on which it still helps, null where none is set.
    """

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    rep: Identifier
    rule: Identifier
    customer_class: CustomerClass
    level: Level
    channel: Text
    template: Text
    minutes: Annotated[int, Field(strict=True, ge=0, le=100_000)]
    plan_required: StrictBool
    due_on: Day
    due_at: Instant
    why: Words
    last_order_on: Day | None = None
    contacted_at: Instant | None = None
    kind: ReminderKind = "contact"
    line: DerivedIdentifier | None = None
    department: Identifier | None = None
    latest_on: Day | None = None


class ReminderDone(EventData):
    """The contact happened (F7); `contact_id` is that of `contact.made`."""

    moment_field: ClassVar[str | None] = "done_at"

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    rep: Identifier
    done_at: Instant
    contact_id: DerivedIdentifier


EndReason = Literal["ordered", "improved", "moot", "too_late", "repeated"]
"""The order came that it was about; the file was improved; things have changed, such as the level; its day has passed;
or the same is asked for anew."""


class ReminderEnded(EventData):
    """Nobody needs to do it any more, and nobody did: no contact ended it, and no person."""

    moment_field: ClassVar[str | None] = "ended_at"

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    rep: Identifier
    ended_at: Instant
    reason: EndReason
    words: Words
