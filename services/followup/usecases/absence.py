"""Show who is away, which days are worked, and which customers are to be given to somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from services.followup.domain.leave import Leave
from services.followup.domain.refusal import NotPossibleError
from services.followup.ports import Desk, LeaveFilters, Listed, Stores
from services.followup.usecases.organisation import scope_for
from shared.identity import Principal
from shared.in_force import InForce
from shared.policy import Policy
from shared.roles import Role
from shared.words import Text
from shared.working_time import DAY, DayInfo, WorkingTime

LONGEST_DAYS = 366
# Those of which a policy may speak.
YEARS = range(1990, 2201)


class WorkingDay(NamedTuple):
    """A day of the calendar; `opens` and `closes` are those of the day were it worked."""

    info: DayInfo
    opens: datetime
    closes: datetime


class ReadLeave:
    """Who is away: HR and those who see everything everybody, a manager the department, a rep themselves."""

    def __init__(self, desk: Desk, stores: Stores) -> None:
        self._desk = desk
        self._people = stores.people
        self._leave = stores.leave

    async def __call__(
        self, who: Principal, person: str | None, after: tuple[date, str], limit: int
    ) -> Sequence[Leave]:
        """Leaves that are not over today."""
        async with self._desk.database.transaction() as tx:
            scope = await scope_for(tx, self._people, who)
            if who.role is Role.HR:
                scope = scope._replace(everything=True)
            names = None if person is None else await self._people.names_of(tx, person)
            return await self._leave.page(tx, LeaveFilters(self._desk.clock.today(), names, after), scope, limit)


class ReadReassignments:
    """Reminders that came to the last step: a manager sees the department's, those above all."""

    def __init__(self, desk: Desk, stores: Stores, policy: InForce[Policy]) -> None:
        self._desk = desk
        self._stores = stores
        self._policy = policy

    async def __call__(self, who: Principal, after: tuple[datetime, str], limit: int) -> Sequence[tuple[Listed, int]]:
        """With how many working days each is overdue today, the company's, leave or not."""
        today, date_of = self._desk.clock.today(), self._desk.clock.date_of
        async with self._desk.database.transaction() as tx:
            working_time = WorkingTime(await self._policy(tx))
            scope = await scope_for(tx, self._stores.people, who)
            found = await self._stores.escalations.listed(tx, scope, after, limit)
        return [(listed, max(0, working_time.days_between(date_of(listed.reminder.due_at), today))) for listed in found]


class ReadCalendar:
    """Working days as plans are made by."""

    def __init__(self, desk: Desk, policy: InForce[Policy]) -> None:
        self._desk = desk
        self._policy = policy

    async def __call__(self, first: date | None, last: date | None) -> Sequence[WorkingDay]:
        """Days from `first` to `last`: the month of today, or the month from `first`, where they are left out."""
        begins = first or self._desk.clock.today().replace(day=1)
        if begins.year not in YEARS:
            raise NotPossibleError(
                "bad_span", Text(zh=f"只能查看 {YEARS[0]} 至 {YEARS[-1]} 年", en=f"ask for {YEARS[0]} to {YEARS[-1]}")
            )
        ends = last or (begins.replace(day=1) + 31 * DAY).replace(day=1) - DAY
        if not 0 <= (ends - begins).days < LONGEST_DAYS:
            raise NotPossibleError(
                "bad_span", Text(zh="一次最多查看一年，且止日不早于起日", en="ask for a year at most, in its order")
            )
        async with self._desk.database.transaction() as tx:
            working_time = WorkingTime(await self._policy(tx))
        days = (begins + n * DAY for n in range((ends - begins).days + 1))
        return [WorkingDay(working_time.info(day), working_time.begins(day), working_time.ends(day)) for day in days]
