"""What followup's use cases need of the world; `store` and the engine provide it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple, Protocol

from services.followup.domain.people import Person, Scope
from services.followup.domain.reminders import OpenReminder, Reminder
from services.followup.domain.schedule import Schedule
from shared.engine.model import Outgoing, Transaction

State = Literal["due", "done"]


class Database(Protocol):
    """Opens transactions: committed on leaving, rolled back on an exception."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]: ...


class Publisher(Protocol):
    """The outbox: what is appended is sent if and only if the transaction commits."""

    async def append(self, tx: Transaction, outgoings: Sequence[Outgoing], *, now: datetime) -> None: ...


class Clock(Protocol):
    """The present moment, aware UTC, and the business date."""

    def now(self) -> datetime: ...

    def today(self) -> date: ...

    def date_of(self, moment: datetime) -> date: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """What a use case needs that opens its own transactions."""

    database: Database
    outbox: Publisher
    clock: Clock


class CustomerAppearedError(OSError):
    """A customer was new to two transactions at once: the later one tries again, as after any transient error."""


class Done(NamedTuple):
    """The end of a reminder: the contact, and when it was made."""

    reminder_id: str
    contact_id: str
    done_at: datetime


class Kept(NamedTuple):
    """A reminder as it stands; `contact_id` may be known before the reminder is done (see `OpenReminder`)."""

    reminder: Reminder
    state: State
    contact_id: str | None
    done_at: datetime | None


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


class Counts(NamedTuple):
    """Lines with a next date, and those among them that wait to be issued."""

    scheduled: int
    pending: int


class ScheduleStore(Protocol):
    """Customers' schedules, locked from `load` or `claim_due` until the transaction ends."""

    async def load(self, tx: Transaction, customers: Collection[str]) -> dict[str, Schedule]:
        """Schedules by customer; one that is not there is not known yet."""
        ...

    async def claim_due(self, tx: Transaction, day: date, limit: int) -> dict[str, Schedule]:
        """Schedules with a line due by `day`, of at most `limit` lines, that nobody else holds."""
        ...

    async def save(self, tx: Transaction, before: Mapping[str, Schedule], after: Mapping[str, Schedule]) -> None:
        """Write what differs; raises `CustomerAppearedError` when another transaction made a new customer first."""
        ...

    async def show(self, tx: Transaction, customer_id: str) -> Schedule | None:
        """One schedule, not locked."""
        ...

    async def count(self, tx: Transaction, day: date, scope: Scope) -> Counts: ...

    async def begin_replanning(self, tx: Transaction) -> None:
        """Let everybody be planned anew, from the first customer on."""
        ...

    async def is_being_replanned(self, tx: Transaction) -> bool:
        """Whether somebody is still planned by a policy that decides no more."""
        ...

    async def next_to_replan(self, tx: Transaction, limit: int) -> dict[str, Schedule]:
        """The next schedules to be planned anew, none when all are; another process waits until `tx` ends."""
        ...


class ReminderStore(Protocol):
    """All reminders ever issued."""

    async def add(self, tx: Transaction, reminders: Sequence[Reminder]) -> frozenset[str]:
        """Keep new reminders and return the ids of those that were not there."""
        ...

    async def open_of(self, tx: Transaction, customers: Collection[str]) -> dict[str, list[OpenReminder]]: ...

    async def finish(self, tx: Transaction, done: Iterable[Done]) -> None: ...

    async def lock(self, tx: Transaction, reminder_id: str) -> Kept | None: ...

    async def note_contact(self, tx: Transaction, reminder_id: str, contact_id: str) -> None: ...

    async def page(
        self, tx: Transaction, filters: Filters, scope: Scope, after: Place, limit: int
    ) -> Sequence[Kept]: ...

    async def count_due(self, tx: Transaction, day: date, scope: Scope) -> Mapping[str, int]:
        """How many of the day's reminders wait, by rep, the longest lists first."""
        ...


class PeopleStore(Protocol):
    """A copy of who is who."""

    async def save(self, tx: Transaction, people: Mapping[str, Person]) -> None: ...

    async def depart(self, tx: Transaction, people: Collection[str]) -> None: ...

    async def find(self, tx: Transaction, person: str) -> Person | None: ...

    async def names_of(self, tx: Transaction, name: str) -> frozenset[str]:
        """All names of whoever has this one as id or rep code, and the name itself."""
        ...

    async def of_department(self, tx: Transaction, department: str) -> Sequence[Person]: ...


@dataclass(frozen=True, slots=True)
class Stores:
    """All that followup keeps."""

    schedules: ScheduleStore
    reminders: ReminderStore
    people: PeopleStore
