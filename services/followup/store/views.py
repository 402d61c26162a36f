"""Lists and sums of reminders and of what is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from services.followup.domain.figures import Ahead, Done, Share, Tally, Upcoming
from services.followup.domain.people import Scope
from services.followup.ports import Kept
from services.followup.ports.views import Calendar, LineSpot, Sought, Spot
from services.followup.store.reminders import kept_of
from services.followup.store.rows import scope_arguments
from shared.engine.model import Transaction
from shared.engine.queries import load_queries

QUERIES = load_queries("services.followup", "sql/views.sql")

# A contact answers a reminder of the last interval, of which the longest are of half a year (F5).
OLDEST_LIST = timedelta(days=400)


class PostgresViews:
    """Reads of `reminders`, `schedules` and `schedule_lines`."""

    async def listed(self, tx: Transaction, sought: Sought, scope: Scope, after: Spot, limit: int) -> Sequence[Kept]:
        await tx.execute(QUERIES["plan_each"])
        found = await tx.fetch(
            QUERIES["find_listed"],
            sought.first,
            sought.last,
            sought.state,
            *_filters(sought),
            *scope_arguments(scope),
            *after,
            limit,
        )
        return await _shown(tx, [row[0] for row in found])

    async def overdue(self, tx: Transaction, sought: Sought, scope: Scope, after: Spot, limit: int) -> Sequence[Kept]:
        return await self.listed(tx, replace(sought, state="due"), scope, after, limit)

    async def count_overdue(self, tx: Transaction, sought: Sought, scope: Scope) -> int:
        await tx.execute(QUERIES["plan_each"])
        return int(
            await tx.fetchval(
                QUERIES["count_overdue"], sought.first, sought.last, *_filters(sought), *scope_arguments(scope)
            )
        )

    async def tallies(self, tx: Transaction, sought: Sought, scope: Scope, calendar: Calendar) -> Mapping[date, Tally]:
        await tx.execute(QUERIES["plan_each"])
        rows = await tx.fetch(QUERIES["tally_days"], *_counted(sought, scope, calendar))
        return {row[0]: Tally(*list(row.values())[1:]) for row in rows}

    async def shares(self, tx: Transaction, sought: Sought, scope: Scope, calendar: Calendar) -> Sequence[Share]:
        await tx.execute(QUERIES["plan_each"])
        rows = await tx.fetch(QUERIES["share_out"], *_counted(sought, scope, calendar))
        return [Share(row[0], row[1], row[2], Tally(*list(row.values())[3:])) for row in rows]

    async def ahead(
        self, tx: Transaction, sought: Sought, scope: Scope, after: LineSpot, limit: int
    ) -> Sequence[Ahead]:
        await tx.execute(QUERIES["plan_each"])
        rows = await tx.fetch(
            QUERIES["list_ahead"],
            sought.first,
            sought.last,
            _reps(sought),
            sought.customer_class,
            sought.level,
            sought.customer_id,
            *scope_arguments(scope),
            *after,
            limit,
        )
        return [Ahead(*row.values()) for row in rows]

    async def upcoming(self, tx: Transaction, sought: Sought, scope: Scope) -> Sequence[Upcoming]:
        await tx.execute(QUERIES["plan_each"])
        rows = await tx.fetch(QUERIES["count_ahead"], sought.first, sought.last, _reps(sought), *scope_arguments(scope))
        return [Upcoming(*row.values()) for row in rows]

    async def done_in(
        self, tx: Transaction, sought: Sought, calendar: Calendar, within: tuple[datetime, datetime]
    ) -> Done:
        reps, days = _reps(sought), (sought.first, sought.last)
        tallies = await self.tallies(tx, sought, Scope(everything=True), calendar)
        tally = Tally()
        for each in tallies.values():
            tally = tally.plus(each)
        contacts, worked = await tx.fetchrow(QUERIES["contacts_in"], reps, *within, sought.first - OLDEST_LIST)
        ordered = await tx.fetchval(QUERIES["ordered_in"], reps, *days)
        levels = await tx.fetch(QUERIES["levels_in"], reps, *days)
        return Done(tally, contacts, worked, ordered, {(row[0], row[1]): row[2] for row in levels})


async def _shown(tx: Transaction, ids: Sequence[str]) -> Sequence[Kept]:
    return [kept_of(row) for row in await tx.fetch(QUERIES["show_reminders"], ids)] if ids else []


def _counted(sought: Sought, scope: Scope, calendar: Calendar) -> tuple[object, ...]:
    late = (list(calendar.days), list(calendar.late_at), calendar.now)
    return (sought.first, sought.last, *late, _reps(sought), *scope_arguments(scope))


def _filters(sought: Sought) -> tuple[object, ...]:
    return _reps(sought), sought.kind, sought.customer_class, sought.level, sought.customer_id


def _reps(sought: Sought) -> list[str] | None:
    return None if sought.reps is None else list(sought.reps)
