"""Lists and sums of reminders, as use cases need them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from services.followup.domain.figures import Ahead, Done, Share, Tally, Upcoming
from services.followup.domain.people import Scope
from services.followup.ports.reminders import Kept, State
from shared.contracts.reminders import ReminderKind
from shared.contracts.types import CustomerClass, Level
from shared.engine.model import Transaction


class Spot(NamedTuple):
    """Where a reminder stands in a list over days."""

    listed_on: date = date.min
    customer_id: str = ""
    reminder_id: str = ""


class LineSpot(NamedTuple):
    """Where a planned contact stands in a list over days."""

    due_on: date = date.min
    customer_id: str = ""
    line: str = ""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which reminders: of the lists from `first` to `last`; None is any."""

    first: date
    last: date
    state: State | None = None
    reps: frozenset[str] | None = None
    kind: ReminderKind | None = None
    customer_class: CustomerClass | None = None
    level: Level | None = None
    customer_id: str | None = None


class Calendar(NamedTuple):
    """Of each day's list, the moment from which it is late; days without one are not late yet."""

    days: Sequence[date]
    late_at: Sequence[datetime]
    now: datetime


class ViewStore(Protocol):
    """Reads of reminders and of what is planned, each within a scope."""

    async def listed(
        self, tx: Transaction, sought: Sought, scope: Scope, after: Spot, limit: int
    ) -> Sequence[Kept]: ...

    async def overdue(self, tx: Transaction, sought: Sought, scope: Scope, after: Spot, limit: int) -> Sequence[Kept]:
        """Those that still wait, the longest first; `sought.state` says nothing here."""
        ...

    async def count_overdue(self, tx: Transaction, sought: Sought, scope: Scope) -> int: ...

    async def tallies(self, tx: Transaction, sought: Sought, scope: Scope, calendar: Calendar) -> Mapping[date, Tally]:
        """The lists' reminders by day, as they stand."""
        ...

    async def shares(self, tx: Transaction, sought: Sought, scope: Scope, calendar: Calendar) -> Sequence[Share]:
        """Reminders issued from `first` to `last`, by rep and level."""
        ...

    async def ahead(
        self, tx: Transaction, sought: Sought, scope: Scope, after: LineSpot, limit: int
    ) -> Sequence[Ahead]:
        """Contacts planned from `first` to `last`, by date."""
        ...

    async def upcoming(self, tx: Transaction, sought: Sought, scope: Scope) -> Sequence[Upcoming]:
        """The same, counted by day, level and line."""
        ...

    async def done_in(
        self, tx: Transaction, sought: Sought, calendar: Calendar, within: tuple[datetime, datetime]
    ) -> Done:
        """What `sought.reps` did in the days sought, which begin and end at the moments of `within`."""
        ...
