"""A rep's day, week and arrears, what is planned, and what came of it, each as far as the asker may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from services.followup.domain.cadence import Paces
from services.followup.domain.figures import Ahead, Share, Tally, Upcoming
from services.followup.domain.lateness import Lateness, late_from
from services.followup.domain.people import Scope
from services.followup.domain.refusal import NotPossibleError
from services.followup.domain.weeks import Week, week_of
from services.followup.ports import Desk, Kept, Stores
from services.followup.ports.views import Calendar, LineSpot, Sought, Spot, ViewStore
from services.followup.usecases.organisation import scope_for
from services.followup.usecases.reading import refuse_others
from shared.contracts.types import CustomerClass, Level
from shared.engine.model import Transaction
from shared.identity import Principal
from shared.in_force import InForce
from shared.words import Text
from shared.working_time import WorkingTime

DAY = timedelta(days=1)
LONGEST_PERIOD = 1100 * DAY
"""Statistics and lists cover three years at most."""
FIRST_DAY = date(1990, 1, 1)


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose reminders, by person or rep code, and from when to when; None is whoever may be seen, and today.

    Overdue ones are at least so many working days late.
    """

    rep: str | None = None
    first: date | None = None
    last: date | None = None
    late_by: int = 1


class DayView(NamedTuple):
    """A day at a glance; `ahead` contacts are planned for it and not issued yet, with the minutes they will take."""

    day: date
    is_working: bool
    tally: Tally
    ahead: Sequence[Upcoming]


class Late(NamedTuple):
    """A reminder that still waits, and for how many working days more than it should."""

    kept: Kept
    working_days: int


class View(NamedTuple):
    """What every reading begins with: who sees what, by which rules."""

    scope: Scope
    sought: Sought
    paces: Paces
    work: WorkingTime


class ReadDesk:
    """Reads of reminders over days; NotPossibleError for a rep who asks for another's."""

    def __init__(self, desk: Desk, stores: Stores, views: ViewStore, paces: InForce[Paces]) -> None:
        self._desk = desk
        self._stores = stores
        self._views = views
        self._paces = paces

    async def listed(self, who: Principal, wish: Wish, sought: Sought, after: Spot, limit: int) -> Sequence[Kept]:
        """A page of the lists of some days, by day."""
        async with self._desk.database.transaction() as tx:
            view = await self._view(tx, who, wish, sought)
            return await self._views.listed(tx, view.sought, view.scope, after, limit)

    async def overdue(self, who: Principal, wish: Wish, sought: Sought, after: Spot, limit: int) -> Sequence[Late]:
        """A page of what is late by at least `wish.late_by` working days, the longest first."""
        async with self._desk.database.transaction() as tx:
            view = await self._view(tx, who, wish, sought)
            lateness = Lateness(view.work.is_working, self._desk.clock.today())
            late = replace(view.sought, first=FIRST_DAY, last=lateness.listed_until(wish.late_by))
            found = await self._views.overdue(tx, late, view.scope, after, limit)
        return [Late(kept, lateness.days(kept.listed_on)) for kept in found]

    async def ahead(
        self, who: Principal, wish: Wish, sought: Sought, after: LineSpot, limit: int
    ) -> tuple[Sequence[Ahead], Paces]:
        """A page of the contacts planned for some days, and what the policy says of them."""
        async with self._desk.database.transaction() as tx:
            view = await self._view(tx, who, wish, sought)
            return await self._views.ahead(tx, view.sought, view.scope, after, limit), view.paces

    async def days(self, who: Principal, wish: Wish) -> tuple[Sequence[DayView], int, Paces]:
        """Some days at a glance, and how many reminders are overdue now."""
        async with self._desk.database.transaction() as tx:
            view = await self._view(tx, who, wish, None)
            sought, scope, today = view.sought, view.scope, self._desk.clock.today()
            tallies = await self._views.tallies(tx, sought, scope, self._calendar(view))
            upcoming = await self._views.upcoming(tx, sought, scope)
            until = Lateness(view.work.is_working, today).listed_until(1)
            overdue = await self._views.count_overdue(tx, replace(sought, first=FIRST_DAY, last=until), scope)
        span = [sought.first + n * DAY for n in range((sought.last - sought.first).days + 1)]
        by_day = {day: [each for each in upcoming if each.due_on == day] for day in span}
        views = [DayView(day, view.work.is_working(day), tallies.get(day, Tally()), by_day[day]) for day in span]
        return views, overdue, view.paces

    def week_of_today(self) -> Week:
        """The present week."""
        return week_of(self._desk.clock.today())

    async def statistics(self, who: Principal, wish: Wish) -> tuple[Sought, Sequence[Share]]:
        """What came of the reminders issued in a period, by rep and level."""
        async with self._desk.database.transaction() as tx:
            view = await self._view(tx, who, wish, None)
            return view.sought, await self._views.shares(tx, view.sought, view.scope, self._calendar(view))

    async def _view(self, tx: Transaction, who: Principal, wish: Wish, sought: Sought | None) -> View:
        today = self._desk.clock.today()
        first = wish.first or min(today, wish.last or today)
        last = wish.last or max(today, first)
        _check_period(first, last)
        sought = replace(sought or Sought(first, last), first=first, last=last)
        paces = await self._paces(tx)
        scope = await scope_for(tx, self._stores.people, who)
        if wish.rep is not None:
            reps = await self._stores.people.names_of(tx, wish.rep)
            refuse_others(scope, reps)
            sought = replace(sought, reps=reps)
        return View(scope, sought, paces, WorkingTime(paces.policy))

    def _calendar(self, view: View) -> Calendar:
        return calendar(view.work, view.sought, self._desk.clock.now(), self._desk.clock.today())


def calendar(work: WorkingTime, sought: Sought, now: datetime, today: date) -> Calendar:
    """From when on each day's list is late; lists after today are not late yet, and nothing is put off for years."""
    zone = work.policy.zone
    first = sought.first
    last = min(today, sought.last + LONGEST_PERIOD) if sought.last < today else today
    days = [first + n * DAY for n in range((last - first).days + 1)]
    late_at = [datetime.combine(late_from(work.is_working, day), time.min, zone) for day in days]
    return Calendar(days, late_at, now)


def by_rep(shares: Sequence[Share]) -> Mapping[str, Tally]:
    """Sums over levels."""
    sums = dict[str, Tally]()
    for share in shares:
        sums[share.rep] = sums.get(share.rep, Tally()).plus(share.tally)
    return sums


def by_level(shares: Sequence[Share]) -> Mapping[tuple[CustomerClass, Level], Tally]:
    """Sums over reps."""
    sums = dict[tuple[CustomerClass, Level], Tally]()
    for share in shares:
        level = (share.customer_class, share.level)
        sums[level] = sums.get(level, Tally()).plus(share.tally)
    return sums


def _check_period(first: date, last: date) -> None:
    if first < FIRST_DAY or last < first or last - first > LONGEST_PERIOD:
        raise NotPossibleError(
            "bad_period",
            Text(
                zh=f"起止日期应先后有序，不早于 {FIRST_DAY}，且不超过 {LONGEST_PERIOD.days} 天",
                en=f"a period ends after it begins, not before {FIRST_DAY}, and has at most {LONGEST_PERIOD.days} days",
            ),
        )
