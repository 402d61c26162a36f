"""Reminders, as use cases need them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from services.followup.domain.people import Scope
from services.followup.domain.reminders import OpenReminder, Reminder
from shared.contracts.reminders import EndReason
from shared.engine.model import Transaction

State = Literal["due", "done", "skipped", "ended"]


class Done(NamedTuple):
    """The end of a reminder: the contact, and when it was made."""

    reminder_id: str
    contact_id: str
    done_at: datetime


class Ended(NamedTuple):
    """The end of a reminder that nobody answered, and why."""

    reminder_id: str
    reason: EndReason
    ended_at: datetime


class Kept(NamedTuple):
    """A reminder as it stands; `contact_id` may be known before the reminder is done (see `OpenReminder`).

    `listed_on` is the day on whose list it stands: `snoozed_until`, else the day of its issue. `worked` are the minutes
    that the rep reported.
    """

    reminder: Reminder
    state: State
    contact_id: str | None
    done_at: datetime | None
    snoozed_until: date | None
    listed_on: date
    worked: int | None
    outcome_code: str | None


class Place(NamedTuple):
    """Where a reminder stands in a day's list."""

    due_on: date = date.min
    customer_id: str = ""
    reminder_id: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which part of a day's list is asked for; None is any. `overdue` adds what earlier days left open."""

    day: date
    state: State | None = None
    reps: frozenset[str] | None = None
    overdue: bool = False


class ReminderStore(Protocol):
    """All reminders ever issued."""

    async def add(self, tx: Transaction, reminders: Sequence[Reminder]) -> frozenset[str]:
        """Keep new reminders and return the ids of those that were not there."""
        ...

    async def open_of(self, tx: Transaction, customers: Collection[str]) -> dict[str, list[OpenReminder]]: ...

    async def finish(self, tx: Transaction, done: Iterable[Done]) -> None: ...

    async def end(self, tx: Transaction, ended: Iterable[Ended]) -> None: ...

    async def repeat(self, tx: Transaction, issued: Collection[str]) -> Sequence[OpenReminder]:
        """Older reminders that wait on the same lines as those `issued`."""
        ...

    async def past(self, tx: Transaction, day: date, limit: int) -> Sequence[OpenReminder]:
        """Some that wait although they helped up to a day before `day` only, locked; not those that others hold."""
        ...

    async def lock(self, tx: Transaction, reminder_id: str) -> Kept | None: ...

    async def note_contact(
        self, tx: Transaction, reminder_id: str, contact_id: str, worked: int | None, outcome_code: str | None
    ) -> None: ...

    async def page(
        self, tx: Transaction, filters: Filters, scope: Scope, after: Place, limit: int
    ) -> Sequence[Kept]: ...

    async def count_due(self, tx: Transaction, day: date, scope: Scope) -> Mapping[str, int]:
        """How many of the day's reminders wait, by rep, the longest lists first."""
        ...
