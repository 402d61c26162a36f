"""`reminders.v1`: the contacts that reps owe; key rep, or `unassigned` for customers without one (F8)."""

from __future__ import annotations

from typing import Annotated, ClassVar

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


class ReminderDue(EventData):
    """A contact is due (F1-F5): exactly one event for each due contact.

    `rule` is the rule's id in the policy; `minutes` the work the source allows for it; `plan_required` as in F3;
    `due_on` the business date, `due_at` the moment within it.
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


class ReminderDone(EventData):
    """The contact happened (F7); `contact_id` is that of `contact.made`."""

    moment_field: ClassVar[str | None] = "done_at"

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    rep: Identifier
    done_at: Instant
    contact_id: DerivedIdentifier
