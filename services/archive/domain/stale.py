"""N1: a file that a reminder asked to be improved, and that was not by the day the reminder named (P2).

What is known of such a reminder is a function of the set of events about it: whichever comes first, late or twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar, NamedTuple

from services.archive.domain.files import CUSTOMER
from shared.contracts.audit import BreachFound, breach_id
from shared.contracts.reminders import UNASSIGNED, EndReason, ReminderKind
from shared.contracts.types import Cause, Day, DerivedIdentifier, EventData, Identifier, Instant, Words

IMPROVED = frozenset({"improved", "moot"})
"""Ends of a reminder by which nothing is owed any more; `repeated` and `too_late` leave the file as it was."""

# What is read of `reminders.v1`; each with the field that keys it.


class FileAsked(EventData):
    """Of `reminder.due`."""

    reminder_id: DerivedIdentifier
    customer_id: Identifier
    rep: Identifier
    due_on: Day
    kind: ReminderKind = "contact"
    latest_on: Day | None = None


class AskedNoMore(EventData):
    """Of `reminder.ended`."""

    reminder_id: DerivedIdentifier
    rep: Identifier
    ended_at: Instant
    reason: EndReason


class AskedLater(EventData):
    """Of `reminder.moved`."""

    reminder_id: DerivedIdentifier
    rep: Identifier
    to_on: Day
    reason: Identifier


class AskedOfAnother(EventData):
    """Of `reminder.handed_over`."""

    key_field: ClassVar[str | None] = "to_rep"

    reminder_id: DerivedIdentifier
    to_rep: Identifier
    at: Instant


class Leave(NamedTuple):
    """Days on which a person is away, both included; `first` None is of a leave that was cancelled before it was told.

    A leave of other days is another one, so nothing but `cancelled` ever changes.
    """

    leave_id: str
    person: str
    first: date | None
    last: date | None
    cancelled: bool = False

    def covers(self, day: date) -> bool:
        return self.first is not None and self.last is not None and self.first <= day <= self.last


LONGEST_AWAY = timedelta(days=800)
"""Nobody is waited for longer than that."""


class FileReminder(NamedTuple):
    """A reminder as far as it is known; until it is told, only what waits for it.

    `asked_*` are what it said; `moved_to` the latest day that leave moved it to; `held_by` whoever got it last, at
    `held_at`; `improved_on` the first day on which nothing was owed any more.
    """

    reminder_id: str
    file: str | None = None
    asked_of: str | None = None
    asked_on: date | None = None
    latest_on: date | None = None
    cause_id: str | None = None
    cause_source: str | None = None
    moved_to: date | None = None
    held_by: str | None = None
    held_at: datetime | None = None
    held_on: date | None = None
    improved_on: date | None = None

    @property
    def rep(self) -> str | None:
        """Who owes it: whoever got it last, else whom it was asked of; None for nobody."""
        rep = self.held_by or self.asked_of
        return None if rep == UNASSIGNED else rep

    @property
    def deadline(self) -> date | None:
        """The last day: the one that was named, or that of leave; who takes over has as long as was given first."""
        if self.latest_on is None or self.asked_on is None:
            return None
        days = [self.latest_on]
        if self.moved_to is not None:
            days.append(self.moved_to)
        if self.held_on is not None:
            days.append(self.held_on + (self.latest_on - self.asked_on))
        return max(days)


def asked(known: FileReminder, data: FileAsked, cause_id: str, cause_source: str) -> FileReminder:
    """A reminder is told once; what it said stands."""
    return known._replace(
        file=f"{CUSTOMER}{data.customer_id}",
        asked_of=data.rep,
        asked_on=data.due_on,
        latest_on=data.latest_on,
        cause_id=cause_id,
        cause_source=cause_source,
    )


def improved(known: FileReminder, day: date) -> FileReminder:
    return known._replace(improved_on=day if known.improved_on is None else min(known.improved_on, day))


def moved(known: FileReminder, to_on: date) -> FileReminder:
    return known._replace(moved_to=to_on if known.moved_to is None else max(known.moved_to, to_on))


def handed_over(known: FileReminder, to_rep: str, at: datetime, day: date) -> FileReminder:
    """Of two who got it at one moment the greater name stands."""
    if known.held_at is not None and (known.held_at, known.held_by or "") >= (at, to_rep):
        return known
    return known._replace(held_by=to_rep, held_at=at, held_on=day)


def owed_until(reminder: FileReminder, leaves: Sequence[Leave]) -> date | None:
    """The last day, of as many days as were given from the first on, on which whoever owes it was not away (F8)."""
    deadline = reminder.deadline
    first = reminder.held_on or reminder.asked_on
    if deadline is None or first is None or reminder.latest_on is None or reminder.asked_on is None:
        return None
    given = reminder.latest_on - reminder.asked_on
    # Counted from what was given, not from where leave has moved it before.
    last = reminder.latest_on if reminder.held_on is None else max(reminder.latest_on, reminder.held_on + given)
    left, day = (last - first).days, first
    while day - last < LONGEST_AWAY:
        if not any(leave.covers(day) for leave in leaves):
            left -= 1
            if left < 0:
                break
        day += timedelta(days=1)
    return max(day, deadline)


def is_stale(reminder: FileReminder, grace_days: int) -> bool:
    """Whether the file was not improved in time; asked once that time is over."""
    deadline = reminder.deadline
    if deadline is None:
        return False
    improved_on = reminder.improved_on
    return improved_on is None or improved_on > deadline + timedelta(days=grace_days)


def stale(reminder: FileReminder, person: str | None, now: datetime) -> BreachFound:
    """The breach, one for a file and a month; `person` None: nobody knows who owes it."""
    deadline, file = reminder.deadline, reminder.file
    if deadline is None or file is None or reminder.cause_id is None or reminder.cause_source is None:
        raise ValueError(f"a reminder that was not told cannot be overdue: {reminder.reminder_id}")
    return BreachFound(
        breach_id=breach_id("stale_file", file, f"{deadline:%Y-%m}"),
        kind="stale_file",
        person=person,
        file=file,
        occurred_on=deadline,
        found_at=now,
        service="archive",
        cause=Cause(id=reminder.cause_id, type="reminder.due", source=reminder.cause_source),
        words=Words(
            zh=f"提醒后至 {deadline.isoformat()} 仍未完善客户档案",
            en=f"the file was not improved by {deadline.isoformat()}, although a reminder had asked for it",
        ),
    )
