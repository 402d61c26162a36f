"""`reminders.v1`: the contacts that reps owe; key rep, or `unassigned` for customers without one (F8)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, StrictBool

from shared.contracts.types import (
    CustomerClass,
    Day,
    DerivedIdentifier,
    EventData,
    Frozen,
    Identifier,
    Instant,
    Level,
    Text,
    Words,
)

Number = Annotated[int, Field(strict=True, ge=0, lt=2**31)]

UNASSIGNED = "unassigned"
"""Stands where a rep's id would: the manager sees these reminders."""

ReminderKind = Literal["contact", "purchase", "greeting", "new_product", "file", "progress", "falling", "plan"]
"""What a reminder is about: a contact of the cadence (F1-F5) or ahead of the usual purchase (F1), a greeting or a new
product (F6), an incomplete file (P2), the progress of a protected prospect (O2), a fall of the level ahead (K6), a plan
that a contact needs first (F3)."""

IsoWeek = Annotated[str, Field(strict=True, pattern=r"^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$")]
"""A week from Monday to Sunday as ISO 8601 counts them: 2026-W10."""


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
    """The contact happened (F7); `contact_id` is that of `contact.made`, "plan:<customer_id>:<version>" for a plan."""

    moment_field: ClassVar[str | None] = "done_at"

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    rep: Identifier
    done_at: Instant
    contact_id: DerivedIdentifier


class ReminderMoved(EventData):
    """The reminder waits for another business date (F7): a rep put it off, or it was levelled, or the rep is on leave.

    `by` is the person who did it, null where a rule did.
    """

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    rep: Identifier
    from_on: Day
    to_on: Day
    reason: Literal["snoozed", "levelled", "leave"]
    by: Identifier | None = None
    words: Words


class ReminderSkipped(EventData):
    """A person decided that this contact is left out; the cadence goes on at its next interval (F7).

    `reason` is the policy's code, `note` the person's own words.
    """

    moment_field: ClassVar[str | None] = "skipped_at"

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    rep: Identifier
    skipped_at: Instant
    by: Identifier
    reason: Identifier
    note: Text | None = None


class ReminderHandedOver(EventData):
    """Another rep owes the contact now (P6); keyed by that rep.

    `by` is null where the customer itself changed hands.
    """

    moment_field: ClassVar[str | None] = "at"
    key_field: ClassVar[str | None] = "to_rep"

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    from_rep: Identifier
    to_rep: Identifier
    at: Instant
    by: Identifier | None = None
    reason: Text


class ReportDue(EventData):
    """A rep owes the week's summary and the next week's plan (F9), by `due_at` on the business date `due_on`."""

    rep: Identifier
    week: IsoWeek
    department: Identifier | None = None
    due_on: Day
    due_at: Instant
    words: Words


class WeekFigures(Frozen):
    """A week in numbers: reminders of that week's lists, and minutes of work; `contacts` were made within the week.

    `late` were done, or still wait, on a later working day than that of their list.
    """

    planned: Number
    done: Number
    late: Number
    skipped: Number
    contacts: Number
    minutes: Number
    next_contacts: Number
    next_minutes: Number


class ReportFiled(EventData):
    """The week's report is with the department manager (F9); `late`: after `due_at`."""

    moment_field: ClassVar[str | None] = "filed_at"

    rep: Identifier
    week: IsoWeek
    department: Identifier | None = None
    filed_at: Instant
    by: Identifier
    late: StrictBool
    figures: WeekFigures


class ReportPassedOn(EventData):
    """A department manager passed the department's week on (F9); keyed by the department."""

    moment_field: ClassVar[str | None] = "passed_on_at"
    key_field: ClassVar[str | None] = "department"

    department: Identifier
    week: IsoWeek
    passed_on_at: Instant
    by: Identifier
    filed: Number
    missing: Number
    figures: WeekFigures


Rung = Literal["rep", "manager", "reassignment"]
"""Whom an overdue reminder goes to: the rep once more, the manager, the list of customers to be reassigned."""


class ReminderEscalated(EventData):
    """A reminder was not answered for so many working days (without the rep's leave), and goes one step further.

    `step` counts a reminder's steps from 1; `to` is the person it goes to, null on the way to the list of customers to
    be given to somebody else.
    """

    moment_field: ClassVar[str | None] = "escalated_at"

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    rep: Identifier
    step: Annotated[int, Field(strict=True, ge=1, le=10)]
    to: Identifier | None = None
    to_role: Rung
    escalated_at: Instant
    overdue_working_days: Annotated[int, Field(strict=True, ge=0, le=100_000)]
    words: Words


EndReason = Literal["ordered", "improved", "moot", "too_late", "repeated"]
"""The order came that it was about; the file was improved; the customer is at another level, or nobody's prospect any
more; its day has passed; or the same is asked for anew."""


class ReminderEnded(EventData):
    """Nobody needs to do it any more, and nobody did: no contact ended it, and no person."""

    moment_field: ClassVar[str | None] = "ended_at"

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    rep: Identifier
    ended_at: Instant
    reason: EndReason
    words: Words
